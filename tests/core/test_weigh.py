"""What recall adds to a match, or takes from it, one boost at a time."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.recall import HELD, MOST_SOURCES, RECENT, RECENT_DAYS, SOURCES, SUPERSEDED, weigh
from bot.types import Memory, MemoryNumber, Message, MessageId, Private, Role, Slot
from bot.when.interval import DAY, Interval

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=9000)
PARTS = {"words": 0.5, "around": 0.3}
MATCH = 0.8
LYON = Slot(None, "lives in", "Lyon", exclusive=True)


def known(
    said_at: datetime = LONG_AGO,
    valid_from: datetime = LONG_AGO,
    valid_to: datetime | None = None,
    days: int = 1,
    slot: Slot | None = None,
) -> Memory:
    return Memory(
        MemoryNumber(1), "tea", Private(), "here", said_at, valid_from, valid_to, slot, (), days
    )


def boosts(item: Memory | Message, *asked: Interval, about_past: bool = False) -> dict[str, float]:
    """What `weigh` adds, less what is too small to matter."""
    found = weigh(item, PARTS, NOW, asked, about_past=about_past)
    assert found.score == pytest.approx(sum(found.parts.values()))
    assert {name: found.parts[name] for name in PARTS} == PARTS
    return {n: b for n, b in found.parts.items() if n not in PARTS and abs(b) > 1e-6}


def of(year: int) -> Interval:
    start = datetime(year, 1, 1, tzinfo=UTC)
    return Interval(start, start + timedelta(days=365), DAY)


def test_what_was_said_just_now_counts_more_and_half_of_it_a_month_later() -> None:
    for age, share in ((0.0, 1.0), (RECENT_DAYS, 0.5), (2 * RECENT_DAYS, 0.25), (-99.0, 1.0)):
        at = NOW - timedelta(days=age)
        said = Message(MessageId(1), Role.PERSON, "Al", "tea", at, 1, Private())
        expected = {"recent": pytest.approx(RECENT * MATCH * share)}
        assert boosts(said) == expected
        assert boosts(known(said_at=at)) == expected


def test_what_was_said_on_more_days_counts_more_up_to_a_bound() -> None:
    for days, doubled in ((0, 0), (1, 0), (2, 1), (4, 2), (MOST_SOURCES, 3), (999, 3)):
        found = boosts(known(days=days)).get("sources", 0.0)
        assert found == pytest.approx(SOURCES * MATCH * doubled)


def test_what_no_longer_holds_counts_less_unless_the_question_is_about_the_past() -> None:
    closed = known(valid_to=NOW - timedelta(days=1))
    assert boosts(closed) == {"superseded": pytest.approx(SUPERSEDED * MATCH)}
    assert boosts(closed, about_past=True) == {}
    assert boosts(known()) == {}


def test_what_fills_a_slot_is_of_every_time_at_which_it_held() -> None:
    start, end = datetime(2019, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC)
    held, less = {"held": HELD}, {"superseded": pytest.approx(SUPERSEDED * MATCH)}
    closed = known(valid_from=start, valid_to=end, slot=LYON)
    current = known(valid_from=start, slot=LYON)
    for year, then, since in ((2017, {}, {}), (2020, held, held), (2023, {}, held)):
        assert boosts(closed, of(year)) == less | then
        assert boosts(current, of(year)) == since
    assert boosts(closed, of(2017), of(2020), about_past=True) == held
    assert boosts(known(valid_from=start), of(2020)) == {}  # an event is of its own time
