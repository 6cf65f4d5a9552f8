"""The API of the live page: one action a route, with the rights of the person who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from govern_mirror.actions import record
from govern_mirror.actions.govern import ProjectResult, Scope, hide, initialize, undo_hide, ungovern
from govern_mirror.actions.governed_items import is_item
from govern_mirror.actions.item_form import item_json, view_item, view_of
from govern_mirror.actions.record import Changed
from govern_mirror.actions.report import Reading, report_on
from govern_mirror.actions.save import save
from govern_mirror.actions.uploads import download, require_upload, upload
from govern_mirror.dss import is_administrator, parse_summary, people
from govern_mirror.errors import InputError
from govern_mirror.model.address import parse_address
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Event
from govern_mirror.model.save import SaveConflict, SaveRefused, parse_save, read_values
from govern_mirror.model.uploads import UploadLimits
from govern_mirror.report.formats import renderer
from govern_mirror.report.portfolio import Filters
from govern_mirror.text import clipped
from govern_mirror.times import iso_time
from govern_mirror.web import hub_page, registry, signoffs
from govern_mirror.web.documents import answer, changes_json, document_in, file_in, flag, packed_answer, saved_json
from govern_mirror.web.listings import Listings
from govern_mirror.web.problems import Refused, of_error
from govern_mirror.web.trends import PastAnswers
from govern_mirror.web.visitors import Visitor, visitor

EXPORTS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The formats that a list is exported in, and their types."""

Outcome = Changed | ProjectResult


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
        routes.add_url_rule(rule, view_func=_with(listings, view), methods=["GET"])
    past = PastAnswers(listings)
    routes.add_url_rule("/trends", view_func=_with(past, _trends), methods=["GET", "POST"])
    routes.add_url_rule("/total", view_func=_with(past, _total), methods=["GET"])
    routes.add_url_rule("/me", view_func=_with(version, _me), methods=["GET"])
    routes.add_url_rule("/people", view_func=_people, methods=["GET"])
    routes.add_url_rule("/export", view_func=_export, methods=["POST"])
    routes.add_url_rule("/items/<key>", view_func=_item, methods=["GET"])
    routes.add_url_rule("/items/<key>", view_func=_with(listings, _patch), methods=["PATCH"])
    routes.add_url_rule("/items/<key>/uploads", view_func=_upload, methods=["POST"])
    routes.add_url_rule("/items/<key>/uploads/<upload_id>", view_func=_download, methods=["GET"])
    for action in signoffs.THROUGH_MACRO:
        view = _with((listings, action), _through_macro)
        routes.add_url_rule(f"/items/<key>/{action}", f"through_{action}", view_func=view, methods=["POST"])
    routes.add_url_rule("/items/<key>/<action>", view_func=_with(listings, _act), methods=["POST"])
    for kind in ("bundle/<first>", "model/<first>/<second>", "agent/<first>/<second>"):
        # the same of one of its bundles or versions
        rule, name = f"/items/<key>/{kind}", kind.partition("/")[0]
        for method, path, route in (
            ("GET", rule, _item),
            ("PATCH", rule, _with(listings, _patch)),
            ("POST", f"{rule}/<action>", _with(listings, _act)),
        ):
            routes.add_url_rule(path, f"{method}_{name}", _by_address(name, route), methods=[method])
    signoffs.add_routes(routes)
    hub_page.add_routes(routes)
    registry.add_routes(routes, listings)
    return routes


def _with(first: Any, view: Callable[..., Response]) -> Callable[..., Response]:
    """A view whose first argument is known."""

    def bound(**parts: str) -> Response:
        return view(first, **parts)

    bound.__name__ = view.__name__
    return bound


def _by_address(kind: str, view: Callable[..., Response]) -> Callable[..., Response]:
    """A view of an item whose address stands in several parts of the request's."""

    def bound(key: str, first: str, second: str | None = None, **parts: str) -> Response:
        return view(key=str(parse_address("/".join(filter(None, (key, kind, first, second))))), **parts)

    return bound


# what is there ----------------------------------------------------------------------------------------------------


def _me(version: str) -> Response:
    person = visitor()
    session = person.session
    session.store.resolve_url()
    return answer(
        {
            "login": person.login,
            "display_name": (people(session.store.client) or {}).get(person.login),
            "groups": list(person.groups),
            "version": version,
            "instance": {"url": session.store.url, "node_id": session.store.node_id},
            "read_only": person.read_only is not None,
            "reason": person.read_only,
            "rules_unreadable": session.rules_unreadable,
            "uploads": _uploads(session.settings.upload_limits),
            "status_page": session.settings.status_page,
            "ask": session.settings.ask.strip() or None,
            "set_up_hub": _may_set_up_hub(person),
            "title": "Governed projects",
        }
    )


def _may_set_up_hub(person: Visitor) -> bool:
    """Whether no hub is named, and this is an administrator, who could set one up."""
    session = person.session
    if session.settings.hub_project is not None or session.rules_unreadable is not None:
        return False
    groups = person.groups or session.store.identity()[1]
    return is_administrator(session.store.client, groups)


def _uploads(limits: UploadLimits) -> dict[str, Any]:
    """Whether files can be uploaded, and which."""
    told = {"types": list(limits.types), "max_bytes": limits.max_bytes, "sentence": limits.sentence}
    return {"allowed": limits.allowed, "reason": None if limits.allowed else "documents are kept as links", **told}


def _people() -> Response:
    named = people(visitor().session.store.client)
    reason = None if named is not None else "DSS does not list its people for you: type a login"
    return answer(
        {"people": [{"login": login, "name": name} for login, name in (named or {}).items()], "reason": reason}
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
    wanted = document_in()
    form = wanted.get("format")
    if form not in EXPORTS:
        raise Refused(422, f"format is one of {', '.join(EXPORTS)}, not {clipped(form)}")
    session, places = visitor().session, {key: place for place, key in enumerate(_keys_of(wanted))}
    listed = [item for key, item in session.store.listed().items() if key in places]
    projects, _ = session.store.decode_listed(listed, history=False)
    portfolio = report_on(session, Reading(tuple(projects), ()), Filters(include_ungoverned=True)).portfolio
    # in the order in which they were asked for, which is that of the page
    rows = sorted(portfolio.rows, key=lambda row: places[row.project.facts.project_key])
    file = renderer(str(form)).render(replace(portfolio, rows=tuple(rows)))
    response = Response(file, content_type=EXPORTS[str(form)])
    response.headers["Content-Disposition"] = f'attachment; filename="governed-projects.{form}"'
    response.headers["Cache-Control"] = "no-store"
    return response


# one item ---------------------------------------------------------------------------------------------------------


def _item(key: str) -> Response:
    person = visitor()
    view = view_item(person.session, key, page_read_only=person.read_only)
    return answer(item_json(person.session, view), tagged=True)


def _patch(listings: Listings, key: str) -> Response:
    _require_writer()
    session, document = visitor().session, document_in()
    wanted = parse_save(session.blueprint_of(key), document)
    dry_run = flag("dry_run")
    try:
        saved = save(session, key, wanted, dry_run=dry_run)
    except SaveConflict as conflict:
        # what is there now comes with the question, so that it can be answered at once
        return of_error(conflict, item=item_json(session, view_item(session, key)))
    return _after(listings, key, saved, saved.others, dry_run=dry_run)


def _act(listings: Listings, key: str, action: str) -> Response:
    offered = ITEM_ACTIONS if is_item(key) else ACTIONS
    found = offered.get(action)
    if found is None:
        raise Refused(404, f"there is no action {clipped(action)}: there are {', '.join(offered)}")
    _require_writer()
    document = document_in()
    unknown = sorted(document.keys() - {*found.parts, *_ANY_ACTION})
    if unknown:
        # what is not understood may be what matters most, such as that nothing be written
        raise InputError(f"{action} takes no {clipped(unknown[0])}: it takes {', '.join((*found.parts, *_ANY_ACTION))}")
    dry_run = flag("dry_run") or bool(_part(document, "dry_run", bool))
    outcome = found.act(key, document, dry_run)
    if isinstance(outcome, ProjectResult) and outcome.error is not None:
        # of several projects one that fails is told among the others; here it is the answer
        raise outcome.error
    return _after(listings, key, outcome, dry_run=dry_run)


def _through_macro(place: tuple[Listings, str], key: str) -> Response:
    """What is done with the hub's own key, which only the plugin's macros hold."""
    listings, action = place
    _require_writer()
    recorded = signoffs.run_on_project(key, action)
    person = visitor()
    view = view_item(person.session, key, page_read_only=person.read_only)
    listings.changed(person, view)
    return answer({**item_json(person.session, view), "recorded": recorded})


def _upload(key: str) -> Response:
    _require_writer()
    session, name = visitor().session, request.args.get("name", "")
    # what can be refused is refused before the file is read
    require_upload(session, name)
    document = upload(session, key, name, file_in(session.settings.upload_limits))
    return answer({"document": {"title": document.title, "url": document.url}})


def _download(key: str, upload_id: str) -> Response:
    found = download(visitor().session, key, upload_id)
    response = Response(found.content, content_type="application/octet-stream")
    # whatever it is, it is a file to keep, and nothing that runs as a part of this page
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def _require_writer() -> None:
    reason = visitor().read_only
    if reason is not None:
        raise Refused(403, reason)


def _after(
    listings: Listings, key: str, outcome: Outcome, others: tuple[Event, ...] = (), *, dry_run: bool = False
) -> Response:
    """The item as it is now, or in a dry run would be, and what was done."""
    person = visitor()
    session = person.session
    if isinstance(outcome, Changed):
        # what was read back after the write, or in a dry run would be there
        summary = outcome.summary or parse_summary(session.store.summary(key.partition("/")[0]) or {})
        view = view_of(session, session.store.with_history(outcome.project), summary, person.read_only)
    else:
        view = view_item(session, key, page_read_only=person.read_only)
    if not dry_run and not is_item(key):
        listings.changed(person, view)
    return answer({**item_json(session, view), "saved": _told(outcome, others, dry_run)})


def _told(outcome: Outcome, others: tuple[Event, ...], dry_run: bool) -> dict[str, Any]:
    if isinstance(outcome, Changed):
        return saved_json(outcome, others)
    blueprint = visitor().session.blueprint
    kept = [f"{text}, and stays so: only blanks are filled" for text in outcome.kept]
    return {
        "sentence": f"{outcome.project_key} {'' if dry_run and outcome.changes else 'is '}{outcome.message}",
        "written": outcome.outcome != "unchanged" and not dry_run,
        "changes": changes_json(blueprint, outcome.changes),
        "also_changed": [],
        "warnings": [*outcome.warnings, *kept],
    }


# what is done -----------------------------------------------------------------------------------------------------


def _part(document: Mapping[str, Any], name: str, kind: type, *, needed: bool = False) -> Any:
    """A part of a request's document.

    Raises:
        InputError: it is of another type, or not there although it is needed.
    """
    found = document.get(name)
    if found is None and not needed:
        return None
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise InputError(f"{name} is not {clipped(found)}" if found is not None else f"give {name}")
    return found


def _revision(document: Mapping[str, Any]) -> int | None:
    revision: int | None = _part(document, "revision", int)
    return revision


def _govern(key: str, document: Mapping[str, Any], dry_run: bool, *, adopt: bool = False) -> Outcome:
    session = visitor().session
    values, faults = read_values(session.blueprint, _part(document, "values", dict) or {})
    if faults:
        raise SaveRefused(faults)
    revision = _revision(document)
    return initialize(session, Scope(keys=(key,)), values, adopt=adopt, expected=revision, dry_run=dry_run)[0]


def _adopt(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    return _govern(key, document, dry_run, adopt=True)


def _move(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    text = _part(document, "move", str, needed=True)
    if text not in {kind.value for kind in MoveKind}:
        raise InputError(f"move is one of {', '.join(kind.value for kind in MoveKind)}, not {clipped(text)}")
    move = Move(
        MoveKind(text),
        _part(document, "step", str),
        _part(document, "reason", str),
        _part(document, "request", str),
        override=bool(_part(document, "override", bool)),
    )
    return record.move(visitor().session, key, move, expected=_revision(document), dry_run=dry_run)


def _skip(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    step, reason = (_part(document, name, str, needed=True) for name in ("step", "reason"))
    move = Move(MoveKind.SKIP, step, reason, _part(document, "request", str))
    return record.move(visitor().session, key, move, expected=_revision(document), dry_run=dry_run)


def _close(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    reason = _part(document, "reason", str, needed=True)
    return record.close(visitor().session, key, reason, expected=_revision(document), dry_run=dry_run)


def _undo_close(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    reason = _part(document, "reason", str)
    return record.undo_close(visitor().session, key, reason, expected=_revision(document), dry_run=dry_run)


def _confirm(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    return record.set_values(visitor().session, key, {}, confirm=True, expected=_revision(document), dry_run=dry_run)


def _ungovern(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    purge = bool(_part(document, "purge", bool))
    return ungovern(visitor().session, [key], purge=purge, expected=_revision(document), dry_run=dry_run)[0]


def _hide(key: str, document: Mapping[str, Any], dry_run: bool) -> Outcome:
    reason = _part(document, "reason", str, needed=True)
    return hide(visitor().session, [key], reason, dry_run=dry_run)[0]


def _undo_hide(key: str, _document: Mapping[str, Any], dry_run: bool) -> Outcome:
    return undo_hide(visitor().session, [key], dry_run=dry_run)[0]


@dataclass(frozen=True)
class Action:
    """One thing that can be done to an item: what does it, and the parts that its document may have."""

    act: Callable[[str, Mapping[str, Any], bool], Outcome]
    parts: tuple[str, ...] = ("revision",)


_ANY_ACTION = ("dry_run",)
"""What the document of each action may have."""

ACTIONS: Mapping[str, Action] = {
    "govern": Action(_govern, ("revision", "values")),
    "adopt": Action(_adopt, ("revision", "values")),
    "move": Action(_move, ("revision", "move", "step", "reason", "request", "override")),
    "skip": Action(_skip, ("revision", "step", "reason", "request")),
    "close": Action(_close, ("revision", "reason")),
    "undo-close": Action(_undo_close, ("revision", "reason")),
    "confirm": Action(_confirm),
    "hide": Action(_hide, ("reason",)),
    "undo-hide": Action(_undo_hide, ()),
    "ungovern": Action(_ungovern, ("revision", "purge")),
}
"""What can be done to a project besides saving it, by the last part of its address."""

ITEM_ACTIONS = {name: ACTIONS[name] for name in ("move", "skip", "close", "undo-close", "confirm")}
"""What can be done to a bundle or version, which is governed and hidden with its project."""
