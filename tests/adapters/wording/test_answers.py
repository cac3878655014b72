import unicodedata
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.render import render
from adapters.wording.plain import plain
from bot.receipts import ForgetPreview, Receipt
from bot.results import FreshHistory, Help, MemoryPage, RecallResult, Remembered, Why
from bot.secret_marks import tell
from bot.types import (
    Audience,
    Channel,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Private,
    Recalled,
    Role,
    Space,
    Summary,
    SummaryId,
    TurnId,
)

MARCH = datetime(2026, 3, 1, 23, 59, tzinfo=UTC)
MAY = datetime(2026, 5, 2, tzinfo=UTC)


def a_memory(
    number: int = 7,
    text: str = "Sarah works at Google",
    audience: Audience | None = None,
    until: datetime | None = None,
) -> Memory:
    return Memory(
        number=MemoryNumber(number),
        text=text,
        audience=audience or Private(),
        place="a private conversation",
        said_at=MARCH,
        valid_from=MARCH,
        valid_to=until,
        slot=None,
        sources=(),
    )


def a_message(text: str = "I like tea", role: Role = Role.PERSON) -> Message:
    return Message(MessageId(1), role, "alice", text, MARCH, 3, Private())


def test_what_was_kept_privately_in_an_open_place_says_so() -> None:
    kept = replace(a_memory(), place="the open channel gen")
    assert "(2026-03-01, in the open channel gen, only for you)" in render(
        MemoryPage((kept,), 1, 1, 1)
    )
    assert "only for you" not in render(MemoryPage((a_memory(),), 1, 1, 1))


def test_help_lists_forms_and_purposes_in_columns() -> None:
    lines = render(Help((("/remember TEXT", "keep it"), ("/new", "start afresh")))).splitlines()
    assert lines[:3] == [
        "What you can type:",
        "  /remember TEXT  keep it",
        "  /new            start afresh",
    ]
    assert [line.split()[0] for line in lines[3:]] == ["/unsay", "/resay"]  # the console's own


@pytest.mark.parametrize(
    ("audience", "where"),
    [
        (Private(), "only in private with you"),
        (Channel("board"), "in the closed channel board and in private with you"),
        (Space(), "anywhere in this space"),
    ],
)
def test_a_confirmation_says_where_the_memory_will_be_used(audience: Audience, where: str) -> None:
    text = render(Remembered(a_memory(audience=audience), known=False))
    assert text == f"I will remember that as m7. I use it {where}."


def test_what_was_known_already_is_said_with_its_id() -> None:
    text = render(Remembered(a_memory(3), known=True))
    assert text == (
        "I knew that already: m3 from 2026-03-01, “Sarah works at Google”. "
        "I use it only in private with you."
    )


def test_a_confirmation_says_what_was_taken_out_of_the_note() -> None:
    text = render(Remembered(a_memory(), known=False, redacted=("password",)))
    assert text.splitlines()[1:] == [tell(("password",))]


def test_recall_shows_memories_with_id_date_and_place_and_messages_with_speaker() -> None:
    found = (Recalled(a_memory(), 2.0), Recalled(a_message(), 1.0))
    assert render(RecallResult("Sarah", found)).splitlines() == [
        "What I know about “Sarah”:",
        "  m7  Sarah works at Google  (2026-03-01, in a private conversation)",
        "  alice said “I like tea”  (2026-03-01)",
    ]


def test_recall_without_a_query_shows_the_newest() -> None:
    text = render(RecallResult(None, (Recalled(a_memory(), 0.0),)))
    assert text.startswith("The newest I know:\n  m7  ")


def test_recall_that_finds_nothing_says_so() -> None:
    assert render(RecallResult("tea", ())) == "I know nothing about “tea”."
    assert render(RecallResult(None, ())) == "I know nothing about you yet."


def test_a_page_says_which_it_is_and_marks_what_no_longer_holds() -> None:
    page = MemoryPage((a_memory(9), a_memory(8, "Sarah is 30", until=MAY)), 1, 3, 25)
    assert render(page).splitlines() == [
        "What I know, newest first (page 1 of 3, 25 memories):",
        "  m9  Sarah works at Google  (2026-03-01, in a private conversation)",
        "  m8  Sarah is 30  (2026-03-01, in a private conversation, until 2026-05-02)",
        "/memories 2 shows the next page.",
    ]


def test_the_last_page_names_no_next_page() -> None:
    text = render(MemoryPage((a_memory(),), 3, 3, 1))
    assert "page 3 of 3, 1 memory)" in text
    assert "next page" not in text


def test_no_memories_and_no_such_page_are_said_plainly() -> None:
    assert render(MemoryPage((), 1, 1, 0)) == "I know nothing about you yet."
    past = render(MemoryPage((), 9, 3, 25))
    assert past == "There is no page 9; /memories 3 shows the last one."


def test_a_forget_preview_shows_what_would_go_and_how_to_confirm() -> None:
    preview = ForgetPreview("Sarah", (a_memory(3), a_memory(5, "Sarah is 30")), 4, 1)
    assert render(preview).splitlines() == [
        "Nothing is forgotten yet. About “Sarah” I know:",
        "  m3  Sarah works at Google  (2026-03-01, in a private conversation)",
        "  m5  Sarah is 30  (2026-03-01, in a private conversation)",
        "With all of them would also go 4 messages and 1 summary.",
        "To forget them, or name fewer: /forget m3 m5",
    ]


def test_a_forget_preview_without_a_match_forgets_nothing() -> None:
    text = render(ForgetPreview("Sarah", (), 0, 0))
    assert text == "I know nothing about “Sarah”. Nothing was forgotten."


def test_a_receipt_counts_what_went_and_names_what_was_missing() -> None:
    numbers = (MemoryNumber(3), MemoryNumber(5))
    receipt = Receipt(numbers, messages=4, summaries=2, vectors=1, missing=(MemoryNumber(9),))
    assert render(receipt) == (
        "Forgotten and erased: 2 memories (m3, m5), 4 messages, 2 summaries and 1 vector. "
        "I know no m9."
    )


def test_a_receipt_for_ids_that_do_not_exist_says_that_nothing_went() -> None:
    missing = (MemoryNumber(8), MemoryNumber(9))
    receipt = Receipt((), 0, 0, 0, missing)
    assert render(receipt) == "I know no m8 or m9. Nothing was forgotten."


def test_why_lists_what_the_last_reply_used_with_dates() -> None:
    summary = Summary(SummaryId(1), "They talked.", Private(), TurnId(4), MARCH)
    said = (a_message(), a_message("Noted", Role.ELLIE))
    why = Why(
        MAY, (a_memory(),), said, summary, history=2, turn=TurnId(12),
        memory_parts={MemoryNumber(7): {"meaning": 0.2, "words": 0.4, "asks": -0.1}},
    )  # fmt: skip
    assert render(why).splitlines() == [
        "My last reply to you here (2026-05-02, turn 12) used:",
        "  m7  Sarah works at Google  (2026-03-01, in a private conversation)",
        "      there because it shares words with your message and it is near in meaning",
        "  alice said “I like tea”  (2026-03-01)",
        "      there because it was said beside something that matched",
        "  I said “Noted”  (2026-03-01)",
        "      there because it was said beside something that matched",
        "  the summary of what came earlier here  (2026-03-01)",
        "  the last 2 turns of this conversation",
    ]


def test_why_says_when_nothing_was_used_and_when_there_is_no_reply() -> None:
    assert render(Why(None)) == "I have not answered you here yet."
    assert render(Why(MAY, turn=TurnId(12))) == (
        "My last reply to you here (2026-05-02, turn 12) used no memories and no earlier messages."
    )


def test_a_fresh_history_keeps_what_is_remembered() -> None:
    assert render(FreshHistory()) == "We start afresh here. What I remember stays."


def test_a_memory_cannot_control_the_terminal_nor_break_its_line() -> None:
    text = render(RecallResult(None, (Recalled(a_memory(text="a\x1b]0;x\x07\nb\u202e"), 0.0),)))
    assert text.splitlines()[1:] == ["  m7  a]0;x b  (2026-03-01, in a private conversation)"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jcleared", "[2Jcleared"),
        ("\x9b2J", "2J"),
        ("a\r\nb\tc", "a\nb\tc"),
        ("10\N{NARROW NO-BREAK SPACE}km", "10 km"),
        ("a\N{LINE SEPARATOR}b", "a\nb"),
        ("👩\N{ZERO WIDTH JOINER}💻", "👩\N{ZERO WIDTH JOINER}💻"),
        ("\u202eevil", "evil"),
    ],
)
def test_what_is_shown_keeps_its_letters_and_loses_its_controls(text: str, shown: str) -> None:
    assert plain(text) == shown


@given(st.text(st.characters()))
def test_nothing_that_is_shown_is_a_control_character(text: str) -> None:
    shown = plain(text)
    assert not {c for c in shown if unicodedata.category(c) in {"Cc", "Cs", "Co"}} - {"\n", "\t"}


@given(st.text(), st.text())
def test_pieces_can_be_judged_on_their_own(first: str, second: str) -> None:
    assert plain(first) + plain(second) == plain(first + second)
