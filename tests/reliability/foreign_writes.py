"""What somebody else writes between two requests of a command: a new kind is one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reliability.content import TIMELINE
from reliability.world import World

METADATA, OURS, WIKI, GOVERN, ACCESS = "metadata", "ours", "wiki", "govern", "access"


class NothingThere(Exception):
    """What somebody would write does not exist at that moment."""


@dataclass(frozen=True)
class ForeignWrite:
    """Something that somebody else writes.

    Attributes:
        name: its name in test ids.
        area: the document that it changes: the metadata's foreign part, our own fields, the wiki, Govern, or rights.
        write: does it.
        is_there: whether it is there afterwards.
        key: the project.
    """

    name: str
    area: str
    write: Callable[[World], object]
    is_there: Callable[[World], bool]

    def __str__(self) -> str:
        return self.name


def _metadata(
    name: str, area: str, change: Callable[[dict[str, Any]], object], holds: Callable[[dict[str, Any]], bool]
) -> ForeignWrite:
    return ForeignWrite(
        name, area, lambda world: world.edit("P", change), lambda world: holds(world.sandbox.metadata("P"))
    )


def _key(name: str, value: Any) -> ForeignWrite:
    return _metadata(
        f"metadata-{name}", METADATA, lambda found: found.update({name: value}), lambda found: found.get(name) == value
    )


def _field(name: str, value: Any, area: str = METADATA) -> ForeignWrite:
    return _metadata(
        f"field-{name}",
        area,
        lambda found: found["customFields"].update({name: value}),
        lambda found: found["customFields"].get(name) == value,
    )


def _add_checklist(metadata: dict[str, Any]) -> None:
    metadata["checklists"]["checklists"].append({"title": "Theirs", "createdOn": 1700000000001, "items": []})


def _tick(metadata: dict[str, Any]) -> None:
    for checklist in metadata["checklists"]["checklists"]:
        if checklist["title"] == "Before go-live":
            checklist["items"][0]["done"] = True


def _is_ticked(metadata: dict[str, Any]) -> bool:
    lists = metadata["checklists"]["checklists"]
    return any(item["title"] == "Before go-live" and item["items"][0]["done"] for item in lists)


def _append(world: World, name: str, text: str) -> None:
    world.write_article("P", name, f"{world.articles('P').get(name, '')}\n{text}\n")


def _article(name: str, text: str) -> ForeignWrite:
    return ForeignWrite(
        f"article-{name.replace(' ', '-')}",
        WIKI,
        lambda world: _append(world, name, text),
        lambda world: text in world.articles("P").get(name, ""),
    )


def _edit_artifact(world: World, change: Callable[[dict[str, Any]], object]) -> None:
    artifacts = [item for item in world.govern.node.artifacts() if item.fields.get("dataiku_item")]
    if not artifacts:
        raise NothingThere
    for item in artifacts:
        world.govern.node.edit(item.id, lambda document: change(document) and None)


def _artifacts(world: World) -> list[dict[str, Any]]:
    node = world.govern.node
    return [node.document(item) for item in node.artifacts() if item.fields.get("dataiku_item")]


def _govern_field(name: str, value: Any) -> ForeignWrite:
    return ForeignWrite(
        f"govern-{name}",
        GOVERN,
        lambda world: _edit_artifact(world, lambda document: document["fields"].update({name: value})),
        lambda world: all(document["fields"].get(name) == value for document in _artifacts(world)),
    )


def _govern_name(world: World) -> None:
    _edit_artifact(world, lambda document: document.update(name="Renamed in Govern"))


FOREIGN_WRITES = [
    _key("description", "Written meanwhile"),
    _key("shortDesc", "Short meanwhile"),
    _key("label", "Renamed meanwhile"),
    _key("anotherUnknownKey", [1, {"deep": None}]),
    _field("budget", 7),
    _field("other_plugin", {"nested": "changed"}),
    _metadata(
        "field-removed",
        METADATA,
        lambda found: found["customFields"].pop("cost_center", None),
        lambda found: "cost_center" not in found["customFields"],
    ),
    _metadata("tag-added", METADATA, lambda found: found["tags"].append("new"), lambda found: "new" in found["tags"]),
    _metadata(
        "tag-removed",
        METADATA,
        lambda found: found.update(tags=[tag for tag in found["tags"] if tag != "churn"]),
        lambda found: "churn" not in found["tags"],
    ),
    _metadata(
        "checklist-added",
        METADATA,
        _add_checklist,
        lambda found: any(item["title"] == "Theirs" for item in found["checklists"]["checklists"]),
    ),
    _metadata("checklist-ticked", METADATA, _tick, _is_ticked),
    _article("Meeting notes", "Eve's line"),
    _article("A new article", "Eve's article"),
    _article(TIMELINE, "Eve's words below the history"),
    _article("Governed projects", "Eve's words below the report"),
    _govern_field("description", "Described meanwhile"),
    _govern_field("qualification_feasibility_comments", "Commented meanwhile"),
    ForeignWrite(
        "govern-name",
        GOVERN,
        _govern_name,
        lambda world: all(document["name"] == "Renamed in Govern" for document in _artifacts(world)),
    ),
]
"""Writes of foreign content: what is written must be there afterwards."""

OUR_FIELDS = [
    _field("govern_sponsor", "Eve", OURS),
    _field("govern_cost_comment", "Eve thinks so", OURS),
    _field("govern_notes_delivery", "Eve was here", OURS),
]
"""Edits of our fields by hand that no command of the suites writes: they must be there afterwards too."""


def _withdraw(world: World) -> None:
    world.sandbox.accounts.revoke(world.env["DKU_API_KEY"])


def _clear_record(metadata: dict[str, Any]) -> None:
    metadata["customFields"].pop("govern_record", None)


def _damage_record(metadata: dict[str, Any]) -> None:
    metadata["customFields"]["govern_record"] = '{"schema": 2, "events"'


def _status(metadata: dict[str, Any]) -> None:
    metadata["customFields"]["govern_status_delivery"] = "SKIPPED"


UPHEAVALS: dict[str, Callable[[World], object]] = {
    "project-deleted": lambda world: world.sandbox.projects.delete(world.sandbox.admin, "P"),
    "key-revoked": _withdraw,
    "record-cleared": lambda world: world.edit("P", _clear_record),
    "record-damaged": lambda world: world.edit("P", _damage_record),
    "status-by-hand": lambda world: world.edit("P", _status),
    "fields-emptied": lambda world: world.edit("P", lambda found: found.update(customFields={})),
    "tags-null": lambda world: world.edit("P", lambda found: found.update(tags=None)),
    "checklists-null": lambda world: world.edit("P", lambda found: found.update(checklists=None)),
}
"""What turns everything over: no command may crash, say that it is done when it is not, or bring back what is gone."""
