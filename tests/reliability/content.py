"""What a project holds, in two parts: what is govern-mirror's, as `show` tells it, and what is anybody else's."""

from __future__ import annotations

import copy
import re
from typing import Any

from reliability.world import World

CHECKLIST, TAG, FIELD = "Govern workflow", "govern:", "govern_"
TIMELINE, ITEMS, REPORT = "Govern timeline", "Govern items", "Governed projects"
EVENT = ("number", "by", "source", "what", "from", "to", "reason")
_BLOCK = re.compile(r"<!-- govern-mirror (\w+)[^>]*: begin.*?<!-- govern-mirror \1[^>]*: end[^>]*-->\n?", re.DOTALL)
"""The marked part of an article that is ours."""

MAX_KEPT = 500
"""Of how many states at most it is kept what is governed in them."""

_UNCHECKED = re.compile(r"^rules unchecked$| \(rules unchecked\)$")
_INTRODUCTION = re.compile(
    r"# Govern (timeline\s+The earlier history|items\s+Bundles and model versions of this project)[^\n]*\n?"
)


def foreign(world: World, key: str) -> dict[str, Any]:
    """Everything of a project that is not ours; tags as a set, since DSS hands them back in an order of its own."""
    if not world.sandbox.projects.exists(key):
        return {}
    metadata = world.sandbox.metadata(key)
    fields = metadata.pop("customFields")
    return {
        **metadata,
        "tags": sorted({tag for tag in metadata["tags"] or () if not tag.startswith(TAG)}),
        "customFields": {name: value for name, value in fields.items() if not name.startswith(FIELD)},
        "checklists": [item for item in _checklists(metadata) if item["title"] != CHECKLIST],
        "wiki": {name: rest for name, text in world.articles(key).items() if (rest := _outside_blocks(name, text))},
    }


def governed(world: World, address: str) -> dict[str, Any]:
    """What is governed in a project, or of one of its items, without times: what two runs have in common."""
    if not world.sandbox.projects.exists(address.partition("/")[0]):
        return {}
    state = address, world.fingerprint()
    if state not in world.governed:
        if len(world.governed) > MAX_KEPT:
            world.governed.clear()
        shown = _shown(world.show(address))
        world.governed[state] = shown if "/" in address else {**shown, **_projected(world, address)}
    return copy.deepcopy(world.governed[state])


def _shown(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "governed": shown["governed"],
        "steps": [(step["id"], step["status"], step["notes"], step["documents"]) for step in shown["steps"]],
        "overview": shown["overview"],
        "qualification": shown.get("qualification"),
        "events": [_event(event) for event in shown["events"]],
        "problems": sorted(problem["field"] for problem in shown["problems"]),
    }


def _projected(world: World, key: str) -> dict[str, Any]:
    """Where the workflow shows besides, as DSS has it."""
    metadata = world.sandbox.metadata(key)
    return {
        "checklist": [
            [item["done"] for item in each["items"]] for each in _checklists(metadata) if each["title"] == CHECKLIST
        ],
        "tag": sorted({tag for tag in metadata["tags"] or () if tag.startswith(TAG)}),
    }


def artifact(world: World, key: str) -> dict[str, Any]:
    """The Govern project over a DSS project, as a person sees it; empty where there is none."""
    node = world.govern.node
    for item in node.artifacts():
        document = node.document(item)
        listed = document["fields"].get("dataiku_item") or []
        if any(node.get(ref).fields.get("project_key") == key for ref in listed):
            return {"name": document["name"], "fields": document["fields"], "workflow": document.get("workflow")}
    return {}


def _event(event: dict[str, Any]) -> tuple[Any, ...]:
    # that nobody could say which rules are in force is true of the run, not a part of what was asked for
    return tuple(_UNCHECKED.sub("", event[name] or "") if name == "reason" else event[name] for name in EVENT)


def _checklists(metadata: dict[str, Any]) -> list[dict[str, Any]]:
    return (metadata["checklists"] or {}).get("checklists") or []


def _outside_blocks(name: str, text: str) -> str:
    return _INTRODUCTION.sub("", _BLOCK.sub("", text)).strip() if name in (TIMELINE, ITEMS, REPORT) else text
