"""`govern-mirror doctor`."""

from __future__ import annotations

import click

from govern_mirror.cli.context import GlobalOptions, pass_options, project_key


@click.command()
@click.argument("key", type=project_key, required=False)
@click.option("--probe-write", is_flag=True, help="Also write the project's metadata back exactly as it was read.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to print it.",
)
@pass_options
def doctor(options: GlobalOptions, key: str | None, probe_write: bool, form: str) -> None:
    """Check address, rights, versions and the facts nobody documents, live. Exit 1 when a check fails."""
    from govern_mirror.actions.doctor import Verdict, examine
    from govern_mirror.cli.printing import print_json, print_table

    if probe_write and key is None:
        raise click.UsageError("--probe-write needs a project KEY to write back")
    checks = list(examine(options.session(), key, probe_write=probe_write))
    if form == "json":
        rows = [{"check": check.name, "verdict": check.verdict.value, "detail": check.detail} for check in checks]
        print_json({"format_version": 1, "checks": rows})
    else:
        print_table(("CHECK", "", "DETAIL"), [(c.name, c.verdict.value, c.detail) for c in checks])
    if any(check.verdict is Verdict.FAILED for check in checks):
        raise click.exceptions.Exit(1)
