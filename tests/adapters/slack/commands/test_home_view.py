"""The Home tab's blocks: always fewer than a hundred, each memory under whom it is about."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from adapters.slack.home_view import HomeState, Known, Rights, home, state_of
from adapters.wording.pressing import Listed
from bot.receipts import Kept, PrivacyCard, SpacePrivacy
from bot.types import Channel, Private, Slot, Space
from tests.adapters.slack.commands.test_render import EVIL, memory, words

KEPT = Kept(messages=1, memories=20, seen_by=((Channel("C1"), 3),))
CARD = PrivacyCard(
    (SpacePrivacy("T1", KEPT, 30, 0, paused=False, opted_out=False),),
    everywhere=False, provider=EVIL, embedder=None, pause_minutes=60,
)  # fmt: skip
MEMBER, MANAGER, GUEST = Rights(False, False), Rights(True, False), Rights(False, True)


def controls(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [block["elements"] for block in blocks if block["type"] == "actions"]
    return list(itertools.chain.from_iterable(rows))


def labels(blocks: list[dict[str, Any]]) -> list[str]:
    return [one["text"]["text"] for one in controls(blocks)]


@pytest.mark.rule("S14")
def test_the_fullest_page_has_fewer_than_a_hundred_blocks() -> None:
    """Twenty memories about twenty things, all as long as can be, with everything around them."""
    memories = tuple(
        replace(memory(f"{EVIL} " * 100, n), slot=Slot(f"thing {n}", "is", "x", False))
        for n in range(1, 21)
    )
    known = Known(memories, page=3, pages=5, total=100)
    blocks = home(known, CARD, HomeState(page=3, query="tea"), MANAGER, "notice " * 1000)
    assert 60 < len(blocks) < 100
    ids = [one["action_id"] for one in controls(blocks)]
    assert len(ids) == len(set(ids))
    assert sum(len(words([b])) for b in blocks if b["type"] == "rich_text") < 25_000


@pytest.mark.rule("S14")
def test_memories_stand_under_whom_they_are_about() -> None:
    about = [
        Slot("Sarah", "works at", "a bank", True), None, Slot(None, "likes", "tea", False),
        Slot("Sarah", "likes", "oats", False),
    ]  # fmt: skip
    memories = tuple(
        replace(memory(f"fact {n}", n), slot=slot) for n, slot in enumerate(about, start=1)
    )
    blocks = home(Known(memories, total=4), CARD, HomeState(), MEMBER, None)
    texts = [words([block]) for block in blocks if block["type"] == "rich_text"]
    heads = [text[:12] for text in texts if text[:2] in {"Ab", "Ot", "m1", "m2", "m3", "m4"}]
    assert heads[1:] == [
        "About you", "m3 fact 3 (2", "About Sarah", "m1 fact 1 (2", "m4 fact 4 (2",
        "Other things", "m2 fact 2 (2",
    ]  # fmt: skip


def test_of_a_memory_can_be_done_what_it_allows() -> None:
    one = memory("fact", 1)
    own = home(Known((one,), total=1), None, HomeState(), MEMBER, None)
    assert labels(own)[1:] == ["Why", "Edit", "Forget", "Use it anywhere in this workspace"]
    quoted = home(Known((replace(one, quoted=True),), total=1), None, HomeState(), MEMBER, None)
    assert labels(quoted)[1:] == ["Why", "Forget"]
    shared = Known((replace(memory("fact", -1), audience=Space()),), total=1)
    listed = HomeState(Listed.SHARED)
    assert labels(home(shared, None, listed, MEMBER, None)) == ["About me", "Why"]
    assert labels(home(shared, None, listed, MANAGER, None))[:4] == [
        "About me", "Why", "Edit", "Forget",
    ]  # fmt: skip


def test_nothing_goes_without_a_question() -> None:
    known = Known((memory("fact", 1),), total=1)
    blocks = home(known, CARD, HomeState(), MANAGER, None)
    sure = {one["text"]["text"] for one in controls(blocks) if "confirm" in one}
    assert sure == {"Forget", "Opt out …", "Erase everything …"}


def test_guests_are_offered_nothing_that_was_shared() -> None:
    for who, offered in ((GUEST, False), (MEMBER, True)):
        blocks = home(Known(), CARD, HomeState(), who, None)
        assert ("Shared with everybody here" in labels(blocks)) is offered


def test_a_paused_person_can_resume_and_others_can_pause() -> None:
    paused = replace(CARD, spaces=(replace(CARD.spaces[0], paused=True),))
    assert "Resume" in labels(home(Known(), paused, HomeState(), MEMBER, None))
    assert "Pause" in labels(home(Known(), CARD, HomeState(), MEMBER, None))


@pytest.mark.rule("S14")
def test_what_is_shown_is_kept_in_the_view_and_whatever_else_it_holds_is_the_beginning() -> None:
    state = HomeState(Listed.SHARED, 7, 'J&J <tea> "ü"', 3)
    assert state_of(state.dump()) == state
    assert not set('&<>"ü') & set(str(state.dump()["query"]))
    others: list[object] = [None, [], {}, {"list": "x"}, {"list": "mine", "page": -1, "round": "x"}]
    for odd in others:
        assert state_of(odd) == HomeState()


def test_no_button_carries_what_a_memory_says() -> None:
    known = Known((memory("my hidden garden", 1),), total=1)
    blocks = home(known, CARD, HomeState(), MANAGER, None)
    assert all("garden" not in str(one) for one in controls(blocks))
    assert isinstance(known.memories[0].audience, Private)
