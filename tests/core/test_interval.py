"""Closeness, time zones and clocks that change."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.when.interval import Interval, Stretch, closeness, to_interval, weekend, zone_named

WEEK = Interval(
    datetime(2023, 5, 8, tzinfo=UTC), datetime(2023, 5, 15, tzinfo=UTC), timedelta(days=7)
)
MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2199, 1, 1), timezones=st.just(UTC))


def test_a_moment_inside_is_as_close_as_can_be() -> None:
    assert closeness(WEEK, WEEK.start) == closeness(WEEK, datetime(2023, 5, 14, tzinfo=UTC)) == 1.0


@pytest.mark.parametrize("away", [-1, 1])
def test_closeness_is_a_half_at_one_slack_and_a_tenth_at_nine(away: int) -> None:
    edge = WEEK.start if away < 0 else WEEK.end
    assert closeness(WEEK, edge + away * WEEK.slack) == pytest.approx(0.5)
    assert closeness(WEEK, edge + 9 * away * WEEK.slack) == pytest.approx(0.1)


@given(MOMENTS, st.timedeltas(timedelta(seconds=1), timedelta(days=300)))
def test_farther_is_less_close_and_never_excluded(moment: datetime, farther: timedelta) -> None:
    step = farther if moment >= WEEK.start else -farther
    assert 0.0 < closeness(WEEK, moment + step) <= closeness(WEEK, moment) <= 1.0


@pytest.mark.parametrize(
    ("name", "zone"),
    [
        ("Europe/Oslo", ZoneInfo("Europe/Oslo")),
        ("UTC+2", timezone(timedelta(hours=2))),
        ("gmt-3:30", timezone(-timedelta(hours=3, minutes=30))),
        ("+05:30", timezone(timedelta(hours=5, minutes=30))),
        (None, UTC),
        ("", UTC),
        ("Atlantis", UTC),
        ("America", UTC),
        ("../../etc/passwd", UTC),
        ("UTC+99", UTC),
    ],
)
def test_a_zone_is_a_name_or_an_offset_and_otherwise_utc(name: str | None, zone: object) -> None:
    assert zone_named(name) in {zone, ZoneInfo("UTC") if zone is UTC else zone}


def test_a_day_on_which_the_clocks_change_has_23_hours() -> None:
    paris = ZoneInfo("Europe/Paris")
    day = to_interval(Stretch(datetime(2023, 3, 26), datetime(2023, 3, 27)), paris)
    assert day.end - day.start == timedelta(hours=23)


def test_a_day_that_a_country_skipped_is_not_empty() -> None:
    skipped = Stretch(datetime(2011, 12, 30), datetime(2011, 12, 31))
    day = to_interval(skipped, ZoneInfo("Pacific/Apia"))
    assert day.start < day.end


def test_on_a_sunday_this_weekend_is_the_one_that_runs() -> None:
    sunday = datetime(2023, 5, 21, 12)
    for ahead in (True, False):
        assert weekend(sunday, None, ahead=ahead).start == datetime(2023, 5, 20)
    assert weekend(sunday, -1, ahead=False).start == datetime(2023, 5, 13)
