"""Forked kernels are the default in these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.warm import warm_kernels
from harness.warm.provisioner import WarmProvisioner


@pytest.fixture
def warm(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Kernels are forked, and a warning of one test is not missing in the next."""
    monkeypatch.setattr(WarmProvisioner, "_warned", False)
    with warm_kernels():
        yield
