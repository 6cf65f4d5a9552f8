"""Projects to draw, and plan files of every kind made of them: YAML by the exporter, tables written here."""

from __future__ import annotations

import contextlib
import csv
import io
import re
import tempfile
from datetime import datetime, timezone
from pathlib import Path

import xlsxwriter
import yaml
from core.strategies import VALUES, as_stored
from core.strategies import sound_values as any_value_of
from hypothesis import strategies as st
from standard import build, decode, encode

from govern_mirror.model.blueprint import STANDARD, Kind
from govern_mirror.model.changes import initialize, synced
from govern_mirror.model.event import Actor, Source
from govern_mirror.model.item import ProjectFacts, values
from govern_mirror.model.values import text_of
from govern_mirror.plan_files.plan_file import groups, read_plan_file
from govern_mirror.report.formats import renderer
from govern_mirror.report.portfolio import Filters
from govern_mirror.sync.plan import Direction, plan_groups, taken_over

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
ACTOR = Actor("alice", Source.SYNC, NOW)
START, END = "overview.start_date", "overview.target_end_date"
FIELDS = {field.path: field for field in STANDARD.all_fields if field.kind is not Kind.DOCUMENTS}
STATUSES = tuple(path for path, field in FIELDS.items() if field.kind is Kind.STATUS)
COLUMNS = {
    **{f"overview.{name}": name for name in ("business_initiative", "sponsor", "start_date", "target_end_date")},
    **{f"overview.{name}": name for name in ("description", "countries", "sensitive_data", "technical_dimension")},
    **{f"qualification.{name}.rating": name for name in ("value", "risk", "feasibility", "cost")},
    **{f"qualification.{name}.comment": f"{name}_comment" for name in ("value", "risk", "feasibility", "cost")},
    "qualification.decision": "decision",
    "qualification.decision_comment": "decision_comment",
    **{f"steps.{step}.{part}": f"{step}_{part}" for step in STANDARD.step_ids for part in ("status", "notes")},
}
"""The columns once more, as the documentation has them."""
KINDS = (".yaml", ".csv", ".xlsx")

AWKWARD = (
    "none", "None ", "null", "~", "true", "yes", "No", "on", "7", "0x1F", "1e5", ".5", "1_000", "2026-03-01", "12:30",
    "- a\n- b\n", "a\nb", "a\n\n\nb", "  indented\nthen not", "trailing \nblank", "tab\there", "\ttab", "a: b", "# no",
    "x # y", "*alias", "&anchor", "!tag", "{a: b}", "[a]", "|", ">", "%", "@x", "`x`", "'", '"', "'=1", "\n", " ",
    "é 😀", "a\r\nb", "a\rb", "a\x85b", "a\u2028b", "\ufeffx", "<<", "=", "---", "...", "--- a\n...", "\u202egnirts",
    "-5 %", "two  blanks", "x" * 300, "word " * 60, ("line " * 30 + "\n") * 3, "_x000D_", "_x0041_", "<r>a</r>",
)  # fmt: skip
ERROR = re.compile(r"\s*(#\S+|Err:\d+)\s*")
"""A cell in error, as spreadsheets write it: refused when it is read, which tests/attack shows; so no text is one."""
people_text = (st.sampled_from(AWKWARD) | VALUES[Kind.TEXT]).filter(lambda text: not ERROR.fullmatch(text))


def value_of(path):
    field = FIELDS[path]
    return people_text if field.kind in (Kind.LINE, Kind.TEXT) else any_value_of(field)


some_values = st.fixed_dictionaries({}, optional={path: value_of(path) for path in FIELDS})


def in_order(changes, known):
    """The same changes without a target end date that would be before the start date."""
    start, end = ({**known, **changes}.get(path) for path in (START, END))
    if start and end and end < start:
        return {path: value for path, value in changes.items() if path not in (START, END)}
    return changes


def project_of(key, wanted, hand_edits=None):
    """A governed project that holds these values, written and read back; some are then edited in DSS."""
    facts = ProjectFacts(key, f"Project {key}", node_id="design")
    empty = {"customFields": {}, "tags": [], "checklists": {"checklists": []}}
    statuses = {path.split(".")[1]: value for path, value in wanted.items() if path in STATUSES}
    rest = {path: value for path, value in wanted.items() if path not in STATUSES}
    metadata = encode(synced(initialize(decode(empty, facts), {}, ACTOR), rest, statuses, None, ACTOR), empty, ACTOR)
    for path, value in (hand_edits or {}).items():
        metadata["customFields"][FIELDS[path].stored] = as_stored(value)
    return decode(metadata, facts)


@st.composite
def projects(draw, most=3):
    """Governed projects, some of them edited by hand in DSS since they were last written."""
    found = []
    for number in range(draw(st.integers(1, most))):
        wanted = in_order(draw(some_values), {})
        edits = in_order(draw(st.just({}) | st.just({}) | some_values), wanted)
        found.append(project_of(f"P_{number}", wanted, edits))
    return found


def ungoverned(key):
    return decode({"customFields": {}}, ProjectFacts(key, key, node_id="design"))


def held(project):
    """What a project holds, as texts by path; blank is None, a step that has not started is NOT_STARTED."""
    return {path: text_of(values(project)[path]) for path in FIELDS}


def exported(found, **given):
    return renderer("plan").render(build(found, Filters(include_ungoverned=True), NOW, node_id="design", **given))


class AsEditorsDo(yaml.SafeLoader):
    """YAML 1.2 as editors read it: dates are texts."""


AsEditorsDo.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
    for letter, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Quoting(yaml.SafeDumper):
    """Writes every text in quotes."""


Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def as_json(content):
    return yaml.load(content, AsEditorsDo)


def edited_yaml(content, edits):
    """An exported file in which somebody wrote other values; None clears."""
    document = as_json(content)
    for key, changes in edits.items():
        for path, text in changes.items():
            *rooms, name = path.split(".")
            here = document["projects"][key]
            for room in rooms:
                here = here.setdefault(room, {})
            here[name] = text
    return yaml.dump(document, Dumper=Quoting, sort_keys=False).encode("utf-8")


def table(found, edits):
    """Header and rows; what is blank in DSS is blank here, what somebody cleared says none."""
    marks = {each["key"]: each for each in (about(project) for project in found)}
    rows = [["project_key", "revision", "hand_edits", "node_id", *COLUMNS.values()]]
    for project in found:
        key = project.facts.project_key
        cells = {**{path: text or "" for path, text in held(project).items()}}
        cells |= {path: "none" if text is None else text for path, text in edits.get(key, {}).items()}
        mark = marks[key]
        rows.append([key, mark["revision"], mark["hand_edits"], "design", *(cells[path] for path in COLUMNS)])
    return rows


def about(project):
    """What an export says of a project besides its values."""
    entry = as_json(exported([project]))["projects"][project.facts.project_key]
    return {
        "key": project.facts.project_key,
        "revision": str(entry["revision"]),
        "hand_edits": entry.get("hand_edits", ""),
    }


def as_csv(rows, separator=",", end="\r\n", encoding="utf-8"):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    return text.getvalue().encode(encoding)


def as_xlsx(rows):
    file = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Projects")
        for line, row in enumerate(rows):
            for position, cell in enumerate(row):
                if cell != "":
                    sheet.write_string(line, position, cell)
    return file.getvalue()


def file_of(kind, found, edits=None):
    """A plan file of some kind with what the projects hold, and somebody's edits by key and path."""
    if kind == ".yaml":
        content = exported(found)
        return edited_yaml(content, edits) if edits else content
    rows = table(found, edits or {})
    return as_csv(rows) if kind == ".csv" else as_xlsx(rows)


@contextlib.contextmanager
def saved(content, name="plan.yaml"):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        yield path


def read(content, name="plan.yaml"):
    with saved(content, name) as path:
        return read_plan_file(path, STANDARD)


def planned(content, found, name="plan.yaml", direction=Direction.PULL, prefer=None):
    """What applying the file would do to the projects; each must be found."""
    paired, problems = groups(read(content, name), found)
    assert problems == []
    plans, others = plan_groups(paired, direction, prefer)
    assert others == () or direction is not Direction.PULL
    return plans


def writes(content, found, name="plan.yaml"):
    return {plan.project_key: dict(plan.writes) for plan in planned(content, found, name) if plan.writes}


def applied(content, found, name="plan.yaml"):
    """The projects afterwards."""
    by_key = {plan.project_key: plan for plan in planned(content, found, name)}
    after = []
    for project in found:
        plan = by_key.get(project.facts.project_key)
        after.append(taken_over(project, plan, project.sync_base, ACTOR) if plan else project)
    return after
