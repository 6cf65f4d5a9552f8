"""The API of the live page: one action a route, with the rights of the person who asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from govern_mirror.actions.report import Reading, report_on
from govern_mirror.dss import people
from govern_mirror.errors import GovernMirrorError
from govern_mirror.model.uploads import UploadLimits
from govern_mirror.report.formats import renderer
from govern_mirror.report.portfolio import Filters
from govern_mirror.text import clipped
from govern_mirror.times import iso_time
from govern_mirror.web import hub_page, items, registry, signoffs
from govern_mirror.web.documents import answer, bound_to, document_in, flag, packed_answer
from govern_mirror.web.listings import Listings
from govern_mirror.web.problems import Refused
from govern_mirror.web.trends import PastAnswers
from govern_mirror.web.visitors import Visitor, visitor

EXPORTS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The formats that a list is exported in, and their types."""


def api(listings: Listings, version: str) -> Blueprint:
    """Return the routes of the API.

    Args:
        listings: what people see.
        version: of this backend.
    """
    routes = Blueprint("api", __name__, url_prefix="/api")
    for rule, view in (
        ("/portfolio", _portfolio),
        ("/portfolio/texts", _texts),
        ("/recent", _recent),
    ):
        routes.add_url_rule(rule, view_func=bound_to(listings, view), methods=["GET"])
    past = PastAnswers(listings)
    routes.add_url_rule("/trends", view_func=bound_to(past, _trends), methods=["GET", "POST"])
    routes.add_url_rule("/total", view_func=bound_to(past, _total), methods=["GET"])
    routes.add_url_rule("/me", view_func=bound_to((listings, version), _me), methods=["GET"])
    routes.add_url_rule("/people", view_func=_people, methods=["GET"])
    routes.add_url_rule("/export", view_func=_export, methods=["POST"])
    items.add_routes(routes, listings)
    signoffs.add_routes(routes, listings)
    hub_page.add_routes(routes)
    registry.add_routes(routes, listings)
    return routes


# what is there ----------------------------------------------------------------------------------------------------


def _me(context: tuple[Listings, str]) -> Response:
    listings, version = context
    person = visitor()
    read_only = person.read_only or _writes_nothing(listings, person)
    session = person.session
    session.store.resolve_url()
    return answer(
        {
            "login": person.login,
            "display_name": (people(session.store.client) or {}).get(person.login),
            "groups": list(person.groups),
            "version": version,
            "instance": {"url": session.store.url, "node_id": session.store.node_id},
            "read_only": read_only is not None,
            "reason": read_only,
            "rules_unreadable": session.rules_unreadable,
            "uploads": _uploads(session.settings.upload_limits),
            "status_page": session.settings.status_page,
            "ask": session.settings.ask.strip() or None,
            "hub": session.settings.hub_project is not None,
            "title": "Governed projects",
        }
    )


def _writes_nothing(listings: Listings, person: Visitor) -> str | None:
    """Why a person can change nothing: DSS lets them write none of the projects that they see; None where it does."""
    try:
        content = listings.of(person).content
    except GovernMirrorError:
        return None  # the list says why it cannot be read
    if content.rows.keys() - content.read_only:
        return None
    return (
        "you may write none of the projects that you see: ask an administrator for the right to write a project's "
        "content, then load this page anew"
    )


def _uploads(limits: UploadLimits) -> dict[str, Any]:
    rules = {"types": list(limits.types), "max_bytes": limits.max_bytes, "sentence": limits.sentence}
    return {"allowed": limits.allowed, "reason": None if limits.allowed else "documents are kept as links", **rules}


def _people() -> Response:
    names = people(visitor().session.store.client)
    reason = None if names is not None else "DSS does not list its people for you: type a login"
    return answer(
        {"people": [{"login": login, "name": name} for login, name in (names or {}).items()], "reason": reason}
    )


def _portfolio(listings: Listings) -> Response:
    since = request.args.get("since")
    if since is not None:
        changes = listings.changes(visitor(), since, fresh=flag("fresh"))
        if changes is not None:
            return answer(changes)
    listing = listings.of(visitor(), fresh=flag("fresh"))
    return packed_answer(listings.packed(listing), listing.token)


def _texts(listings: Listings) -> Response:
    listing = listings.of(visitor())
    texts = {key: row.texts for key, row in listing.rows.items() if row.texts}
    return answer({"token": listing.token, "texts": texts}, tagged=True)


def _trends(past: PastAnswers) -> Response:
    keys = _keys_of(document_in()) if request.method == "POST" else None
    return answer(past.trends(visitor(), keys), tagged=request.method == "GET")


def _total(past: PastAnswers) -> Response:
    return answer(past.total(visitor()), tagged=True)


def _keys_of(document: Mapping[str, Any]) -> list[str]:
    """The keys of projects that a document names.

    Raises:
        Refused: it names none, or what is no key.
    """
    keys = document.get("keys")
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        raise Refused(422, "keys are the keys of projects, as a list")
    return keys


def _recent(listings: Listings) -> Response:
    return answer(
        {
            "events": [
                {
                    "project_key": key,
                    "name": name,
                    "at": iso_time(saved.at),
                    "by": saved.by,
                    "sentence": "; ".join(saved.words),
                }
                for key, name, saved in listings.recent(visitor())
            ]
        }
    )


def _export() -> Response:
    document = document_in()
    form = document.get("format")
    if form not in EXPORTS:
        raise Refused(422, f"format is one of {', '.join(EXPORTS)}, not {clipped(form)}")
    session, places = visitor().session, {key: place for place, key in enumerate(_keys_of(document))}
    items = [item for key, item in session.store.listed().items() if key in places]
    projects, _ = session.store.decode_listed(items, history=False)
    portfolio = report_on(session, Reading(tuple(projects), ()), Filters(include_ungoverned=True)).portfolio
    # in the order in which they were asked for, which is that of the page
    rows = sorted(portfolio.rows, key=lambda row: places[row.project.facts.project_key])
    file = renderer(str(form)).render(replace(portfolio, rows=tuple(rows)))
    response = Response(file, content_type=EXPORTS[str(form)])
    response.headers["Content-Disposition"] = f'attachment; filename="governed-projects.{form}"'
    response.headers["Cache-Control"] = "no-store"
    return response
