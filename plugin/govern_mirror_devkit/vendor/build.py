"""Build the page's table library from npm: `make vendor`, or `python -m govern_mirror_devkit.vendor.build`.

Versions and checksums are those of `package-lock.json` beside this file; the same versions give the same bytes. The
result is committed, so that neither users nor DSS need npm.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
TARGET = HERE.parents[2] / "python-lib" / "govern_mirror" / "report" / "page" / "vendor"


def build(target: Path) -> None:
    """Write `tabulator.js`, `tabulator.css` and `tabulator.LICENSE.txt` into a folder.

    Raises:
        FileNotFoundError: npm is not installed.
        subprocess.CalledProcessError: npm or the bundler failed.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is needed to build the page's table library: apt-get install npm")
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json", "table.js"):
            shutil.copy(HERE / name, folder)
        _run([npm, "ci", "--silent", "--no-audit", "--no-fund"], folder)
        bundler = str(Path(folder, "node_modules", ".bin", "esbuild"))
        options = ["--bundle", "--minify", "--format=iife", "--target=es2022", "--legal-comments=none"]
        _run([bundler, "table.js", *options, f"--outfile={target / 'tabulator.js'}", "--log-level=error"], folder)
        package = Path(folder, "node_modules", "tabulator-tables")
        style = (package / "dist" / "css" / "tabulator.min.css").read_text(encoding="utf-8")
        (target / "tabulator.css").write_text(style.partition("/*# sourceMappingURL")[0], encoding="utf-8")
        shutil.copy(package / "LICENSE", target / "tabulator.LICENSE.txt")


def _run(command: list[str], folder: str) -> None:
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - npm and the bundler it installed


if __name__ == "__main__":
    build(TARGET)
