"""Where the book's sources and its derived files lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sphinx_external_toc.parsing import parse_toc_yaml

from harness.errors import BuildError

_CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class BookPaths:
    """The folders of one book.

    Args:
        root: Folder that holds `_toc.yml` and `_config.yml`.
    """

    root: Path

    @property
    def toc(self) -> Path:
        """The table of contents."""
        return self.root / "_toc.yml"

    @property
    def twin(self) -> Path:
        """The package that `tangle` writes."""
        return self.root / "book" / "twin"

    @property
    def build(self) -> Path:
        """Everything that a build makes and that may be deleted."""
        return self.root / "_build"

    @property
    def html(self) -> Path:
        """The rendered site."""
        return self.build / "html"

    @property
    def stamp(self) -> Path:
        """Says what the rendered site was made from."""
        return self.build / "rendered.txt"

    @property
    def assets(self) -> Path:
        """What the site needs in the browser, installed from packages."""
        return self.build / "assets"

    @property
    def executions(self) -> Path:
        """Folder of the execution caches, one for each state of the code that pages import."""
        return self.build / "executions"

    def pages(self) -> list[Path]:
        """The book's pages, in reading order.

        Raises:
            BuildError: If the table of contents is missing, or names a page that does not exist.
        """
        if not self.toc.is_file():
            raise BuildError(
                "There is no table of contents here",
                value=str(self.toc),
                remedy="Run this inside a checkout of the course, or pass its folder",
            )
        site_map = parse_toc_yaml(self.toc)
        return [self._page(name) for name in site_map]

    def _page(self, name: str) -> Path:
        page = self.root / (name if name.endswith(".md") else f"{name}.md")
        if not page.is_file():
            raise BuildError(
                "_toc.yml names a page that does not exist",
                value=name,
                remedy="Write the page or take its line out of _toc.yml",
            )
        return page

    def name_of(self, path: Path) -> str:
        """A path as readers see it: relative to the book, with forward slashes."""
        return path.relative_to(self.root).as_posix()


def find_book(start: Path | None = None) -> BookPaths:
    """The book around a folder: the nearest one upwards that holds `_toc.yml`.

    Args:
        start: Where to look from; the working folder by default.

    Returns:
        The paths of that book, or those of the checkout that this code belongs to.
    """
    here = (start or Path.cwd()).resolve()
    for folder in (here, *here.parents):
        if (folder / "_toc.yml").is_file():
            return BookPaths(folder)
    return BookPaths(_CHECKOUT)
