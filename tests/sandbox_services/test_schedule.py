"""When scenarios start by themselves."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from govern_mirror_devkit.sandbox.schedule import temporal_trigger

UTC = timezone.utc


def firings(params: dict[str, Any], after: str, until: str, server: Any = UTC) -> list[str]:
    trigger = temporal_trigger({"type": "temporal", "params": params}, server)
    window = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (after, until)]
    return [at.strftime("%a %Y-%m-%d %H:%M") for at in trigger.firings(*window)]


def daily(**params: Any) -> dict[str, Any]:
    return {"frequency": "Daily", "repeatFrequency": 1, "hour": 7, "minute": 30, "timezone": "SERVER", **params}


def test_a_daily_trigger_fires_once_a_day_at_its_time():
    assert firings(daily(), "2026-03-01T07:30", "2026-03-03T07:30") == ["Mon 2026-03-02 07:30", "Tue 2026-03-03 07:30"]


def test_a_daily_trigger_every_other_day_counts_from_its_starting_date():
    params = daily(repeatFrequency=2, startingFrom="2026-03-02")
    assert firings(params, "2026-03-01T00:00", "2026-03-06T00:00") == ["Mon 2026-03-02 07:30", "Wed 2026-03-04 07:30"]


def test_nothing_fires_before_the_starting_date_that_the_client_writes():
    params = daily(startingFrom="2026-03-04T00:00:00.000+0000")
    assert firings(params, "2026-03-01T00:00", "2026-03-05T00:00") == ["Wed 2026-03-04 07:30"]


def test_a_trigger_keeps_its_local_time_when_clocks_change():
    params = daily(timezone="Europe/Paris")
    assert firings(params, "2026-03-28T00:00", "2026-03-30T12:00") == [
        "Sat 2026-03-28 06:30",
        "Sun 2026-03-29 05:30",
        "Mon 2026-03-30 05:30",
    ]


def test_server_time_is_the_zone_the_instance_runs_in():
    assert firings(daily(), "2026-01-01T00:00", "2026-01-02T00:00", ZoneInfo("Asia/Tokyo")) == ["Thu 2026-01-01 22:30"]


def test_a_weekly_trigger_fires_on_its_days_only():
    params = daily(frequency="Weekly", daysOfWeek=["Monday", "THURSDAY"])
    assert firings(params, "2026-03-01T00:00", "2026-03-09T00:00") == ["Mon 2026-03-02 07:30", "Thu 2026-03-05 07:30"]


def test_a_fortnightly_trigger_skips_every_other_week():
    params = daily(frequency="Weekly", repeatFrequency=2, daysOfWeek=["Monday"], startingFrom="2026-03-04")
    assert firings(params, "2026-03-04T00:00", "2026-03-31T00:00") == ["Mon 2026-03-16 07:30", "Mon 2026-03-30 07:30"]


def test_a_monthly_trigger_on_the_31st_fires_in_short_months_too():
    params = daily(frequency="Monthly", startingFrom="2026-01-31", monthlyRunOn="ON_THE_DAY")
    assert firings(params, "2026-01-01T00:00", "2026-04-01T00:00") == [
        "Sat 2026-01-31 07:30",
        "Sat 2026-02-28 07:30",
        "Tue 2026-03-31 07:30",
    ]


def test_an_hourly_trigger_repeats_from_its_first_hour():
    params = daily(frequency="Hourly", repeatFrequency=6, hour=1, minute=0, startingFrom="2026-03-01")
    assert firings(params, "2026-03-01T00:00", "2026-03-01T20:00") == [
        "Sun 2026-03-01 01:00",
        "Sun 2026-03-01 07:00",
        "Sun 2026-03-01 13:00",
        "Sun 2026-03-01 19:00",
    ]


def test_a_periodic_trigger_repeats_in_minutes():
    params = {"frequency": "Minutely", "repeatFrequency": 20}
    assert firings(params, "2026-03-01T00:00", "2026-03-01T00:45") == ["Sun 2026-03-01 00:20", "Sun 2026-03-01 00:40"]


def test_the_next_firing_of_a_weekly_trigger_is_told():
    trigger = temporal_trigger({"params": daily(frequency="Weekly", daysOfWeek=["Friday"])}, UTC)
    assert trigger.next_firing(datetime(2026, 3, 6, 7, 30, tzinfo=UTC)) == datetime(2026, 3, 13, 7, 30, tzinfo=UTC)


def test_a_weekly_trigger_without_days_has_no_next_firing():
    trigger = temporal_trigger({"params": daily(frequency="Weekly")}, UTC)
    assert trigger.next_firing(datetime(2026, 3, 6, tzinfo=UTC)) is None


@pytest.mark.parametrize(
    "broken",
    [{"frequency": "Fortnightly"}, {"timezone": "Mars/Olympus"}, {"daysOfWeek": ["Mo"]}, {"monthlyRunOn": "WHENEVER"}],
)
def test_a_setting_that_dss_does_not_offer_is_refused(broken: dict[str, Any]):
    with pytest.raises(ValueError, match=next(str(v) if isinstance(v, str) else "Mo" for v in broken.values())):
        temporal_trigger({"params": {**daily(), **broken}}, UTC)
