"""The text of the Deployer's hook, and whether a hook that somebody installed is it."""

from __future__ import annotations

import re
from enum import Enum
from pathlib import Path

from govern_mirror.model.event import digest

_SOURCE = Path(__file__).with_name("deployer_hook.py")
_MARK = "# govern-mirror hook"
_POLICY = re.compile(r'^DEFAULT_POLICY = "[A-Z_]+"$', re.MULTILINE)
_MARKED = re.compile(rf"^{_MARK} (\d+) ([0-9a-f]{{32}})$", re.MULTILINE)
_VERSION = re.compile(r"^HOOK_VERSION = (\d+)$", re.MULTILINE)


class InstalledHook(Enum):
    """What an infrastructure has of the hook."""

    CURRENT = "is there"
    OLDER = "is an older one"
    ALTERED = "was altered"
    ABSENT = "is not there"


def hook_text(policy: str = "PREVENT") -> str:
    """Return the hook's code, with a first line by which it is known again.

    Args:
        policy: what it does where its file names none for an infrastructure: `PREVENT`, `WARN` or `NO_CHECK`.
    """
    code = _POLICY.sub(f'DEFAULT_POLICY = "{policy}"', _SOURCE.read_text(encoding="utf-8"))
    version = _VERSION.search(code)
    return f"{_MARK} {version[1] if version else 0} {digest(code.strip())}\n{code}"


def installed_hook(code: str) -> InstalledHook:
    """Say whether some code of a hook is this one; white space around it, and line ends, do not count."""
    code = code.replace("\r\n", "\n")
    mark = _MARKED.search(code)
    if mark is None:
        return InstalledHook.ABSENT
    rest = code[mark.end() :].strip()
    if digest(rest) != mark.group(2) or code[: mark.start()].strip():
        return InstalledHook.ALTERED
    current = _SOURCE.read_text(encoding="utf-8").strip()
    policy = _POLICY.search(rest)
    same = policy is not None and _POLICY.sub(policy.group(), current) == rest
    return InstalledHook.CURRENT if same else InstalledHook.OLDER
