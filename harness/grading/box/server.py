"""`python -m harness.grading.box.server DESCRIPTOR`: the workshop's fork server; `workshop` starts it."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import pkgutil
import shutil
from pathlib import Path

_COMPILED = Path("/compiled")


def main() -> None:
    """Settle in the workshop, import what boxes need, and serve."""
    if _COMPILED.is_dir():
        # Numba reads its cache only from a folder that it could write.
        shutil.copytree(_COMPILED, Path(os.environ["HARNESS_CACHE"]) / "digital-twin-course")
        _become_nobody()
    import harness.grading.box.keeper
    import harness.grading.learner.notebook  # noqa: F401 - like the keeper, so that forks have it
    from harness.warm.__main__ import main as serve

    _import_twin()
    serve()


def _import_twin() -> None:
    """The package that the pages write: it does not change while a class is graded, and labs import it."""
    if (twin := importlib.util.find_spec("twin")) is not None:
        for module in pkgutil.iter_modules(twin.submodule_search_locations, "twin."):
            # One that cannot be imported fails again, and is told of, in the cell that needs it.
            with contextlib.suppress(Exception):
                importlib.import_module(module.name)


def _become_nobody() -> None:
    if os.getuid() == 0:
        from harness.grading.box.bubblewrap import NOBODY

        for path in Path(os.environ["HARNESS_CACHE"]).rglob("*"):
            path.chmod(0o777 if path.is_dir() else 0o666)
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


if __name__ == "__main__":
    main()
