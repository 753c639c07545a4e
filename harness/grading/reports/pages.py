"""Pages that stand on their own: one file each, without a script, and with nothing from elsewhere."""

from __future__ import annotations

from functools import cache
from typing import Any

import jinja2

from harness.grading.reports.clean import clean


def page(template: str, **values: Any) -> str:
    """A page from a template; whatever is put in is cleaned and escaped.

    Args:
        template: Name of the template.
        **values: What it puts in.
    """
    return _environment().get_template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("harness.grading.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["points"] = points
    return environment


def _finalize(value: Any) -> Any:
    # What a macro has made is markup, and was cleaned piece by piece.
    return clean(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def points(value: float) -> str:
    """Points without needless digits."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
