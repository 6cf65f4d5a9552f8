"""The commands about sign-offs: `signoff` and `reviews`.

`signoff` runs the plugin's macros with the person's own key: DSS tells the macro who that is, and the macro writes the
ledger with a key that nobody outside it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from govern_mirror.cli.context import GlobalOptions, pass_options
from govern_mirror.cli.options import address_type, dry_run_option, format_option, key_argument
from govern_mirror.cli.printing import DIFFERENCES, MAX_UNREADABLE, first, print_json, print_table, say, say_error

if TYPE_CHECKING:
    from govern_mirror.actions.session import Session
    from govern_mirror.model.address import Address

GROUPS = ("it_operations", "risk_compliance", "business")
ROLES = (*GROUPS, "final_approvers")
preset_option = click.option(
    "--preset", metavar="NAME", default="hub", show_default=True, help="The hub's preset in DSS."
)


@click.group()
def signoff() -> None:
    """Ask for a review, and take part in it: what is done is recorded in the hub, under the name that DSS gives."""


def _takes(*, comment: str = "In your words.") -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The arguments and options that all of these commands have."""

    def decorated(command: Callable[..., None]) -> Callable[..., None]:
        for decorator in (
            pass_options,
            dry_run_option,
            preset_option,
            click.option("--comment", metavar="TEXT", help=comment),
            click.argument("step", required=False),
            click.argument("address", type=address_type),
        ):
            command = decorator(command)
        return command

    return decorated


@signoff.command()
@click.option("--final", is_flag=True, help="Ask for the final approval, not for feedback first.")
@_takes(comment="What reviewers should know.")
def request(options: GlobalOptions, final: bool, **form: Any) -> None:
    """Ask for the review of ADDRESS; of a project, of a STEP that the hub has signed off."""
    _take_part(options, "request_approval" if final else "request_feedback", form)


@signoff.command()
@click.option("--group", type=click.Choice(GROUPS), help="In which group; where you are in one only, it is that.")
@click.option(
    "--status",
    "feedback",
    type=click.Choice(["approved", "minor_issue", "major_issue"]),
    required=True,
    help="What you say.",
)
@_takes(comment="Needed for a major issue.")
def feedback(options: GlobalOptions, **form: Any) -> None:
    """Give feedback on ADDRESS."""
    _take_part(options, "feedback", form)


def _act(name: str, summary: str, comment: str = "In your words.") -> None:
    """Add the command of an act that takes nothing but what all take."""

    @signoff.command(name=name, help=summary)
    @_takes(comment=comment)
    def act(options: GlobalOptions, **form: Any) -> None:
        _take_part(options, name, form)


_act("approve", "Approve ADDRESS as it is now.")
_act("reject", "Reject ADDRESS.", "Why; it is needed.")
_act("back", "Send the review of ADDRESS back to feedback.")
_act("abandon", "Abandon the review of ADDRESS.")
_act("cancel", "Take back that the review of ADDRESS was abandoned.")
_act("reset", "Reset the sign-off of ADDRESS, so that a new review can be asked for.")


@signoff.command()
@click.option("--to", metavar="LOGIN", required=True, help="Who is to review.")
@click.option("--as", "group", type=click.Choice(ROLES), help="As what; needed where you are asked as more than one.")
@click.option("--of", metavar="LOGIN", help="Whose review, if not yours; governance managers only, with a comment.")
@click.option("--until", metavar="TIME", help="When it ends, as an ISO 8601 time with a zone.")
@_takes()
def delegate(options: GlobalOptions, **form: Any) -> None:
    """Hand a review of ADDRESS over to somebody."""
    _take_part(options, "delegate", form)


_act(
    "finish",
    "Finish a STEP of ADDRESS whose sign-off is approved: the hub is asked with its own key.",
    "Why; kept in the history.",
)
_act("attest", "Vouch in the hub for the decision of a project, as it is recorded now.")


@signoff.command()
@click.option("--infra", "infrastructure", metavar="ID", required=True, help="The infrastructure of the Deployer.")
@click.option("--reason", "comment", metavar="TEXT", required=True, help="Why it cannot wait.")
@click.option("--ticket", metavar="TEXT", required=True, help="Where it is followed up.")
@click.option("--hours", type=int, default=24, show_default=True, help="For how long, up to two weeks.")
@preset_option
@click.argument("address", type=address_type)
@dry_run_option
@pass_options
def emergency(options: GlobalOptions, /, **form: Any) -> None:
    """Let ADDRESS pass once on one infrastructure without approval, within some hours; its review is due afterwards."""
    _take_part(options, "emergency", form)


@signoff.command()
@preset_option
@dry_run_option
@pass_options
def remind(options: GlobalOptions, preset: str, dry_run: bool) -> None:
    """Mail who must act in a review, after the days that the hub names; for a daily run by a governance manager."""
    from govern_mirror.actions.hub import hub_of
    from govern_mirror.actions.take_part import DUE, run_hub_macro

    session = options.session()
    key = hub_of(session).project_key
    rows = run_hub_macro(session, key, "remind-reviewers", {"dry_run": dry_run}, preset, "remind reviewers")
    print_table(("WHAT", "DETAIL"), [(row[0], row[1]) for row in rows if len(row) > 1])
    if dry_run and any(row[0] == DUE for row in rows):
        raise click.exceptions.Exit(DIFFERENCES)


def _take_part(options: GlobalOptions, act: str, form: dict[str, Any]) -> None:
    from govern_mirror.actions.take_part import take_part

    part = take_part(options.session(), str(form.pop("address")), act, **form)
    print_table(("WHAT", "DETAIL"), list(part.rows))
    if form["dry_run"] and not part.changes_nothing:
        raise click.exceptions.Exit(DIFFERENCES)


@click.command()
@key_argument
@format_option
@pass_options
def items(options: GlobalOptions, key: str, form: str) -> None:
    """List the bundles of a project, and the versions of its models and agents, with where their sign-off stands.

    Of an item's own address it lists that one.
    """
    from govern_mirror.actions.items import items_json, items_of

    found = items_of(options.session(), key)
    document = items_json(found)
    if form == "json":
        print_json(document)
    else:
        print_table(
            ("ITEM", "NAME", "MADE ON", "BY", "ACTIVE", "STEP", "SIGN-OFF"),
            [
                (
                    item["address"],
                    item["name"] or "",
                    (item["made_on"] or "")[:10],
                    item["made_by"] or "",
                    {True: "yes", False: "no", None: ""}[item["active"]],
                    _step(item),
                    _standing(item),
                )
                for item in document["items"]
            ],
        )
    for warning in (*found.warnings, *([found.off] if found.off else [])):
        options.message(warning)


def _step(item: dict[str, Any]) -> str:
    from govern_mirror.model.address import parse_address
    from govern_mirror.model.item_templates import item_template
    from govern_mirror.model.workflow import NOT_STARTED, stage_name

    if item["superseded"] and item["stage"] in (None, NOT_STARTED):
        return "Superseded"
    return stage_name(item["stage"], item_template(parse_address(item["address"]).kind)) if item["stage"] else ""


def _step_name(session: Session, address: Address, step_id: str) -> str:
    """What people call a step; its id where the template has it no more."""
    from govern_mirror.errors import InputError

    try:
        return session.blueprint_of(str(address)).step(step_id).name
    except InputError:
        return step_id


def _standing(item: dict[str, Any]) -> str:
    # "Not started" would be read as that of the item's steps
    is_requested = item["status"] != "NOT_STARTED"
    status = (item["status"] or "").replace("_", " ").capitalize() if is_requested else "Not asked"
    standing = f"{status}, changed since" if item["unchanged"] is False else status
    if item["govern"] is None:
        return standing
    said = (item["govern"]["status"] or "not readable").replace("_", " ").lower()
    return f"{standing}; in Govern {said}{' and counts' if item['govern']['counts'] else ''}"


@click.command()
@click.option("--mine", is_flag=True, help="Only those in which I can act.")
@click.option("--all", "everything", is_flag=True, help="The register: all that was ever done, the latest first.")
@click.option("--item", metavar="TEXT", help="With --all: what the address holds, such as a project's key.")
@click.option("--by", metavar="LOGIN", help="With --all: who acted, or for whom.")
@click.option("--act", metavar="ACT", help="With --all: what was done, such as approve.")
@click.option("--since", metavar="DAY", help="With --all: the first day, as YYYY-MM-DD (UTC).")
@click.option("--until", metavar="DAY", help="With --all: the last day.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "csv"]),
    default="table",
    show_default=True,
    help="How to print it; csv with --all.",
)
@pass_options
def reviews(options: GlobalOptions, /, mine: bool, everything: bool, form: str, **wanted: str | None) -> None:
    """List the reviews that wait, the oldest first; exit 3 when there is one, and 1 when the ledger of an item is not
    whole. With --all, the register for an auditor: who did what, when, and what they saw; exit 3 when the ledger is not
    as it was written.
    """
    from govern_mirror.actions.reviews import reviews_json, waiting_reviews

    if everything:
        if mine:
            raise click.UsageError("--mine lists what waits, and --all what was done: give one of them")
        from govern_mirror.cli.register import write_register

        write_register(options, form, wanted)
        return
    for name, value in wanted.items():
        if value is not None:
            raise click.UsageError(f"--{name} filters the register: give --all, too")
    if form == "csv":
        raise click.UsageError("csv is a format of the register: give --all, too")
    session = options.session()
    waiting = waiting_reviews(session, mine=mine)
    document = reviews_json(waiting)
    if form == "json":
        print_json(document)
    elif waiting.reviews:
        print_table(
            ("ITEM", "STEP", "STATUS", "ASKED BY", "SINCE", "I MAY ACT AS"),
            [
                (
                    str(review.address),
                    _step_name(session, review.address, review.step),
                    review.signoff.status.label,
                    review.signoff.requested[-1].by,
                    f"{review.signoff.requested[0].at:%Y-%m-%d}",
                    ", ".join(right.label for right in review.rights),
                )
                for review in waiting.reviews
            ],
        )
    if waiting.unread:
        say_error(f"of {len(waiting.unread)} items the ledger cannot be read, so that nothing of them is approved")
        for line in first([item.sentence for item in waiting.unread], MAX_UNREADABLE):
            say(line)
        raise click.exceptions.Exit(1)
    if waiting.reviews:
        raise click.exceptions.Exit(DIFFERENCES)
    options.message("Nothing waits")
