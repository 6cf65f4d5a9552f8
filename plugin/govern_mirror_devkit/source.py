"""Where the plugin's files are: in the repository, or beside this package when it was installed from a wheel."""

from __future__ import annotations

from pathlib import Path

_HERE = Path(__file__).resolve().parent


def plugin_root() -> Path:
    """Return the folder that holds `plugin.json` and the components.

    Raises:
        FileNotFoundError: this installation lacks them.
    """
    for root in (_HERE.parents[1], _HERE / "plugin_files"):
        if (root / "plugin.json").is_file():
            return root
    raise FileNotFoundError("this installation lacks the plugin's files: install govern-mirror again")


def library() -> Path:
    """Return the folder of the library, `govern_mirror`."""
    import govern_mirror

    return Path(govern_mirror.__file__).resolve().parent
