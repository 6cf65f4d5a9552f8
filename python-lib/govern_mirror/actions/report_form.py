"""The macro `governed-projects-report`: its form turned into a report that is shown, published and mailed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from markupsafe import Markup

from govern_mirror.actions.forms import Config, filters_from_form, text_of
from govern_mirror.actions.history_datasets import Dataset, with_past
from govern_mirror.actions.mailing import mail_channel, mail_report, parse_addresses
from govern_mirror.actions.publishing import REPORT_FILE, parse_article, parse_folder, publish
from govern_mirror.actions.reporting import Report, build_report
from govern_mirror.actions.scheduling import last_report
from govern_mirror.actions.session import Session
from govern_mirror.bulk import Progress
from govern_mirror.errors import GovernMirrorError, InputError
from govern_mirror.report.fragment import fragment
from govern_mirror.scenario import Mail


def report_from_form(
    session: Session,
    config: Config,
    project_key: str | None,
    progress: Progress | None = None,
    *,
    dataset: Callable[[str], Dataset],
    executor: Any,
) -> str:
    """Report as the form says: static HTML, the whole page in a managed folder, and a mail.

    Args:
        session: the instance and user.
        config: the form.
        project_key: the project that the macro runs in.
        progress: told when projects must be read one by one.
        dataset: `dataiku.Dataset`, for the history.
        executor: `dataiku.SQLExecutor2`.

    Raises:
        InputError: a filter, the folder's name or an address is not valid, or the mail channel cannot be told.
        GovernMirrorError: the projects or the history cannot be read, the folder cannot be written, or the mail cannot
            be sent.
    """
    named = text_of(config, "managed_folder")
    folder = None if named is None else parse_folder(named, project_key)
    to = text_of(config, "mail_to")
    addresses = None if to is None else parse_addresses(to)
    if addresses is not None and not project_key:
        raise InputError("a mail is sent for a project: run this macro in one")
    history = text_of(config, "history")
    if history is not None and "." not in history:
        if not project_key:
            raise InputError("name the history's project, too: PROJECT.DATASET; this macro does not run in one")
        history = f"{project_key}.{history}"
    wiki = text_of(config, "wiki_article")
    article = None if wiki is None else parse_article(wiki)
    filters = filters_from_form(session, config)
    report = build_report(session, filters, progress=progress, history=folder is not None)
    notes = [f"{project.project_key} could not be read: {project.message}" for project in report.unreadable]
    if history is not None:
        read = report
        # a mail tells what changed since the last one that went out, also when those in between failed
        since = None if addresses is None or project_key is None else last_report(session, project_key)
        report = _with_past(lambda: with_past(read, dataset(history), executor, since=since), history)
        if report.portfolio.past is None:
            notes.append(f"The history {history} holds nothing of this instance yet: no trends are shown.")
    if folder is not None:
        published = publish(session, report.portfolio, folder)
        report = replace(report, portfolio=replace(report.portfolio, page_url=published.url))
        link = Markup('<a href="{}">{}</a>').format(published.url, REPORT_FILE)
        notes.append(Markup("The whole report is in {}, as {}.").format(str(folder), link))
    if article is not None:
        notes.append(publish(session, report.portfolio, article).sentence)
    if addresses is not None and project_key:
        try:
            mail = Mail(addresses, mail_channel(session, text_of(config, "channel")).id)
            notes.append(mail_report(session, report, project_key, mail))
        except GovernMirrorError as error:
            also = "" if folder is None else f"the report is in {folder}, but "
            raise GovernMirrorError(f"{also}it was not mailed: {error}") from error
    return fragment(report.portfolio, tuple(notes))


def _with_past(add: Callable[[], Report], name: str) -> Report:
    try:
        return add()
    except GovernMirrorError as error:
        raise GovernMirrorError(f"the history {name} cannot be used: {error}") from error
    except Exception as error:
        # DSS and its databases raise what they like
        raise GovernMirrorError(
            f"the history {name} cannot be read ({error}): check that the dataset is there and that you may read it, "
            "or empty the field History to report without it"
        ) from error
