"""`govern-mirror doctor`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.hints import worded
from govern_mirror.cli.options import format_option, item_address
from govern_mirror.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from govern_mirror.actions.doctor import KeySource


@click.command()
@click.argument("key", type=item_address, required=False)
@click.option("--probe-write", is_flag=True, help="Also write the project's metadata back exactly as it was read.")
@click.option("--rollout", is_flag=True, help="Also check the live page that is in the project.")
@format_option
@pass_options
def doctor(options: GlobalOptions, key: str | None, probe_write: bool, rollout: bool, form: str) -> None:
    """Check address, rights, versions and the facts nobody documents, live. Exit 1 when a check fails."""
    from govern_mirror.actions.doctor import CheckStatus, examine
    from govern_mirror.actions.hub_check import check_hub
    from govern_mirror.actions.rollout import examine_rollout

    if probe_write and key is None:
        raise click.UsageError("--probe-write needs a project KEY to write back")
    if rollout and key is None:
        raise click.UsageError("--rollout needs the KEY of the project that the webapp is in")
    source, has_settings = _key_source(options), options.settings is not None
    session = options.session()
    checks = list(examine(session, key, probe_write=probe_write, key_source=source, settings_given=has_settings))
    if session.settings.hub_project and not any(check.status is CheckStatus.FAILED for check in checks):
        checks += check_hub(session)
    if rollout and key is not None and not any(check.status is CheckStatus.FAILED for check in checks):
        checks += examine_rollout(session, key.partition("/")[0])
    rows = [(check.name, check.status.value, worded(check.detail, check.hint)) for check in checks]
    if form == "json":
        names = ("check", "verdict", "detail")
        print_json({"format_version": 1, "checks": [dict(zip(names, row, strict=True)) for row in rows]})
    else:
        print_table(("CHECK", "", "DETAIL"), rows)
    if any(check.status is CheckStatus.FAILED for check in checks):
        raise click.exceptions.Exit(1)


def _key_source(options: GlobalOptions) -> KeySource | None:
    """Where the key comes from, in the order in which `connection.resolve` looks; None when it finds none."""
    from govern_mirror.actions.doctor import KeyOrigin, KeySource
    from govern_mirror.connection import CONFIG_FILES

    if options.api_key:
        return KeySource(KeyOrigin.OPTION)
    if options.api_key_file:
        return KeySource(KeyOrigin.FILE, options.api_key_file)
    address = options.url or os.environ.get("DKU_DSS_URL")
    if not options.instances and address and os.environ.get("DKU_API_KEY"):
        return KeySource(KeyOrigin.ENVIRONMENT)
    try:
        files = [path for name in CONFIG_FILES if (path := Path.home() / name).is_file()]
    except (OSError, RuntimeError):
        return None
    return KeySource(KeyOrigin.FILE, files[0]) if files else None
