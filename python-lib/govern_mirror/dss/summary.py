"""A project as DSS's list shows it: what DSS says apart from what is governed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, TypeAlias

from govern_mirror.nested import text_at, texts

Metadata: TypeAlias = dict[str, Any]
"""A project's metadata, or a project of the list, as DSS has it."""

END_OF_TIME = 32503680000000
"""The year 3000 in epoch milliseconds: what DSS does not write."""


@dataclass(frozen=True)
class ProjectSummary:
    """What DSS says of a project.

    Attributes:
        description: the short one, or None.
        owner: the owner's login.
        owner_name: the owner's name for people.
        tags: of the project.
        created_on, last_modified_on: when (UTC); None where unknown, as for imported projects.
        last_modified_by: a login.
        may_write: whether DSS lets this user change the project; None where it does not say.
    """

    description: str | None = None
    owner: str | None = None
    owner_name: str | None = None
    tags: tuple[str, ...] = ()
    created_on: datetime | None = None
    last_modified_on: datetime | None = None
    last_modified_by: str | None = None
    may_write: bool | None = None


def parse_summary(item: Mapping[str, Any]) -> ProjectSummary:
    """Read a project of the list; what is not there, or of another type, is unknown."""
    by, on = version_tag(item)
    _, created = version_tag(item, "creationTag")
    return ProjectSummary(
        text_at(item, "shortDesc") or None,
        text_at(item, "ownerLogin") or None,
        text_at(item, "ownerDisplayName") or None,
        texts(item.get("tags")),
        created,
        on,
        by,
        may_write(item),
    )


def may_write(item: Mapping[str, Any]) -> bool | None:
    """Whether DSS lets this user change a project of the list; None where it does not say."""
    flags = [item.get(name) for name in ("isProjectAdmin", "canWriteProjectContent")]
    rights = [flag for flag in flags if isinstance(flag, bool)]
    return any(rights) if rights else None


def version_tag(item: Mapping[str, Any], name: str = "versionTag") -> tuple[str | None, datetime | None]:
    """Who last changed a project (a login) and when (UTC), by its version tag, or by its creation tag."""
    tag = item.get(name)
    if not isinstance(tag, dict):
        return None, None
    by = tag.get("lastModifiedBy")
    login = by.get("login") if isinstance(by, dict) else None
    return login if isinstance(login, str) else None, time_of(tag.get("lastModifiedOn"))


def time_of(milliseconds: object) -> datetime | None:
    """A time of DSS, in epoch milliseconds, in UTC and to the second; None when it is none."""
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, int | float):
        return None
    return datetime.fromtimestamp(milliseconds // 1000, timezone.utc) if 0 < milliseconds < END_OF_TIME else None
