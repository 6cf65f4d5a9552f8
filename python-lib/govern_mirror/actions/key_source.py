"""Where an API key comes from, and who else can read it there."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class KeyOrigin(Enum):
    """Where a key was given."""

    OPTION = "--api-key"
    FILE = "a file"
    ENVIRONMENT = "DKU_API_KEY"


@dataclass(frozen=True)
class KeySource:
    """Where a key comes from; `path` of a key file, or of Dataiku's config file."""

    origin: KeyOrigin
    path: Path | None = None

    @property
    def advice(self) -> str | None:
        """What to do so that nobody else reads the key; None when nothing is to do."""
        if self.origin is KeyOrigin.OPTION:
            return (
                "the key stands on the command line, where other users of this machine see it in the list of processes "
                "and the shell keeps it: use --api-key-file or DKU_API_KEY, and make a new key"
            )
        if self.path is None:
            return None
        readers = _other_readers(self.path)
        return f"{readers} can read the key in {self.path}: run chmod 600 on it" if readers else None

    def __str__(self) -> str:
        return f"the key comes from {self.path or self.origin.value}"


def _other_readers(path: Path) -> str | None:
    """Who besides its owner may read a file; None for nobody, and where that cannot be told."""
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError):
        return None
    if os.name != "posix" or not stat.S_ISREG(mode):
        return None
    if mode & stat.S_IROTH:
        return "every user of this machine"
    return "the users of its group" if mode & stat.S_IRGRP else None
