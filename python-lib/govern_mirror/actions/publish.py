"""Publish the governed-projects report inside DSS: the page in a managed folder, the Markdown in a wiki."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from govern_mirror.actions.session import Session
from govern_mirror.dss.managed_folders import put_file
from govern_mirror.errors import ConnectionFailed, GovernMirrorError, InputError, WriteUnclear
from govern_mirror.report.formats import renderer
from govern_mirror.report.markdown_report import with_report
from govern_mirror.report.portfolio import Portfolio, without_texts
from govern_mirror.text import clipped

REPORT_FILE = "governed-projects.html"
"""The name of the page in a managed folder; written anew each time."""

ARTICLE = "Governed projects"
"""The wiki article that takes the report unless another one is named."""

_KEY = re.compile(r"[A-Za-z0-9_]+")
_FOLDER_ID = re.compile(r"[A-Za-z0-9_-]+")
_NOT_IN_A_NAME = re.compile(r"[/\\?#%\x00-\x1f\x7f]")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Folder:
    """A managed folder of a project, by id."""

    project_key: str
    id: str

    def __str__(self) -> str:
        return f"the managed folder {self.project_key}.{self.id}"


@dataclass(frozen=True)
class Article:
    """An article of a project's wiki, by name."""

    project_key: str
    name: str = ARTICLE

    def __str__(self) -> str:
        return f"the article “{self.name}” in the wiki of {self.project_key}"


@dataclass(frozen=True)
class Published:
    """What was published.

    Attributes:
        target: where.
        url: its address, as far as DSS's addresses are known: a path, inside DSS.
        written: False when it was there already.
    """

    target: Folder | Article
    url: str
    written: bool = True

    @property
    def sentence(self) -> str:
        """What happened, for people."""
        if not self.written:
            return f"Already in {self.target}, nothing to change: {self.url}"
        what = REPORT_FILE if isinstance(self.target, Folder) else "the report"
        return f"Published {what} in {self.target}: {self.url}"


def parse_folder(text: str, project_key: str | None = None) -> Folder:
    """Read `PROJECT.FOLDER_ID`, or a folder's id alone where a project is known.

    Raises:
        InputError: it is neither.
    """
    owner, _, identifier = text.strip(" ").rpartition(".")
    owner = owner or project_key or ""
    if not _KEY.fullmatch(owner) or not _FOLDER_ID.fullmatch(identifier):
        raise InputError(
            f"{clipped(text)!r} is not a managed folder: write PROJECT.FOLDER_ID, with the id that stands in the "
            "address of the folder's page in DSS"
        )
    return Folder(owner, identifier)


def parse_article(text: str) -> Article:
    """Read `PROJECT` or `PROJECT:ARTICLE`.

    Raises:
        InputError: it is neither, or the article's name cannot stand in an address of DSS's API.
    """
    key, colon, name = (part.strip(" ") for part in text.partition(":"))
    name = name if colon else ARTICLE
    if not _KEY.fullmatch(key) or not name:
        raise InputError(f"{clipped(text)!r} is not a wiki article: write PROJECT or PROJECT:ARTICLE")
    if _NOT_IN_A_NAME.search(name) or name in (".", ".."):
        raise InputError(
            f"DSS's API cannot find an article named {clipped(name)!r}: choose a name without / \\ ? # and %"
        )
    return Article(key, name)


def publish(session: Session, portfolio: Portfolio, target: Folder | Article, *, with_texts: bool = False) -> Published:
    """Publish a report, in place of the one that was published there before.

    What is published is read by all who may read the project it is published in, also those who may not see the
    projects it tells of. So notes, comments, documents and history stay out unless they are asked for.

    The page is written each time, since it tells how fresh it is. The article's text is written only when something
    besides the time changed; what people wrote around the report stays.

    Args:
        session: the instance and user.
        portfolio: what the user sees.
        target: where it goes.
        with_texts: whether notes, comments, documents and history go with it.

    Raises:
        GovernMirrorError: DSS refuses it; the message says what and why.
    """
    if not with_texts:
        portfolio = without_texts(portfolio)
    base = f"{session.store.url or ''}/projects/{target.project_key}"
    if isinstance(target, Folder):
        page = renderer("html").render(portfolio)
        try:
            put_file(session.store.client, target.project_key, target.id, REPORT_FILE, page)
        except ConnectionFailed as error:
            if error.never_sent:
                raise
            raise WriteUnclear(f"no answer tells whether the page was written, publish it again: {error}") from error
        return Published(target, f"{base}/managedfolder/{target.id}/view")
    saved = session.store.save_article(target.project_key, target.name, lambda text: with_report(text, portfolio))
    # DSS numbers articles; anything else would not be an address we can make
    url = f"{base}/wiki/{saved.id}" if _FOLDER_ID.fullmatch(saved.id) else f"{base}/wiki"
    return Published(target, url, saved.written)


@dataclass
class Delivery:
    """What was delivered so far, and what was not: each target is tried, whatever becomes of the others.

    Attributes:
        done: what was done, as parts of a sentence: `the report is in …`.
        failures: what was not, and why: `it was not mailed: …`.
        cause: the first error.
    """

    done: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cause: Exception | None = None

    def attempt(self, action: Callable[[], Result], *, done: str, failed: str, unclear: str) -> Result | None:
        """Do one thing; an error is kept, and None returned, so that the next thing can be tried.

        Args:
            action: what to do.
            done, failed, unclear: what to say of it: that it was done, that it was not, and that it may have been.
        """
        try:
            result = action()
        except Exception as error:
            # also a fault of our own in one target must not cost the others
            reason = str(error) if isinstance(error, GovernMirrorError) else f"{type(error).__name__}: {error}"
            self.failures.append(f"{unclear if isinstance(error, WriteUnclear) else failed}: {reason}")
            self.cause = self.cause or error
            return None
        self.done.append(done)
        return result

    def publish(
        self, session: Session, portfolio: Portfolio, target: Folder | Article, *, with_texts: bool
    ) -> Published | None:
        """Publish in one place, as `publish` does; an error is kept, as `attempt` says."""
        return self.attempt(
            lambda: publish(session, portfolio, target, with_texts=with_texts),
            done=f"the report is in {target}",
            failed=f"it was not published in {target}",
            unclear=f"it may have been published in {target}",
        )

    def require_all(self) -> None:
        """Raise GovernMirrorError when something failed; the message names it, and what was done all the same."""
        if self.failures:
            also = f"{', '.join(self.done)}, but " if self.done else ""
            raise GovernMirrorError(f"{also}{'; '.join(self.failures)}") from self.cause
