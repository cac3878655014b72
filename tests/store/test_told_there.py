"""Read for one channel, nothing is there but what was told in it and its threads."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ports import passage_of
from bot.store.sqlite import search
from bot.store.sqlite.erasure import SqliteStore
from bot.text import forms
from bot.types import Conversation, MemoryNumber, Reach, Scope, Slot, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    HALL,
    START,
    answer,
    due,
    learn,
    message,
    note,
    say,
    statement,
    talk,
)

LOUNGE = Conversation("console", "home", "lounge")
THREAD = Conversation("console", "home", "hall/1")
NEAR = Conversation("console", "home", "hallway")
NAME = Slot(None, "name", "Lys", exclusive=True)


async def everywhere(store: SqliteStore) -> None:
    """A quince in every place, said and noted."""
    for where in (HALL, LOUNGE, THREAD, NEAR):
        await talk(store, f"quince of {where.key}", conversation=where, audience=Space())
        await note(store, f"noted quince of {where.key}", conversation=where, audience=Space())


async def found(store: SqliteStore, channel: str | None) -> set[str]:
    survey = await store.survey(ALICE, Space(), forms("quince"), [], None, channel=channel)
    items = await store.candidates(ALICE, Space(), list(survey.ids))
    assert {i for held in survey.words for i in held} == set(survey.ids)
    return {item.text for item in items.values()}


async def test_a_survey_is_of_the_channel(store: SqliteStore) -> None:
    await everywhere(store)
    there = {f"{kind}quince of {key}" for kind in ("", "noted ") for key in ("hall", "hall/1")}
    assert await found(store, "hall") == there
    assert len(await found(store, None)) == 8
    assert await found(store, "hall/1") == {"quince of hall/1", "noted quince of hall/1"}
    assert await found(store, "nowhere") == set()


async def test_a_channel_of_that_name_in_another_space_is_another(store: SqliteStore) -> None:
    work = Scope("console", "work", "alice")
    await everywhere(store)
    survey = await store.survey(work, Space(), forms("quince"), [], None, channel="hall")
    assert not survey.ids


async def test_what_is_gone_from_the_channel_since_the_survey_is_no_candidate(
    store: SqliteStore,
) -> None:
    await everywhere(store)
    ids = (await store.survey(ALICE, Space(), forms("quince"), [], None)).ids
    items = await store.candidates(ALICE, Space(), list(ids), channel="lounge")
    assert {i.text for i in items.values()} == {"quince of lounge", "noted quince of lounge"}


@pytest.mark.parametrize("prefilter", [search.PREFILTER_ABOVE, 0])
async def test_the_nearest_are_those_of_the_channel(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch, prefilter: int
) -> None:
    monkeypatch.setattr(search, "PREFILTER_ABOVE", prefilter)
    monkeypatch.setattr(search, "NEAREST", 1)
    await store.use_vectors_of("model", 2)
    far = await talk(store, "far", conversation=HALL, audience=Space())
    for number in range(30):
        await talk(store, f"near {number}", conversation=LOUNGE, audience=Space())
    await store.add_vectors(
        [(one.id, [0.5, 1.0] if one.text == "far" else [1.0, 0.0])
         for one in await store.unindexed(99)]
    )  # fmt: skip
    survey = await store.survey(ALICE, Space(), [], [], None, channel="hall")
    cosines = await store.nearest(survey, ALICE, Space(), [1.0, 0.0])
    assert list(cosines) == [passage_of(far.message.id)]


async def test_a_page_counts_and_cuts_what_is_of_the_channel(store: SqliteStore) -> None:
    await note(store, "quince", conversation=HALL, audience=Space())
    for number in range(5):
        await note(store, f"medlar {number}", conversation=LOUNGE, audience=Space())
    page, total = await store.page(ALICE, Space(), 0, 2, channel="hall")
    assert ([memory.text for memory in page], total) == (["quince"], 1)


async def test_a_profile_is_what_was_told_in_the_channel(store: SqliteStore) -> None:
    told = await learn(store, "called Lys", slot=NAME, conversation=HALL, audience=Space())
    zed = Slot(None, "name", "Zed", exclusive=True)
    await learn(store, "called Zed", slot=zed, conversation=LOUNGE, audience=Space(),
                valid_from=START + timedelta(days=1))  # fmt: skip
    (there,) = await store.profile(ALICE, Space(), ["name"], channel="hall")
    assert (there.number, there.valid_to) == (told, None)
    assert await store.profile(ALICE, Space(), ["name"], channel="hall/1") == []
    (anywhere,) = await store.profile(ALICE, Space(), ["name"])
    assert anywhere.text == "called Zed"


async def test_entities_and_their_names_are_of_the_channel(store: SqliteStore) -> None:
    slot = Slot("Sarah", "likes", "quinces", exclusive=False)
    await learn(store, "Sarah likes quinces", slot=slot, conversation=LOUNGE, audience=Space(),
                aliases=("Birdie",))  # fmt: skip
    for channel, known in (("hall", 0), ("lounge", 1)):
        for name in ("sarah", "birdie"):
            survey = await store.survey(ALICE, Space(), [], [name], None, channel=channel)
            assert (len(survey.entities), len(survey.named)) == (known, known)


async def test_a_quote_was_told_where_it_was_said(store: SqliteStore) -> None:
    said = await say(store, "medlars", scope=BOB, conversation=HALL, audience=Space())
    await answer(store, said, "Good.")
    (about,) = await store.messages(BOB, Space(), [said.message.id])
    kept = await store.quote(
        message("Bob said: quince", conversation=HALL, audience=Space()),
        message(about.text, BOB, Space(), HALL, event=said.event_id),
        3,
    )
    assert kept == (MemoryNumber(1), False)
    assert await found(store, "hall") == {"Bob said: quince"}
    assert await found(store, "lounge") == set()


async def test_what_lost_a_source_was_told_nowhere_for_sure(store: SqliteStore) -> None:
    one = await talk(store, "quince", conversation=HALL, audience=Space())
    two = await talk(store, "another quince", conversation=HALL, audience=Space())
    (batch,) = await due(store)
    both = statement("double quince", [one.message.id, two.message.id], audience=Space())
    await store.apply(batch, [both], [], "test", Usage(), START)
    assert await found(store, "hall") == {"quince", "another quince", "double quince"}
    await store.unsay(HALL, [two.event_id])
    assert await found(store, "hall") == {"quince"}
    assert await found(store, None) == {"quince", "double quince"}


async def test_turns_where_guests_read_along_are_a_batch_of_their_channel(
    store: SqliteStore,
) -> None:
    for where, reach in (
        (HALL, Reach.HERE), (THREAD, Reach.HERE), (LOUNGE, Reach.HERE),
        (HALL, Reach.ALL), (NEAR, Reach.NOTHING),
    ):  # fmt: skip
        said = replace(message("x", audience=Space(), conversation=where), reach=reach)
        turn = await store.record(said, 1, urgent=False)
        assert turn is not None
        assert turn.reach is reach
        await answer(store, turn, "Good.")
    held = {batch.channel: len(batch.turns) for batch in await due(store)}
    assert held == {"hall": 2, "lounge": 1, None: 2}


async def test_much_that_was_told_elsewhere_leaves_no_profile_out(store: SqliteStore) -> None:
    for number in range(52):
        wish = Slot(None, "wish", f"wish {number}", exclusive=False)
        where = LOUNGE if number else HALL
        text = f"Alice wishes for wish {number}"
        await learn(store, text, slot=wish, conversation=where, audience=Space())
    (there,) = await store.profile(ALICE, Space(), ["wish"], channel="hall")
    assert there.text == "Alice wishes for wish 0"


async def test_nothing_that_is_the_spaces_was_told_in_a_channel(store: SqliteStore) -> None:
    await store.share(message("shared quince", audience=Space(), conversation=HALL), 2)
    assert await found(store, "hall") == set()
    assert await found(store, None) == {"shared quince"}


async def test_what_was_made_of_a_message_there_and_of_one_elsewhere_is_not_of_the_channel(
    store: SqliteStore,
) -> None:
    one = await talk(store, "quince", conversation=HALL, audience=Space())
    two = await talk(store, "another quince", conversation=LOUNGE, audience=Space())
    (batch,) = await due(store)
    ids = [one.message.id, two.message.id]
    made = [statement("one quince", ids[:1], audience=Space()),
            statement("double quince", ids, audience=Space())]  # fmt: skip
    await store.apply(batch, made, [], "test", Usage(), START)
    there = await store.distilled_from(ALICE, Space(), ids[:1], channel="hall")
    assert [memory.text for memory in there] == ["one quince"]
    assert len(await store.distilled_from(ALICE, Space(), ids[:1])) == 2
