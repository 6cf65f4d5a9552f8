"""What DSS does with projects: how its list looks, and what becomes of metadata that is written back as read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from govern_mirror.dss.client import api_errors
from govern_mirror.dss.project_write import comparable, version_number
from govern_mirror.dss.projects import Projects
from govern_mirror.errors import ConnectionFailed, WriteUnclear
from govern_mirror.operation import bounded


@dataclass(frozen=True)
class ProjectProbe:
    """What DSS did with metadata written back as read.

    Attributes:
        differing: the keys that came back otherwise; of tags, the order does not count.
        version_before, version_after: the project's version number; None where DSS tells none.
        tags_reordered: whether the same tags came back in another order, or with duplicates collapsed.
    """

    differing: tuple[str, ...]
    version_before: int | None
    version_after: int | None
    tags_reordered: bool = False

    @property
    def version_moved(self) -> bool | None:
        """Whether a write moves the version number; None where DSS tells none."""
        if self.version_before is None or self.version_after is None:
            return None
        return self.version_before != self.version_after

    @property
    def other_writes(self) -> int:
        """How many writes of others DSS counted meanwhile, as far as the version number tells."""
        return max(0, (self.version_after or 0) - (self.version_before or 0) - 1) if self.version_moved else 0

    @property
    def unchanged(self) -> bool:
        """Whether the metadata came back exact."""
        return not self.differing


def survey_of(store: Projects) -> str:
    """How the project list looks on this instance, for people."""
    items = store.listed().values()
    bare = sum("customFields" not in item for item in items)
    if not bare:
        return f"{len(items)} visible; one list call carries their custom fields"
    return f"{len(items)} visible; {bare} without custom fields in the list are read one by one (slower)"


@bounded
def write_back(store: Projects, project_key: str) -> ProjectProbe:
    """Write a project's metadata back as it was read, to learn what DSS does then.

    Raises:
        WriteUnclear: no answer came: what others wrote meanwhile may be undone.
        GovernMirrorError: as `api_errors` says; this key may not write, for one.
    """
    version = _version(store, project_key)
    metadata = store.base(project_key)
    try:
        store.put_metadata(project_key, metadata)
    except ConnectionFailed as error:
        if error.never_sent:
            raise
        raise WriteUnclear(
            f"{project_key}: the metadata may have been written back as it was read: look whether a change that "
            f"somebody else made meanwhile is there ({error})"
        ) from error
    result = store.metadata(project_key)
    before, after = comparable(metadata), comparable(result)
    differing = [key for key in {**before, **after} if before.get(key) != after.get(key)]
    reordered = metadata.get("tags") != result.get("tags") and "tags" not in differing
    return ProjectProbe(tuple(differing), version, _version(store, project_key), reordered)


def _version(store: Projects, project_key: str) -> int | None:
    with api_errors(project_key, "read the project"):
        summary = store.client.get_project(project_key).get_summary()
    return version_number(summary) if isinstance(summary, Mapping) else None
