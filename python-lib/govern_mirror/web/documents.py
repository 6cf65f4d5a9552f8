"""JSON in and out of the API: a request's document, answers with a tag, compressed where that is worth it."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any

from flask import Response, request
from werkzeug.wsgi import get_input_stream

from govern_mirror import fast_json
from govern_mirror.actions.record import Changed
from govern_mirror.labels import event_words, field_label, labelled, recorded, success
from govern_mirror.model.blueprint import Blueprint
from govern_mirror.model.event import Event
from govern_mirror.model.item import FieldChange, Item
from govern_mirror.model.uploads import UploadLimits
from govern_mirror.times import iso_time
from govern_mirror.web.problems import Refused

MAX_DOCUMENT = 4_000_000
"""Bytes of the largest document that is taken; DSS's own fields hold far less."""

_WORTH_IT = 4000
"""Bytes from which on an answer is compressed."""


def document_in() -> dict[str, Any]:
    """Return the JSON object that the request holds.

    Another page can send none: its forms send no JSON, its scripts must ask first, which nothing here allows, and
    browsers since 2023 say where a request comes from. A page of the same site is another one, too: its host may be
    anybody's. The address that the browser asked is not compared: the proxies before a backend change it.

    Raises:
        Refused: it is none, or not said to be one, or the browser says that another page sent it.
    """
    _require_own_site()
    if request.mimetype != "application/json":
        raise Refused(415, "send a JSON document, with Content-Type application/json")
    try:
        document = fast_json.loads_bounded(request.get_data(cache=False).decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise Refused(400, "the request holds no JSON document that can be read") from error
    if not isinstance(document, dict):
        raise Refused(400, "the request must hold a JSON object, such as {}")
    return document


def file_in(limits: UploadLimits) -> bytes:
    """Return the file that the request is; one that is too large is refused before any of it is read.

    Raises:
        Refused: it does not say how large it is, or it is too large; it is no plain file; or the page of another site
            sent it.
    """
    _require_own_site()
    if request.mimetype != "application/octet-stream":
        # a form of another page can send no such request, so that nobody is made to upload by a link
        raise Refused(415, "send the file itself, with Content-Type application/octet-stream")
    length = request.content_length or 0
    if request.headers.get("Transfer-Encoding"):
        raise Refused(411, "say how large the file is, with Content-Length")
    if length > limits.max_bytes:
        raise Refused(413, f"the file is too large: {limits.sentence}")
    content: bytes = get_input_stream(request.environ, max_content_length=limits.max_bytes).read(length)
    if len(content) < length:
        raise Refused(400, "the file did not arrive whole: try again")
    return content


def _require_own_site() -> None:
    from_elsewhere = request.headers.get("Sec-Fetch-Site") not in (None, "same-origin", "none")
    if from_elsewhere or request.headers.get("Origin") == "null":
        raise Refused(403, "this came from another page, and is not done")


def answer(document: Any, *, tagged: bool = False) -> Response:
    """Return a document as an answer.

    Args:
        document: as `json` takes it, times and dates among it.
        tagged: whether the browser may ask whether it is still the same.
    """
    body = fast_json.dumps(document)
    # the body is of this person alone, and so is its tag: nobody else's text is in it
    response = _empty_answer(hashlib.blake2b(body, digest_size=16).hexdigest() if tagged else None)
    if response.status_code != 304:
        is_packed = len(body) >= _WORTH_IT and _takes_gzip()
        _fill(response, gzip.compress(body, 5, mtime=0) if is_packed else body, is_packed=is_packed)
    return response


def packed_answer(body: bytes, tag: str) -> Response:
    """Return JSON that was compressed before, with its tag."""
    response = _empty_answer(tag)
    if response.status_code != 304:
        takes_gzip = _takes_gzip()
        _fill(response, body if takes_gzip else gzip.decompress(body), is_packed=takes_gzip)
    return response


def _empty_answer(tag: str | None) -> Response:
    """An answer without its body, which it needs no more when its status is 304."""
    response = Response(content_type="application/json")
    response.headers["Cache-Control"] = "no-store" if tag is None else "private, no-cache"
    if tag is not None:
        response.set_etag(tag)
        response.make_conditional(request)
    return response


def _fill(response: Response, body: bytes, *, is_packed: bool) -> None:
    if is_packed:
        response.headers["Content-Encoding"] = "gzip"
        response.headers["Vary"] = "Accept-Encoding"
    response.set_data(body)


def _takes_gzip() -> bool:
    return bool(request.accept_encodings["gzip"])


def saved_json(result: Changed, others: tuple[Event, ...] = ()) -> dict[str, Any]:
    """Return what a save did, for people: a sentence, what changed, and what others changed that was kept."""
    blueprint, key = result.project.blueprint, result.project.facts.project_key
    would = not result.written
    sentence = success(result.project, result.changes, would=would) if result.changes else f"{key}: nothing to save"
    if result.recorded and not result.changes:
        sentence = f"{key}: {recorded(blueprint, result.recorded, would=would)}"
    return {
        "sentence": sentence,
        "written": result.written,
        "changes": changes_json(blueprint, result.changes),
        "also_changed": [_other(result.project, event) for event in others],
        "warnings": list(result.warnings),
    }


def changes_json(blueprint: Blueprint, changes: Sequence[FieldChange]) -> list[dict[str, Any]]:
    """Return what changed with labels beside the paths, and values as people read them."""
    return [
        {"path": raw.field, "label": change.field, "before": change.before, "after": change.after}
        for raw, change in zip(changes, labelled(blueprint, changes), strict=True)
    ]


def _other(project: Item, event: Event) -> dict[str, Any]:
    is_value = event.what in project.blueprint.by_path
    return {
        "path": event.what if is_value else None,
        "label": field_label(project.blueprint, event.what) if is_value else event_words(project.blueprint, event),
        "by": event.by or event.hint,
        "at": iso_time(event.at),
        "before": event.before if is_value else None,
        "after": event.after if is_value else None,
    }


def flag(name: str) -> bool:
    """Whether the request's address asks for something, such as `?dry_run=1`.

    Raises:
        Refused: it says neither yes nor no.
    """
    text = request.args.get(name, "").casefold()
    if text not in ("", "0", "1", "true", "false"):
        raise Refused(400, f"{name} is 1 or 0, not {json.dumps(text[:40])}")
    return text in ("1", "true")


def bound_to(first: Any, view: Callable[..., Response]) -> Callable[..., Response]:
    """A view whose first argument is known."""

    def bound(**parts: str) -> Response:
        return view(first, **parts)

    bound.__name__ = view.__name__
    return bound
