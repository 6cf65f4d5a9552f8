"""`govern-mirror demo`: the whole job on a laptop, against the embedded sandbox."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.hints import program

if TYPE_CHECKING:
    from govern_mirror.actions.session import Session

REPORTS = ("html", "json", "csv")
HISTORY = "history.duckdb"
SETTINGS = "settings.json"
"""The plugin's settings for `--settings`, since people may not read them in DSS."""


@click.command()
@click.option(
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-report"),
    show_default=True,
    metavar="DIR",
)
@click.option("--serve", "stays_open", is_flag=True, help="Open the live page on it afterwards, to play with.")
@pass_options
def demo(options: GlobalOptions, output: Path, stays_open: bool) -> None:
    """Govern twelve projects on a small built-in DSS, and review what they release; leave report.html, .json, .csv."""
    from govern_mirror import clock
    from govern_mirror.actions.history import take_snapshot
    from govern_mirror.actions.session import connect_to

    from ..host import PluginHost
    from ..sandbox.app import Sandbox
    from ..sandbox.server import serve
    from ..seeds import demo as seed
    from ..seeds import reviews
    from ..seeds.stories import STORIES
    from ..source import plugin_root

    try:
        output.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise click.UsageError(f"cannot write to {output}: {error.strerror}; choose --output") from error
    sandbox = Sandbox(plugin=PluginHost(plugin_root()))
    try:
        with serve(sandbox) as url:
            options.message(f"A small DSS answers at {url}; {len(STORIES)} projects live in it.\n")
            keys = seed.prepare(sandbox)
            history = output / HISTORY
            history.unlink(missing_ok=True)
            weekly = partial(take_snapshot, history=history)
            count = seed.run(sandbox, url, keys, options.message, clock.now(), weekly, with_hub=True)
            options.message(f"\n{count} things happened through the public API. {seed.MANAGER} now reads the report:\n")
            session = connect_to(url, keys[seed.MANAGER], settings=reviews.SETTINGS)
            _report(options, session, output, history)
            _registry(options, session, output)
            _dataset_and_macro(options, url, keys[seed.MANAGER], output)
            if stays_open:
                _open_page(session, url, keys[seed.MANAGER], output)
            else:
                options.message(f"\nTo govern, edit and save in the browser: `{program()} demo --serve`.")
                options.message(f"To review and approve there, too: `{program()} sandbox --webapp --hub`.")
    finally:
        sandbox.close()


def _report(options: GlobalOptions, session: Session, output: Path, history: Path) -> None:
    from govern_mirror.actions.history import with_history
    from govern_mirror.actions.report import build_report
    from govern_mirror.cli.table_report import TableReport
    from govern_mirror.report.formats import renderer
    from govern_mirror.report.output import atomic_write

    report = build_report(session)
    a_month_ago = (report.portfolio.generated_on - timedelta(weeks=4)).date()
    portfolio = with_history(report, history, since=a_month_ago).portfolio
    click.echo(TableReport().render(portfolio).decode("utf-8"))
    for form in REPORTS:
        path = output / f"report.{form}"
        with atomic_write(path) as stream:
            stream.write(renderer(form).render(portfolio))
        click.echo(path)
    options.message(
        f"\n{session.login} took a snapshot every week, so the page has a view Trends. They are kept in {history}: try "
        f"`{program()} trends --history {history}`."
    )


def _registry(options: GlobalOptions, session: Session, output: Path) -> None:
    """Show where the sign-offs of bundles and model versions stand, and how to look further."""
    from govern_mirror.actions.registry import read_registry
    from govern_mirror.actions.reviews import waiting_reviews
    from govern_mirror.cli.printing import terminal_width
    from govern_mirror.cli.registry import registry_table
    from govern_mirror.report.output import atomic_write

    hub = session.settings.hub_project
    with atomic_write(output / SETTINGS) as stream:
        stream.write(json.dumps({"hub_project": hub}).encode())
    options.message(f"\nApprovals are kept in the hub {hub}. Where the model's versions and the bundles stand:\n")
    for kind in ("models", "bundles"):
        click.echo(registry_table(read_registry(session, kind), terminal_width()).decode("utf-8"))
    waiting = ", ".join(str(review.address) for review in waiting_reviews(session, mine=True).reviews)
    options.message(f"For {session.login} waits the review of {waiting}.")


def _dataset_and_macro(options: GlobalOptions, url: str, api_key: str, output: Path) -> None:
    """Run the report macro and the recipe in DSS too, as a manager would."""
    import dataikuapi

    from govern_mirror.report.output import atomic_write

    project = dataikuapi.DSSClient(url, api_key=api_key).get_project("CHURN")
    macro = project.get_macro("pyrunnable_govern-mirror_governed-projects-report")
    html = macro.get_result(macro.run(), as_type="string")
    with atomic_write(output / "macro-result.html") as stream:
        stream.write(html)
    project.new_managed_dataset("governed_projects").with_store_into("filesystem_managed").create()
    outputs = {"governed_projects": {"items": [{"ref": "governed_projects"}]}}
    prototype = {"type": "CustomCode_governed-projects", "name": "governed", "outputs": outputs}
    project.create_recipe(prototype, {})
    job = {"type": "NON_RECURSIVE_FORCED_BUILD", "outputs": [{"id": "governed_projects", "type": "DATASET"}]}
    project.start_job_and_wait(job)
    rows = sum(1 for _ in project.get_dataset("governed_projects").iter_rows())
    options.message(
        f"\nIn DSS, the macro's result has {len(html):,} characters (kept as {output / 'macro-result.html'}), "
        f"and the recipe wrote {rows} rows."
    )


def _open_page(session: Session, url: str, api_key: str, output: Path) -> None:
    """Serve the live page until somebody stops it, and say how to use the sandbox behind it."""
    from govern_mirror.web.loopback import serving

    with serving(session, history=output / HISTORY) as address:
        click.echo(f"\nThe live page is open for {session.login}. Open it in your browser:\n\n  {address.url}\n")
        click.echo(f"The small DSS behind it goes on at {url}. In another terminal:\n")
        click.echo(f"  export DKU_DSS_URL={url} DKU_API_KEY={api_key}\n  {program()} show CHURN")
        click.echo(f"  {program()} --settings {output / SETTINGS} reviews --mine\n\nStop with Ctrl-C.")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            click.echo("Stopped.", err=True)
