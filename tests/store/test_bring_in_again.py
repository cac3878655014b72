"""What comes in part by part, or where something else is already."""

from dataclasses import replace
from pathlib import Path

from bot.export_schema import write
from bot.importing import parse_export
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.writes import add_message, conversation_number, scope_for
from bot.types import MemoryNumber, Private, Slot, Usage
from tests.store.travel import converse, exported, fold_all
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    LYON,
    OSLO,
    START,
    due,
    edit,
    fill,
    heard,
    learn,
    message,
    note,
    opened,
    shown,
    statement,
    talk,
    texts,
    years,
)


async def test_turns_keep_their_order_though_the_clock_was_set_back(
    store: SqliteStore, tmp_path: Path
) -> None:
    async with opened(tmp_path / "first.db") as first:
        await converse(first, "one")
        await store.bring_in(await exported(first))
        await converse(first, "two", hours=5)
        await converse(first, "three", hours=-3)
        await store.bring_in(await exported(first))
    assert [text for text, _ in await heard(store, DM, Private())] == ["one", "two", "three"]


async def test_a_summary_of_what_is_another_persons_message_here_is_left_out(
    store: SqliteStore, tmp_path: Path
) -> None:
    async with opened(tmp_path / "first.db") as first:
        await talk(first, "mine", event="e0")
        await talk(first, "and mine")
        await fold_all(first)
        kept = await exported(first)
    async with store._write() as db:
        bobs = message("bobs", scope=BOB, event="e0")
        place = await conversation_number(db, DM)
        await add_message(db, await scope_for(db, BOB, "Bob"), place, "note", bobs, 3)
    done = await store.bring_in(kept)
    assert (done.messages, done.summaries, done.left_out) == (2, 0, 3)


async def test_an_entity_that_came_in_before_is_known_by_a_later_name_too(
    store: SqliteStore, tmp_path: Path
) -> None:
    async with opened(tmp_path / "first.db") as first:
        await learn(first, "Sarah sings", slot=Slot("Sarah", "does", "sing", exclusive=False))
        await store.bring_in(await exported(first))
        swims = Slot("Sally", "does", "swim", exclusive=False)
        await learn(first, "Sally swims", slot=swims, aliases=("Sarah",))
        kept = await exported(first)
        assert len(kept.entities) == 1
    await store.bring_in(kept)
    page = await store.about(ALICE, Private(), "Sally", 9)
    assert page is not None
    assert page.total == 2


async def test_undo_restores_what_was_here_and_no_version_that_came_in(
    store: SqliteStore, tmp_path: Path
) -> None:
    async with opened(tmp_path / "first.db") as first:
        number = await note(first, "the safe is blue")
        await edit(first, number, "the safe is green")
        await edit(first, number, "the safe is red")
        kept = await exported(first)
    await store.bring_in(kept)
    await talk(store, "I have a safe")
    (batch,) = await due(store)
    slot = Slot(None, "safe", "red", exclusive=True)
    filled = statement("ignored", [batch.exchanges[0].said.id], slot=slot, adopts=MemoryNumber(1))
    await store.apply(batch, [filled], [], "model", Usage(), START)
    assert (await shown(store, MemoryNumber(1))).memory.slot == slot
    undone = await store.undo(ALICE, START)
    assert undone is not None
    now = await shown(store, MemoryNumber(1))
    assert (now.memory.text, now.memory.slot) == ("the safe is red", None)
    assert [v.text for v in now.versions] == ["the safe is blue", "the safe is green"]


async def test_what_was_undone_since_the_export_stays_undone(store: SqliteStore) -> None:
    await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
    number = await note(store, "I live in Oslo")
    await fill(store, number, "ignored", OSLO)
    kept = await exported(store)
    assert kept.memories[0].closed_by
    assert await store.undo(ALICE, START) is not None
    sings = replace(kept.memories[1], uid="f" * 32, text="Alice sings", slot=None)
    await store.bring_in(replace(kept, memories=(*kept.memories, sings)))
    assert await texts(store) == {"Alice lives in Lyon", "I live in Oslo", "Alice sings"}


async def test_between_what_comes_in_the_file_alone_says_what_closed_what(
    store: SqliteStore, tmp_path: Path
) -> None:
    await learn(store, "Alice paints")
    async with opened(tmp_path / "first.db") as first:
        await learn(first, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
        await learn(first, "Alice lives in Oslo", slot=OSLO, valid_from=years(2021))
        kept = await exported(first)
    apart = tuple(replace(memory, closed_by=()) for memory in kept.memories)
    await store.bring_in(replace(kept, memories=apart))
    assert await texts(store) == {"Alice paints", "Alice lives in Lyon", "Alice lives in Oslo"}


async def test_hostile_texts_come_through_as_they_are(store: SqliteStore, tmp_path: Path) -> None:
    hostile = (
        "a\nb\r\x00c \N{ZERO WIDTH JOINER}👩‍👩‍👧 `**[x](y)** <b> '; DROP TABLE memory;--\u202e"
    )
    async with opened(tmp_path / "first.db") as first:
        await learn(first, hostile, said=hostile + "said")
        kept = await exported(first)
    (read,) = parse_export(write([kept], START, "0.1.0").encode())
    await store.bring_in(read)
    again = await exported(store)
    assert [m.text for m in again.memories] == [hostile]
    assert again.messages[0].text == hostile + "said"
