"""`govern-mirror init`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key


@click.command()
@click.argument("keys", type=project_key, nargs=-1, metavar="KEY...")
@click.option(
    "--all", "everything", is_flag=True, help="Every project this key can see; what it may not write is skipped."
)
@click.option("--tag", metavar="T", help="Every project with this tag.")
@click.option("--folder", metavar="PATH", help="Every project in this project folder and below.")
@click.option("--adopt", is_flag=True, help="Take over copies of governed projects.")
@click.option("--value", metavar="RATING", help="Value rating of the Overview: Low, Medium low, Medium high, High.")
@click.option("--risk", metavar="RATING", help="Risk rating of the Overview.")
@click.option("--initiative", metavar="TEXT", help="Business initiative.")
@click.option("--sponsor", metavar="TEXT", help="Sponsor.")
@click.option("--start-date", metavar="DATE", help="Start date, YYYY-MM-DD.")
@click.option("--target-end-date", metavar="DATE", help="Target end date, YYYY-MM-DD.")
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
    """Initialize the workflow on projects. On a governed project it fills blanks only."""
    from govern_mirror.actions.govern import Scope, initialize
    from govern_mirror.actions.inputs import parse_values
    from govern_mirror.cli.bulk_results import end_with_results
    from govern_mirror.cli.printing import progress

    scope = Scope(keys, tag, folder, everything)
    session = options.session()
    values = parse_values(session.blueprint, overview)
    with progress(options, "initializing") as advanced:
        results = initialize(session, scope, values, adopt=adopt, dry_run=dry_run, progress=advanced)
    end_with_results(options, results, dry_run=dry_run)
