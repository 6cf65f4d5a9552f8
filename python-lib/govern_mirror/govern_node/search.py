"""One search among a node's artifacts, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from govern_mirror.errors import ConnectionFailed
from govern_mirror.govern_node.connection import GOVERN
from govern_mirror.govern_node.raw import ID, Raw, name_of
from govern_mirror.govern_node.survey import Fault, SurveyProblem
from govern_mirror.text import clipped


def search(
    ask: Callable[[Mapping[str, Any]], Mapping[str, Any]],
    blueprint_ids: Sequence[str],
    problems: list[SurveyProblem],
    filters: Iterable[Mapping[str, Any]] = (),
    *,
    page_size: int,
    most_pages: int,
    signoffs: dict[str, object] | None = None,
) -> Iterator[Raw]:
    """Every artifact that is not archived and has one of the blueprints, each once, page by page.

    Args:
        ask: sends the body of a search, and returns Govern's answer.
        blueprint_ids: the blueprints.
        problems: takes what is on a page and is not an artifact.
        filters: more of Govern's filters.
        page_size: artifacts a page.
        most_pages: a search that goes on for longer never ends.
        signoffs: takes what the pages show of sign-offs, by artifact id.

    Raises:
        ConnectionFailed: a page repeats, the search never ends, or the answer is not one of a search.
    """
    body: dict[str, Any] = {
        "artifactSearchSource": {"type": "all"},
        "artifactFilters": [
            {"type": "blueprints", "blueprintIds": list(blueprint_ids)},
            {"type": "archived", "isArchived": False},
            *filters,
        ],
    }
    seen: set[str] = set()
    last: str | None = None
    for _ in range(most_pages):
        body["artifactSearchPagination"] = {"pageSize": page_size, "lastArtifactId": last}
        answer = ask(body)
        hits, more = answer.get("uiArtifacts"), answer.get("hasNextPage")
        if not isinstance(hits, list) or not isinstance(more, bool):
            raise ConnectionFailed(GOVERN.not_its_answer)
        artifacts = list(artifacts_on(hits, problems))
        if signoffs is not None:
            signoffs |= _signoffs_on(hits)
        fresh = {raw["id"]: raw for raw in artifacts if raw["id"] not in seen}
        if not fresh and (more or artifacts):
            raise ConnectionFailed(
                "Govern's search repeats itself: a page shows only artifacts that earlier ones did, or none, and "
                "yet more are said to follow; nothing was compared, try again and look at the Govern node"
            )
        yield from fresh.values()
        if not more:
            return
        seen |= fresh.keys()
        last = artifacts[-1]["id"]
    raise ConnectionFailed(
        f"Govern's search does not end: {most_pages} pages and still more are said to follow; nothing was "
        "compared, look at the Govern node"
    )


def artifacts_on(hits: Iterable[object], problems: list[SurveyProblem]) -> Iterator[Raw]:
    """The artifacts on a page; an item that is none, or tells no id, is a problem."""
    for hit in hits:
        raw = hit.get("artifact") if isinstance(hit, Mapping) else None
        if isinstance(raw, dict) and isinstance(raw.get("id"), str) and ID.fullmatch(raw["id"]):
            yield raw
        else:
            message = f"the search shows something that is not an artifact with an id: {clipped(hit)}"
            problems.append(SurveyProblem("", name_of(raw), Fault.UNREADABLE, message))


def _signoffs_on(hits: Iterable[object]) -> dict[str, object]:
    return {
        hit["artifact"]["id"]: hit["signoffs"]
        for hit in hits
        if isinstance(hit, Mapping)
        and hit.get("signoffs") is not None
        and isinstance(hit.get("artifact"), Mapping)
        and isinstance(hit["artifact"].get("id"), str)
    }
