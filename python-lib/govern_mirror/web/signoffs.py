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
from govern_mirror.actions.register import (
    MAX_ENTRIES,
    Register,
    parse_register_filter,
    read_register,
    register_csv,
    register_json,
)
from govern_mirror.actions.review_view import review_json
from govern_mirror.actions.reviews import SignoffReader, project_signoffs_json, reviews_json, waiting_reviews
from govern_mirror.actions.take_part import ATTEST, EMERGENCY, FINISH, MAIL, NOT_TOLD, PASSES, PartTaken, take_part
from govern_mirror.dss import is_administrator
from govern_mirror.errors import InputError, NotFound
from govern_mirror.hub.opened import HubError
from govern_mirror.model.address import parse_address
from govern_mirror.model.signoff import Act
from govern_mirror.text import clipped
from govern_mirror.web.documents import answer, bound_to, document_in
from govern_mirror.web.listings import Listings
from govern_mirror.web.problems import Refused, advice
from govern_mirror.web.visitors import Visitor, visitor

PARTS = ("comment", "group", "feedback", "to", "of", "until", "step")
"""What the document of an act may hold, all of it texts."""

EMERGENCY_PARTS = ("infrastructure", "comment", "ticket", "hours", "dry_run")
"""What that of an emergency holds: three texts, a whole number, and whether it is only tried."""

ON_PROJECTS = {"finish-step": FINISH, "attest": ATTEST}
"""What is done with a project's own review, by its route."""


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
        return _off(error, set_up_hub=_is_administrator(visitor()), reviews=[], unread=[])
    except HubError as error:
        if isinstance(error.__cause__, NotFound):  # so that the page tells it from a DSS that fails
            raise Refused(404, str(error), hint=advice(error.hint)) from error
        raise
    return answer({**reviews_json(waiting), "off": None, "set_up_hub": False})


def _off(error: HubOff, **blank: Any) -> Response:
    return answer({"format_version": 1, "off": str(error), **blank})


def _is_administrator(person: Visitor) -> bool:
    store = person.session.store
    return is_administrator(store.client, person.groups or store.identity()[1])


def _signoffs(context: tuple[SignoffReader, Listings]) -> Response:
    reader, listings = context
    person = visitor()
    try:
        signoffs = reader.read(person.session)
    except HubOff as error:
        return _off(error, projects={}, unread=None)
    return answer({**project_signoffs_json(signoffs, listings.of(person).rows), "off": None}, tagged=True)


def _items(key: str) -> Response:
    return answer(items_json(items_of(visitor().session, key)), tagged=True)


def _deployed() -> Response:
    try:
        deployed = deployed_bundles(visitor().session)
    except HubOff as error:
        return _off(error, looked_at=0, unapproved=[], unsure=[])
    return answer(deployed_json(deployed))


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
    filters = {name: request.args.get(name, "").strip() or None for name in ("item", "by", "act", "since", "until")}
    try:
        return read_register(visitor().session, parse_register_filter(**filters), limit=limit)
    except HubOff as error:
        raise Refused(404, str(error)) from error


def _review(address: str) -> Response:
    session, step = visitor().session, request.args.get("step") or None
    return answer(review_json(session, hub_of(session).open(), parse_address(address), step), tagged=True)


def _take_part(address: str) -> Response:
    person, document = visitor(), document_in()
    if person.read_only is not None:
        raise Refused(403, person.read_only)
    act = document.pop("act", None)
    takes = EMERGENCY_PARTS if act == EMERGENCY else PARTS
    if act not in (EMERGENCY, *(act.value for act in Act)):
        raise InputError(f"act is one of {', '.join(sorted((EMERGENCY, *Act)))}, not {clipped(act)}")
    if act == EMERGENCY and "hours" not in document:
        raise InputError("say for how many hours, as a whole number")
    result = _submit(address, str(act), document, takes)
    session = person.session
    review = review_json(session, hub_of(session).open(), parse_address(address), document.get("step"))
    notes = {"mail": result.of(MAIL), "not_told": result.of(NOT_TOLD), "passes": next(iter(result.of(PASSES)), None)}
    return answer({**review, "recorded": result.recorded or "", **notes})


def run_on_project(key: str, action: str) -> str:
    """Do something with a project's own review, and return what the macro says to have recorded.

    Raises:
        InputError: the request's document holds what this does not take.
        GovernMirrorError: as `take_part` says.
    """
    return _submit(key, ON_PROJECTS[action], document_in(), ("step", "comment")).recorded or ""


def _submit(address: str, act: str, document: dict[str, Any], takes: tuple[str, ...]) -> PartTaken:
    """Take part as a request's document says; nothing else of `take_part` can be chosen by it."""
    unknown = sorted(document.keys() - set(takes))
    if unknown:
        raise InputError(f"{act} takes no {clipped(unknown[0])}: it takes {', '.join(takes)}")
    return take_part(visitor().session, address, act, **document)
