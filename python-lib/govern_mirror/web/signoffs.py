"""The routes of reviews: what waits, what is asked, and taking part.

Taking part runs the plugin's macros with the person's own rights, as the command line does: the page holds no key of
the hub, and who acts is whom DSS says.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from govern_mirror.actions.deployments import deployed_bundles, deployed_json
from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.items import items_json, items_of
from govern_mirror.actions.register import parse_register_filter, read_register, register_json
from govern_mirror.actions.review_view import review_json, view_review
from govern_mirror.actions.reviews import reviews_json, waiting_reviews
from govern_mirror.dss import is_administrator
from govern_mirror.dss.macros import run_macro
from govern_mirror.errors import InputError
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import Act
from govern_mirror.text import clipped
from govern_mirror.web.documents import answer, document_in
from govern_mirror.web.problems import Refused
from govern_mirror.web.visitors import Visitor, visitor

PRESET = "hub"
"""The name of the hub's preset, as docs/hub.md has it."""

PARTS = ("comment", "group", "feedback", "to", "of", "until", "step")
"""What the document of an act may hold: the macro's own parameters, all of them texts."""


MAIL_ROWS = {"mail": "Mail", "not_told": "Not told"}
"""What the macro's table calls the mails that were sent, and the people who got none though they should."""
THROUGH_MACRO = {"finish-step": "finish", "attest": "attest"}
"""What is done with a project through the macro *Review*, and the macro's action: the page holds no key of the hub."""


def add_routes(routes: Blueprint) -> None:
    """Add the routes of reviews to the API."""
    routes.add_url_rule("/items/<key>/items", view_func=_items, methods=["GET"])
    routes.add_url_rule("/deployed", view_func=_deployed, methods=["GET"])
    routes.add_url_rule("/approvals", view_func=_approvals, methods=["GET"])
    routes.add_url_rule("/reviews", view_func=_reviews, methods=["GET"])
    routes.add_url_rule("/reviews/<path:address>", view_func=_review, methods=["GET"])
    routes.add_url_rule("/reviews/<path:address>", view_func=_take_part, methods=["POST"])


def _reviews() -> Response:
    session = visitor().session
    try:
        waiting = waiting_reviews(session)
    except HubOff as error:
        # here and not in `me`, which the first rows wait for: it asks DSS twice
        set_up = _is_administrator(visitor())
        return answer({"format_version": 1, "off": str(error), "set_up_hub": set_up, "reviews": []})
    return answer({**reviews_json(waiting), "off": None, "set_up_hub": False})


def _is_administrator(person: Visitor) -> bool:
    store = person.session.store
    return is_administrator(store.client, person.groups or store.identity()[1])


def _items(key: str) -> Response:
    return answer(items_json(items_of(visitor().session, key)), tagged=True)


def _deployed() -> Response:
    try:
        found = deployed_bundles(visitor().session)
    except HubOff:
        return answer({"format_version": 1, "looked_at": 0, "unapproved": [], "unsure": []})
    return answer(deployed_json(found))


def _approvals() -> Response:
    given = {name: request.args.get(name, "").strip() or None for name in ("item", "by", "act", "since", "until")}
    session = visitor().session
    try:
        register = read_register(session, parse_register_filter(**given))
    except HubOff as error:
        raise Refused(404, str(error)) from error
    return answer(register_json(register, session.blueprint))


def _review(address: str) -> Response:
    session, step = visitor().session, request.args.get("step") or None
    return answer(review_json(view_review(session, hub_of(session), parse_address(address), step)), tagged=True)


def _take_part(address: str) -> Response:
    person = visitor()
    if person.read_only is not None:
        raise Refused(403, person.read_only)
    document = document_in()
    item = parse_address(address)
    macro, params = _form(document)
    preset = {"mode": "PRESET", "name": PRESET}
    form = {**params, "hub": preset, "address": str(item), "dry_run": False}
    rows = run_macro(person.session.store.client, item.project_key, macro, form, "record it in the hub")
    session = person.session
    view = view_review(session, hub_of(session), item, document.get("step"))
    told = {name: [row[1] for row in rows if row[:1] == (cell,)] for name, cell in MAIL_ROWS.items()}
    return answer({**review_json(view), "recorded": _recorded_in(rows), **told})


def run_on_project(key: str, action: str) -> str:
    """Do something with a project through the macro *Review*, and return what it says to have recorded.

    Raises:
        InputError: the request's document holds what this does not take.
        GovernMirrorError: as `run_macro` says.
    """
    document = document_in()
    unknown = sorted(document.keys() - {"step", "comment"})
    if unknown or not all(value is None or isinstance(value, str) for value in document.values()):
        raise InputError(f"{action} takes a step and a comment, both of them texts")
    preset = {"mode": "PRESET", "name": PRESET}
    form = {**document, "hub": preset, "action": THROUGH_MACRO[action], "address": key, "dry_run": False}
    return _recorded_in(run_macro(visitor().session.store.client, key, "review", form, "record it"))


def _recorded_in(rows: list[tuple[str, ...]]) -> str:
    return next((row[1] for row in rows if row[:1] == ("Recorded",)), "")


def _form(document: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The macro that does what a document asks for, and its form."""
    act = document.pop("act", None)
    acts = {member.value for member in Act}
    if not isinstance(act, str) or act not in acts:
        raise InputError(f"act is one of {', '.join(sorted(acts))}, not {clipped(act)}")
    unknown = sorted(document.keys() - set(PARTS))
    if unknown:
        raise InputError(f"{act} takes no {clipped(unknown[0])}: it takes {', '.join(PARTS)}")
    if not all(value is None or isinstance(value, str) for value in document.values()):
        raise InputError("what an act takes are texts")
    if act in (Act.REQUEST_FEEDBACK.value, Act.REQUEST_APPROVAL.value):
        return "request-sign-off", {**document, "final": act == Act.REQUEST_APPROVAL.value}
    return "review", {**document, "action": act}
