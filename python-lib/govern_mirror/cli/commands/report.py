"""`govern-mirror report`."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.printing import (
    MAX_UNREADABLE,
    first,
    is_terminal,
    say,
    say_error,
    terminal_width,
    write_bytes,
)
from govern_mirror.report.formats import BINARY_FORMATS, FORMATS

if TYPE_CHECKING:
    from govern_mirror.actions.publish import Article, Folder
    from govern_mirror.actions.report import Report
    from govern_mirror.actions.session import Session
    from govern_mirror.model.blueprint import Blueprint
    from govern_mirror.report.formats import Renderer
    from govern_mirror.report.portfolio import Portfolio

TABLE = "table"

ENDINGS = {
    ".html": "html",
    ".json": "json",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".md": "markdown",
    ".yaml": "plan",
}
"""The format that the ending of a file's name asks for."""


_SETTINGS_DAYS = 0


class _Days(click.IntRange):
    """A number of days from 1; what stands for the option without a number passes, a typed 0 does not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if isinstance(value, int) else super().convert(value, param, ctx)


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """A report makes millions of small objects that live to its end: looking for cycles among them is lost time."""
    searched = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # else the interpreter looks through what is left once more when it ends
        if searched:
            gc.enable()


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice([TABLE, *FORMATS]),
    help="How to print it; else what the name of the -o FILE says; else table.",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(),
    default="-",
    help="Where to write; - for stdout, which is also the default.",
)
@click.option(
    "--publish-folder", metavar="PROJECT.FOLDER_ID", help="Also put the page into this managed folder, in its place."
)
@click.option(
    "--publish-wiki",
    metavar="PROJECT[:ARTICLE]",
    help="Also put the Markdown into this wiki article, in its place (without ARTICLE: Governed projects).",
)
@click.option(
    "--with-texts", is_flag=True, help="Let what is published also hold notes, comments, documents and history."
)
@click.option(
    "--history",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Add what the history that `snapshot` keeps tells: trends, and what changed since the last report.",
)
@click.option(
    "--since",
    metavar="DATE",
    help="Count changes from the last snapshot of this day or before; else from the last one before today.",
)
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Projects with this DSS tag. Repeated: or.")
@click.option(
    "--step",
    "steps",
    multiple=True,
    metavar="STEP",
    help="At this step, or not_started, complete, closed. Repeated: or.",
)
@click.option(
    "--decision", "decisions", multiple=True, metavar="D", help="With this decision, or undecided. Repeated: or."
)
@click.option(
    "--initiative", "initiatives", multiple=True, metavar="NAME", help="Of this business initiative. Repeated: or."
)
@click.option("--owner", "owners", multiple=True, metavar="LOGIN", help="Owned by this login. Repeated: or.")
@click.option(
    "--stale",
    type=_Days(min=1),
    is_flag=False,
    flag_value=_SETTINGS_DAYS,
    metavar="[DAYS]",
    help="In the current step for DAYS days or more (without DAYS: as the settings say, 30).",
)
@click.option("--in-flight", is_flag=True, help="Only projects that have started and are not complete or closed.")
@click.option("--with-problems", is_flag=True, help="Only projects that have problems.")
@click.option("--include-ungoverned", is_flag=True, help="Also projects that are not governed, and copies.")
@click.option(
    "--items",
    type=click.Choice(["bundles", "models"]),
    help="Not the projects, but their bundles, or the versions of their models and agents, with where each stands.",
)
@pass_options
@_no_search_for_cycles()
def report(
    options: GlobalOptions,
    /,
    form: str | None,
    output: str,
    publish_folder: str | None,
    publish_wiki: str | None,
    with_texts: bool,
    history: Path | None,
    since: str | None,
    stale: int | None,
    items: str | None,
    **filters: Any,
) -> None:
    """Report on the governed projects you can see. Different filters mean and, repeated ones or."""
    from govern_mirror.report.output import atomic_write

    filters |= {"stale": stale is not None, "stale_days": stale or None}
    if items is not None:
        about_projects: dict[str, object] = {
            "--publish-folder": publish_folder,
            "--publish-wiki": publish_wiki,
            "--history": history,
        }
        about_projects |= {"--since": since, "--with-texts": with_texts or None}
        about_projects |= {"--include-ungoverned": filters["include_ungoverned"] or None}
        _report_items(options, items, filters, form, output, about_projects)
        return
    targets = _targets(publish_folder, publish_wiki)
    if with_texts and not targets:
        raise click.UsageError("--with-texts is about what is published: add --publish-folder or --publish-wiki")
    form = form or _format_of(Path(output).suffix.lower())
    is_binary = form in BINARY_FORMATS
    if is_binary and output == "-" and is_terminal(sys.stdout):
        raise click.UsageError(f"{form} is not for a terminal: name a file with -o FILE")
    add_past = _past(history, since, is_published=bool(targets), form=form, blueprint=options.blueprint)
    with nullcontext() if output == "-" else atomic_write(Path(output)) as file:
        # a wrong step or decision is refused by the instance's template, before anything is read
        session = options.session(lists_projects=not (filters["steps"] or filters["decisions"]))
        from govern_mirror.actions.report import build_report
        from govern_mirror.report.portfolio import Filters

        renderer, selection = _renderer(form), Filters(**filters)
        # what is published shows events (the page) and the past (both)
        events = renderer.shows_events or publish_folder is not None
        with options.progress("reading projects") as advanced:
            result = add_past(build_report(session, selection, progress=advanced, history=events))
            if renderer.shows_approvals or publish_wiki is not None:
                from govern_mirror.actions.registry import with_approvals

                result = with_approvals(session, result)
        content = renderer.render(result.portfolio)
        if file is not None:
            file.write(content)
    if file is None:
        write_bytes(content, is_text=not is_binary)
    if output != "-":
        from govern_mirror.report.wording import count

        options.message(f"Wrote {output}: {count(result.portfolio.summary.governed, 'governed project')}")
    _publish(options, session, result.portfolio, targets, with_texts=with_texts)
    if result.portfolio.unreadable:
        _say_incomplete(result.portfolio)
        raise click.exceptions.Exit(1)


def _report_items(
    options: GlobalOptions,
    items: str,
    filters: Mapping[str, Any],
    form: str | None,
    output: str,
    about_projects: Mapping[str, object],
) -> None:
    """Write the registry; options that are about projects, and none that are None, are refused beside it."""
    from govern_mirror.cli.registry import write_registry
    from govern_mirror.report.portfolio import Filters

    for option in [option for option, value in about_projects.items() if value is not None]:
        raise click.UsageError(f"--items lists items of governed projects, and {option} is about projects")
    write_registry(options, items, form or _format_of(Path(output).suffix.lower()), output, Filters(**filters))


def _format_of(ending: str) -> str:
    if ending in ("", ".txt", *ENDINGS):
        return ENDINGS.get(ending, TABLE)
    raise click.UsageError(
        f"no format has files that end in {ending}: use {', '.join(ENDINGS)} or .txt, or name one with --format"
    )


def _past(
    history: Path | None, since: str | None, *, is_published: bool, form: str, blueprint: Callable[[], Blueprint]
) -> Callable[[Report], Report]:
    """A function that adds what the history tells; wrong options, and a history that cannot be opened, come first."""
    if history is None:
        if since is not None:
            raise click.UsageError("--since counts changes in a history: add --history PATH")
        return lambda report: report
    if not (is_published or _renderer(form).shows_trends):
        raise click.UsageError(
            f"{form} does not show a history: use html, markdown, mail or table, or `trends --history {history} "
            "--format json`"
        )
    from govern_mirror.actions.history import open_trends, with_history
    from govern_mirror.actions.inputs import parse_since

    first = None if since is None else parse_since(since, is_over=True)
    with open_trends(history, blueprint=blueprint()):
        return lambda report: with_history(report, history, since=first)


def _targets(folder: str | None, article: str | None) -> list[Folder | Article]:
    if folder is None and article is None:
        return []
    from govern_mirror.actions.publish import parse_article, parse_folder

    targets: list[Folder | Article] = [] if folder is None else [parse_folder(folder)]
    return targets if article is None else [*targets, parse_article(article)]


def _publish(
    options: GlobalOptions,
    session: Session,
    portfolio: Portfolio,
    targets: list[Folder | Article],
    *,
    with_texts: bool,
) -> None:
    """Publish everywhere, also after a failure, and say what was published; fail when something was not."""
    if not targets:
        return
    from govern_mirror.actions.publish import Delivery

    delivery = Delivery()
    for target in targets:
        published = delivery.publish(session, portfolio, target, with_texts=with_texts)
        if published is not None:
            options.message(published.sentence)
    delivery.require_all()


def _say_incomplete(portfolio: Portfolio) -> None:
    """Say what is missing, also to those who asked for quiet: the exit code is 1 for it."""
    say_error(portfolio.incomplete)
    reasons = [f"{project.project_key} could not be read: {project.message}" for project in portfolio.unreadable]
    for line in first(reasons, MAX_UNREADABLE):
        say(line)


def _renderer(form: str) -> Renderer:
    from govern_mirror.cli.table_report import TableReport
    from govern_mirror.report.formats import renderer

    if form == TABLE:
        return TableReport(terminal_width())
    return renderer(form)
