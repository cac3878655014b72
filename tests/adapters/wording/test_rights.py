"""Rights in plain words."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from adapters.console.render import render
from bot.receipts import (
    Kept,
    OptedIn,
    OptedOut,
    Paused,
    PrivacyCard,
    Receipt,
    Resumed,
    SpacePrivacy,
)
from bot.types import Channel, MemoryNumber, Private, Space

KEPT = Kept(
    messages=12, replies=1, notes=2, memories=4,
    seen_by=((Private(), 2), (Channel("board"), 1), (Space(), 1)),
    entities=3, summaries=1, vectors=9, since=datetime(2026, 3, 2, tzinfo=UTC),
)  # fmt: skip
HOME = SpacePrivacy("home", KEPT, 90, 0, paused=False, opted_out=False)
CARD = PrivacyCard((HOME,), everywhere=False, provider="OpenAI", embedder=None, pause_minutes=30)


def test_the_card_says_all_that_is_kept_and_what_one_may_do() -> None:
    assert render(CARD).splitlines() == [
        "What I keep about you here, since 2026-03-02: 12 messages, 1 reply, 2 notes, 4 memories, "
        "3 names, 1 summary and 9 vectors.",
        "  2 memories can be used only in private with you",
        "  1 memory can be used in the closed channel board and in private with you",
        "  1 memory can be used anywhere in this space",
        "  What was said in a channel can be seen by its readers; nobody sees it elsewhere.",
        "  Messages are erased after 90 days, memories and summaries when you say so.",
        "To answer you, what you say and what I recall goes to OpenAI.",
        "To be found by meaning it stays on this machine.",
        "Your rights:",
        "  /privacy pause      answer from the conversation alone, and learn nothing",
        "  /privacy export     all of it, as files",
        "  /forget everything  erase all of it",
        "  /privacy opt-out    erase all of it, and be ignored from then on",
    ]


@pytest.mark.rule("D18")
def test_the_card_names_the_policy_where_there_is_one() -> None:
    address = "https://example.org/privacy"
    assert f"The privacy policy of whoever runs me: {address}" in render(
        replace(CARD, policy=address)
    )
    assert "policy" not in render(CARD)


def test_the_card_of_who_is_unknown_without_a_model() -> None:
    here = replace(HOME, kept=Kept(), message_days=1, memory_days=30)
    said = render(replace(CARD, spaces=(here,), provider=None, embedder="llm.example.org"))
    assert said.splitlines()[:4] == [
        "I keep nothing about you here.",
        "  Messages are erased after 1 day, memories and summaries after 30 days.",
        "What you say goes to nobody: no language model is configured.",
        "To be found by meaning it goes to llm.example.org.",
    ]


def test_the_card_in_a_pause_offers_to_resume() -> None:
    said = render(replace(CARD, spaces=(replace(HOME, paused=True),)))
    assert "  You have paused: I recall nothing and learn nothing." in said
    assert "/privacy resume" in said
    assert "/privacy pause" not in said


def test_the_card_of_who_opted_out_offers_to_come_back() -> None:
    said = render(replace(CARD, spaces=(replace(HOME, opted_out=True),)))
    assert said.splitlines()[0] == (
        "You opted out: nothing is kept about you here, and I ignore you."
    )
    assert "/privacy opt-in" in said
    assert "/privacy opt-out" not in said


def test_the_card_of_all_spaces_names_each() -> None:
    work = replace(HOME, space="work\x1b[31m", kept=Kept())
    said = render(replace(CARD, spaces=(HOME, work), everywhere=True)).splitlines()
    assert said[0].startswith("What I keep about you in home, since")
    assert "I keep nothing about you in work[31m." in said


def test_pausing_and_resuming() -> None:
    assert render(Paused(30)) == (
        "Paused. I answer from the conversation here alone, recall nothing and learn nothing. What "
        "you say is erased after 30 minutes. /privacy resume ends it."
    )
    assert render(Resumed()) == (
        "I remember and recall again. What you said in the pause is still erased."
    )


def test_the_receipt_of_an_opt_out_says_what_went_and_how_to_come_back() -> None:
    erased = Receipt((MemoryNumber(1), MemoryNumber(2)), 5, 1, 3)
    assert render(OptedOut(False, erased, 1)).splitlines() == [
        "From now on I ignore you here, and keep nothing by or about you.",
        "Erased: 2 memories, 5 messages, 1 summary and 3 vectors.",
        "1 text of others that named you went with it.",
        "To come back: /privacy opt-in. Nothing of what went comes back.",
    ]
    assert render(OptedOut(True, Receipt((), 0, 0, 0), 0)).splitlines() == [
        "From now on I ignore you everywhere, and keep nothing by or about you.",
        "There was nothing to erase.",
        "To come back: /privacy opt-in everywhere. Nothing of what went comes back.",
    ]
    assert render(OptedIn(False)) == "I hear you again here. What was erased stays erased."
