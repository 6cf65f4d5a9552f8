"""The routes of reviews: what waits, what is asked, and taking part.

Taking part runs the plugin's macros with the person's own rights, as the command line does: the page holds no key of
the hub, and who acts is whom DSS says.
"""

from __future__ import annotations

from codecs import BOM_UTF8
from itertools import chain
from typing import Any

from flask import Blueprint, Response, request

from govern_mirror.actions.deployments import deployed_bundles, deployed_json
from govern_mirror.actions.hub import HubOff, hub_of
from govern_mirror.actions.items import items_json, items_of
from govern_mirror.actions.register import MAX_ENTRIES, Register, parse_register_filter, read_register, register_json
from govern_mirror.actions.register_csv import register_csv
from govern_mirror.actions.review_view import review_json, view_review
from govern_mirror.actions.reviews import SignoffReader, project_signoffs_json, reviews_json, waiting_reviews
from govern_mirror.dss import is_administrator
from govern_mirror.dss.macros import run_macro
from govern_mirror.errors import InputError
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import Act
from govern_mirror.text import clipped
from govern_mirror.web.documents import answer, bound_to, document_in
from govern_mirror.web.listings import Listings
from govern_mirror.web.problems import Refused
from govern_mirror.web.visitors import Visitor, visitor

PRESET = "hub"
"""The name of the hub's preset, as docs/hub.md has it."""

PARTS = ("comment", "group", "feedback", "to", "of", "until", "step")
"""What the document of an act may hold: the macro's own parameters, all of them texts."""

EMERGENCY = "emergency"
EMERGENCY_PARTS = ("infrastructure", "comment", "ticket")
"""What lets something unapproved pass: no act of a review, but done with the same macro; its texts, of which all are
needed. Besides it takes `hours` and `dry_run`."""

MAIL_ROWS = {"mail": "Mail", "not_told": "Not told"}
"""What the macro's table calls the mails that were sent, and the people who got none though they should."""
THROUGH_MACRO = {"finish-step": "finish", "attest": "attest"}
"""What is done with a project through the macro *Review*, and the macro's action: the page holds no key of the hub."""


def add_routes(routes: Blueprint, listings: Listings) -> None:
    """Add the routes of reviews to the API.

    Args:
        routes: of the API.
        listings: the projects that people see.
    """
    reader = SignoffReader()
    routes.add_url_rule("/signoffs", view_func=bound_to((reader, listings), _signoffs), methods=["GET"])
    routes.add_url_rule("/items/<key>/items", view_func=_items, methods=["GET"])
    routes.add_url_rule("/deployed", view_func=_deployed, methods=["GET"])
    routes.add_url_rule("/approvals", view_func=_approvals, methods=["GET"])
    routes.add_url_rule("/approvals.csv", view_func=_approvals_csv, methods=["GET"])
    routes.add_url_rule("/reviews", view_func=bound_to(reader, _reviews), methods=["GET"])
    routes.add_url_rule("/reviews/<path:address>", view_func=_review, methods=["GET"])
    routes.add_url_rule("/reviews/<path:address>", view_func=_take_part, methods=["POST"])


def _reviews(reader: SignoffReader) -> Response:
    try:
        waiting = waiting_reviews(visitor().session, reader=reader)
    except HubOff as error:
        # here and not in `me`, which the first rows wait for: it asks DSS twice
        set_up = _is_administrator(visitor())
        return answer({"format_version": 1, "off": str(error), "set_up_hub": set_up, "reviews": [], "unread": []})
    return answer({**reviews_json(waiting), "off": None, "set_up_hub": False})


def _is_administrator(person: Visitor) -> bool:
    store = person.session.store
    return is_administrator(store.client, person.groups or store.identity()[1])


def _signoffs(known: tuple[SignoffReader, Listings]) -> Response:
    reader, listings = known
    person = visitor()
    try:
        found = reader.read(person.session)
    except HubOff as error:
        return answer({"format_version": 1, "off": str(error), "projects": {}, "unread": None})
    return answer({**project_signoffs_json(found, listings.of(person).rows), "off": None}, tagged=True)


def _items(key: str) -> Response:
    return answer(items_json(items_of(visitor().session, key)), tagged=True)


def _deployed() -> Response:
    try:
        found = deployed_bundles(visitor().session)
    except HubOff as error:
        return answer({"format_version": 1, "off": str(error), "looked_at": 0, "unapproved": [], "unsure": []})
    return answer(deployed_json(found))


def _approvals() -> Response:
    return answer(register_json(_register(MAX_ENTRIES), visitor().session.blueprint))


def _approvals_csv() -> Response:
    # all is read before the first part is sent: what fails is a problem, and no file that ends too early
    register = _register(None)
    lines = register_csv(register.entries, visitor().session.blueprint)
    # the mark tells spreadsheets that the text is UTF-8
    response = Response(chain((BOM_UTF8,), lines), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="approvals.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _register(limit: int | None) -> Register:
    """The entries of the register that a request asks for."""
    given = {name: request.args.get(name, "").strip() or None for name in ("item", "by", "act", "since", "until")}
    try:
        return read_register(visitor().session, parse_register_filter(**given), limit=limit)
    except HubOff as error:
        raise Refused(404, str(error)) from error


def _review(address: str) -> Response:
    session, step = visitor().session, request.args.get("step") or None
    return answer(review_json(view_review(session, hub_of(session).open(), parse_address(address), step)), tagged=True)


def _take_part(address: str) -> Response:
    person = visitor()
    if person.read_only is not None:
        raise Refused(403, person.read_only)
    document = document_in()
    item = parse_address(address)
    macro, params = _form(document)
    preset = {"mode": "PRESET", "name": PRESET}
    form = {"dry_run": False, **params, "hub": preset, "address": str(item)}
    rows = run_macro(person.session.store.client, item.project_key, macro, form, "record it in the hub")
    session = person.session
    view = view_review(session, hub_of(session).open(), item, document.get("step"))
    told = {name: [row[1] for row in rows if row[:1] == (cell,)] for name, cell in MAIL_ROWS.items()}
    passes = next((row[1] for row in rows if row[:1] == ("Passes",)), None)
    return answer({**review_json(view), "recorded": _recorded_in(rows), **told, "passes": passes})


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
    acts = {member.value for member in Act} | {EMERGENCY}
    if act == EMERGENCY:
        return "review", {**_emergency(document), "action": EMERGENCY}
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


def _emergency(document: dict[str, Any]) -> dict[str, Any]:
    """The form of an emergency, as a document asks for it."""
    hours, dry_run = document.pop("hours", None), document.pop("dry_run", False)
    unknown = sorted(document.keys() - set(EMERGENCY_PARTS))
    if unknown:
        raise InputError(f"an emergency takes no {clipped(unknown[0])}: it takes {', '.join(EMERGENCY_PARTS)}, hours")
    if not all(isinstance(document.get(name), str) for name in EMERGENCY_PARTS):
        raise InputError("name the infrastructure, why (as the comment), and the ticket in which it is followed up")
    if not isinstance(hours, int) or isinstance(hours, bool) or not isinstance(dry_run, bool):
        raise InputError("`hours` is a whole number, and `dry_run` true or false")
    return {**document, "hours": hours, "dry_run": dry_run}
