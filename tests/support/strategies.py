"""What the property tests draw: project metadata sound, foreign and damaged, and what people do to a project."""

import copy
import json
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone

from hypothesis import strategies as st
from standard import LAYOUT, Layout, decode, encode

from govern_mirror.errors import MoveRefused
from govern_mirror.metadata.projection import CHECKLIST_TITLE
from govern_mirror.metadata.record import record_json
from govern_mirror.model import changes
from govern_mirror.model.blueprint import RECORD_FIELD, STANDARD, Field, Kind, Status
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import ProjectFacts
from govern_mirror.model.values import Document, with_document
from govern_mirror.model.workflow import StepState, Workflow

NOW = datetime(2026, 6, 1, 8, tzinfo=timezone.utc)
EDITED_ON = datetime(2026, 7, 14, 15, 30, tzinfo=timezone.utc)
ALICE = Actor("alice", Source.CLI, NOW)
FACTS = ProjectFacts("CHURN", name="Churn", node_id="design-1", last_modified_by="bob", last_modified_on=EDITED_ON)
STEPS = STANDARD.step_ids
RATINGS = ("Low", "Medium low", "Medium high", "High")
DECISIONS = ("Go", "No go", "On hold")
DIMENSIONS = ("value", "risk", "feasibility", "cost")
STATUSES = tuple(Status)
FIELDS = {field.stored: field for field in STANDARD.all_fields}
OUR_TAGS = frozenset(f"govern:{step}" for step in STEPS)

# texts and JSON ---------------------------------------------------------------------------------------------

any_character = st.characters(exclude_categories=())
"""Any code point, lone surrogates included."""

any_text = st.text(any_character, max_size=30) | st.sampled_from(["\ud800", "a\udfffb", "\x00", "\u2028", "é" * 300])
storable_text = st.text(max_size=40) | st.sampled_from(
    ["-->", "<!-- {} -->", "line\nline\r\n", "\u2028", "1. x <!-- {} -->", "x" * 500, "😀", "[a](b) | `c` #", "\x00"]
)
people_text = storable_text.filter(bool)
"""Text as people give it: any Unicode that UTF-8 can hold, not empty."""


def json_values(max_leaves: int = 6) -> st.SearchStrategy:
    scalars = (
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | any_text
        | st.integers(10**30, 10**40)
    )
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_text, inner, max_size=3),
        max_leaves=max_leaves,
    )


def nested(depth: int) -> list:
    found: list = ["bottom"]
    for _ in range(depth):
        found = [found]
    return found


# values of the fields ---------------------------------------------------------------------------------------

dates = st.dates(date(1900, 1, 1), date(2199, 12, 31))
documents = st.builds(
    Document,
    storable_text,
    people_text.map(lambda text: "https://example.com/" + text) | st.sampled_from(["/projects/X/", "mailto:a@b.c"]),
)
document_lists = st.lists(documents, max_size=3).map(tuple)

one_line = people_text.map(lambda text: " ".join(text.split())).filter(bool)
"""What a field of one line keeps of a text."""

names = one_line.map(lambda text: " ".join(text.replace(",", " ").split())).filter(bool)
numbers = st.integers(-(10**14), 10**14) | st.floats(-1e14, 1e14).filter(lambda number: not number.is_integer())
VALUES = {
    Kind.RATING: st.sampled_from(RATINGS),
    Kind.CATEGORY: st.sampled_from(DECISIONS),
    Kind.DATE: dates,
    Kind.LINE: one_line,
    Kind.REFERENCE: one_line,
    Kind.TEXT: people_text,
    Kind.NUMBER: numbers,
    Kind.FLAG: st.booleans(),
    Kind.DOCUMENTS: document_lists.filter(bool),
    Kind.PEOPLE: st.lists(names, min_size=1, max_size=3, unique=True).map(tuple),
    Kind.STATUS: st.sampled_from(STATUSES),
}
"""A value of each kind of the standard template that is not blank, as the library holds it."""


def sound_values(field: Field) -> st.SearchStrategy:
    """A value of a field that is not blank, as the library holds it."""
    if field.several:
        return st.sets(st.sampled_from(field.choices), min_size=1).map(
            lambda chosen: tuple(choice for choice in field.choices if choice in chosen)
        )
    if field.choices and field.kind is not Kind.STATUS:
        return st.sampled_from(field.choices)
    return VALUES[field.kind]


def as_stored(value):
    """A value as DSS keeps it, written here once more so that encode is checked against something."""
    if isinstance(value, Status):
        return value.value
    if isinstance(value, date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, tuple):
        return [{"from": each.title, "to": each.url} if isinstance(each, Document) else each for each in value]
    return value


def stored_values(field: Field) -> st.SearchStrategy:
    """A sound stored value of a field, not blank."""
    if field.kind is Kind.PEOPLE:
        return sound_values(field).map(", ".join)
    return sound_values(field).map(as_stored)


not_texts = st.booleans() | st.integers() | st.dictionaries(any_text, any_text, max_size=2) | st.just([["x"]])
not_lists = st.booleans() | st.integers() | people_text | st.dictionaries(any_text, any_text, max_size=2)
not_scalars = st.dictionaries(any_text, any_text, max_size=2) | st.just([["x"]])
_DAMAGED = {
    Kind.RATING: not_texts | st.sampled_from(["high", "HIGH", " High", "Medium-low", "5", "\ud800", "NONE"]),
    Kind.CATEGORY: not_texts | st.sampled_from(["go", "GO ", "No-go", "Maybe", "\udfff", "yes"]),
    Kind.STATUS: not_texts | st.sampled_from(["finished", "DONE", "On going", "ONGOING ", "\ud800" * 90]),
    Kind.DATE: not_texts
    | st.sampled_from(
        ["soon", "2026-13-01", "2026-02-30", "01/02/2026", "0026-01-01", "9999-12-31", "2026-06-01T08:00"]
    ),
    Kind.LINE: not_texts,
    Kind.TEXT: not_texts,
    Kind.REFERENCE: not_texts,
    Kind.NUMBER: not_scalars | st.booleans() | st.sampled_from(["many", "NaN", "1_0", 1e15, -1e300, 10**400, "1e999"]),
    Kind.FLAG: not_scalars | st.integers() | st.sampled_from(["perhaps", "1", "yes!"]),
    Kind.PEOPLE: st.booleans() | st.integers() | not_scalars,
    Kind.DOCUMENTS: not_lists
    | st.sampled_from([[None], ["https://a.b"], [{"from": "a"}], [{"from": 1, "to": "https://a.b"}], [{"to": ""}]])
    | st.sampled_from([[{"from": "", "to": "javascript:alert(1)"}], [{"from": "", "to": "java\tscript:alert(1)"}]]),
}


def damaged_values(field: Field) -> st.SearchStrategy:
    """A stored value of a field that is certainly not valid."""
    if field.several:
        return not_lists | st.sampled_from([[None], [["x"]], ["analytics"], [field.choices[0], "Magic"]])
    return _DAMAGED[field.kind]


DAMAGED = {name: damaged_values(field) for name, field in FIELDS.items()}
"""Stored values that are certainly not valid, by the custom field."""

damaged_fields = st.sampled_from(sorted(FIELDS)).flatmap(lambda name: st.tuples(st.just(name), DAMAGED[name]))
"""One stored field and a value that is not valid in it."""


# metadata ---------------------------------------------------------------------------------------------------

foreign_tags = st.lists(
    (any_text | st.sampled_from(["govern:", "govern:other", "Govern:delivery", "pii"])).filter(
        lambda tag: tag not in OUR_TAGS
    ),
    max_size=4,
)
foreign_checklists = st.lists(
    st.fixed_dictionaries(
        {
            "title": (any_text | st.sampled_from(["govern workflow", "Launch"])).filter(lambda t: t != CHECKLIST_TITLE),
            "items": st.lists(st.fixed_dictionaries({"text": any_text, "done": st.booleans()}), max_size=3),
        },
        optional={"createdOn": st.integers(0, 2**41), "other": json_values(3)},
    ),
    max_size=3,
)
OURS = frozenset(FIELDS) | {RECORD_FIELD}
foreign_fields = st.dictionaries(
    (any_text | st.sampled_from(["cost_center", "govern_other", "govern_status_"])).filter(lambda key: key not in OURS),
    json_values(),
    max_size=4,
)
TOP = frozenset({"tags", "checklists", "customFields"})


@st.composite
def foreign_metadata(draw) -> dict:
    """Metadata of a project that nobody governs, in DSS's shape, with everything of other people in it."""
    metadata = {"label": draw(any_text), "shortDesc": draw(any_text)}
    metadata |= draw(st.dictionaries(any_text.filter(lambda key: key not in TOP), json_values(), max_size=3))
    holder = {"checklists": draw(foreign_checklists)} | draw(st.sampled_from([{}, {"unknown": [1, None]}]))
    parts = {"tags": draw(foreign_tags), "checklists": holder, "customFields": draw(foreign_fields)}
    for key in draw(st.permutations(sorted(parts))):
        metadata[key] = parts[key]
    return metadata


PLAIN = {"label": "Churn", "tags": ["pii"], "checklists": {"checklists": []}, "customFields": {"cost_center": "42"}}


def foreign_part(metadata) -> str:
    """All of a metadata document that is none of our business, byte for byte and in its order."""
    rest = {key: value for key, value in metadata.items() if key not in TOP}
    fields, tags = metadata.get("customFields"), metadata.get("tags")
    rest["customFields"] = [(k, v) for k, v in fields.items() if k not in OURS] if isinstance(fields, dict) else fields
    rest["tags"] = [tag for tag in tags or () if not (isinstance(tag, str) and tag in OUR_TAGS)]
    holder = metadata.get("checklists") or {}
    rest["checklists"] = [item for item in holder.get("checklists", []) if item.get("title") != CHECKLIST_TITLE]
    rest["holder"] = {key: value for key, value in holder.items() if key != "checklists"}
    return json.dumps(rest)


_damaged_items = st.one_of(
    json_values(4), st.fixed_dictionaries({"title": st.just(CHECKLIST_TITLE)}, optional={"items": json_values(4)})
)
EVENT = {"number": 1, "at": "2026-06-01T08:00:00Z", "by": "alice", "source": "cli", "what": "initialize"}


@st.composite
def damaged_records(draw) -> object:
    """What may stand in `govern_record` after people, other tools or accidents were there."""
    kind = draw(st.sampled_from(["json", "text", "value", "parts", "deep", "huge"]))
    if kind == "json":
        return draw(st.dictionaries(any_text, json_values(), max_size=3).map(json.dumps))
    if kind == "text":
        return draw(
            any_text | st.sampled_from(["{", "null", "[]", "[" * 100_000, '"', "NaN", "1" * 5000, '{"schema":1}'])
        )
    if kind == "value":
        return draw(json_values())
    if kind == "deep":
        key = draw(st.sampled_from(["events", "steps", "digest", "schema", "node_id", "unknown"]))
        return json.dumps({"schema": 1, key: nested(200)})
    if kind == "huge":
        return json.dumps({"schema": 1, "digest": {}, "unknown": "x" * 20_000})
    keys = ["schema", "node_id", "project_key", "revision", "origins", "steps", "events", "last_event", "moved_events"]
    keys += ["digest", "blueprint", "sync"]
    nearly = st.sampled_from(
        [
            {"exploration": {"started_on": "yesterday"}},
            {"exploration": {"by": 5}},
            {"value": "guess"},
            {"status_exploration": 5},
            [EVENT, {**EVENT, "number": 0}],
            [{**EVENT, "at": "0001-01-01T00:00:00+23:59"}],
            [{**EVENT, "at": "2026-06-01"}],
            [EVENT, EVENT],
            -1,
            True,
            1,
            2,
            10**30,
        ]
    )
    return json.dumps(
        {"schema": 1, **draw(st.dictionaries(st.sampled_from(keys), nearly | json_values(4), max_size=6))}
    )


@st.composite
def any_metadata(draw) -> dict:
    """Metadata in any state: sound, damaged, governed by halves, or nothing DSS ever wrote."""
    metadata = draw(foreign_metadata() | st.dictionaries(any_text, json_values(), max_size=2))
    fields = draw(
        st.fixed_dictionaries(
            {},
            optional={name: stored_values(field) | DAMAGED[name] for name, field in FIELDS.items()},
        )
        | st.dictionaries(st.sampled_from(sorted(OURS)), json_values(), max_size=4)
        | st.just({})
    )
    if draw(st.booleans()):
        fields[RECORD_FIELD] = draw(damaged_records())
    if fields:
        metadata["customFields"] = {**(metadata.get("customFields") or {}), **fields}
    elif draw(st.booleans()):
        metadata["customFields"] = draw(json_values())
    if draw(st.booleans()):
        metadata["tags"] = draw(
            json_values() | st.lists(st.sampled_from(sorted(OUR_TAGS)) | json_values(2), max_size=3)
        )
    if draw(st.booleans()):
        metadata["checklists"] = draw(
            json_values() | st.fixed_dictionaries({"checklists": json_values(2) | st.lists(_damaged_items, max_size=3)})
        )
    return metadata


# workflows --------------------------------------------------------------------------------------------------


def workflow_of(statuses) -> Workflow:
    """A workflow in the given statuses, with times as moves would have left them."""
    steps = []
    for position, (step, status) in enumerate(zip(STANDARD.steps, statuses, strict=True)):
        began, ended = NOW - timedelta(days=30 - position), NOW - timedelta(days=29 - position)
        times = {
            Status.NOT_STARTED: (None, None),
            Status.ONGOING: (began, None),
            Status.FINISHED: (began, ended),
            Status.SKIPPED: (None, ended),
        }[status]
        steps.append(StepState(step.id, step.name, status, *times, by="carol"))
    return Workflow(tuple(steps))


def letters(workflow: Workflow) -> str:
    """The statuses as one letter each, e.g. `FFONN`: what the model of the tests works on."""
    return "".join(step.status.value[0] for step in workflow.steps)


def from_letters(text: str) -> tuple[Status, ...]:
    return tuple(next(status for status in Status if status.value[0] == letter) for letter in text)


reasons = people_text.filter(str.strip)
moves = (
    st.builds(
        Move,
        st.sampled_from([kind for kind in MoveKind if kind is not MoveKind.SKIP]),
        st.sampled_from(STEPS),
        st.none() | people_text,
    )
    | st.builds(Move, st.just(MoveKind.SKIP), st.sampled_from(STEPS), reasons)
    | st.just(Move(MoveKind.ADVANCE))
)


# what people do ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """One change by the library, to be made on whatever the project is then."""

    kind: str
    arguments: tuple = ()

    def __call__(self, project, actor=ALICE):
        if self.kind == "document":
            step, added = self.arguments
            path = f"steps.{step}.documents"
            listed = with_document(project.values[path], added) if added else ()
            return changes.edit(project, {path: listed}, actor)
        return getattr(changes, self.kind)(project, *self.arguments, actor)

    def tried(self, project, actor=ALICE):
        """The change, or the very same project when the workflow refuses it."""
        try:
            return self(project, actor)
        except MoveRefused:
            return project


def _some(paths, clearing: bool = True) -> st.SearchStrategy:
    fields = {path: STANDARD.by_path[path] for path in paths}
    return st.fixed_dictionaries(
        {},
        optional={
            path: sound_values(field) | st.just(field.blank) if clearing else sound_values(field)
            for path, field in fields.items()
        },
    )


OVERVIEW_PATHS = (
    *(path for path in STANDARD.by_path if path.startswith("overview.")),
    "qualification.value.rating",
    "qualification.risk.rating",
)
QUALIFICATION_PATHS = (
    *(path for path in STANDARD.by_path if path.startswith("qualification.")),
    "steps.qualification.notes",
)
overviews = _some(OVERVIEW_PATHS, clearing=False)
qualifications = _some(QUALIFICATION_PATHS)


def noted(step: str, text: str | None) -> Change:
    """Write a note on a step; None clears it."""
    return Change("edit", ({f"steps.{step}.notes": text},))


def documented(step: str, document: Document | None) -> Change:
    """Add a document to those of a step, as an input does; None clears them."""
    return Change("document", (step, document))


initializations = st.builds(lambda overview: Change("initialize", (overview,)), overviews)
deeds = st.one_of(
    moves.map(lambda move: Change("move", (move,))),
    qualifications.map(lambda values: Change("edit", (values,))),
    st.tuples(st.sampled_from(STEPS), st.none() | people_text).map(lambda given: noted(*given)),
    st.tuples(st.sampled_from(STEPS), st.none() | documents).map(lambda given: documented(*given)),
    initializations,
)
"""Any change to a governed project."""


def later(minutes: int, actor: Actor = ALICE) -> Actor:
    return replace(actor, now=NOW + timedelta(minutes=minutes))


def write(metadata, change, actor: Actor = ALICE, facts: ProjectFacts = FACTS, layout: Layout = LAYOUT) -> dict:
    """One whole write as the store does it: decode, change, encode."""
    project = decode(metadata, facts, layout)
    act = change.tried if isinstance(change, Change) else change
    return encode(act(project, actor), metadata, actor, layout)


def initialized(metadata=PLAIN, overview=None, facts: ProjectFacts = FACTS, layout: Layout = LAYOUT) -> dict:
    """The metadata once its project is governed."""
    return write(copy.deepcopy(dict(metadata)), Change("initialize", (overview or {},)), ALICE, facts, layout)


def stored_record(metadata) -> dict:
    return json.loads(metadata["customFields"][RECORD_FIELD])


def with_record(metadata, **keys) -> dict:
    """The metadata with some keys of its record replaced, by somebody who knows how the check is made."""
    changed = copy.deepcopy(metadata)
    changed["customFields"][RECORD_FIELD] = record_json({**stored_record(metadata), **keys})
    return changed


def with_field(metadata, name: str, value) -> dict:
    """The metadata after somebody edited one custom field in DSS; None: took it away."""
    changed = copy.deepcopy(metadata)
    if value is None:
        changed["customFields"].pop(name, None)
    else:
        changed["customFields"][name] = value
    return changed


@st.composite
def governed_metadata(draw, base=None, most: int = 4) -> dict:
    """The metadata of a governed project after some changes, every one written."""
    metadata = write(draw(base if base is not None else st.just(PLAIN)), draw(initializations))
    for minute, deed in enumerate(draw(st.lists(deeds, max_size=most)), 1):
        metadata = write(metadata, deed, later(minute))
    return metadata
