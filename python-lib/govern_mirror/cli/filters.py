"""The filters of the commands that look at many projects: the same options, the same meaning everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from govern_mirror.model.blueprint import Blueprint
    from govern_mirror.report.portfolio import Filters

Command = TypeVar("Command", bound=Callable[..., Any])
FilterParser = Any
"""Called with the blueprint, gives the `Filters`; steps and decisions can only be checked against it."""

_SETTINGS_DAYS = 0


class _Days(click.IntRange):
    """A number of days from 1; what stands for the option without a number passes, a typed 0 does not."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if isinstance(value, int) else super().convert(value, param, ctx)


def filter_options(command: Command) -> Command:
    """Add the filters to a command; it gets `filters`, a function from a blueprint to `Filters`."""

    @wraps(command)
    def with_filters(*arguments: Any, **given: Any) -> Any:
        stale = given.pop("stale")
        chosen = {name: given.pop(name) for name in ("tag", "step", "decision", "initiative", "owner")}
        flags = {name: given.pop(name) for name in ("with_problems", "include_ungoverned", "in_flight")}

        def filters(blueprint: Blueprint) -> Filters:
            from govern_mirror.actions.report import parse_filters
            from govern_mirror.report.portfolio import Filters

            wanted = Filters(
                tags=chosen["tag"],
                steps=chosen["step"],
                decisions=chosen["decision"],
                initiatives=chosen["initiative"],
                owners=chosen["owner"],
                stale=stale is not None,
                stale_days=stale or None,
                **flags,
            )
            return parse_filters(blueprint, wanted)

        return command(*arguments, filters=filters, **given)

    for option in reversed(_OPTIONS):
        option(with_filters)
    return with_filters  # type: ignore[return-value]  # the options are taken in its place


_OPTIONS = (
    click.option("--tag", multiple=True, metavar="TAG", help="Projects with this DSS tag. Repeated: or."),
    click.option(
        "--step", multiple=True, metavar="STEP", help="At this step, or not_started, complete, closed. Repeated: or."
    ),
    click.option("--decision", multiple=True, metavar="D", help="With this decision, or undecided. Repeated: or."),
    click.option("--initiative", multiple=True, metavar="NAME", help="Of this business initiative. Repeated: or."),
    click.option("--owner", multiple=True, metavar="LOGIN", help="Owned by this login. Repeated: or."),
    click.option(
        "--stale",
        type=_Days(min=1),
        is_flag=False,
        flag_value=_SETTINGS_DAYS,
        metavar="[DAYS]",
        help="In the current step for DAYS days or more (without DAYS: as the settings say, 30).",
    ),
    click.option("--in-flight", is_flag=True, help="Only projects that have started and are not complete or closed."),
    click.option("--with-problems", is_flag=True, help="Only projects that have problems."),
    click.option("--include-ungoverned", is_flag=True, help="Also projects that are not governed, and copies."),
)
