"""Wiki articles in DSS: any article, and the one that takes the older events of a project."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from govern_mirror import timeline
from govern_mirror.dss.client import Client, translated
from govern_mirror.errors import GovernMirrorError, NotFound
from govern_mirror.event import Event


@dataclass(frozen=True)
class SavedArticle:
    """An article as it was left: its id in the wiki, and whether anything was written."""

    id: str
    written: bool


def save_article(client: Client, project_key: str, name: str, change: Callable[[str], str]) -> SavedArticle:
    """Change the text of an article, which is created when it is not there; called within `translated`.

    Args:
        client: this thread's client.
        project_key: whose wiki.
        name: the article's name; it stands in an address as it is.
        change: gives the new text for the one that is there (empty for a new article). When it gives the same
            text, nothing is written.
    """
    wiki = client.get_project(project_key).get_wiki()
    try:
        with translated(project_key, "read the wiki"):
            article = wiki.get_article(name)
    except NotFound:
        article = wiki.create_article(name)
    content = article.get_data()
    known = content.get_body() or ""
    body = change(known)
    if body != known:
        content.set_body(body)
        content.save()
    return SavedArticle(str(article.article_id), body != known)


def read_timeline(client: Client, project_key: str) -> tuple[Event, ...]:
    """The events in the article; none when it is not there."""
    try:
        with translated(project_key, "read the wiki"):
            article = client.get_project(project_key).get_wiki().get_article(timeline.ARTICLE)
            return timeline.events_of(article.get_data().get_body() or "")
    except NotFound:
        return ()


def save_timeline(client: Client, project_key: str, events: Iterable[Event]) -> None:
    """Add events to the article, creating it when it is not there; called within `translated`."""
    added = tuple(events)
    save_article(client, project_key, timeline.ARTICLE, lambda known: timeline.with_events(known, added))


def remove_timeline(client: Client, project_key: str) -> tuple[str, ...]:
    """Take our block out of the article, and the article away when nothing else is in it; return warnings."""
    try:
        with translated(project_key, "write the wiki"):
            article = client.get_project(project_key).get_wiki().get_article(timeline.ARTICLE)
            content = article.get_data()
            rest = timeline.without_block(content.get_body() or "")
            if rest:
                content.set_body(rest)
                content.save()
            else:
                article.delete()
    except NotFound:
        return ()
    except GovernMirrorError as error:
        return (f"{project_key}: the wiki article `{timeline.ARTICLE}` stays: {error}",)
    return ()
