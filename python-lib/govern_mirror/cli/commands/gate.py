"""`govern-mirror gate`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.options import address_type, format_option
from govern_mirror.cli.printing import DIFFERENCES, print_json, print_line, print_table, say

if TYPE_CHECKING:
    from govern_mirror.actions.session import Session
    from govern_mirror.model.address import Address

HOOK = "hook"
"""In place of an address: print the Deployer's hook. Keys of projects are written in capitals."""


@click.command()
@click.argument("address", type=address_type)
@click.option("--step", metavar="STEP", help="The step that must be ongoing, finished or passed by.")
@click.option(
    "--signed-off",
    is_flag=True,
    help="The item, as it is now, must be approved in the hub; of a project with --step, that step.",
)
@click.option(
    "--decision", "decisions", metavar="D", multiple=True, help="A decision that opens the gate; repeated: any of them."
)
@click.option("--accept-hand-edits", is_flag=True, help="Take also what was only typed into the project's fields.")
@click.option("--allow-skipped", is_flag=True, help="Take also a way on which people skipped steps.")
@click.option(
    "--without-rules",
    is_flag=True,
    help="Judge also where the plugin's settings, and so the administrator's rules, cannot be read.",
)
@click.option(
    "--policy",
    type=click.Choice(["PREVENT", "WARN", "NO_CHECK"]),
    default="PREVENT",
    show_default=True,
    help="Of the hook: what it does where its file names no policy for an infrastructure.",
)
@format_option
@pass_options
def gate(
    options: GlobalOptions,
    address: Address,
    step: str | None,
    signed_off: bool,
    policy: str,
    decisions: tuple[str, ...],
    form: str,
    accept_hand_edits: bool,
    allow_skipped: bool,
    without_rules: bool,
) -> None:
    """Let a pipeline pass, or stop it: exit 0 when a project has reached a step, else 3.

    The reason is one sentence on stderr. A project that is not governed, a copy, and one whose workflow leaves a step
    open before the one asked for do not pass; nor do values that were only typed into the project's fields, a way on
    which people skipped a step, a step done against the rules, or a closed project. ADDRESS is a project, or with
    --signed-off one of its items: KEY/bundle/ID, KEY/model/SAVED_MODEL/VERSION, KEY/agent/ID/VERSION. Where the
    administrator's rules or the hub cannot be read, it fails with exit 1. `gate hook` prints the pre-deployment hook
    for the Deployer, which lets only approved bundles pass.
    """
    if str(address) == HOOK and step is None and not signed_off:
        from govern_mirror.dss.hook_text import hook_text

        for line in hook_text(policy).splitlines():
            print_line(line)
        return

    from govern_mirror.actions.gate import gate as judge
    from govern_mirror.actions.gate import gate_json
    from govern_mirror.model.gate import Allowed

    allowed = Allowed(accept_hand_edits, allow_skipped)
    if step is None and not signed_off:
        raise click.UsageError("say what the gate asks for: --step, or --signed-off")
    session = options.session()
    checked = judge(
        session,
        str(address),
        step,
        decisions,
        signed_off=signed_off,
        signoff_step=step if not address.ids else None,
        allowed=allowed,
        without_rules=without_rules,
    )
    document = gate_json(checked)
    if form == "json":
        print_json(document)
    else:
        _print(session, document, signed_off=signed_off)
    if not checked.result.met:
        # why a pipeline stops is said even when it asked for quiet
        say(f"Gate not met: {checked.result.reason}")
        raise click.exceptions.Exit(DIFFERENCES)
    options.message(f"Gate met: {checked.result.reason}")


def _print(session: Session, document: Mapping[str, Any], *, signed_off: bool) -> None:
    """Print where the item stands, a line; the current step is that of its project."""
    from govern_mirror.model.blueprint import Status
    from govern_mirror.model.signoff import SignoffStatus

    blueprints = (session.blueprint, session.blueprint_of(document["address"]))
    names = {id_: blueprint.step(id_).name for blueprint in blueprints for id_ in blueprint.step_ids}
    step, current, status = document["step"], document["current_step"], document["status"]
    columns = {
        "ITEM": document["address"],
        "STEP": names.get(step, step),
        "STATUS": Status(status).label if status else None,
        "CURRENT STEP": names.get(current, current),
        "DECISION": document["decision"],
    }
    if signed_off:
        signoff = document["signoff"]
        columns["SIGN-OFF"] = SignoffStatus(signoff["status"]).label if signoff else None
    columns["GATE"] = "met" if document["met"] else "not met"
    print_table(tuple(columns), [tuple(columns.values())])
