"""`govern-mirror init`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key
from govern_mirror.cli.template_options import TemplateCommand
from govern_mirror.model.blueprint import OVERVIEW


@click.command(cls=TemplateCommand, fields_of=lambda blueprint: blueprint.section(OVERVIEW))
@click.argument("keys", type=project_key, nargs=-1, metavar="KEY...")
@click.option(
    "--all", "everything", is_flag=True, help="Every project this key can see; what it may not write is skipped."
)
@click.option("--tag", metavar="T", help="Every project with this tag.")
@click.option("--folder", metavar="PATH", help="Every project in this project folder and below.")
@click.option("--adopt", is_flag=True, help="Take over copies of governed projects.")
@click.option("--dry-run", is_flag=True, help="Only say what would change; exit 3 when something would.")
@pass_options
def init(
    options: GlobalOptions,
    /,
    keys: tuple[str, ...],
    everything: bool,
    tag: str | None,
    folder: str | None,
    adopt: bool,
    dry_run: bool,
    **overview: str | None,
) -> None:
    """Initialize the workflow on projects. On a governed project it fills blanks only.

    The options of the Overview are those of the template: the standard one, or the one that --settings FILE names.
    """
    from govern_mirror.actions.govern import Scope, initialize
    from govern_mirror.actions.inputs import parse_values
    from govern_mirror.cli.bulk_results import end_with_results
    from govern_mirror.cli.printing import progress

    if not (keys or everything or tag is not None or folder is not None):
        raise click.UsageError("say which projects: project keys, or one of --all, --tag TAG, --folder PATH")
    scope = Scope(keys, tag, folder, everything)
    session = options.session()
    values = parse_values(session.blueprint, overview)
    with progress(options, "initializing") as advanced:
        results = initialize(session, scope, values, adopt=adopt, dry_run=dry_run, progress=advanced)
    end_with_results(options, session.blueprint, results, dry_run=dry_run)
