"""The macro `governed-projects-report`: its form turned into a report that is shown, published and mailed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from markupsafe import Markup

from govern_mirror.actions.dataset_history import Dataset, dataset_name, with_history
from govern_mirror.actions.mail import mail_channel_of, mail_report, parse_addresses
from govern_mirror.actions.publish import REPORT_FILE, Article, Delivery, Folder, parse_article, parse_folder
from govern_mirror.actions.registry import read_registry, with_approvals
from govern_mirror.actions.report import Report, build_report, filters_from_form
from govern_mirror.actions.schedule import last_report
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.form_values import Config, flag_of, text_of
from govern_mirror.report.fragment import MAX_ROWS, fragment
from govern_mirror.report.portfolio import Filters
from govern_mirror.report.registry import RegistryKind
from govern_mirror.report.registry_formats import registry_fragment
from govern_mirror.scenario.parts import Mail
from govern_mirror.text import checked_member

_OF_PROJECTS = ("history", "history_values", "managed_folder", "wiki_article", "mail_to")
"""The fields that a list of bundles or models has no use for."""


@dataclass(frozen=True)
class _Form:
    """What the form asks for, parsed, datasets by their full names; None for a field left empty."""

    filters: Filters
    items: RegistryKind | None
    history: str | None
    history_values: str | None
    folder: Folder | None
    article: Article | None
    mail_to: tuple[str, ...] | None
    channel: str | None
    with_texts: bool


def report_from_form(
    session: Session,
    config: Config,
    project_key: str | None,
    progress: Progress | None = None,
    *,
    dataset: Callable[[str], Dataset],
    executor: Any,
) -> str:
    """Report as the form says: static HTML, the page in a managed folder, the Markdown in a wiki article, a mail.

    Each target is tried, whatever becomes of the others; when one fails, the error names what went where and what did
    not.

    Args:
        session: the instance and user.
        config: the form.
        project_key: the project that the macro runs in.
        progress: told when projects must be read one by one.
        dataset: `dataiku.Dataset`, for the history.
        executor: `dataiku.SQLExecutor2`.

    Raises:
        InputError: a field is not valid.
        GovernMirrorError: the projects or the history cannot be read, the folder or the article cannot be written, or
            the mail cannot be sent.
    """
    form = _parsed(session, config, project_key)
    if form.items is not None:
        return registry_fragment(read_registry(session, form.items, form.filters, progress=progress), MAX_ROWS)
    report = build_report(session, form.filters, progress=progress, history=form.folder is not None)
    notes: list[str] = []
    if form.history is not None:
        # a mail tells what changed since the last one that went out, also when those in between failed
        since = last_report(session, project_key) if form.mail_to is not None and project_key else None
        report = _with_history(report, form.history, form.history_values, since, dataset, executor)
        if report.portfolio.trends is None:
            notes.append(f"The history {form.history} holds nothing of this instance yet: no trends are shown.")
    if form.mail_to is not None or form.article is not None:
        # who is at the screen has the live page for it; reading it costs DSS some requests a project
        report = with_approvals(session, report)
    page_url, deliveries = _deliver(session, report, form, project_key)
    portfolio = replace(report.portfolio, page_url=page_url)
    return fragment(portfolio, (*notes, *deliveries))


def _deliver(session: Session, report: Report, form: _Form, project_key: str | None) -> tuple[str | None, list[str]]:
    """Publish and mail the report; returns the page's address and what to tell.

    Raises:
        GovernMirrorError: something failed; the message names all of it, and what was done all the same.
    """
    delivery, notes, page_url = Delivery(), list[str](), None
    targets: list[Folder | Article] = [target for target in (form.folder, form.article) if target is not None]
    for target in targets:
        published = delivery.publish(session, report.portfolio, target, with_texts=form.with_texts)
        if published is None:
            continue
        if isinstance(target, Article):
            notes.append(published.sentence)
            continue
        page_url = published.url
        link = Markup('<a href="{}">{}</a>').format(page_url, REPORT_FILE)
        notes.append(Markup("The whole report is in {}, as {}.").format(str(target), link))
    if form.mail_to is not None and project_key:
        # the mail leads to the page that was published with it
        linked = replace(report, portfolio=replace(report.portfolio, page_url=page_url))
        to = ", ".join(form.mail_to)
        sentence = delivery.attempt(
            partial(_mailed, session, linked, form, project_key),
            done=f"it was mailed to {to}",
            failed=f"it was not mailed to {to}",
            unclear=f"it may have been mailed to {to}",
        )
        notes += filter(None, [sentence])
    delivery.require_all()
    return page_url, notes


def _parsed(session: Session, config: Config, project_key: str | None) -> _Form:
    folder, article, to = text_of(config, "managed_folder"), text_of(config, "wiki_article"), text_of(config, "mail_to")
    items = _items(config)
    if to is not None and not project_key:
        raise InputError("a mail is sent for a project: run this macro in one")
    return _Form(
        filters=filters_from_form(session, config),
        items=items,
        history=dataset_name(config, "history", project_key),
        history_values=dataset_name(config, "history_values", project_key),
        folder=None if folder is None else parse_folder(folder, project_key),
        article=None if article is None else parse_article(article),
        mail_to=None if to is None else parse_addresses(to),
        channel=text_of(config, "channel"),
        with_texts=flag_of(config, "with_texts", safe=False),
    )


def _items(config: Config) -> RegistryKind | None:
    """Which items are listed in place of the projects.

    Raises:
        InputError: they are none, or the form also asks for what is of projects.
    """
    items = text_of(config, "items")
    if items in (None, "projects"):
        return None
    kind = checked_member(RegistryKind, items, "kind of items")
    beside = [name for name in _OF_PROJECTS if text_of(config, name) is not None]
    beside += ["include_ungoverned"] if flag_of(config, "include_ungoverned") else []
    if beside:
        raise InputError(
            f"{kind.value} are shown here only: empty the fields {', '.join(beside)}, which are of projects"
        )
    return kind


def _with_history(
    report: Report,
    name: str,
    values: str | None,
    since: date | None,
    dataset: Callable[[str], Dataset],
    executor: Any,
) -> Report:
    try:
        return with_history(report, dataset(name), executor, since=since, values=dataset(values) if values else None)
    except GovernMirrorError as error:
        raise GovernMirrorError(f"the history {name} cannot be used: {error}") from error
    except Exception as error:
        # DSS and its databases raise what they like
        raise GovernMirrorError(
            f"the history {name} cannot be read ({error}): check that the dataset is there and that you may read it, "
            "or empty the field History to report without it"
        ) from error


def _mailed(session: Session, report: Report, form: _Form, project_key: str) -> str:
    mail = Mail(form.mail_to or (), mail_channel_of(session.store.client, form.channel).id)
    return mail_report(session, report, project_key, mail, with_texts=form.with_texts)
