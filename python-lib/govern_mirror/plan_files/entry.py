"""What every kind of plan file holds: entries, one a project, with the values that each names; and what is wrong.

The fields of an entry are those of the template, under their own paths. Documents are not among them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from govern_mirror.errors import InputError
from govern_mirror.model.blueprint import CLEAR, Blueprint, Field, Kind, Role, Status
from govern_mirror.model.event import NUMBER_LIMIT
from govern_mirror.model.values import parse, text_of
from govern_mirror.text import clipped

FORMAT_VERSION = 1
"""Of the YAML. History: 1, the first."""

MAX_VALUE = 1_000_000
"""Characters of one value: three hundred pages of notes."""

MAX_PROJECTS = 200_000
"""Entries of one file."""

SPLIT = "split it into several files"


@dataclass(frozen=True, slots=True)
class PlannedValue:
    """One value that an entry names.

    Attributes:
        raw: as it stands in the file; None for an explicit null.
        text: what it means, as the compare has texts; None clears.
        line: where it stands, from 1.
    """

    raw: str | None
    text: str | None
    line: int


@dataclass(frozen=True)
class Entry:
    """What a plan file says of one project.

    Attributes:
        project_key: the project.
        line: where the entry begins, from 1 (the row, in a workbook).
        values: the values it names, by path; all else is left as it is.
        revision: the project's revision when the entry was exported, or None.
        hand_edits: the fingerprint of the edits made in DSS by then that no write had stored, or None.
        node_id: the instance it was exported from, or None.
    """

    project_key: str
    line: int
    values: Mapping[str, PlannedValue] = field(default_factory=dict)
    revision: int | None = None
    hand_edits: str | None = None
    node_id: str | None = None


@dataclass(frozen=True, slots=True)
class FileError:
    """One thing that is wrong in a plan file, and what to do.

    Attributes:
        line: where, from 1; None for the file as a whole.
        field: which project and value, or the column; empty for the file as a whole.
        message: what is wrong, and what to do.
    """

    line: int | None
    field: str
    message: str

    def __str__(self) -> str:
        place = [] if self.line is None else [f"line {self.line}"]
        return f"{', '.join([*place, *([self.field] if self.field else [])])}: {self.message}".removeprefix(": ")


class PlanFileInvalid(InputError):  # noqa: N818 - reads as what happened
    """A plan file cannot be applied. Its text lists what is wrong.

    Attributes:
        errors: the first `FileErrors.MAX_SHOWN`, in the file's order.
        count: how many there are.
    """

    has_lines = True

    def __init__(self, path: Path, errors: tuple[FileError, ...], count: int) -> None:
        self.errors, self.count = errors, count
        if count == 1 and errors[0].line is None:
            super().__init__(" ".join(f"{path}: {errors[0]}".splitlines()))
            return
        lines = [f"{path} has {count:,} {'error' if count == 1 else 'errors'}; nothing was written:"]
        lines += [f"  {error}" for error in errors]
        if count > len(errors):
            lines.append(f"  and {count - len(errors):,} more")
        super().__init__("\n".join(" ".join(line.splitlines()) for line in lines))


class FileErrors:
    """Collects what is wrong in a file; of many, the first are kept and the rest is counted."""

    MAX_SHOWN = 100
    MAX_COUNTED = 100_000

    def __init__(self, path: Path) -> None:
        self._path = path
        self._errors: list[FileError] = []
        self._count = 0

    def add(self, line: int | None, field: str, message: str) -> None:
        """Note one error.

        Raises:
            StopReading: there are so many that the file is none.
        """
        self._count += 1
        if len(self._errors) < self.MAX_SHOWN:
            self._errors.append(FileError(line, clipped(field, 120), message))
        if self._count >= self.MAX_COUNTED:
            raise StopReading

    def stop(self, line: int | None, field: str, message: str) -> NoReturn:
        """Note an error after which the rest of the file cannot be read.

        Raises:
            StopReading: always.
        """
        self.add(line, field, message)
        raise StopReading

    def raise_any(self) -> None:
        """Raise all that was noted.

        Raises:
            PlanFileInvalid: something was.
        """
        if self._count:
            raise PlanFileInvalid(self._path, tuple(self._errors), self._count)


class StopReading(Exception):  # noqa: N818 - a signal between a reader and `read_plan_file`, never shown
    """The rest of the file cannot be read; the error that says why is noted."""


class EntryBuilder:
    """An entry while its file is read."""

    def __init__(self, project_key: str, line: int, blueprint: Blueprint, errors: FileErrors) -> None:
        self.project_key = project_key
        self._line = line
        self._blueprint = blueprint
        self._errors = errors
        self._values: dict[str, PlannedValue] = {}
        self._revision: int | None = None
        self.hand_edits: str | None = None
        self.node_id: str | None = None

    def error(self, line: int, name: str, message: str) -> None:
        """Note what is wrong with one of its values."""
        self._errors.add(line, f"{clipped(self.project_key, 40)} {clipped(name)}".rstrip(), message)

    def add(self, path: str, name: str, raw: str | None, line: int) -> None:
        """Take a value as it is written; None is an explicit null.

        Args:
            path: of the value.
            name: of the value in this kind of file.
            raw: the text.
            line: where it stands.
        """
        if raw is not None and len(raw) > MAX_VALUE:
            self.error(line, name, f"is longer than {MAX_VALUE:,} characters: shorten it, or keep it as a document")
            return
        try:
            text = parsed(self._blueprint.by_path[path], raw)
        except InputError as error:
            self.error(line, name, str(error))
        else:
            self._values[path] = PlannedValue(raw, text, line)

    def revision(self, text: str, line: int) -> None:
        """Take the revision as it is written."""
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 17 else NUMBER_LIMIT
        if number < NUMBER_LIMIT:
            self._revision = number
        else:
            self.error(line, "revision", f"{clipped(text)!r} is not a revision: leave it as it was exported")

    def entry(self) -> Entry:
        """The entry, once all of it is read; its dates are compared here."""
        roles = self._blueprint.roles
        start, end = (self._values.get(roles[r].path) if r in roles else None for r in (Role.START, Role.TARGET_END))
        if start and end and ends_early(start.text, end.text):
            self.error(
                end.line,
                roles[Role.TARGET_END].path,
                f"{end.text} is before the start date {start.text}: correct one of them",
            )
        return Entry(
            self.project_key, self._line, self._values, self._revision, self.hand_edits or None, self.node_id or None
        )


def fields(blueprint: Blueprint) -> tuple[Field, ...]:
    """The fields of an entry, in the blueprint's order."""
    return tuple(field for field in blueprint.all_fields if field.kind is not Kind.DOCUMENTS)


def ends_early(start: str | None, end: str | None) -> bool:
    """Whether a target end date is before the start date; both ISO, None is blank."""
    return start is not None and end is not None and end < start


def parsed(field: Field, raw: str | None) -> str | None:
    """What a text means as a value of a field, as the compare has texts; None clears it.

    Raises:
        InputError: it is no value of that field; the message says what would be.
    """
    if raw is None or raw.strip().casefold() == CLEAR:
        return text_of(field.blank)
    if field.kind is Kind.STATUS:
        by_label = {status.label.casefold(): status.value for status in Status}
        label = by_label.get(raw.strip().casefold())
        if label:
            return label
    return text_of(parse(field, raw))
