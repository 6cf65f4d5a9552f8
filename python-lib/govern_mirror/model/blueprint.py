"""What a workflow template is: steps, fields, categories and rules, as data.

The standard one, `STANDARD`, is Govern's own project template `bp.system.govern_project` /
`bv.system.default`, with Govern's step ids, field ids and rating categories (source: the template's public
payload, see "Govern's standard project template" in the documentation of the mirrored facts). The decision
categories besides `Go` are not public, so they are data here too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from pathlib import Path

from govern_mirror.errors import InputError
from govern_mirror.text import clipped

RECORD_FIELD = "govern_record"
"""The stored custom field that holds the machine-readable record: JSON, hidden, not for people."""


class Kind(str, Enum):
    """What a field holds: it decides how a value is parsed, stored, edited in DSS and shown."""

    STATUS = "status"
    RATING = "rating"
    DECISION = "decision"
    DATE = "date"
    LINE = "line"
    TEXT = "text"
    DOCUMENTS = "documents"


CATEGORICAL = frozenset({Kind.STATUS, Kind.RATING, Kind.DECISION})


class Status(str, Enum):
    """The status of one workflow step, with Govern's own constants."""

    NOT_STARTED = "NOT_STARTED"
    ONGOING = "ONGOING"
    FINISHED = "FINISHED"
    SKIPPED = "SKIPPED"

    @property
    def label(self) -> str:
        """The status as people read it, e.g. `On going`."""
        return STATUS_LABELS[self]

    @property
    def is_done(self) -> bool:
        """Whether the step is behind us: finished, or skipped."""
        return self in _DONE


_DONE = (Status.FINISHED, Status.SKIPPED)
STATUS_LABELS = {
    Status.NOT_STARTED: "Not started",
    Status.ONGOING: "On going",
    Status.FINISHED: "Finished",
    Status.SKIPPED: "Skipped",
}


@dataclass(frozen=True)
class Step:
    """A step of the workflow: Govern's step id and the name people read."""

    id: str
    name: str

    @cached_property
    def paths(self) -> tuple[str, str, str]:
        """The paths of its status, notes and documents."""
        return f"steps.{self.id}.status", f"steps.{self.id}.notes", f"steps.{self.id}.documents"


@dataclass(frozen=True)
class RatingCategory:
    """A category of a rating and its score m(category), 0 to 100, as Govern's hook computes with it."""

    name: str
    score: int


@dataclass(frozen=True)
class Field:
    """A stored value of a governed project.

    Attributes:
        path: where it stands in `show`'s JSON, dotted: `qualification.value.rating`.
        stored: the DSS custom field that holds it.
        govern: Govern's field id, or None where Govern has no such field.
        kind: what it holds.
        label: its name for people.
        help: one sentence for the form.
    """

    path: str
    stored: str
    govern: str | None
    kind: Kind
    label: str
    help: str = ""

    @cached_property
    def is_brief(self) -> bool:
        """Whether it holds a category or a date: a few characters that can be told as they are."""
        return self.kind in CATEGORICAL or self.kind is Kind.DATE

    @cached_property
    def short(self) -> str:
        """The stored name without its prefix, as the record has it."""
        return self.stored.removeprefix("govern_")


@dataclass(frozen=True)
class Rule:
    """What must be there before a step can finish: fields (by path), and one of the decisions, if any."""

    step: str
    requires: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """A workflow template. `fields` holds the template's own fields; those of the steps come with the steps."""

    id: str
    version: str
    name: str
    steps: tuple[Step, ...]
    ratings: tuple[RatingCategory, ...]
    decisions: tuple[str, ...]
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = field(default=())

    @cached_property
    def step_ids(self) -> tuple[str, ...]:
        """The step ids, in the workflow's order."""
        return tuple(step.id for step in self.steps)

    @cached_property
    def rating_names(self) -> tuple[str, ...]:
        """The rating categories from low to high, exact and case-sensitive."""
        return tuple(category.name for category in self.ratings)

    @cached_property
    def all_fields(self) -> tuple[Field, ...]:
        """Every stored field: the template's, then status, notes and documents of each step."""
        return self.fields + tuple(f for step in self.steps for f in step_fields(step))

    @cached_property
    def by_path(self) -> dict[str, Field]:
        """The stored fields by their path."""
        return {f.path: f for f in self.all_fields}

    @cached_property
    def by_short(self) -> dict[str, Field]:
        """The stored fields by the short name that the record has for them."""
        return {f.short: f for f in self.all_fields}

    @cached_property
    def category_values(self) -> dict[str, dict[str, Status | str]]:
        """What each categorical field may hold, by path: the value of each stored text."""
        statuses: dict[str, Status | str] = {status.value: status for status in Status}
        return {
            f.path: statuses if f.kind is Kind.STATUS else {name: name for name in self.categories(f.kind)}
            for f in self.all_fields
            if f.kind in CATEGORICAL
        }

    @cached_property
    def blank_values(self) -> dict[str, Status | tuple[()] | None]:
        """What each stored field holds while it is blank, by path."""
        blanks: dict[Kind, Status | tuple[()]] = {Kind.STATUS: Status.NOT_STARTED, Kind.DOCUMENTS: ()}
        return {f.path: blanks.get(f.kind) for f in self.all_fields}

    @cached_property
    def status_prints(self) -> tuple[str, ...]:
        """The short names of the steps' statuses, in the workflow's order."""
        return tuple(self.by_path[step.paths[0]].short for step in self.steps)

    @cached_property
    def stored_names(self) -> frozenset[str]:
        """The custom fields that hold canonical values; the record is not among them."""
        return frozenset(f.stored for f in self.all_fields)

    def step(self, text: str) -> Step:
        """Find a step by id or name, in any case, with `-`, `_` or blanks between words.

        Raises:
            InputError: no step has that id or name; the message lists them.
        """
        wanted = _loose(text)
        for step in self.steps:
            if wanted in (_loose(step.id), _loose(step.name)):
                return step
        raise InputError(f"unknown step {clipped(text)!r}: use one of {', '.join(self.step_ids)}")

    def category(self, kind: Kind, text: str) -> str:
        """Return the exact category for what a person typed (any case, `-`, `_`).

        Raises:
            InputError: no such category of that kind; the message lists them.
        """
        known = self.categories(kind)
        wanted = _loose(text)
        for name in known:
            if wanted == _loose(name):
                return name
        raise InputError(f"unknown {kind.value} {clipped(text)!r}: use one of {', '.join(known)}")

    def categories(self, kind: Kind) -> tuple[str, ...]:
        """The exact categories of a categorical kind; empty for the other kinds."""
        if kind is Kind.RATING:
            return self.rating_names
        if kind is Kind.DECISION:
            return self.decisions
        if kind is Kind.STATUS:
            return tuple(status.value for status in Status)
        return ()

    def with_rules(self, rules: tuple[Rule, ...]) -> Blueprint:
        """The same template with rules added, as the plugin's settings do."""
        return replace(self, rules=self.rules + rules) if rules else self


def step_fields(step: Step) -> tuple[Field, Field, Field]:
    """The three stored fields of a step: status, notes, documents (Govern's `<step>_notes`, `<step>_docs`)."""
    status, notes, documents = step.paths
    return (
        Field(status, f"govern_status_{step.id}", None, Kind.STATUS, f"{step.name}: status"),
        Field(notes, f"govern_notes_{step.id}", f"{step.id}_notes", Kind.TEXT, f"{step.name}: notes"),
        Field(
            documents,
            f"govern_documents_{step.id}",
            f"{step.id}_docs",
            Kind.DOCUMENTS,
            f"{step.name}: documents",
            "Title and link of each document.",
        ),
    )


def load(path: Path) -> Blueprint:
    """Read a blueprint from its JSON file, checked field by field."""
    from pydantic import TypeAdapter

    return TypeAdapter(Blueprint).validate_json(path.read_bytes())


def _loose(text: str) -> str:
    return " ".join(text.replace("-", " ").replace("_", " ").casefold().split())


STANDARD = load(Path(__file__).parents[1] / "blueprints" / "standard_project.json")
