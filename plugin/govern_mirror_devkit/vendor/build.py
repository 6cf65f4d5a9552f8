"""Build the page's libraries from npm: `make vendor`, or `python -m govern_mirror_devkit.vendor.build`.

Versions and checksums are those of `package-lock.json` beside this file; the same versions give the same bytes. The
result is committed, so that neither users nor DSS need npm.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[2] / "python-lib" / "govern_mirror" / "report" / "page" / "vendor"


@dataclass(frozen=True)
class Library:
    """A library of the page: its name there, the file that imports it, the npm package, and the style sheet in it."""

    name: str
    entry: str
    package: str
    style: str


LIBRARIES = (
    Library("tabulator", "table", "tabulator-tables", "dist/css/tabulator.min.css"),
    Library("uplot", "chart", "uplot", "dist/uPlot.min.css"),
)


def build(target: Path) -> None:
    """Write each library's script, style sheet and licence into a folder.

    Raises:
        FileNotFoundError: npm is not installed.
        subprocess.CalledProcessError: npm or the bundler failed.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is needed to build the page's libraries: apt-get install npm")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json", *(f"{library.entry}.js" for library in LIBRARIES)):
            shutil.copy(HERE / name, folder)
        _run([npm, "ci", "--silent", "--no-audit", "--no-fund"], folder)
        for library in LIBRARIES:
            _build(library, Path(folder), target)


def _build(library: Library, folder: Path, target: Path) -> None:
    bundler = str(folder / "node_modules" / ".bin" / "esbuild")
    script = target / f"{library.name}.js"
    options = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--legal-comments=none"]
    _run([bundler, f"{library.entry}.js", *options, f"--outfile={script}", "--log-level=error"], str(folder))
    package = folder / "node_modules" / library.package
    style = (package / library.style).read_text(encoding="utf-8")
    (target / f"{library.name}.css").write_text(style.partition("/*# sourceMappingURL")[0], encoding="utf-8")
    shutil.copy(package / "LICENSE", target / f"{library.name}.LICENSE.txt")


def _run(command: list[str], folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - npm and the bundler it installed


if __name__ == "__main__":
    build(TARGET)
