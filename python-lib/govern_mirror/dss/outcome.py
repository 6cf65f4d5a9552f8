"""What reading and writing projects come back with."""

from __future__ import annotations

from dataclasses import dataclass

from govern_mirror.model.item import Item


@dataclass(frozen=True)
class WriteResult:
    """How a write ended.

    Attributes:
        before, after: the project as it was and as it is (or, in a dry run, would be).
        written: whether anything was written.
        warnings: what people should know, e.g. a change someone else made at the same moment.
    """

    before: Item
    after: Item
    written: bool
    warnings: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether the project changed, or in a dry run would."""
        return self.before is not self.after


@dataclass(frozen=True)
class Unreadable:
    """A project of the list that could not be read, and why."""

    project_key: str
    message: str


@dataclass(frozen=True)
class Survey:
    """How many projects the list shows, and how many of its items carry their custom fields."""

    projects: int
    with_fields: int

    @property
    def sentence(self) -> str:
        """What that means, for people."""
        if self.projects == self.with_fields:
            return f"{self.projects} visible; one list call carries their custom fields"
        missing = self.projects - self.with_fields
        return f"{self.projects} visible; {missing} without custom fields in the list are read one by one (slower)"


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
