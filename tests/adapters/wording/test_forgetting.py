from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.render import render
from adapters.wording.plain import plain
from bot.receipts import EverythingPreview, Losses, NamePreview, Period, PeriodPreview, Receipt
from bot.results import CommandResult, MemoriesEverywhere, RecalledEverywhere
from bot.types import MemoryNumber, Recalled
from tests.adapters.wording.test_answers import MARCH, a_memory, a_message

OSLO = ZoneInfo("Europe/Oslo")
NOTHING = Losses((), 0, 0, 0)


def at(day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A time in Oslo in March 2026, as it is kept."""
    return datetime(2026, 3, day, hour, minute, tzinfo=OSLO).astimezone(UTC)


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        (at(3), None, "from 2026-03-03 on"),
        (at(3, 14, 30), None, "from 2026-03-03 14:30 on"),
        (None, at(3), "before 2026-03-03"),
        (None, at(3, 14, 30), "before 2026-03-03 14:30"),
        (at(3), at(4), "on 2026-03-03"),
        (at(28), at(30), "from 2026-03-28 to the end of 2026-03-29"),
        (at(1), at(31, 10), "from 2026-03-01 to 2026-03-31 10:00"),
        (None, None, "at any time"),
    ],
)
def test_a_period_is_shown_with_its_exact_days_and_their_zone(
    start: datetime | None, end: datetime | None, words: str
) -> None:
    shown = render(PeriodPreview(Period(start, end, OSLO), NOTHING, "/forget x yes"))
    assert shown == (
        f"You said nothing in this space {words} (Europe/Oslo). Nothing was forgotten."
    )


def test_a_preview_shows_memories_by_the_days_of_the_zone_counts_all_and_tells_the_line() -> None:
    losses = Losses((a_memory(),), 4, 6, 1)
    result = PeriodPreview(Period(at(2), None, OSLO), losses, "/forget since 2026-03-02 yes")
    assert render(result).splitlines() == [
        "Nothing is forgotten yet. What you said in this space from 2026-03-02 on (Europe/Oslo):",
        "  m7  Sarah works at Google  (2026-03-02, in a private conversation)",
        "  and 3 more memories",
        "Together that is 4 memories, 6 messages and 1 summary, my replies included.",
        "To erase it: /forget since 2026-03-02 yes",
    ]


def test_a_preview_by_name_tells_the_other_names() -> None:
    result = NamePreview(
        ("Sarah", "Sally", "Ms Li"), Losses((), 0, 2, 0), "/forget about Sarah yes"
    )
    assert render(result).splitlines() == [
        "Nothing is forgotten yet. What names or concerns Sarah (also Sally and Ms Li) in this "
        "space:",
        "Together that is 2 messages, my replies included.",
        "To erase it: /forget about Sarah yes",
    ]


def test_everything_is_counted_and_dated() -> None:
    result = EverythingPreview(("home",), 1, 0, 0, MARCH, "/forget everything yes")
    assert render(result).splitlines() == [
        "Nothing is forgotten yet. All that I keep of you in the space home, since 2026-03-01:",
        "  1 memory",
        "To erase it: /forget everything yes",
    ]
    both = EverythingPreview(("home", "work"), 2, 3, 0, MARCH, "/forget everything everywhere yes")
    assert "in the spaces home and work, since" in render(both)
    assert render(EverythingPreview(("home",), 0, 0, 0, None, "")) == (
        "I keep nothing of you in the space home."
    )
    assert render(EverythingPreview((), 0, 0, 0, None, "")) == "I keep nothing of you in any space."


@pytest.mark.parametrize(
    ("receipt", "says"),
    [
        (Receipt((), 1, 0, 1), "Forgotten and erased: 1 message and 1 vector."),
        (Receipt((), 3, 1, 2), "Forgotten and erased: 3 messages, 1 summary and 2 vectors."),
        (Receipt((), 0, 0, 0), "Nothing was forgotten."),
        (
            Receipt(tuple(map(MemoryNumber, range(1, 12))), 2, 0, 0),
            "Forgotten and erased: 11 memories and 2 messages.",
        ),
    ],
)
def test_a_receipt_names_what_there_was_and_no_more_ids_than_are_read(
    receipt: Receipt, says: str
) -> None:
    assert render(receipt) == says


def test_what_is_found_everywhere_stands_under_its_spaces() -> None:
    found = ((Recalled(a_memory(), 1.0)), Recalled(a_message(), 0.5))
    result = RecalledEverywhere("Sarah", (("home", found[:1]), ("work", found[1:])))
    assert render(result).splitlines() == [
        "What I know about “Sarah” in every space:",
        "In home:",
        "  m7  Sarah works at Google  (2026-03-01, in a private conversation)",
        "In work:",
        "  alice said “I like tea”  (2026-03-01)",
        "An id counts in its own space: /forget ID works there.",
    ]
    assert render(RecalledEverywhere(None, ())) == "I know nothing about you in any space."


def test_a_page_of_all_spaces_tells_of_the_next() -> None:
    result = MemoriesEverywhere((("home", (a_memory(),)), ("work", (a_memory(2),))), 1, 3, 21)
    lines = render(result).splitlines()
    assert lines[0] == "What I know in every space, newest first (page 1 of 3, 21 memories):"
    assert (lines[1], lines[3]) == ("In home:", "In work:")
    assert "/memories everywhere 2 shows the next page." in lines
    assert render(MemoriesEverywhere((), 1, 1, 0)) == "I know nothing about you in any space."


def results(text: str) -> list[CommandResult]:
    losses = Losses((a_memory(text=text),), 1, 1, 1)
    return [
        PeriodPreview(Period(MARCH, None, OSLO), losses, text),
        NamePreview((text, text), losses, text),
        EverythingPreview((text, text), 1, 1, 1, MARCH, text),
        RecalledEverywhere(text, ((text, (Recalled(a_memory(text=text), 1.0),)),)),
        MemoriesEverywhere(((text, (a_memory(text=text),)),), 1, 1, 1),
    ]


@given(st.text())
def test_nothing_in_an_answer_can_control_a_terminal_or_break_a_line(text: str) -> None:
    for result, plainly in zip(results(text), results("x"), strict=True):
        shown = render(result)
        assert plain(shown) == shown
        assert shown.count("\n") == render(plainly).count("\n")
