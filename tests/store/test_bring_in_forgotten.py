from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.portable import BroughtIn, Portable, PortableMemory
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.ledger import (
    EVERYWHERE,
    bury,
    memory_mark,
    message_mark,
    person_mark,
    read_keys,
    wording_mark,
)
from bot.types import Conversation, MemoryNumber, Private
from tests.store.travel import converse, distil, exported, fold_all, live
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    bytes_on_disk,
    heard,
    learn,
    opened,
    texts,
    years,
)


@pytest.fixture
async def kept(tmp_path: Path) -> Portable:
    """What the first Ellie exports of Alice's life."""
    async with opened(tmp_path / "first.db") as first:
        await live(first)
        return await exported(first)


async def bury_in(store: SqliteStore, *marks: bytes) -> None:
    async with store._write() as db:
        await bury(db, marks)


async def key_of(store: SqliteStore) -> bytes:
    return (await read_keys(store._writer))[0]


async def forget_messages(store: SqliteStore, portable: Portable, ids: Iterable[int]) -> None:
    """Enter tombstones for these messages."""
    key = await key_of(store)
    marks = [
        message_mark(key, Conversation("console", "home", m.conversation), m.event_id)
        for m in portable.messages
        if m.id in set(ids)
    ]
    await bury_in(store, *marks)


def named(portable: Portable, text: str) -> PortableMemory:
    return next(memory for memory in portable.memories if memory.text == text)


def number(portable: Portable, text: str) -> int:
    return next(m.id for m in portable.messages if m.text == text)


async def test_what_was_forgotten_here_does_not_come_back(
    store: SqliteStore, kept: Portable
) -> None:
    tea = number(kept, "My sister Sarah likes tea")
    await forget_messages(store, kept, [tea])
    done = await store.bring_in(kept)
    assert "Sarah likes tea" not in await texts(store)
    assert b"Sarah" not in bytes_on_disk(store.path)  # nor in a reply or summary made from it
    assert done.summaries == 0
    assert done.messages + done.memories + done.forgotten == (
        len(kept.messages) + len(kept.memories) + len(kept.summaries)
    )
    assert (await store.bring_in(kept)).messages == 0


async def test_a_forgotten_memory_does_not_come_back_nor_what_it_came_from(
    store: SqliteStore, kept: Portable
) -> None:
    await bury_in(store, memory_mark(await key_of(store), named(kept, "Sarah likes tea").uid))
    await store.bring_in(kept)
    assert b"Sarah" not in bytes_on_disk(store.path)
    assert "Alice lives in Oslo" in await texts(store)


async def test_a_wording_that_was_edited_away_does_not_come_back(
    store: SqliteStore, kept: Portable
) -> None:
    old = next(m for m in kept.messages if m.text == "My sister Sarah likes tea")
    mark = wording_mark(await key_of(store), DM, old.event_id, old.text or "")
    await bury_in(store, mark)
    await store.bring_in(kept)
    assert b"Sarah" not in bytes_on_disk(store.path)


async def test_every_key_of_the_ledger_is_looked_up(store: SqliteStore, kept: Portable) -> None:
    await forget_messages(store, kept, [number(kept, "My sister Sarah likes tea")])
    async with store._write() as db:
        await db.execute("INSERT INTO ledger_key (key) VALUES (randomblob(32))")
    await store.bring_in(kept)
    assert "Sarah likes tea" not in await texts(store)


async def test_a_memory_with_another_source_loses_only_the_forgotten_one_and_its_versions(
    store: SqliteStore, kept: Portable
) -> None:
    leon = named(kept, "Alice lives in Leon")
    assert len(leon.sources) == 2
    await forget_messages(store, kept, leon.sources[:1])
    await store.bring_in(kept)
    again = named(await exported(store), "Alice lives in Leon")
    assert (len(again.sources), again.versions) == (1, ())


async def test_everything_forgotten_leaves_nothing_not_even_the_person(
    store: SqliteStore, kept: Portable
) -> None:
    await forget_messages(store, kept, [message.id for message in kept.messages])
    done = await store.bring_in(kept)
    assert (done.messages, done.memories, done.summaries) == (0, 0, 0)
    assert await store.portable(ALICE) is None
    health = await store.health()
    assert (health.scopes, health.messages, health.memories) == (0, 0, 0)


async def test_a_text_that_retention_removed_stays_removed(store: SqliteStore) -> None:
    await learn(store, "Alice likes tea", said="expiredtext")
    kept = await exported(store)
    await store.expire(years(2030), timedelta(), None)
    assert (await store.bring_in(kept)).messages == 0
    assert b"expiredtext" not in bytes_on_disk(store.path)


@pytest.mark.parametrize("space", [None, EVERYWHERE])
async def test_of_who_opted_out_nothing_is_taken_in(
    store: SqliteStore, kept: Portable, space: str | None
) -> None:
    mark = person_mark(await key_of(store), ALICE, space)
    async with store._write() as db:
        await db.execute("INSERT INTO opt_out (mark, since) VALUES (?, 0)", (mark,))
    assert await store.bring_in(kept) == BroughtIn(opted_out=True)
    assert await store.portable(ALICE) is None
    bobs = replace(kept, scope=BOB)
    assert (await store.bring_in(bobs)).messages > 0


# --- what others have


async def test_a_message_or_memory_that_is_another_persons_here_stays_theirs(
    store: SqliteStore, kept: Portable
) -> None:
    await store.bring_in(kept)
    stolen = replace(kept, scope=BOB, name="Bob")
    done = await store.bring_in(stolen)
    assert (done.messages, done.memories, done.summaries) == (0, 0, 0)
    assert done.left_out == len(kept.messages) + len(kept.memories) + len(kept.summaries)
    assert await store.portable(BOB) is None
    assert len((await exported(store)).memories) == len(kept.memories)


async def test_forgetting_on_the_second_ellie_takes_what_held_it_along(
    store: SqliteStore, kept: Portable
) -> None:
    await store.bring_in(kept)
    tea = named(await exported(store), "Sarah likes tea")
    await store.erase(ALICE, [MemoryNumber(tea.number)])
    assert b"Sarah" not in bytes_on_disk(store.path)


async def test_what_fails_half_way_changes_nothing(store: SqliteStore, kept: Portable) -> None:
    twice = replace(kept, memories=(*kept.memories, kept.memories[0]))
    with pytest.raises(StoreError):
        await store.bring_in(twice)
    assert await store.portable(ALICE) is None
    assert (await store.bring_in(kept)).memories == len(kept.memories)


SECRET = "xylophone"
OTHER = Conversation("console", "home", "dm:alice:2")


@pytest.mark.parametrize("way", ["summary", "memory", "message"])
async def test_a_reply_does_not_come_back_by_which_way_ever_it_held_the_forgotten(
    store: SqliteStore, tmp_path: Path, way: str
) -> None:
    async with opened(tmp_path / "first.db") as first:
        said = await converse(first, f"I play the {SECRET}")
        if way == "summary":
            await fold_all(first)
            await converse(first, "What do I play?", hours=1)
        elif way == "memory":
            await distil(first, f"Alice plays the {SECRET}")
            numbers = (MemoryNumber(1),)
            await converse(first, "What?", conversation=OTHER, memories=numbers, hours=1)
        else:
            messages = (said.message.id,)
            await converse(first, "What?", conversation=OTHER, messages=messages, hours=1)
        kept = await exported(first)
    assert SECRET in (kept.messages[-1].text or "")
    await forget_messages(store, kept, [1])
    done = await store.bring_in(kept)
    assert done.messages == 1
    assert SECRET.encode() not in bytes_on_disk(store.path)


async def test_what_a_reply_held_is_known_even_where_turns_came_out_of_order(
    store: SqliteStore, tmp_path: Path
) -> None:
    async with opened(tmp_path / "first.db") as first:
        await converse(first, "one")
        await converse(first, f"I play the {SECRET}", hours=1, history=0)
        await distil(first, f"Alice plays the {SECRET}")
        await converse(first, "three", hours=2, history=2)
        await converse(first, "four", hours=3, history=0)
        kept = await exported(first)
    some = [m for m in kept.messages if m.id in {3, 4, 7, 8}]
    await store.bring_in(replace(kept, messages=tuple(some), memories=()))
    assert (await store.bring_in(kept)).messages == 4
    assert [text for text, _ in await heard(store, DM, Private())] == [
        f"I play the {SECRET}", "four",
    ]  # fmt: skip
    assert f"I play the {SECRET}".encode() in bytes_on_disk(store.path)
    await store.erase(ALICE, [MemoryNumber(1)])
    assert SECRET.encode() not in bytes_on_disk(store.path)
