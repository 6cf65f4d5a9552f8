"""The formats of the registry: for machines with the same columns whatever it lists, for people with those that tell.

Not among them are what is of projects alone: a plan, and the mail of the report, which tells of items what needs
attention. The table for the terminal belongs to the command line, as that of the report does.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from govern_mirror import fast_json
from govern_mirror.errors import InputError
from govern_mirror.report import wording
from govern_mirror.report.columns import Cell, Column, Type
from govern_mirror.report.csv_report import csv_document
from govern_mirror.report.html_templates import TEMPLATES, templates
from govern_mirror.report.markdown_report import MAX_MESSAGE_LENGTH, MAX_ROWS, link, table
from govern_mirror.report.registry import Registry, RegistryKind, RegistryRow, registry_json
from govern_mirror.report.wording import BLANK
from govern_mirror.text import clipped, markdown_text
from govern_mirror.times import iso_time

COLUMNS: tuple[Column, ...] = (
    Column("project_key", Type.TEXT, lambda row: row.address.project_key),
    Column("project_name", Type.TEXT, lambda row: row.project_name),
    Column("model", Type.TEXT, lambda row: row.model),
    Column("item", Type.TEXT, lambda row: row.item),
    Column("address", Type.TEXT, lambda row: str(row.address)),
    Column("kind", Type.TEXT, lambda row: row.address.kind.value),
    Column("made_on", Type.TIME, lambda row: iso_time(row.made_on)),
    Column("made_by", Type.TEXT, lambda row: row.made_by),
    Column("active", Type.FLAG, lambda row: row.is_active),
    Column("approval", Type.TEXT, lambda row: row.approval.value),
    Column("status", Type.TEXT, lambda row: row.signoff.value if row.signoff else None),
    Column("unchanged", Type.FLAG, lambda row: row.is_unchanged),
    Column("approved", Type.FLAG, lambda row: row.is_approved),
    Column("active_not_approved", Type.FLAG, lambda row: row.is_active_unapproved),
    Column("deployed_on", Type.TEXT, lambda row: _places(row)),
    Column("deployed_without_approval", Type.FLAG, lambda row: row.is_deployed_unapproved),
    Column("standards_severity", Type.INTEGER, lambda row: row.standards.severity if row.standards else None),
    Column("standards", Type.TEXT, lambda row: row.standards.label if row.standards else None),
    Column("standards_on", Type.TIME, lambda row: iso_time(row.standards.ran_on) if row.standards else None),
    Column("url", Type.TEXT, lambda row: row.link),
    Column("problem", Type.TEXT, lambda row: None),
)
"""For CSV and XLSX; the order is a contract that only grows. Of a project that could not be read, key and `problem`."""


@dataclass(frozen=True)
class PeopleColumn:
    """A column for people: its heading, and what a row has there."""

    heading: str
    of: Callable[[RegistryRow], str | None]


def people_columns(kind: RegistryKind) -> list[PeopleColumn]:
    """Return the columns for people, without those in which this kind of item has nothing."""
    project = [
        PeopleColumn("Project", lambda row: row.address.project_key),
        PeopleColumn("Name", lambda row: row.project_name),
    ]
    review = PeopleColumn("Review", lambda row: row.words)
    last = [PeopleColumn("Attention", attention), PeopleColumn("Project Standards", _standards)]
    if kind is RegistryKind.BUNDLES:
        return [
            *project,
            PeopleColumn("Bundle", lambda row: row.item),
            PeopleColumn("Exported", lambda row: _day(row.made_on)),
            PeopleColumn("By", lambda row: row.made_by),
            review,
            PeopleColumn("Deployed on", _places),
            *last,
        ]
    return [
        *project,
        PeopleColumn("Model", lambda row: row.model),
        PeopleColumn("Version", lambda row: row.item),
        PeopleColumn("Trained", lambda row: _day(row.made_on)),
        PeopleColumn("Active", lambda row: "yes" if row.is_active else "no"),
        review,
        *last,
    ]


def attention(row: RegistryRow) -> str | None:
    """Return what is wrong with a row, for people; None when nothing is."""
    if row.is_active_unapproved:
        return "active, not approved"
    return "deployed without approval" if row.is_deployed_unapproved else None


def _places(row: RegistryRow) -> str | None:
    return ", ".join(map(str, row.deployed_on or ())) or None


def _standards(row: RegistryRow) -> str | None:
    if row.standards is None:
        return None
    on = _day(row.standards.ran_on)
    return f"{row.standards.label}, {on}" if on else row.standards.label


def _day(at: datetime | None) -> str | None:
    return None if at is None else f"{at.astimezone(timezone.utc):%Y-%m-%d}"


def counts_text(registry: Registry) -> str:
    """Return what is counted, on one line."""
    parts = [f"{label}: {number}" for label, number in registry.counts]
    parts.append(wording.count(registry.projects, "governed project"))
    if registry.deployments is not None:
        parts.append(f"{wording.count(registry.deployments, 'deployment')} seen")
    return " · ".join(parts)


_PAGE_STYLE = "body { margin: 0; background: #ffffff; } body > .govern-mirror { max-width: 1500px; padding: 20px; }\n"
"""What a page of its own needs besides the style of a fragment."""


# the formats --------------------------------------------------------------------------------------------------------


def render_registry(registry: Registry, form: str) -> bytes:
    """Return the registry in one of `REGISTRY_FORMATS`; text is UTF-8.

    Raises:
        InputError: it is not made in this format.
    """
    require_registry_format(form)
    return REGISTRY_FORMATS[form](registry)


def require_registry_format(form: str) -> None:
    """Refuse a format that no registry is made in.

    Raises:
        InputError: it is one.
    """
    if form not in REGISTRY_FORMATS:
        formats = ", ".join(REGISTRY_FORMATS)
        raise InputError(f"a registry of bundles or models is not made in the format {clipped(form)!r}: use {formats}")


def _csv(registry: Registry) -> bytes:
    return csv_document(COLUMNS, registry.rows, _unreadable(registry))


def _json(registry: Registry) -> bytes:
    document = registry_json(registry)
    rows = b",\n  ".join(fast_json.dumps(row) for row in document.pop("rows"))
    head = fast_json.dumps(document).removesuffix(b"}")
    # the same text for readers of JSON; a CI system finds no command in its log (see `govern_mirror.text`)
    return (b'%s,\n "rows": [\n  %s\n ]\n}\n' % (head, rows)).replace(b"##", b"#\\u0023")


def _xlsx(registry: Registry) -> bytes:
    # XlsxWriter takes a while to import
    from govern_mirror.report.xlsx_report import data_sheet, summary_sheet, workbook

    file = io.BytesIO()
    title = f"{registry.kind.heading} of governed projects"
    generated_on = registry.generated_on.astimezone(timezone.utc).replace(tzinfo=None, microsecond=0)
    lines: list[tuple[str, Cell | datetime]] = [
        ("Instance", registry.node_id or BLANK),
        ("Generated on (UTC)", generated_on),
        ("Governed projects", registry.projects),
        *registry.counts,
        ("Deployments seen", BLANK if registry.deployments is None else registry.deployments),
        ("Projects that could not be read, or not whole", len(registry.unreadable)),
        *[("Not looked at", remark) for remark in registry.remarks],
    ]
    with workbook(file, title, registry.generated_on) as book:
        data_sheet(book, registry.kind.heading, COLUMNS, registry.rows, _unreadable(registry))
        summary_sheet(book, title, lines)
    return file.getvalue()


def _unreadable(registry: Registry) -> list[Mapping[str, Cell]]:
    blank: dict[str, Cell] = dict.fromkeys(column.name for column in COLUMNS)
    return [{**blank, "project_key": item.project_key, "problem": item.message} for item in registry.unreadable]


def _markdown(registry: Registry) -> bytes:
    parts = [
        f"# {registry.kind.heading} of governed projects",
        _origin(registry),
        _markdown_text(counts_text(registry)),
    ]
    parts += [f"**{_markdown_text(remark[:1].upper() + remark[1:])}**" for remark in registry.remarks]
    columns = people_columns(registry.kind)
    if registry.rows:
        rows = registry.rows[:MAX_ROWS]
        parts.append(table([column.heading for column in columns], (_cells(row, columns) for row in rows)))
    else:
        parts.append(nothing_text(registry))
    left_out = len(registry.rows) - MAX_ROWS
    if left_out > 0:
        parts.append(
            f"{left_out} more are in the whole registry: `govern-mirror report --items {registry.kind.value} "
            f"--format csv`."
        )
    if registry.unreadable:
        lines = [
            (markdown_text(item.project_key), markdown_text(item.message, MAX_MESSAGE_LENGTH) or BLANK)
            for item in registry.unreadable[:MAX_ROWS]
        ]
        parts += ["## Not read", table(("Project", "Why"), lines)]
    return ("\n\n".join(parts) + "\n").encode("utf-8", "replace")


def _markdown_text(text: str) -> str:
    return markdown_text(text, wording.MAX_SENTENCE_LENGTH)


def nothing_text(registry: Registry) -> str:
    """Return what is said where there is no row."""
    if not registry.projects:
        return "No governed project is among those that you see and that the filters leave."
    what = "bundle" if registry.kind is RegistryKind.BUNDLES else "version of a model or agent"
    return f"No {what} is in {wording.count(registry.projects, 'governed project')}."


def _origin(registry: Registry) -> str:
    at = wording.time_label(registry.generated_on)
    return f"Instance **{markdown_text(registry.node_id)}** · {at}" if registry.node_id else at


def _cells(row: RegistryRow, columns: list[PeopleColumn]) -> list[str]:
    texts = [column.of(row) for column in columns]
    cells = [markdown_text(text) or BLANK if text else BLANK for text in texts]
    cells[0] = link(row.address.project_key, row.link)
    return cells


def _html(registry: Registry) -> bytes:
    style = (TEMPLATES / "portfolio.css").read_text(encoding="utf-8") + _PAGE_STYLE
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    html = templates().get_template("registry.html").render(policy=policy, style=style, **_view(registry, None))
    return html.encode("utf-8", "replace")


def registry_fragment(registry: Registry, limit: int) -> str:
    """Return the registry inside one element, for the result of a macro: the first rows."""
    style = (TEMPLATES / "portfolio.css").read_text(encoding="utf-8")
    html = templates().get_template("registry_fragment.html").render(style=style, **_view(registry, limit))
    return html.encode("utf-8", "replace").decode("utf-8")


def _view(registry: Registry, limit: int | None) -> dict[str, Any]:
    rows = registry.rows[:limit]
    return {
        "registry": registry,
        "title": f"{registry.kind.heading} of governed projects",
        "generated_on": wording.time_label(registry.generated_on),
        "counts": counts_text(registry),
        "columns": people_columns(registry.kind),
        "rows": rows,
        "left_out": len(registry.rows) - len(rows),
        "nothing": nothing_text(registry),
        "attention": attention,
    }


REGISTRY_FORMATS: dict[str, Callable[[Registry], bytes]] = {
    "html": _html,
    "json": _json,
    "csv": _csv,
    "xlsx": _xlsx,
    "markdown": _markdown,
}
"""By the names of the report's formats."""

BINARY_FORMATS = frozenset({"xlsx"})
"""Those that a terminal cannot show."""
