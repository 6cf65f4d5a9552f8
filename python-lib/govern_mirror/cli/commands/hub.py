"""The commands about the hub: `hub` and `audit`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.hints import worded
from govern_mirror.cli.options import address_type, dry_run_option, format_option, project_key
from govern_mirror.cli.printing import DIFFERENCES, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from govern_mirror.model.address import Address


@click.group()
def hub() -> None:
    """Keep approvals in a project that nobody but the plugin's own code needs to write."""


@hub.command()
@click.argument("project", type=project_key)
@click.option("--connection", metavar="NAME", help="The connection that a new folder is kept on.")
@pass_options
def init(options: GlobalOptions, project: str, connection: str | None) -> None:
    """Make PROJECT the hub: its managed folder, and a configuration that asks nobody yet."""
    from govern_mirror.actions.hub import set_up_hub
    from govern_mirror.dss.managed_folders import DEFAULT_CONNECTION

    for sentence in set_up_hub(options.session(), project, connection or DEFAULT_CONNECTION):
        options.message(sentence)


@hub.command()
@format_option
@pass_options
def check(options: GlobalOptions, form: str) -> None:
    """Look whether the hub works, and who could write it. Exit 1 when a check fails."""
    from govern_mirror.actions.doctor import CheckStatus
    from govern_mirror.actions.hub_check import check_hub

    checks = list(check_hub(options.session()))
    rows = [(check.name, check.status.value, worded(check.detail, check.hint)) for check in checks]
    if form == "json":
        names = ("check", "verdict", "detail")
        print_json({"format_version": 1, "checks": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        print_table(("CHECK", "", "DETAIL"), rows)
    if any(check.status is CheckStatus.FAILED for check in checks):
        raise click.exceptions.Exit(1)


@hub.command(name="import")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@dry_run_option
@pass_options
def import_(options: GlobalOptions, file: Path, dry_run: bool) -> None:
    """Bring the configuration in a YAML FILE into force: reviewers, managers, deputies, addresses, switches."""
    from govern_mirror.actions.hub import import_configuration
    from govern_mirror.cli.hub_file import read_configuration

    configuration = read_configuration(file)
    changes = import_configuration(options.session(), configuration, dry_run=dry_run)
    rows = [(at, _text(change["from"]), _text(change["to"])) for at, change in changes.items()]
    if rows:
        print_table(("WHAT", "BEFORE", "AFTER"), rows)
    if dry_run and rows:
        raise click.exceptions.Exit(DIFFERENCES)
    options.message("Nothing changes" if not rows else "The configuration is in force")


@hub.command()
@pass_options
def export(options: GlobalOptions) -> None:
    """Print the configuration in force as YAML."""
    from govern_mirror.actions.hub import hub_of
    from govern_mirror.cli.hub_file import configuration_yaml

    for line in configuration_yaml(hub_of(options.session()).open().configuration).splitlines():
        print_line(line)


@click.command()
@click.argument("address", type=address_type, required=False)
@click.option("--all", "everything", is_flag=True, help="All entries, and the configuration.")
@click.option(
    "--heads", type=click.Path(path_type=Path, dir_okay=False), help="A JSON file that an earlier audit or gate wrote."
)
@format_option
@pass_options
def audit(options: GlobalOptions, address: Address | None, everything: bool, heads: Path | None, form: str) -> None:
    """Verify the hub's ledger: exit 3, with the first break on stdout, when it is not as it was written."""
    from govern_mirror.actions.hub import audit_hub, audited_json, read_heads

    if everything == (address is not None):
        raise click.UsageError("name one item, or give --all")
    expected_heads = read_heads(heads) if heads else None
    audited = audit_hub(options.session(), address, known_heads=expected_heads)
    if form == "json":
        print_json(audited_json(audited))
    elif audited.breaks:
        print_line(f"{audited.breaks[0].path}: {audited.breaks[0].message}")
        for further in audited.breaks[1:]:
            say(f"{further.path}: {further.message}")
    else:
        print_line(f"Whole: {audited.entries} {'entry' if audited.entries == 1 else 'entries'}")
    if audited.left:
        say(f"Not users any more: {', '.join(audited.left)}")
    if audited.breaks:
        raise click.exceptions.Exit(DIFFERENCES)


def _text(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    return "" if value is None else str(value)
