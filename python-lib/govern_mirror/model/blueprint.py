"""What a workflow template is: steps, sections, fields, categories and rules, as data.

The standard one, `STANDARD`, is Govern's own project template `bp.system.govern_project` / `bv.system.default`, with
Govern's step ids, field ids and rating categories (source: the template's public payload, see "Govern's standard
project template" in the documentation of the mirrored facts). The decision categories besides `Go` are not public, so
they are data here too. A company's own template is read from a JSON file of the same shape (`template_file.load`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from pathlib import Path
from typing import ClassVar

from govern_mirror.errors import InputError
from govern_mirror.text import checked_text, clipped, one_of

RECORD_FIELD = "govern_record"
"""The stored custom field that holds the machine-readable record: JSON, hidden, not for people."""

ITEMS_FIELD = "govern_items"
"""The stored custom field that holds the governed items of a project besides itself: JSON, hidden, not for people."""

HUB_FIELD = "govern_hub"
"""The stored custom field in which the hub's project keeps the id of its managed folder; hidden, not for people."""

PREFIX = "govern_"
"""How the name of each stored custom field begins: names are unique on a DSS instance."""

OVERVIEW = "overview"
"""The id of the first section; the others have the ids of their steps. Also the origin of a rating given there."""


CLEAR = "none"
"""The word that clears a value where people type."""


class Kind(str, Enum):
    """What a field holds: it decides how a value is parsed, stored, edited in DSS and shown."""

    STATUS = "status"
    RATING = "rating"
    CATEGORY = "category"
    DATE = "date"
    LINE = "line"
    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    DOCUMENTS = "documents"
    REFERENCE = "reference"
    PEOPLE = "people"


CATEGORICAL = frozenset({Kind.STATUS, Kind.RATING, Kind.CATEGORY})
LINES = frozenset({Kind.LINE, Kind.REFERENCE, Kind.PEOPLE})
"""Kinds whose values are typed on one line."""


class Role(str, Enum):
    """What a field means to scores, matrix, filters, columns and gate, so that no code names a path."""

    VALUE = "value"
    RISK = "risk"
    FEASIBILITY = "feasibility"
    COST = "cost"
    DECISION = "decision"
    INITIATIVE = "initiative"
    SPONSOR = "sponsor"
    START = "start"
    TARGET_END = "target_end"
    PLAN = "plan"


RATED_ROLES = (Role.VALUE, Role.RISK, Role.FEASIBILITY, Role.COST)
"""The roles whose ratings make the priority, in the order of Govern's forms."""

KINDS_OF_ROLE: Mapping[Role, Kind | None] = {
    **dict.fromkeys(RATED_ROLES, Kind.RATING),
    Role.DECISION: Kind.CATEGORY,
    Role.START: Kind.DATE,
    Role.TARGET_END: Kind.DATE,
    Role.PLAN: Kind.DOCUMENTS,
    Role.INITIATIVE: Kind.LINE,
}
"""What a field must hold to have a role; the sponsor may be a line or people."""


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
        """Whether the step is finished or skipped."""
        return self in _DONE


_DONE = (Status.FINISHED, Status.SKIPPED)
STATUS_LABELS = {
    Status.NOT_STARTED: "Not started",
    Status.ONGOING: "On going",
    Status.FINISHED: "Finished",
    Status.SKIPPED: "Skipped",
}
STATUS_CHOICES = tuple(status.value for status in Status)


def status_path(step_id: str) -> str:
    """The path of a step's status."""
    return f"steps.{step_id}.status"


def is_status_path(path: str) -> bool:
    """Whether a path is that of a step's status."""
    return path.startswith("steps.") and path.endswith(".status")


@dataclass(frozen=True)
class Step:
    """A step of the workflow: Govern's step id and the name people read."""

    id: str
    name: str

    @cached_property
    def paths(self) -> tuple[str, str, str]:
        """The paths of its status, notes and documents."""
        return status_path(self.id), f"steps.{self.id}.notes", f"steps.{self.id}.documents"


@dataclass(frozen=True)
class RatingCategory:
    """A category of a rating and its score m(category), 0 to 100, as Govern's hook computes with it."""

    name: str
    score: int


@dataclass(frozen=True)
class Field:
    """A stored value of a governed item.

    Attributes:
        path: where it stands in `show`'s JSON, dotted: its section of old, and a name.
        stored: the DSS custom field that holds it.
        govern: Govern's field id, or None where Govern has no such field.
        kind: what it holds.
        label: its name for people.
        help: one sentence for the form.
        role: what it means to scores, filters, columns and gate, or None.
        list: for a category, the name of the template's list that it takes from.
        several: whether a category holds several of its list.
        turned: whether less is better in a rating, as in risk and cost.
        govern_label: where Govern's id is not public, the label by which it is found in the blueprint version.
        choices: the exact categories, in their order; the template fills them in.
    """

    path: str
    stored: str
    govern: str | None
    kind: Kind
    label: str
    help: str = ""
    role: Role | None = None
    list: str | None = None
    several: bool = False
    turned: bool = False
    govern_label: str | None = None
    choices: tuple[str, ...] = ()

    @cached_property
    def is_brief(self) -> bool:
        """Whether it holds a category or a date: a few characters that can be told as they are."""
        return self.kind in CATEGORICAL or self.kind is Kind.DATE

    @cached_property
    def is_listed(self) -> bool:
        """Whether tables show it: all but long texts, documents, and what belongs to a step."""
        return self.kind not in (Kind.TEXT, Kind.DOCUMENTS) and self.step is None

    @cached_property
    def is_list(self) -> bool:
        """Whether it holds several values; blank is then the empty tuple."""
        return self.several or self.kind in (Kind.DOCUMENTS, Kind.PEOPLE)

    @cached_property
    def short(self) -> str:
        """The stored name without its prefix: as the record and the forms of macros have it."""
        return self.stored.removeprefix(PREFIX)

    @cached_property
    def name(self) -> str:
        """The name of its column, option and filter: the path without its section, and without `rating`."""
        section, _, rest = self.path.partition(".")
        if section == "steps":
            return rest.replace(".", "_")
        return (rest.removesuffix(".rating") or section).replace(".", "_")

    @cached_property
    def heading(self) -> str:
        """Its name above a column of a table: `Value` for `Value rating`, `Decision` for `Resulting decision`."""
        short = self.label.removeprefix("Resulting ").removesuffix(" rating")
        return short[:1].upper() + short[1:]

    @cached_property
    def comment_path(self) -> str:
        """The path of the field with people's comment on this one, where the template has one."""
        return self._beside("comment")

    @cached_property
    def origin_path(self) -> str:
        """Where the origin of a rating stands in `show`'s JSON."""
        return self._beside("origin")

    def _beside(self, name: str) -> str:
        parent, _, last = self.path.rpartition(".")
        return f"{parent}.{name}" if last == "rating" else f"{self.path}_{name}"

    @cached_property
    def step(self) -> str | None:
        """The id of the step whose status, notes or documents it holds; None for the template's own fields."""
        section, _, rest = self.path.partition(".")
        return rest.partition(".")[0] if section == "steps" else None

    @cached_property
    def blank(self) -> Status | tuple[()] | None:
        """What it holds while nobody filled it in."""
        if self.kind is Kind.STATUS:
            return Status.NOT_STARTED
        return () if self.is_list else None


@dataclass(frozen=True)
class Section:
    """One of Govern's views: the Overview, or a step. A field may stand in several and is one value."""

    id: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """What must be there before a step can finish: fields (by path), and one of the decisions, if any."""

    step: str
    requires: tuple[str, ...] = ()
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Blueprint:
    """A workflow template. `fields` holds the template's own fields; those of the steps come with the steps.

    Attributes:
        id, version: as in Govern; a record names both.
        name: for people.
        steps: in the workflow's order.
        ratings: the categories of every rating, from low to high, with their scores.
        lists: the categories of the other categorical fields, by the list's name.
        fields: the template's own fields.
        sections: which fields stand in the Overview and in each step; a field named nowhere stands in the Overview.
        rules: what the plugin's settings add.
        continues: earlier versions of this template, whose records it goes on with.
        rules_known: whether these are the rules in force; not where the settings that hold them cannot be read.
    """

    id: str
    version: str
    name: str
    steps: tuple[Step, ...]
    ratings: tuple[RatingCategory, ...]
    fields: tuple[Field, ...]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    sections: tuple[Section, ...] = ()
    rules: tuple[Rule, ...] = ()
    continues: tuple[str, ...] = ()
    rules_known: bool = True

    # a key that is not known, in a template's file, is a mistake in spelling, which is refused
    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    def __post_init__(self) -> None:
        choices = {Kind.RATING: self.rating_names}
        for f in self.fields:
            if f.kind is Kind.CATEGORY and f.list not in self.lists:
                raise InputError(f"the template {self.name}: {f.path} needs a list, one of {', '.join(self.lists)}")
        fields = tuple(
            replace(f, choices=choices.get(f.kind) or tuple(self.lists.get(f.list or "", ()))) for f in self.fields
        )
        object.__setattr__(self, "fields", fields)

    @cached_property
    def step_ids(self) -> tuple[str, ...]:
        """The step ids, in the workflow's order."""
        return tuple(step.id for step in self.steps)

    @cached_property
    def rating_names(self) -> tuple[str, ...]:
        """The rating categories from low to high, exact and case-sensitive."""
        return tuple(category.name for category in self.ratings)

    @cached_property
    def scores(self) -> dict[str, int]:
        """The score of each rating category."""
        return {category.name: category.score for category in self.ratings}

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
    def roles(self) -> dict[Role, Field]:
        """The fields that have a role, by role."""
        return {f.role: f for f in self.fields if f.role is not None}

    @cached_property
    def rated(self) -> tuple[Field, ...]:
        """The ratings, in the template's order."""
        return tuple(f for f in self.fields if f.kind is Kind.RATING)

    @cached_property
    def listed(self) -> tuple[tuple[str, str], ...]:
        """Name and path of each field that tables show."""
        return tuple((f.name, f.path) for f in self.fields if f.is_listed)

    @cached_property
    def assessed(self) -> tuple[Field, ...]:
        """The ratings that have a role, in the order of Govern's forms, then the decision."""
        return tuple(self.roles[role] for role in (*RATED_ROLES, Role.DECISION) if role in self.roles)

    @cached_property
    def qualifying(self) -> tuple[str, ...]:
        """The paths of the fields that an item is qualified with: value, risk and decision."""
        return tuple(self.roles[role].path for role in (Role.VALUE, Role.RISK, Role.DECISION) if role in self.roles)

    @cached_property
    def decisions(self) -> tuple[str, ...]:
        """The categories of the decision; empty when the template has none."""
        decision = self.roles.get(Role.DECISION)
        return decision.choices if decision else ()

    @cached_property
    def blank_values(self) -> dict[str, tuple[()] | None]:
        """What each field but the statuses holds while it is blank, by path."""
        return {f.path: () if f.is_list else None for f in self.all_fields if f.kind is not Kind.STATUS}

    @cached_property
    def status_shorts(self) -> tuple[str, ...]:
        """The short names of the steps' statuses, in the workflow's order."""
        return tuple(self.by_path[step.paths[0]].short for step in self.steps)

    @cached_property
    def stored_names(self) -> frozenset[str]:
        """The custom fields that hold canonical values; the record is not among them."""
        return frozenset(f.stored for f in self.all_fields)

    @cached_property
    def section_ids(self) -> tuple[str, ...]:
        """The sections in Govern's order: the Overview, then one a step."""
        return (OVERVIEW, *self.step_ids)

    def section(self, section_id: str) -> tuple[Field, ...]:
        """Return the template's own fields that stand in a section, in its order.

        Raises:
            InputError: no section has that id.
        """
        if section_id not in self.section_ids:
            raise InputError(f"unknown section {clipped(section_id)!r}: use {one_of(self.section_ids)}")
        fields_by_section = {section.id: section.fields for section in self.sections}
        paths = fields_by_section.get(section_id, ())
        if section_id == OVERVIEW:
            somewhere = {path for fields in fields_by_section.values() for path in fields}
            paths = (*paths, *(f.path for f in self.fields if f.path not in somewhere))
        return tuple(self.by_path[path] for path in paths)

    @cached_property
    def home(self) -> dict[str, str]:
        """The section in which each of the template's own fields is recorded: its step, else the Overview."""
        homes: dict[str, str] = {}
        for section_id in (*self.step_ids, OVERVIEW):
            for f in self.section(section_id):
                homes.setdefault(f.path, section_id)
        return homes

    @cached_property
    def qualification_step(self) -> Step | None:
        """The step that qualifies: the one with the decision, else with a rating; None where no step has either."""
        decision = self.roles.get(Role.DECISION)
        for f in (*([decision] if decision else []), *self.rated):
            home = self.home[f.path]
            if home != OVERVIEW:
                return self.step(home)
        return None

    @property
    def qualification_fields(self) -> tuple[Field, ...]:
        """The fields of the step that qualifies; none where no step does."""
        return self.section(self.qualification_step.id) if self.qualification_step else ()

    def step(self, text: str) -> Step:
        """Find a step by id or name, in any case, with `-`, `_` or blanks between words.

        Raises:
            InputError: no step has that id or name; the message lists them.
        """
        wanted = loose(checked_text(text, "the name of a step"))
        for step in self.steps:
            if wanted in (loose(step.id), loose(step.name)):
                return step
        raise InputError(f"unknown step {clipped(text)!r}: use {one_of(self.step_ids)}")

    def find(self, text: str) -> Field:
        """Find a field by path, name, stored name, role or label, in any case, with `-`, `_` or blanks between words.

        Raises:
            InputError: no field, or several by that label; the message lists similar ones.
        """
        if checked_text(text, "the name of a field") in self.by_path:
            return self.by_path[text]
        wanted = loose(text)
        spellings: tuple[Callable[[Field], str], ...] = (
            lambda f: f.path,
            lambda f: f.name,
            lambda f: f.short,
            lambda f: f.role.value if f.role else "",
            lambda f: f.label,
        )
        for spelling in spellings:
            matches = [f for f in self.all_fields if wanted and loose(spelling(f)) == wanted]
            if len(matches) == 1:
                return matches[0]
            if matches:
                paths = ", ".join(f.path for f in matches)
                raise InputError(f"{clipped(text)!r} is the name of several fields: use one of the paths {paths}")
        raise InputError(f"unknown field {clipped(text)!r}: {_meant(wanted, self.all_fields)}")

    def decision(self, text: str) -> str:
        """Return the exact decision for what a person typed (any case, `-`, `_`).

        Raises:
            InputError: no such decision; the message lists them.
        """
        wanted = loose(checked_text(text, "the name of a decision"))
        for name in self.decisions:
            if loose(name) == wanted:
                return name
        advice = f"use {one_of(self.decisions)}" if self.decisions else "this template has none"
        raise InputError(f"unknown decision {clipped(text)!r}: {advice}")

    def with_rules(self, rules: tuple[Rule, ...]) -> Blueprint:
        """The same template with rules added, as the plugin's settings do."""
        return replace(self, rules=self.rules + rules) if rules else self


def step_fields(step: Step) -> tuple[Field, Field, Field]:
    """The three stored fields of a step: status, notes, documents (Govern's `<step>_notes`, `<step>_docs`)."""
    status, notes, documents = step.paths
    label = f"{step.name}: status"
    return (
        Field(status, f"govern_status_{step.id}", None, Kind.STATUS, label, choices=STATUS_CHOICES),
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


def loose(text: str) -> str:
    """A name as it is compared: in any case, with `-`, `_` or blanks between words."""
    return " ".join(text.replace("-", " ").replace("_", " ").casefold().split())


def _meant(wanted: str, fields: Iterable[Field]) -> str:
    import difflib

    named = [f for f in fields if f.kind is not Kind.STATUS]
    spellings = {loose(text): f.label for f in named for text in (f.path, f.name, f.label)}
    close = dict.fromkeys(spellings[match] for match in difflib.get_close_matches(wanted, spellings, 3, 0.5))
    if close:
        return f"is {' or '.join(close)} meant?"
    return f"use a field's label such as {', '.join(f.label for f in named[:3])}, or its path"


def shipped_template(name: str) -> Blueprint:
    """Return a template that ships with this library, by the name of its file.

    `template_file.load` reads the same, but each command would wait for what it checks with.
    """
    stored = json.loads((Path(__file__).parents[1] / "blueprints" / f"{name}.json").read_bytes())
    roles = {field["path"]: Role(field["role"]) for field in stored["fields"] if "role" in field}
    return Blueprint(
        stored["id"],
        stored["version"],
        stored["name"],
        tuple(Step(**step) for step in stored["steps"]),
        tuple(RatingCategory(**category) for category in stored["ratings"]),
        tuple(Field(**{**f, "kind": Kind(f["kind"]), "role": roles.get(f["path"])}) for f in stored["fields"]),
        {name: tuple(categories) for name, categories in stored["lists"].items()},
        tuple(Section(section["id"], tuple(section["fields"])) for section in stored["sections"]),
    )


STANDARD = shipped_template("standard_project")
"""The standard template: the workflow of a project as Govern has it."""
