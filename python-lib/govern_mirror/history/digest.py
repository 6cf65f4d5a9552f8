"""What a history adds to a report: its trends, and what changed since an earlier snapshot."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date

from govern_mirror.history.columns import UNKNOWN_NODE, day_number, tracked_fields
from govern_mirror.history.trends import Trends, fetch
from govern_mirror.model.item import Governance
from govern_mirror.report.portfolio import Portfolio, Row
from govern_mirror.report.trends_view import STATE, Change, CycleTime, TrendsView


def node_of(portfolio: Portfolio) -> str:
    """The node id under which a history keeps a portfolio's instance."""
    return portfolio.node_id or UNKNOWN_NODE


def trends_view(
    portfolio: Portfolio, trends: Trends, since: date | None = None, *, unreadable: Collection[str] = ()
) -> TrendsView | None:
    """Return what a history adds to a portfolio; None when the history holds no snapshot of its instance.

    The trends are those of every project of the instance, whatever the portfolio's filters. The changes are told of the
    projects that the portfolio shows: what differs from an earlier snapshot. That is the last one before the day of the
    report, or, with `since`, the last one of that day or before (of none, the first one there is).

    Args:
        portfolio: the report.
        trends: of the history, for this node only.
        since: the day to count changes from.
        unreadable: keys of projects that could not be read this time: nobody knows what became of them.

    Raises:
        HistoryError: the history cannot be read.
    """
    days = trends.snapshot_days.days.get(node_of(portfolio), ())
    if not days:
        return None
    start = _start(days, portfolio, since)
    flow: dict[str, dict[str, int]] = {_date(day).isoformat(): {} for day in days}
    for row in fetch(trends, "flow"):
        flow[row["day"]][row["step"]] = row["projects"]
    return TrendsView(
        days=tuple(_date(day) for day in days),
        flow=tuple(flow.values()),
        cycle_times=tuple(CycleTime(**row) for row in fetch(trends, "cycle_time")),
        throughput=tuple((row["month"], row["delivered"]) for row in fetch(trends, "throughput")),
        since=None if start is None else _date(start),
        changes=() if start is None else tuple(_changes(portfolio, trends.projects_on(start), unreadable)),
    )


def _start(days: Sequence[int], portfolio: Portfolio, since: date | None) -> int | None:
    """The day to compare with, of those in order; None when the history begins with this report."""
    if since is None:
        today = day_number(portfolio.generated_on)
        return max((day for day in days if day < today), default=None)
    since_day = int(f"{since:%Y%m%d}")
    return max((day for day in days if day <= since_day), default=days[0])


def _changes(
    portfolio: Portfolio, before: Mapping[str, Mapping[str, str | None]], unreadable: Collection[str]
) -> Iterator[Change]:
    tracked = tracked_fields(portfolio.blueprint)
    present = set()
    for row in portfolio.governed:
        key = row.project.facts.project_key
        present.add(key)
        earlier = before.get(key)
        if earlier is None:
            yield _change(row, STATE, None, Governance.GOVERNED.value)
            continue
        for field in tracked:
            # a field that the earlier snapshot did not know did not change
            value = field.of(row)
            if field.name in earlier and value != earlier[field.name]:
                yield _change(row, field.name, earlier[field.name], value)
    if portfolio.filters.narrow:
        # of a project that is not there nobody knows whether the filters would have shown it
        return
    for key in sorted(before.keys() - present - set(unreadable)):
        yield Change(key, before[key].get("name") or key, None, STATE, Governance.GOVERNED.value, None)


def _change(row: Row, field: str, before: str | None, after: str | None) -> Change:
    facts = row.project.facts
    return Change(facts.project_key, facts.name, facts.link, field, before, after)


def _date(day: int) -> date:
    """The day of a number such as 20260301."""
    return date(day // 10_000, day // 100 % 100, day % 100)
