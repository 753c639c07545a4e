"""A small book of its own for each test that changes pages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_book import write_book

from harness.authoring.assets import install_assets
from harness.authoring.paths import BookPaths


@pytest.fixture(scope="session")
def assets(root: Path) -> Path:
    """The browser assets, fetched once for all books of the tests."""
    folder = BookPaths(root).assets
    install_assets(folder, report=lambda line: None)
    return folder


@pytest.fixture
def make_book(root: Path, tmp_path: Path) -> Callable[..., BookPaths]:
    """A function that makes a book of the pages given, by name."""
    return lambda **pages: write_book(tmp_path, root, pages)
