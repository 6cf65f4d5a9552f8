"""The routes of the hub's configuration: what is in force, and changing it as a governance manager.

A change runs the plugin's macro with the person's own rights, as taking part in a review does: the page holds no key
of the hub, and who changes something is whom DSS says.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response

from govern_mirror import fast_json
from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.hub_edit import HubView, configure_hub, view_hub
from govern_mirror.actions.take_part import RECORDED, run_hub_macro
from govern_mirror.errors import InputError
from govern_mirror.hub.configuration import parse_configuration
from govern_mirror.hub.store import Hub
from govern_mirror.text import clipped
from govern_mirror.times import iso_time
from govern_mirror.web.documents import answer, document_in
from govern_mirror.web.problems import Refused
from govern_mirror.web.visitors import visitor

PARTS = ("seen", "configuration", "dry_run")
"""What the document of a change may hold."""


def add_routes(routes: Blueprint) -> None:
    """Add the routes of the hub's configuration to the API."""
    routes.add_url_rule("/hub", view_func=_hub, methods=["GET"])
    routes.add_url_rule("/hub", view_func=_configure, methods=["POST"])


def _in_force() -> Hub:
    try:
        return hub_of(visitor().session)
    except HubOff as error:
        raise Refused(404, str(error)) from error


def _hub() -> Response:
    return answer(_view_json(view_hub(visitor().session, _in_force())))


def _view_json(view: HubView) -> dict[str, Any]:
    why_not = visitor().read_only or view.why_not
    return {
        "format_version": 1,
        "project_key": view.project_key,
        "entry": view.entry.id,
        "by": view.entry.by,
        "at": iso_time(view.entry.at),
        "configuration": view.configuration.to_json(),
        "switches": view.configuration.switches.model_dump(mode="json"),
        "why_not": why_not,
        "why_not_node": why_not or view.why_not_node,
    }


def _configure() -> Response:
    person = visitor()
    document = document_in()
    unknown = sorted(document.keys() - set(PARTS))
    if unknown:
        raise InputError(f"a change of the hub takes no {clipped(unknown[0])}: it takes {', '.join(PARTS)}")
    seen, dry_run = document.get("seen"), document.get("dry_run", False)
    if not isinstance(seen, str) or not isinstance(dry_run, bool):
        raise InputError("`seen` is the id of the entry that was read, and `dry_run` true or false")
    configuration = parse_configuration(document.get("configuration"), "the configuration")
    session, hub = person.session, _in_force()
    if person.read_only is not None:
        raise Refused(403, person.read_only)
    changes = configure_hub(session, hub, configuration, seen, dry_run=True).changes
    result: dict[str, Any] = {"changes": [{"place": place, **change} for place, change in changes.items()]}
    if changes and not dry_run:
        form = {"configuration": fast_json.sorted_ascii(configuration.to_json()), "seen": seen, "dry_run": False}
        rows = run_hub_macro(session, hub.project_key, "configure-hub", form)
        result["recorded"] = next((row[1] for row in rows if row[:1] == (RECORDED,)), "")
    return answer({**_view_json(view_hub(session, hub)), **result})
