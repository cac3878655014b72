"""Times typed as such. It is Wednesday, 4 March 2026, 10:00 in Berlin."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.when.typed import time_typed

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 4, 9, tzinfo=UTC)


def typed(words: str, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> str | None:
    """ "start .. end" in the zone, without its midnights; a moment once."""
    found = time_typed(words, now, zone)
    if found is None:
        return None
    start, end = (f"{m.astimezone(zone):%Y-%m-%d %H:%M}".removesuffix(" 00:00") for m in found)
    return start if start == end else f"{start} .. {end}"


@pytest.mark.parametrize(
    ("words", "span"),
    [
        ("yesterday", "2026-03-03 .. 2026-03-04"),
        ("gestern", "2026-03-03 .. 2026-03-04"),
        ("Vorgestern", "2026-03-02 .. 2026-03-03"),
        ("today", "2026-03-04 .. 2026-03-05"),
        ("tomorrow", "2026-03-05 .. 2026-03-06"),
        ("last Monday", "2026-03-02 .. 2026-03-03"),
        ("letzten Montag", "2026-03-02 .. 2026-03-03"),
        ("Sunday", "2026-03-01 .. 2026-03-02"),
        ("letzte Woche", "2026-02-23 .. 2026-03-02"),
        ("the last year", "2025-01-01 .. 2026-01-01"),
        ("March", "2026-03-01 .. 2026-04-01"),
        ("im Mai", "2025-05-01 .. 2025-06-01"),
        ("May", "2025-05-01 .. 2025-06-01"),
        ("März 2025", "2025-03-01 .. 2025-04-01"),
        ("2025", "2025-01-01 .. 2026-01-01"),
        ("2026-03", "2026-03-01 .. 2026-04-01"),
        ("03/2026", "2026-03-01 .. 2026-04-01"),
        ("2026-03-01", "2026-03-01 .. 2026-03-02"),
        ("2026/03/01", "2026-03-01 .. 2026-03-02"),
        ("1.3.2026", "2026-03-01 .. 2026-03-02"),
        ("1.3.", "2026-03-01 .. 2026-03-02"),
        ("5.3.", "2025-03-05 .. 2025-03-06"),
        ("13/02/2026", "2026-02-13 .. 2026-02-14"),
        ("1. März", "2026-03-01 .. 2026-03-02"),
        ("Mar 3", "2026-03-03 .. 2026-03-04"),
        ("March 1st, 2025", "2025-03-01 .. 2025-03-02"),
        ("the 3rd of March", "2026-03-03 .. 2026-03-04"),
        ("3 weeks before Christmas", "2025-12-03 .. 2025-12-24"),
        ("vor zwei Tagen", "2026-03-02 .. 2026-03-03"),
        ("3 days", "2026-03-01 .. 2026-03-02"),
        ("this morning", "2026-03-04 05:00 .. 2026-03-04 12:00"),
        ("the last 3 days", "2026-03-01 10:00 .. 2026-03-04 10:00"),
        ("昨日", "2026-03-03 .. 2026-03-04"),
        ("2026年2月", "2026-02-01 .. 2026-03-01"),
    ],
)
def test_a_date_is_all_of_its_day_month_or_year(words: str, span: str) -> None:
    assert typed(words) == span


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("3 hours ago", "2026-03-04 07:00"),
        ("vor 3 Stunden", "2026-03-04 07:00"),
        ("20 minutes", "2026-03-04 09:40"),
        ("30 min ago", "2026-03-04 09:30"),
        ("24 hours ago", "2026-03-03 10:00"),
        ("09:30", "2026-03-04 09:30"),
        ("14:30", "2026-03-03 14:30"),
        ("12 Uhr", "2026-03-03 12:00"),
        ("12am", "2026-03-04"),
        ("3 pm", "2026-03-03 15:00"),
        ("yesterday at 14:30", "2026-03-03 14:30"),
        ("gestern um 14:30 Uhr", "2026-03-03 14:30"),
        ("2026-03-01 14:30", "2026-03-01 14:30"),
        ("2026-03-01T14:30:59", "2026-03-01 14:30"),
        ("Monday 9am", "2026-03-02 09:00"),
    ],
)
def test_a_time_of_day_is_a_moment_and_lies_behind(words: str, moment: str) -> None:
    assert typed(words) == moment


@pytest.mark.parametrize(
    "words",
    [
        "the trip", "the trip 3", "5", "17", "31 June", "a 5", "version 2.5", "25:30", "13pm", "9",
        "08/05/2023", "1/3", "end of March", "Anfang März", "late 2025", "after March",
        "I moved to Oslo in May", "March and April", "last week 14:30", "0001-01-01", "3d ago",
        "1" + 60 * " " + "March",
    ],
)  # fmt: skip
def test_what_is_no_time_or_two_or_only_a_part_of_one_is_not_read(words: str) -> None:
    assert typed(words) is None


def test_the_day_is_that_of_the_zone() -> None:
    late = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)
    assert typed("yesterday", late) == "2026-03-03 .. 2026-03-04"
    assert typed("yesterday", late, ZoneInfo("UTC")) == "2026-03-02 .. 2026-03-03"
    found = time_typed("today", late, ZoneInfo("Asia/Tokyo"))
    assert found is not None
    assert found[0] == datetime(2026, 3, 3, 15, tzinfo=UTC)


def test_hours_are_counted_over_a_change_of_the_clocks() -> None:
    after = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # 03:30; an hour before it was 01:30
    found = time_typed("an hour ago", after, BERLIN)
    assert found == (datetime(2026, 3, 29, 0, 30, tzinfo=UTC),) * 2
    whole = time_typed("today", after, BERLIN)
    assert whole is not None
    assert (whole[1] - whole[0]).total_seconds() == 23 * 3600


@given(st.text(max_size=70) | st.from_regex(r"[0-9:./T -]{0,20}", fullmatch=True))
def test_whatever_is_typed_is_read_or_not_and_never_ends_before_it_begins(words: str) -> None:
    found = time_typed(words, NOW, BERLIN)
    assert found is None or found[0] <= found[1]
