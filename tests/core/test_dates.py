"""Relative dates are worked out from the day a message was sent."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.when.relative import is_ahead, past_day, resolve_dates

SENT = datetime(2026, 3, 4, 9, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "resolved", "since"),
    [
        ("Alice moved yesterday", "Alice moved on 2026-03-03", "2026-03-03"),
        ("Alice ran last night", "Alice ran on 2026-03-03", "2026-03-03"),
        ("Alice ran the day before yesterday", "Alice ran on 2026-03-02", "2026-03-02"),
        ("Alice flew two weeks ago", "Alice flew around 2026-02-18", "2026-02-18"),
        ("Alice flew 3 days ago", "Alice flew on 2026-03-01", "2026-03-01"),
        ("Alice flew a few months ago", "Alice flew in December 2025", "2025-12-01"),
        ("Alice left last Wednesday", "Alice left on 2026-02-25", "2026-02-25"),
        ("Alice left last week", "Alice left in the week of 2026-02-23", "2026-02-23"),
        ("since last year she rows", "since 2025 she rows", "2025-01-01"),
        ("it happened 99 years ago", "it happened in 1927", "1927-01-01"),
        ("Alice rows this month", "Alice rows in March 2026", None),
        ("Alice flies next Monday", "Alice flies on 2026-03-09", None),
        ("Alice flies by tomorrow evening", "Alice flies by 2026-03-05", None),
        ("yesterday's soup", "yesterday's soup", None),
        ("last year's wine", "last year's wine", None),
        ("two weeks later", "two weeks later", None),
        ("Alice read it in two days", "Alice read it in two days", None),
        ("Alice hiked last summer", "Alice hiked in the summer of 2025", "2025-06-01"),
        ("at Ann's last weekend", "at Ann's in the weekend of 2026-02-28", "2026-02-28"),
        ("Ann retires at the end of next May", "Ann retires at the end of May 2026", None),
        ("Ann flies next May 3rd", "Ann flies on 2026-05-03", None),
        ("the taxes for last year", "the taxes for 2025", "2025-01-01"),
        ("in late last year she quit", "in late 2025 she quit", "2025-01-01"),
        ("from last week to today", "from the week of 2026-02-23 to 2026-03-04", "2026-02-23"),
        ("about two years ago", "in 2024", "2024-01-01"),
        ("two weeks from now", "around 2026-03-18", None),
        ("three hours ago", "on 2026-03-04", None),
        ("on 3 June 2022, in May", "on 3 June 2022, in May", None),
        ("more than a year ago", "more than a year ago", None),
        ("half a year ago", "half a year ago", None),
        ("two years and a month ago", "two years and a month ago", None),
        ("each last Friday", "each last Friday", None),
        ("over a year ago", "over a year ago", None),
        ("throughout last year, mid last year", "throughout 2025, mid 2025", "2025-01-01"),
        ("for the last year", "for the last year", None),
        ("the past year, the previous week", "the past year, the previous week", None),
        ("the last week of school", "the last week of school", None),
        ("Ich wohne hier seit gestern", "Ich wohne hier seit gestern", None),
        ("last Monday this, yesterday that", "on 2026-03-02 this, on 2026-03-03 that", None),
    ],
)
def test_relative_dates_are_written_out(text: str, resolved: str, since: str | None) -> None:
    assert resolve_dates(text, SENT) == resolved
    first = datetime.fromisoformat(since).replace(tzinfo=UTC) if since else None
    assert past_day(text, SENT) == first


@pytest.mark.parametrize(
    ("text", "ahead"),
    [("tomorrow", True), ("next year", True), ("next Friday", True), ("today", False),
     ("last week", False), ("this Friday", True), ("someday", False),
     ("this week", False), ("tonight", False)],
)  # fmt: skip
def test_what_is_to_come_is_told_from_what_was(text: str, ahead: bool) -> None:
    assert is_ahead(text, SENT) is ahead


def test_the_day_is_that_of_the_time_zone_that_it_is_said_in() -> None:
    tokyo = datetime(2026, 3, 4, 20, tzinfo=UTC).astimezone(ZoneInfo("Asia/Tokyo"))
    assert resolve_dates("yesterday", tokyo) == "on 2026-03-04"
    assert past_day("yesterday", tokyo) == datetime(2026, 3, 4, tzinfo=UTC)


def test_a_time_before_all_calendars_is_left_in_words() -> None:
    assert resolve_dates("999 years ago", datetime(950, 1, 1, tzinfo=UTC)) == "999 years ago"


def test_the_first_month_of_a_year_follows_the_last() -> None:
    january, december = datetime(2026, 1, 31, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)
    assert resolve_dates("last month", january) == "in December 2025"
    assert resolve_dates("next month", december) == "in January 2027"
