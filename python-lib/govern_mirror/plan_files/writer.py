"""The report as a plan file: the state of the governed projects as YAML, to edit, review in Git and apply again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import yaml

from govern_mirror.model.blueprint import Kind, Role, Status
from govern_mirror.model.item import Governance, Item, values
from govern_mirror.model.values import Value, is_blank, text_of
from govern_mirror.nested import put
from govern_mirror.plan_files.entry import MAX_VALUE, fields
from govern_mirror.plan_files.plan_file import FORMAT_VERSION, hand_edits
from govern_mirror.plan_files.yaml_reader import is_plain_text
from govern_mirror.report.formats import Renderer
from govern_mirror.report.portfolio import Portfolio
from govern_mirror.text import clean, one_line

HEADER = """\
# The state of these projects as govern-mirror report --format plan wrote it. Edit and review it, then apply it with
# govern-mirror sync apply. A key that is left out leaves the value as it is, none clears it. Leave revision as it is:
# it tells your edits from those made in DSS since.
"""

MAX_NAME_LENGTH = 80

_OTHER_NEWLINE = re.compile("[\r\x85\u2028\u2029]")


class PlanReport(Renderer):
    """Renders the governed projects by their keys; others follow as comments."""

    def render(self, portfolio: Portfolio) -> bytes:
        """The file. The same projects give the same bytes, whatever the order and the time."""
        projects = sorted((row.project for row in portfolio.rows), key=lambda project: project.facts.project_key)
        head: dict[str, Any] = {"format_version": FORMAT_VERSION}
        if portfolio.node_id:
            head["node_id"] = clean(portfolio.node_id)
        governed = [project for project in projects if project.is_governed]
        parts = [HEADER, _yaml(head), "projects:\n" if governed else "projects: {}\n"]
        parts += [_governed(project) for project in governed]
        parts += _others(project for project in projects if not project.is_governed)
        for unread in portfolio.unreadable:
            parts.append(f"# {one_line(unread.project_key)} could not be read: {one_line(unread.message)}\n")
        return "".join(parts).encode("utf-8")


def _governed(project: Item) -> str:
    comments = []
    facts = project.facts
    if facts.name and facts.name != facts.project_key:
        comments.append(one_line(facts.name, MAX_NAME_LENGTH))
    values_by_path = values(project)
    start, end = project.date_of_role(Role.START), project.date_of_role(Role.TARGET_END)
    if start and end and end < start:
        comments.append(f"left out: the target end date {end} is before the start date {start}")
        del values_by_path[project.blueprint.roles[Role.TARGET_END].path]
    entry: dict[str, Any] = {"revision": project.revision}
    edited = hand_edits(project)
    if edited is not None:
        entry["hand_edits"] = edited
    has_started = project.workflow.has_started
    for field in fields(project.blueprint):
        value = values_by_path.get(field.path)
        if is_blank(value) or (field.kind is Kind.STATUS and not has_started):
            continue
        if isinstance(value, str) and len(value) > MAX_VALUE:
            comments.append(f"left out: {field.path} is longer than {MAX_VALUE:,} characters")
            continue
        put(entry, tuple(field.path.split(".")), _plain(value))
    # the entry stands below `projects:`, which was written once for all
    _, _, body = _yaml({"projects": {clean(facts.project_key): entry}}).partition("\n")
    return "".join(f"  # {comment}\n" for comment in comments) + body


def _others(projects: Iterable[Item]) -> list[str]:
    lines = []
    for project in projects:
        key = one_line(project.facts.project_key)
        if project.state is Governance.COPIED:
            lines.append(f"# {key} is a copy of a governed project: govern-mirror init {key} --adopt\n")
        else:
            lines.append(f"# {key} is not governed: write `{key}: {{}}` among the projects to govern it\n")
    return lines


def _plain(value: Value) -> Any:
    """A value as YAML shows it: categories as words, dates as dates, people's text as text."""
    if isinstance(value, Status):
        return value.value
    if isinstance(value, tuple):
        return text_of(value)
    return clean(value) if isinstance(value, str) else value


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """libyaml's emitter where PyYAML was built with it."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _text_node(dumper: Any, text: str) -> Any:
    """Text of several lines as a block; what another reader of YAML could take for a number, in quotes."""
    if _OTHER_NEWLINE.search(text):
        style: str | None = '"'
    # libyaml takes an open end for the document's, and marks it
    elif "\n" in text and not text[0].isspace() and not text.endswith("\n\n"):
        style = "|"
    else:
        style = None if is_plain_text(text) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text_node)


def _yaml(value: object) -> str:
    text: str = yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, default_flow_style=False, width=10_000
    )
    return text
