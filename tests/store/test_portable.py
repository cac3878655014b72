import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.export_schema import write
from bot.importing import parse_export
from bot.portable import BroughtIn, Portable
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Private, Scope, Slot, Space
from tests.fuzzing import examples
from tests.store.travel import converse, distil, elsewhere, exported, fold_all, live, unnumbered
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    TEA,
    edit,
    learn,
    note,
    opened,
    talk,
)


async def test_of_a_stranger_there_is_nothing(store: SqliteStore) -> None:
    assert await store.portable(ALICE) is None
    await store.notice_once(ALICE, "hello")
    assert await store.portable(ALICE) is None


async def test_an_export_holds_all_that_is_kept_of_a_person(store: SqliteStore) -> None:
    await live(store)
    kept = await exported(store)
    assert (kept.scope, kept.name) == (ALICE, "Alice")
    assert [c.key for c in kept.conversations] == ["dm:alice", "hall"]
    roles = [message.role for message in kept.messages]
    assert (roles.count("person"), roles.count("ellie"), roles.count("note")) == (6, 6, 2)
    known = {m.text: m for m in kept.memories}
    oslo = next(m for m in kept.memories if m.text == "Alice lives in Oslo")
    lyon = next(m for m in kept.memories if m.closed_by)
    assert lyon.closed_by == (oslo.uid,)
    assert lyon.valid_to == oslo.valid_from
    assert [v.text for v in lyon.versions] == ["Alice lives in Lyon"]
    sarah = known["Sarah likes tea"]
    assert (sarah.slot, sarah.aliases) == (TEA, ("my sister",))
    assert [(e.name, e.aliases, e.memories) for e in kept.entities] == [
        ("Sarah", ("my sister",), (sarah.uid,))
    ]
    assert [s.covers_others for s in kept.summaries] == [False]
    assert kept.summaries[0].covers == (1, 2, 3, 4)
    assert kept.conversations[0].fresh_after == 5


async def test_a_reply_tells_what_its_prompt_held(store: SqliteStore) -> None:
    await live(store)
    kept = await exported(store)
    by_id = {message.id: message for message in kept.messages}
    asked = next(m for m in kept.messages if m.text == "What do you know?")
    reply = next(m for m in kept.messages if m.reply_to == asked.id)
    assert reply.held is not None
    assert reply.held.memories == (kept.memories[1].uid,)
    assert reply.held.summary == 1
    assert reply.held.history_from == 3
    assert by_id[5].turn == 3


async def test_messages_of_others_are_in_no_export_nor_what_was_made_from_them(
    store: SqliteStore,
) -> None:
    await converse(store, "my own beginning", conversation=HALL)
    await converse(store, "bobsecret", scope=BOB, conversation=HALL)
    await converse(store, "what did he say", conversation=HALL)
    await converse(store, "say it again", conversation=HALL, history=1)  # by way of the last reply
    await fold_all(store)
    await converse(store, "and now", conversation=HALL)
    kept = await exported(store)
    replies = [m for m in kept.messages if m.role == "ellie"]
    assert [m.text is None for m in replies] == [False, True, True, True]
    assert [m.held is not None and m.held.others for m in replies] == [False, True, True, True]
    assert [(s.text, s.covers_others) for s in kept.summaries] == [(None, True)]
    assert "bobsecret" not in repr(kept)
    assert "my own beginning" in repr(kept)


async def test_a_summary_is_told_by_what_it_was_made_of_whose_ever_texts_are_left(
    store: SqliteStore,
) -> None:
    await converse(store, "bobsecret", scope=BOB, conversation=HALL)
    await converse(store, "what did he say", conversation=HALL, hours=10)
    await distil(store, "nothing of note")
    await store.expire(START + timedelta(hours=5), timedelta(), None)
    await fold_all(store)  # of Alice's message and the reply that repeats Bob
    kept = await exported(store)
    assert [(s.covers, s.text) for s in kept.summaries] == [((1, 2), None)]
    assert "bobsecret" not in repr(kept)


@pytest.mark.parametrize("alice_too", [False, True])
async def test_what_is_built_on_a_summary_of_others_is_left_out(
    store: SqliteStore, alice_too: bool
) -> None:
    await converse(store, "bobsecret", scope=BOB, conversation=HALL)
    if alice_too:
        await talk(store, "me too", conversation=HALL, audience=Space())
    await fold_all(store)
    await talk(store, "my own", conversation=HALL, audience=Space())
    await fold_all(store)
    kept = await exported(store)
    assert {s.text for s in kept.summaries} == {None}
    await converse(store, "what was that", conversation=HALL, hours=1)
    assert "bobsecret" not in repr(await exported(store))


async def test_a_reply_made_from_a_summary_of_others_alone_is_left_out(store: SqliteStore) -> None:
    await converse(store, "bobsecret", scope=BOB, conversation=HALL)
    await fold_all(store)
    await converse(store, "what was that", conversation=HALL)
    kept = await exported(store)
    assert [m.text for m in kept.messages] == ["what was that", None]


async def test_a_summary_that_carries_on_one_of_theirs_is_told_of(store: SqliteStore) -> None:
    await talk(store, "my own", conversation=HALL, audience=Space())
    await fold_all(store)
    await converse(store, "bobsecret", scope=BOB, conversation=HALL)
    await fold_all(store)
    kept = await exported(store)
    assert [(s.covers, s.covers_others, s.previous) for s in kept.summaries] == [
        ((1, 2), False, None), ((), True, 1),
    ]  # fmt: skip


async def test_a_note_made_while_paused_is_not_exported(store: SqliteStore) -> None:
    await live(store)
    async with store._write() as db:
        await db.execute(
            "UPDATE message SET keep_until = 1 WHERE role = 'note' AND text = 'Alice lives in Leon'"
        )
    kept = await exported(store)
    assert [m.text for m in kept.messages if m.role == "note"] == ["The safe is behind the clock"]


async def test_what_was_said_while_paused_is_not_exported(store: SqliteStore) -> None:
    await converse(store, "before the pause")
    await converse(store, "offtherecord", history=0)
    async with store._write() as db:
        await db.execute("UPDATE message SET keep_until = 1 WHERE text = 'offtherecord'")
    kept = await exported(store)
    assert [m.text for m in kept.messages] == ["before the pause", "I heard "]


async def test_erased_texts_are_empty_and_their_places_are_kept(store: SqliteStore) -> None:
    number = await learn(store, "Alice likes tea")
    await talk(store, "something else")
    await store.erase(ALICE, [number])
    kept = await exported(store)
    assert [m.text for m in kept.messages] == [None, None, "something else", "Good."]
    assert kept.memories == ()


async def test_the_way_to_another_ellie_and_back_changes_nothing(
    store: SqliteStore, tmp_path: Path
) -> None:
    await live(store)
    kept = await exported(store)
    again = await elsewhere(kept, tmp_path / "second.db")
    assert unnumbered(again) == unnumbered(kept)
    third = await elsewhere(again, tmp_path / "third.db")
    assert third == again


async def test_everywhere_is_every_space_of_that_user_and_platform(store: SqliteStore) -> None:
    work = Scope("console", "work", "alice")
    for scope in (ALICE, BOB, work, Scope("other", "home", "alice")):
        await talk(store, "hello", scope=scope)
    assert await store.everywhere(work) == [work, ALICE]


ALONE = ["dm", "dm", "hall", "distil", "slot", "note", "edit", "undo", "fold", "fresh", "forget"]


async def play(store: SqliteStore, steps: list[str]) -> None:
    """Alice and Bob talk; every word of his is marked."""
    for at, step in enumerate(steps):
        page, _ = await store.page(ALICE, Space() if step == "hall" else Private(), 0, 3)
        numbers = tuple(memory.number for memory in page)
        when = START + timedelta(hours=at)
        match step:
            case "dm":
                await converse(store, f"alice {at} said", hours=at, memories=numbers, history=3)
            case "hall":
                await converse(
                    store, f"alice {at}", conversation=HALL, hours=at, memories=numbers, history=2
                )
            case "bob":
                await converse(
                    store, f"bobs{at}word", scope=BOB, conversation=HALL, hours=at, history=2
                )
            case "distil":
                await distil(store, f"a memory of {at}")
            case "slot":
                await distil(store, f"Sarah works at number {at}", works_at(at))
            case "note":
                await note(store, f"noted {at}", at=when)
            case "edit" if numbers:
                await edit(store, numbers[0], f"edited {at}", at=when)
            case "undo":
                await store.undo(ALICE, when)
            case "fold":
                await fold_all(store, keep=at % 2)
            case "fresh":
                await store.start_fresh(HALL if at % 2 else DM)
            case "forget" if numbers:
                await store.erase(ALICE, numbers[-1:])


def works_at(number: int) -> Slot:
    return Slot("Sarah", "works at", f"number {number}", exclusive=True)


def parts(portable: Portable) -> int:
    return len(portable.messages) + len(portable.memories) + len(portable.summaries)


@settings(max_examples=examples(20), deadline=None)
@given(steps=st.lists(st.sampled_from(ALONE), min_size=4, max_size=25))
async def test_any_life_goes_to_another_ellie_whole_and_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("alone")
    async with opened(folder / "one.db") as one, opened(folder / "two.db") as two:
        await play(one, ["dm", *steps])
        kept = await exported(one)
        assert parse_export(write([kept], START, "0.1.0").encode()) == (kept,)
        done = await two.bring_in(kept)
        assert done.messages + done.memories + done.summaries == parts(kept)
        assert unnumbered(await exported(two)) == unnumbered(kept)
        for store in (one, two):
            again = await store.bring_in(kept)
            known = parts(kept) - again.forgotten  # an emptied row is known, and forgotten here
            assert again == BroughtIn(known=known, forgotten=again.forgotten)
            assert store is one or not again.forgotten
        assert await exported(one) == kept


@settings(max_examples=examples(20), deadline=None)
@given(steps=st.lists(st.sampled_from([*ALONE, "bob", "bob", "hall"]), min_size=4, max_size=25))
async def test_no_word_of_another_person_is_ever_exported(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("mixed")
    async with opened(folder / "one.db") as one, opened(folder / "two.db") as two:
        await play(one, ["hall", "bob", "hall", *steps])
        kept = await exported(one)
        assert not re.search(r"bobs\d+word", repr(kept))
        assert parse_export(write([kept], START, "0.1.0").encode()) == (kept,)
        assert "alice 0" in repr(kept)
        done = await two.bring_in(kept)
        counts = (done.messages, done.memories, done.summaries, done.left_out)
        assert sum(counts) == parts(kept)
        assert (await two.bring_in(kept)).messages == 0
        assert [m.text for m in (await exported(two)).messages] == [m.text for m in kept.messages]
