"""Lets pytest take the book's pages for tests; see tests/book/page_items.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "tests" / "book"))
pytest_plugins = ["page_items"]
