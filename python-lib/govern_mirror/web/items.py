"""The routes of one item: shown, saved as a whole, acted upon, and the files that belong to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, request

from govern_mirror.actions import record
from govern_mirror.actions.govern import ProjectResult, Scope, hide, initialize, undo_hide, ungovern
from govern_mirror.actions.governed_items import is_item
from govern_mirror.actions.item_form import item_json, view_item, view_of
from govern_mirror.actions.record import Changed
from govern_mirror.actions.save import save
from govern_mirror.actions.session import Session
from govern_mirror.actions.uploads import download, require_upload, upload
from govern_mirror.dss import parse_summary
from govern_mirror.errors import InputError, WriteRefused
from govern_mirror.model.address import parse_address
from govern_mirror.model.blueprint import status_path
from govern_mirror.model.changes import Move, MoveKind
from govern_mirror.model.event import Event
from govern_mirror.model.item import Governance
from govern_mirror.model.save import Fault, SaveConflict, SaveRefused, parse_save, read_values
from govern_mirror.text import clipped
from govern_mirror.web import signoffs
from govern_mirror.web.documents import answer, bound_to, changes_json, document_in, file_in, flag, saved_json
from govern_mirror.web.listings import Listings
from govern_mirror.web.problems import Refused, of_error
from govern_mirror.web.visitors import visitor

Outcome = Changed | ProjectResult
Parts = Mapping[str, Any]


def add_routes(routes: Blueprint, listings: Listings) -> None:
    """Add the routes of one item to the API."""
    routes.add_url_rule("/items/<key>", view_func=_item, methods=["GET"])
    routes.add_url_rule("/items/<key>", view_func=bound_to(listings, _patch), methods=["PATCH"])
    routes.add_url_rule("/items/<key>/uploads", view_func=_upload, methods=["POST"])
    routes.add_url_rule("/items/<key>/uploads/<upload_id>", view_func=_download, methods=["GET"])
    for action in signoffs.ON_PROJECTS:
        view = bound_to((listings, action), _through_macro)
        routes.add_url_rule(f"/items/<key>/{action}", f"through_{action}", view_func=view, methods=["POST"])
    routes.add_url_rule("/items/<key>/<action>", view_func=bound_to(listings, _act), methods=["POST"])
    for kind in ("bundle/<first>", "model/<first>/<second>", "agent/<first>/<second>"):
        # the same of one of its bundles or versions
        rule, name = f"/items/<key>/{kind}", kind.partition("/")[0]
        for method, path, route in (
            ("GET", rule, _item),
            ("PATCH", rule, bound_to(listings, _patch)),
            ("POST", f"{rule}/<action>", bound_to(listings, _act)),
        ):
            routes.add_url_rule(path, f"{method}_{name}", _by_address(name, route), methods=[method])


def _by_address(kind: str, view: Callable[..., Response]) -> Callable[..., Response]:
    """A view of an item whose address stands in several parts of the request's."""

    def bound(key: str, first: str, second: str | None = None, **parts: str) -> Response:
        return view(key=str(parse_address("/".join(filter(None, (key, kind, first, second))))), **parts)

    return bound


def _item(key: str) -> Response:
    person = visitor()
    view = view_item(person.session, key, page_read_only=person.read_only)
    return answer(item_json(person.session, view), tagged=True)


def _patch(listings: Listings, key: str) -> Response:
    _require_writer()
    session, document = visitor().session, document_in()
    edits = parse_save(session.blueprint_of(key), document)
    dry_run = flag("dry_run")
    try:
        saved = save(session, key, edits, dry_run=dry_run)
    except SaveConflict as conflict:
        # what is there now comes with the question, so that it can be answered at once
        return of_error(conflict, item=item_json(session, view_item(session, key)))
    return _after(listings, key, saved, saved.others, dry_run=dry_run)


def _act(listings: Listings, key: str, action: str) -> Response:
    offered = ITEM_ACTIONS if is_item(key) else ACTIONS
    handler = offered.get(action)
    if handler is None:
        raise Refused(404, f"there is no action {clipped(action)}: there are {', '.join(offered)}")
    _require_writer()
    parts = _parts_of(action, handler, document_in())
    dry_run = flag("dry_run") or bool(parts["dry_run"])
    outcome = handler.act(key, parts, dry_run)
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
    listings.show_change(person, view)
    return answer({**item_json(person.session, view), "recorded": recorded})


def _upload(key: str) -> Response:
    _require_writer()
    session, name = visitor().session, request.args.get("name", "")
    # what can be refused is refused before the file is read
    require_upload(session, name)
    document = upload(session, key, name, file_in(session.settings.upload_limits))
    return answer({"document": {"title": document.title, "url": document.url}})


def _download(key: str, upload_id: str) -> Response:
    file = download(visitor().session, key, upload_id)
    response = Response(file.content, content_type="application/octet-stream")
    # whatever it is, it is a file to keep, and nothing that runs as a part of this page
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(file.name, safe='')}"
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
        listings.show_change(person, view)
    return answer({**item_json(session, view), "saved": _outcome_json(outcome, others, dry_run)})


def _outcome_json(outcome: Outcome, others: tuple[Event, ...], dry_run: bool) -> dict[str, Any]:
    if isinstance(outcome, Changed):
        return saved_json(outcome, others)
    blueprint = visitor().session.blueprint_of(outcome.project_key)
    notes = [f"{text}, and stays so: only blanks are filled" for text in outcome.kept]
    return {
        "sentence": f"{outcome.project_key} {'' if dry_run and outcome.changes else 'is '}{outcome.message}",
        "written": outcome.outcome != "unchanged" and not dry_run,
        "changes": changes_json(blueprint, outcome.changes),
        "also_changed": [],
        "warnings": [*outcome.warnings, *notes],
    }


# what can be done to an item besides saving it --------------------------------------------------------------------


@dataclass(frozen=True)
class Action:
    """One thing that can be done to an item.

    Attributes:
        act: does it to an item, with the parts of the request's document; in a dry run nothing is written.
        parts: what the document may have, and of which type it is.
        needed: what it must have.
    """

    act: Callable[[str, Parts, bool], Outcome]
    parts: Mapping[str, type]
    needed: tuple[str, ...] = ()


def _parts_of(name: str, action: Action, document: Parts) -> Parts:
    """The parts of a request's document; None for those that are not there.

    Raises:
        InputError: one is of another type, not known, or not there although it is needed.
    """
    kinds = {**action.parts, "dry_run": bool}
    unknown = sorted(document.keys() - kinds)
    if unknown:
        # what is not understood may be what matters most, such as that nothing be written
        raise InputError(f"{name} takes no {clipped(unknown[0])}: it takes {', '.join(kinds)}")
    parts = {part: document.get(part) for part in kinds}
    for part, value in parts.items():
        is_right = isinstance(value, kinds[part]) and not (kinds[part] is int and isinstance(value, bool))
        if value is None and part in action.needed:
            raise InputError(f"give {part}")
        if value is not None and not is_right:
            raise InputError(f"{part} is not {clipped(value)}")
    return parts


def _adopt(key: str, parts: Parts, dry_run: bool) -> Outcome:
    project = visitor().session.store.read(key)
    if project.state is not Governance.COPIED:
        raise WriteRefused(f"{key} is no copy of a governed project, so there is nothing to adopt")
    return _govern(key, parts, dry_run, adopt=True)


def _govern(key: str, parts: Parts, dry_run: bool, *, adopt: bool = False) -> Outcome:
    session = visitor().session
    values, faults = read_values(session.blueprint_of(key), parts["values"] or {})
    if faults:
        raise SaveRefused(faults)
    scope = Scope(keys=(key,))
    return initialize(session, scope, values, adopt=adopt, expected=parts["revision"], dry_run=dry_run)[0]


def _move(key: str, parts: Parts, dry_run: bool) -> Outcome:
    kind = parts["move"]
    if kind not in {member.value for member in MoveKind}:
        raise InputError(f"move is one of {', '.join(member.value for member in MoveKind)}, not {clipped(kind)}")
    override = bool(parts["override"])
    move = Move(MoveKind(kind), parts["step"], parts["reason"], parts["request"], override=override)
    session = visitor().session
    try:
        return record.move(session, key, move, expected=parts["revision"], dry_run=dry_run)
    except InputError as error:
        raise SaveRefused([Fault(_path_of(session, key, move.step), str(error), error.hint)]) from error


def _path_of(session: Session, key: str, step: str | None) -> str | None:
    """The path of a step's status, as a save names it; None where no step is named."""
    if step is None:
        return None
    with suppress(InputError):
        step = session.blueprint_of(key).step(step).id
    return status_path(step)


def _skip(key: str, parts: Parts, dry_run: bool) -> Outcome:
    return _move(key, {**parts, "move": MoveKind.SKIP.value, "override": None}, dry_run)


def _close(key: str, parts: Parts, dry_run: bool) -> Outcome:
    return record.close(visitor().session, key, parts["reason"], expected=parts["revision"], dry_run=dry_run)


def _undo_close(key: str, parts: Parts, dry_run: bool) -> Outcome:
    return record.undo_close(visitor().session, key, parts["reason"], expected=parts["revision"], dry_run=dry_run)


def _confirm(key: str, parts: Parts, dry_run: bool) -> Outcome:
    return record.set_values(visitor().session, key, {}, confirm=True, expected=parts["revision"], dry_run=dry_run)


def _ungovern(key: str, parts: Parts, dry_run: bool) -> Outcome:
    purge = bool(parts["purge"])
    return ungovern(visitor().session, [key], purge=purge, expected=parts["revision"], dry_run=dry_run)[0]


def _hide(key: str, parts: Parts, dry_run: bool) -> Outcome:
    return hide(visitor().session, [key], parts["reason"], dry_run=dry_run)[0]


def _undo_hide(key: str, _parts: Parts, dry_run: bool) -> Outcome:
    return undo_hide(visitor().session, [key], dry_run=dry_run)[0]


_STEP = {"step": str, "reason": str, "request": str}

ACTIONS: Mapping[str, Action] = {
    "govern": Action(_govern, {"revision": int, "values": dict}),
    "adopt": Action(_adopt, {"revision": int, "values": dict}),
    "move": Action(_move, {"revision": int, "move": str, **_STEP, "override": bool}, ("move",)),
    "skip": Action(_skip, {"revision": int, **_STEP}, ("step", "reason")),
    "close": Action(_close, {"revision": int, "reason": str}, ("reason",)),
    "undo-close": Action(_undo_close, {"revision": int, "reason": str}),
    "confirm": Action(_confirm, {"revision": int}),
    "hide": Action(_hide, {"reason": str}, ("reason",)),
    "undo-hide": Action(_undo_hide, {}),
    "ungovern": Action(_ungovern, {"revision": int, "purge": bool}),
}
"""What can be done to a project besides saving it, by the last part of its address."""

ITEM_ACTIONS = {name: ACTIONS[name] for name in ("govern", "move", "skip", "close", "undo-close", "confirm")}
"""What can be done to a bundle or version, which goes with its project: to govern it fills its blanks."""
