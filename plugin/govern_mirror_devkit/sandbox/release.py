"""What differs between versions of DSS: the version that a sandbox claims to be decides.

Sources: `hl` recorded 14.x; `live 15` are suites that others run against a live DSS 15 (clssck/dataiku-sdk,
clssck/Dataiku_MCP, amrutp24/terraform-provider-dataiku).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# of all lists, only the macros' is known to need its slash; get, run, state and result of a macro have none (live 15)
_MACROS_WITHOUT_SLASH = re.compile(r"^/projects/[^/]+/runnables$")
_MACRO_WITH_SLASH = re.compile(r"^/projects/[^/]+/runnables/.+/$")


@dataclass(frozen=True)
class Release:
    """A version of DSS or Govern, such as `14.2.0`."""

    version: str

    @property
    def major(self) -> int:
        """The number before the first dot."""
        return int(self.version.partition(".")[0])

    def at_least(self, version: str) -> bool:
        """Return whether it is a version such as `14.5.2`, or a later one."""
        return _numbers(self.version) >= _numbers(version)

    @property
    def unreadable_project_status(self) -> int:
        """The status for a project that is missing or forbidden: 401 on 14.x (hl), 403 on 15 (live 15)."""
        return 401 if self.major < 15 else 403

    @property
    def bundles_are_final(self) -> bool:
        """Whether a bundle's id cannot be exported again: "already exists" on 15 (live 15)."""
        return self.major >= 15

    def has_path(self, path: str) -> bool:
        """Return whether an address answers, as far as its last slash decides: 404 on 15 (live 15)."""
        return self.major < 15 or not (_MACROS_WITHOUT_SLASH.match(path) or _MACRO_WITH_SLASH.match(path))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
