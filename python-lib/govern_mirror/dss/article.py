"""Wiki articles in DSS: any article, and the one that takes the older events of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import quote

from govern_mirror.dss.client import NOT_DSS, Client, api_errors
from govern_mirror.dss.safe_write import SafeWrite, Written
from govern_mirror.errors import (
    AccessDenied,
    ConflictError,
    ConnectionFailed,
    GovernMirrorError,
    LeftEmpty,
    NotFound,
    WriteUnclear,
)
from govern_mirror.metadata import items, timeline
from govern_mirror.model.event import Event

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class SavedArticle:
    """An article as it was left: its id in the wiki, and whether anything was written."""

    id: str
    written: bool


@dataclass(frozen=True)
class ArticleContent:
    """An article as DSS holds it: its id, and its text."""

    id: str
    text: str


class ArticleWrite(SafeWrite[ArticleContent, str, str]):
    """A change of one article's text, which is created when it is not there.

    Args:
        client: this thread's client.
        project_key: whose wiki.
        article: the article's name; it stands in an address as it is.
        change: a pure function from the text that is there (empty for a new article) to the one to be. Made on its own
            result it changes nothing: so it tells whether it is in a text.
        settling_seconds: the settling time.
    """

    def __init__(
        self, client: Client, project_key: str, article: str, change: Callable[[str], str], settling_seconds: float
    ) -> None:
        self.name = f"{project_key}, article `{article}`"
        self.settling_seconds = settling_seconds
        self._client = client
        self._raw: dict[str, Any] = {}
        self._is_new = False
        self._project_key = project_key
        self._article = article
        self._change = change

    def run(
        self, *, settle: bool = True, lost: str | None = None, first: ArticleContent | None = None
    ) -> Written[ArticleContent, str, str]:
        """Write safely, as `SafeWrite.run` does.

        Raises:
            LeftEmpty: the article was created, and its text could not be written.
            GovernMirrorError: as `SafeWrite.run` says.
        """
        try:
            return super().run(settle=settle, lost=lost, first=first)
        except WriteUnclear:
            raise
        except GovernMirrorError as error:
            if self._is_new and not self._raw.get("payload"):
                raise LeftEmpty(
                    f"{self.name}, was created, and is empty: try again, which fills it ({error})"
                ) from error
            raise

    def read(self) -> ArticleContent:
        """Read the article, or create it."""
        try:
            return self.read_existing()
        except NotFound:
            pass
        refusal = self._create()
        try:
            document = self.read_existing()
        except NotFound:
            if refusal is not None:
                raise refusal from None
            raise
        except GovernMirrorError as error:
            if self._is_new:
                raise
            raise WriteUnclear(
                f"{self.name}: it may have been created, and is empty then: look before you try again ({error})"
            ) from error
        # nobody had it before
        self._is_new = True
        return document

    def _create(self) -> GovernMirrorError | None:
        """Create the article; returns an error after which it may be there all the same, so that reading tells."""
        try:
            with api_errors(self._project_key, "write the wiki"):
                body = {"projectKey": self._project_key, "name": self._article, "parent": None}
                answer = self._client._perform_json("POST", f"/projects/{self._project_key}/wiki/", body=body)
        except GovernMirrorError as error:
            if isinstance(error, AccessDenied) or (isinstance(error, ConnectionFailed) and error.never_sent):
                raise
            # a proxy that sends a request twice hands on that the name is taken
            return error
        article = answer.get("article") if isinstance(answer, dict) else None
        self._is_new = isinstance(article, dict) and bool(article.get("id"))
        return None

    def read_existing(self) -> ArticleContent:
        """Read the article.

        Raises:
            NotFound: it is not there.
            ConnectionFailed: what came is not an article.
        """
        # one request by name, where the client's own way takes two
        with api_errors(self._project_key, "read the wiki"):
            raw = self._client._perform_json("GET", self._path(self._article))
        article = raw.get("article") if isinstance(raw, dict) else None
        text = raw.get("payload", "") if isinstance(raw, dict) else None
        if not isinstance(article, dict) or not isinstance(article.get("id"), str | int):
            raise ConnectionFailed(f"{self.name}: what came is not an article; {NOT_DSS}")
        if not isinstance(text, str | None):
            raise ConnectionFailed(f"{self.name}: what came has no text; {NOT_DSS}")
        self._raw = raw
        return ArticleContent(str(article["id"]), text or "")

    def put(self, body: ArticleContent) -> None:
        """Save the article with another text."""
        with api_errors(self._project_key, "write the wiki"):
            self._client._perform_json("PUT", self._path(body.id), body={**self._raw, "payload": body.text})

    def plan(self, document: ArticleContent) -> str | None:
        """Return the text to be; None when it is there."""
        text = self._new_text(document.text)
        return None if text == document.text else text

    def body(self, planned: str, base: ArticleContent) -> ArticleContent:
        """Return the article with its new text."""
        return ArticleContent(base.id, self._new_text(base.text))

    def claim(self, planned: str, body: ArticleContent) -> str:
        """The text that was put."""
        return body.text

    def holds(self, claim: str, document: ArticleContent) -> bool:
        """Whether the change is in the text, whatever else is."""
        return document.text == claim or self._new_text(document.text) == document.text

    def require_unchanged(self, claim: str, document: ArticleContent) -> None:
        """A lost change of an article is made anew on what is there."""

    def remove(self) -> None:
        """Delete the article, which was read before."""
        with api_errors(self._project_key, "write the wiki"):
            self._client._perform_empty("DELETE", self._path(self._raw["article"]["id"]))

    def _path(self, article: str | int) -> str:
        return f"/projects/{self._project_key}/wiki/{quote(str(article), safe='')}"

    def _new_text(self, text: str) -> str:
        try:
            return self._change(text)
        except ValueError as error:
            raise ConflictError(f"{self.name} is not written: {error}") from error


@dataclass(frozen=True)
class _OwnArticle:
    """An article that this tool writes, in marked blocks.

    Attributes:
        client: this thread's client.
        project_key: whose wiki.
        settling_seconds: the settling time.
        block: the block that is read and written.
    """

    client: Client
    project_key: str
    settling_seconds: float
    block: timeline.Block

    def remove(self) -> tuple[str, ...]:
        """Take our blocks out of the article, and the article away when nothing else is in it; return warnings."""
        without = items.without_blocks if self.block is items.ARCHIVE else self.block.removed
        write = self._write(without)
        try:
            if without(write.read_existing().text):
                write.run(settle=False)
            else:
                write.remove()
        except NotFound:
            return ()
        except GovernMirrorError as error:
            return (f"{write.name} stays: {error}",)
        return ()

    def _parsed(self, parse: Callable[[str], Kept]) -> Kept | None:
        """What its text holds; None when it is not there."""
        write = self._write(lambda text: text)
        try:
            return parse(write.read_existing().text)
        except NotFound:
            return None
        except ValueError as error:
            raise GovernMirrorError(f"{write.name}: {error}") from error

    def _write(self, change: Callable[[str], str]) -> ArticleWrite:
        article = timeline.ARTICLE if self.block is timeline.TIMELINE else items.ARTICLE
        return ArticleWrite(self.client, self.project_key, article, change, self.settling_seconds)


@dataclass(frozen=True)
class TimelineArticle(_OwnArticle):
    """The wiki article that takes the older events of a project, or, in a block of its own, of one of its items."""

    block: timeline.Block = timeline.TIMELINE

    def events(self) -> tuple[Event, ...]:
        """Read its events; none when it is not there.

        Raises:
            GovernMirrorError: it cannot be read.
        """
        return self._parsed(lambda text: timeline.events_of(text, self.block)) or ()

    def add(self, events: Iterable[Event], committed: int | None = None, *, settle: bool = False) -> None:
        """Add events as `timeline.with_events` does, creating the article when it is not there, and read them back.

        It waits for no settling time unless it shall `settle`: whoever moves events confirms them again once the
        project is written, and for what had to be added anew then nobody else looks.
        """
        added = tuple(events)
        self._write(lambda text: timeline.with_events(text, added, committed, self.block)).run(settle=settle)


@dataclass(frozen=True)
class ItemsArticle(_OwnArticle):
    """The wiki article that takes the items of a project that were written longest ago."""

    block: timeline.Block = items.ARCHIVE

    def items(self) -> dict[str, Any] | None:
        """Read its items, by name; None when it is not there.

        Raises:
            GovernMirrorError: it cannot be read.
        """
        return self._parsed(items.archived_items)

    def keep(self, moving: Mapping[str, Any]) -> None:
        """Add items, creating the article when it is not there, and read them back after the settling time."""
        self._write(lambda text: items.with_archived(text, moving)).run()
