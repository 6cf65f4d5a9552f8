"""Plan files: the desired state of many projects, as YAML, CSV or a workbook, reviewed and then applied.

A plan file holds one counterpart for each project. What both were in step with is the state that was exported: the
entry's revision says whether DSS still holds it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from govern_mirror.errors import InputError
from govern_mirror.files import read_bounded
from govern_mirror.model.blueprint import Blueprint, Role, Status, is_status_path, status_path
from govern_mirror.model.item import Governance, Item, Problem, values
from govern_mirror.model.values import text_of
from govern_mirror.plan_files.entry import (
    FORMAT_VERSION,
    SPLIT,
    Entry,
    FileErrors,
    PlanFileInvalid,
    PlannedValue,
    StopReading,
    ends_early,
)
from govern_mirror.sync.compare import (
    WORKFLOW,
    Counterpart,
    PairedProjects,
    fingerprint,
    planned_paths,
    texts_of,
    workflow_text,
)
from govern_mirror.text import clipped, printable

__all__ = ["FORMAT_VERSION", "Entry", "PlanFile", "PlanFileInvalid", "groups", "hand_edits", "read_plan_file"]

READERS = {
    ".yaml": "yaml_reader",
    ".yml": "yaml_reader",
    ".csv": "csv_reader",
    ".xlsx": "xlsx_reader",
}
"""By the file's ending, the module that reads it; imported when such a file is read."""

MAX_BYTES = 50_000_000
"""How large a plan file may be: 20,000 projects with a page of notes each."""


@dataclass(frozen=True)
class PlanFile:
    """A plan file that was read, and is valid in itself."""

    path: Path
    entries: tuple[Entry, ...]


def read_plan_file(path: Path, blueprint: Blueprint) -> PlanFile:
    """Read a plan file; its kind is told by its ending.

    Args:
        path: a `.yaml`, `.yml`, `.csv` or `.xlsx` file.
        blueprint: knows the fields, steps and categories.

    Raises:
        PlanFileInvalid: it cannot be read, or holds what is not valid; all of that is listed.
    """
    errors = FileErrors(path)
    entries: list[Entry] = []
    try:
        module = READERS.get(path.suffix.lower())
        if module is None:
            errors.stop(None, "", f"is not a plan file by its name: it must end in {', '.join(READERS)}")
        content = _content(path, errors)
        source = content if module == "xlsx_reader" else _decoded(content, errors)
        entries = importlib.import_module(f"{__package__}.{module}").entries(source, blueprint, errors)
    except StopReading:
        pass
    errors.raise_any()
    return PlanFile(path, tuple(entries))


def groups(plan_file: PlanFile, projects: Iterable[Item]) -> tuple[list[PairedProjects], list[Problem]]:
    """Pair the entries with the projects they name.

    The counterpart of each group holds the paths that its entry names, no others, and as `problems` what of the
    entry cannot be applied: those values are left alone. An entry of a project that is not governed yet is a
    creation.

    Args:
        plan_file: what was read.
        projects: every visible project, governed or not.

    Returns:
        The groups, in the file's order, and the entries that name no project to compare with.
    """
    by_key = {project.facts.project_key: project for project in projects}
    in_any_case = {key.casefold(): key for key in by_key}
    paired, problems = [], []
    for entry in plan_file.entries:
        project = by_key.get(entry.project_key)
        refused = _refusal(entry, project, in_any_case)
        if project is None or refused:
            message = f"{_place(plan_file, entry.line)}: {refused}"
            problems.append(Problem(clipped(entry.project_key), None, "a project to write", message))
        else:
            paired.append(_Pair(plan_file, entry, project).group())
    return paired, problems


def hand_edits(project: Item) -> str | None:
    """The fingerprint of what was edited in DSS and no write has stored: the revision does not count such edits.

    None when there are none. Where the record is lost, nobody knows, and the fingerprint is of all values.
    """
    is_recorded = project.revision > 0 and project.damaged_record is None
    if not project.is_governed or (is_recorded and not project.pending):
        return None
    return fingerprint("\n".join(f"{path} {text_of(value)}" for path, value in values(project).items()))


class _Pair:
    """One entry beside the project it names."""

    def __init__(self, plan_file: PlanFile, entry: Entry, project: Item) -> None:
        self._file = plan_file
        self._entry = entry
        self._project = project
        self._dss = texts_of(project)
        self._values = {path: text_of(value) for path, value in values(project).items()}
        self._problems: list[Problem] = []

    def group(self) -> PairedProjects:
        key = self._entry.project_key
        texts = self._texts()
        base = {path: fingerprint(self._dss[path]) for path in texts} if self._is_unchanged() else {}
        name = f"{self._file.path.name}:{self._entry.line}"
        return PairedProjects(Counterpart(key, name, texts, tuple(self._problems)), (self._project,), {key: base})

    def _is_unchanged(self) -> bool:
        entry, node_id = self._entry, self._project.facts.node_id
        if entry.node_id is not None and node_id is not None and entry.node_id != node_id:
            return False
        return entry.revision == self._project.revision and entry.hand_edits == hand_edits(self._project)

    def _texts(self) -> dict[str, str | None]:
        texts = {path: self._text_of(path, value) for path, value in self._entry.values.items()}
        statuses = {path: text for path, text in texts.items() if is_status_path(path)}
        if statuses:
            texts[WORKFLOW] = workflow_text(
                {
                    step.id: Status(statuses.get(status_path(step.id)) or step.status.value)
                    for step in self._project.workflow.steps
                }
            )
        self._note_dates(texts)
        return {path: texts[path] for path in planned_paths(self._project.blueprint) if path in texts}

    def _text_of(self, path: str, value: PlannedValue) -> str | None:
        """The text that is meant. What was exported and not edited means what DSS holds, also where a kind of file
        cannot hold that exactly, or where it is the word that clears."""
        current = self._values.get(path)
        same = value.raw is not None and current is not None and printable(value.raw) == printable(current)
        return current if same else value.text

    def _note_dates(self, texts: dict[str, str | None]) -> None:
        roles = self._project.blueprint.roles
        if Role.START not in roles or Role.TARGET_END not in roles:
            return
        start, end = roles[Role.START].path, roles[Role.TARGET_END].path
        if not ends_early(texts.get(start, self._values[start]), texts.get(end, self._values[end])):
            return
        for path in (start, end):
            if path in texts and texts[path] != self._values[path]:
                other = self._values[end if path == start else start]
                self._problem(path, f"the target end date would be before the start date: DSS holds {other}; name both")

    def _problem(self, path: str, message: str) -> None:
        value = self._entry.values[path]
        place = _place(self._file, value.line)
        text = None if value.text is None else clipped(value.text)
        expected = self._values.get(path)
        self._problems.append(
            Problem(path, text, clipped(expected) if expected else "", f"{place}: {self._entry.project_key} {message}")
        )


def _refusal(entry: Entry, project: Item | None, in_any_case: dict[str, str]) -> str | None:
    """Why an entry cannot be compared with a project, or None."""
    key = clipped(entry.project_key)
    if project is None:
        other = in_any_case.get(entry.project_key.casefold())
        hint = f"is {other} meant?" if other else "correct its key, or ask for the right to read it"
        return f"there is no project {key} that you can see: {hint}"
    if project.state is Governance.COPIED:
        return f"{key} is a copy of a governed project: run `govern-mirror init {key} --adopt` first"
    if project.read_only:
        return f"{key} is not written: {project.read_only}"
    return None


def _place(plan_file: PlanFile, line: int) -> str:
    return f"{plan_file.path.name}, line {line}"


def _content(path: Path, errors: FileErrors) -> bytes:
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            content = read_bounded(path, MAX_BYTES, "the plan file")
        else:
            with path.open("rb") as stream:
                content = stream.read(MAX_BYTES + 1)
    except InputError as error:
        errors.stop(None, "", str(error))
    except OSError as error:
        errors.stop(None, "", f"cannot be read: {error.strerror or error}")
    if len(content) > MAX_BYTES:
        errors.stop(None, "", f"is larger than {MAX_BYTES:,} bytes: {SPLIT}")
    if not content.strip():
        errors.stop(None, "", "is empty: `govern-mirror report --format plan -o FILE` writes a plan file")
    return content


def _decoded(content: bytes, errors: FileErrors) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        errors.stop(1, "", "is UTF-16: save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        errors.stop(line, "", f"is not UTF-8 (byte 0x{content[error.start]:02X}): save the file as UTF-8")
    return text
