"""`govern-mirror report`."""

from __future__ import annotations

import shutil
import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.filters import FilterParser, filter_options
from govern_mirror.report.formats import FORMATS

if TYPE_CHECKING:
    from govern_mirror.report.renderer import Renderer

TABLE = "table"


@click.command()
@click.option(
    "--format", "form", type=click.Choice([TABLE, *FORMATS]), default=TABLE, show_default=True, help="How to print it."
)
@click.option(
    "-o", "--output", metavar="FILE", default="-", help="Where to write; - for stdout, which is also the default."
)
@filter_options
@pass_options
def report(options: GlobalOptions, form: str, output: str, filters: FilterParser) -> None:
    """Report on the governed projects you can see. Different filters mean and, repeated ones or."""
    from govern_mirror.actions.reporting import build_report
    from govern_mirror.cli.printing import progress
    from govern_mirror.report.output import replaced

    renderer = _renderer(form, to_terminal=output == "-" and sys.stdout.isatty())
    with _stdout() if output == "-" else replaced(Path(output)) as stream:
        session = options.session()
        wanted = filters(session.blueprint)
        with progress(options, "reading projects") as advanced:
            built = build_report(session, wanted, progress=advanced)
        stream.write(renderer.render(built.portfolio))
    for project in built.unreadable:
        options.message(f"Warning: {project.project_key} could not be read: {project.message}")
    if output != "-":
        options.message(f"Wrote {output}: {built.portfolio.summary.governed} governed projects")


def _stdout() -> AbstractContextManager[IO[bytes]]:
    return nullcontext(sys.stdout.buffer)


def _renderer(form: str, *, to_terminal: bool) -> Renderer:
    from govern_mirror.cli.printing import PIPED_WIDTH
    from govern_mirror.cli.table_report import TableReport
    from govern_mirror.report.formats import renderer

    if form == TABLE:
        return TableReport(shutil.get_terminal_size().columns if to_terminal else PIPED_WIDTH)
    made = renderer(form)
    if made.is_binary and to_terminal:
        raise click.UsageError(f"{form} is not for a terminal: name a file with -o FILE")
    return made
