from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.portable import Portable, PortableMemory, TakenIn
from bot.ports import passage_of
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
from bot.types import Conversation, MemoryNumber, Private, Slot, Space
from tests.store.travel import converse, exported, fold_all, live
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    LYON,
    OSLO,
    START,
    bytes_on_disk,
    due,
    edit,
    fill,
    found_by_words,
    heard,
    learn,
    opened,
    said,
    shown,
    talk,
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


async def test_what_comes_in_is_found_and_current_is_told_from_past(
    store: SqliteStore, kept: Portable
) -> None:
    done = await store.take_in(kept)
    assert done == TakenIn(
        messages=len(kept.messages), memories=len(kept.memories), summaries=len(kept.summaries)
    )
    assert "Alice lives in Oslo" in await texts(store)
    assert "Alice lives in Leon" not in await texts(store)
    assert "Sarah likes tea" in await found_by_words(store, "Who likes tea?")
    page = await store.about(ALICE, Private(), "my sister", 10)
    assert page is not None
    assert page.names == ("Sarah", "my sister")
    lyon = await shown(store, MemoryNumber(1))
    assert [v.text for v in lyon.versions] == ["Alice lives in Lyon"]
    assert [m.text for m in lyon.superseded_by] == ["Alice lives in Oslo"]
    assert len(lyon.sources) == 2


async def test_what_comes_in_waits_for_vectors_and_for_nothing_else(
    store: SqliteStore, kept: Portable
) -> None:
    await store.use_vectors_of("hashed words", 4)
    await store.take_in(kept)
    waiting = await store.unindexed(100)
    own = [m for m in kept.messages if m.role == "person"]
    assert len(waiting) == len(own) + len(kept.memories)
    assert await due(store, years(2030)) == []
    assert await store.reconsider("test") == 0
    assert await store.pending(DM) == []


async def test_history_and_summary_are_as_they_were(store: SqliteStore, kept: Portable) -> None:
    await store.take_in(kept)
    (once_more,) = await heard(store, DM, Private())
    assert once_more[0] == "Once more"
    assert once_more[1] is not None
    assert [text for text, _ in await heard(store)] == ["Here among others"]
    assert await store.newest_summary(DM, Private(), ALICE) is None  # before /new
    converse_on = await converse(store, "And on", hours=20)
    assert [text for text, _ in await heard(store, DM, Private())] == ["Once more", "And on"]
    used = await store.used_by(converse_on.id)
    assert used is not None


async def test_without_a_fresh_start_the_summary_stands_for_the_older_turns(
    store: SqliteStore, tmp_path: Path
) -> None:
    async with opened(tmp_path / "first.db") as first:
        for at, text in enumerate(("one", "two", "three")):
            await converse(first, text, hours=at, history=1)
        await fold_all(first, keep=1)
        kept = await exported(first)
        before = await first.foldable(0)
    await store.take_in(kept)
    summary = await store.newest_summary(DM, Private(), ALICE)
    assert summary is not None
    assert summary.text == kept.summaries[0].text
    after = await heard(store, DM, Private(), after=summary.through)
    assert [text for text, _ in after] == ["three"]
    assert [len(f.exchanges) for f in await store.foldable(0)] == [len(f.exchanges) for f in before]


async def test_neighbours_are_neighbours_again_and_a_pause_parts_them(
    store: SqliteStore, tmp_path: Path
) -> None:
    async with opened(tmp_path / "first.db") as first:
        for hour, text in ((0, "one"), (1, "two"), (20, "three")):
            await talk(first, text, at=START + timedelta(hours=hour))
        kept = await exported(first)
    await talk(store, "said here", at=START)
    await store.take_in(kept)
    await talk(store, "said here later", at=START + timedelta(hours=21))
    survey = await store.survey(ALICE, Private(), [], [], None)
    ids = [identity >> 1 for identity in survey.ids]
    around = await store.surroundings(ALICE, Private(), ids)  # type: ignore[arg-type]  # messages
    beside = {tuple(said(found)) for found in around.values()}
    assert beside == {("said here",), ("one", "two"), ("three",), ("said here later",)}
    assert all(passage_of(identity) in survey.ids for identity in around)


async def test_where_a_conversation_went_on_the_older_is_recalled_but_in_no_history(
    store: SqliteStore, kept: Portable
) -> None:
    await talk(store, "news of today", at=START + timedelta(days=3))
    done = await store.take_in(kept)
    assert done.messages == len(kept.messages)
    assert done.summaries == 0
    assert await heard(store, DM, Private()) == [("news of today", "Good.")]
    assert "My sister Sarah likes tea" in await found_by_words(store, "tea")
    assert [text for text, _ in await heard(store)] == ["Here among others"]


async def test_what_was_said_since_the_last_import_goes_on_with_the_history(
    store: SqliteStore, tmp_path: Path
) -> None:
    async with opened(tmp_path / "first.db") as first:
        await converse(first, "one")
        await store.take_in(await exported(first))
        await converse(first, "two", hours=1)
        await converse(first, "three", hours=2)
        kept = await exported(first)
    done = await store.take_in(kept)
    assert (done.messages, done.known) == (4, 2)
    assert [text for text, _ in await heard(store, DM, Private())] == ["one", "two", "three"]
    assert [m.held for m in (await exported(store)).messages] == [m.held for m in kept.messages]


async def test_the_numbers_of_memories_go_on(store: SqliteStore, kept: Portable) -> None:
    for text in ("Alice paints", "Alice sings"):
        last = await learn(store, text)
    await store.erase(ALICE, [last])
    await store.take_in(kept)
    page, _ = await store.page(ALICE, Private(), 0, 99)
    assert min(m.number for m in page if m.text != "Alice paints") == last + 1


async def test_a_memory_that_says_the_same_to_the_same_people_is_there_already(
    store: SqliteStore, kept: Portable
) -> None:
    mine = await learn(store, "Sarah likes tea", said="Sarah told me")
    await learn(store, "Alice was in the hall", said="privately")  # to others: another memory
    done = await store.take_in(kept)
    assert (done.memories, done.known) == (len(kept.memories) - 1, 1)
    both = await shown(store, mine)
    assert len(both.sources) == 2
    await store.erase(ALICE, [mine])
    assert await found_by_words(store, "tea") == set()


async def test_an_older_value_that_comes_in_is_closed_by_the_newer_one_here(
    store: SqliteStore, tmp_path: Path
) -> None:
    await learn(store, "Alice lives in Oslo", slot=OSLO, valid_from=years(2025))
    async with opened(tmp_path / "first.db") as first:
        await learn(first, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
        await learn(
            first, "Alice lives in Rome", valid_from=years(2026),
            slot=Slot(None, "lives in", "Rome", exclusive=True),
        )  # fmt: skip
        kept = await exported(first)
    await store.take_in(kept)
    assert await texts(store) == {"Alice lives in Rome"}


async def test_an_entity_is_found_by_name_only_where_its_hearers_know_it(
    store: SqliteStore, tmp_path: Path
) -> None:
    works = Slot("Sarah", "works at", "Acme", exclusive=True)
    await learn(store, "Sarah works at Acme", slot=works, audience=Space(), conversation=HALL)
    async with opened(tmp_path / "first.db") as first:
        boss = Slot("Bosley", "likes", "tea", exclusive=False)
        await learn(first, "Bosley likes tea", slot=boss, audience=Space(), conversation=HALL)
        sings = Slot("Bosley", "sings", "bass", exclusive=False)
        await learn(first, "Sarah, that is Bosley, sings bass", slot=sings, aliases=("Sarah",))
        swims = Slot("Zed", "swims", "daily", exclusive=False)
        await learn(first, "Zed swims", slot=swims)
        kept = await exported(first)
        assert [len(entity.memories) for entity in kept.entities] == [2, 1]
    await store.take_in(kept)
    for name, others in (("Bosley", {"Bosley likes tea"}), ("Sarah", {"Sarah works at Acme"})):
        page = await store.about(ALICE, Space(), name, 10)
        assert page is not None
        assert {m.text for m in page.memories} == others
    async with opened(tmp_path / "other.db") as other:
        await learn(other, "Zed is tall", slot=Slot("Zed", "height", "tall", exclusive=False))
        await other.take_in(kept)
        page = await other.about(ALICE, Private(), "Zed", 10)
        assert page is not None
        assert page.total == 2


async def test_no_undo_takes_back_what_came_in(store: SqliteStore, kept: Portable) -> None:
    await learn(store, "Alice paints")
    await store.take_in(kept)
    before = await texts(store)
    assert await store.undo(ALICE, START) is not None
    assert await texts(store) == before - {"Alice paints"}
    assert await store.undo(ALICE, START) is None
    assert (await store.take_in(kept)).memories == 0


async def test_a_later_change_to_what_came_in_is_undone_as_ever(
    store: SqliteStore, kept: Portable
) -> None:
    await store.take_in(kept)
    safe = next(
        m for m in (await exported(store)).memories if m.text == "The safe is behind the clock"
    )
    await edit(store, MemoryNumber(safe.number), "The safe is behind the door")
    await fill(
        store, MemoryNumber(safe.number), "ignored", Slot(None, "safe", "door", exclusive=True)
    )
    undone = await store.undo(ALICE, START)
    assert undone is not None
    assert [m.slot for m in undone.restored] == [None]
    versions = (await shown(store, MemoryNumber(safe.number))).versions
    assert [v.text for v in versions] == ["The safe is behind the clock"]


async def test_what_an_absorbed_memory_said_comes_back_by_undo_alone(
    store: SqliteStore, tmp_path: Path
) -> None:
    await learn(store, "Alice likes tea")
    kept = await exported(store)
    await learn(store, "Alice likes tea", audience=Space(), conversation=HALL)
    assert await store.take_in(kept) == TakenIn(known=3)
    assert await store.undo(ALICE, START) is not None
    assert [m.uid for m in (await exported(store)).memories] == [kept.memories[0].uid]


# --- forgotten is forgotten


async def test_what_was_forgotten_here_does_not_come_back(
    store: SqliteStore, kept: Portable
) -> None:
    tea = number(kept, "My sister Sarah likes tea")
    await forget_messages(store, kept, [tea])
    done = await store.take_in(kept)
    assert "Sarah likes tea" not in await texts(store)
    assert b"Sarah" not in bytes_on_disk(store.path)  # nor in a reply or summary made from it
    assert done.summaries == 0
    assert done.messages + done.memories + done.forgotten == (
        len(kept.messages) + len(kept.memories) + len(kept.summaries)
    )
    assert (await store.take_in(kept)).messages == 0


async def test_a_forgotten_memory_does_not_come_back_nor_what_it_came_from(
    store: SqliteStore, kept: Portable
) -> None:
    await bury_in(store, memory_mark(await key_of(store), named(kept, "Sarah likes tea").uid))
    await store.take_in(kept)
    assert b"Sarah" not in bytes_on_disk(store.path)
    assert "Alice lives in Oslo" in await texts(store)


async def test_a_wording_that_was_edited_away_does_not_come_back(
    store: SqliteStore, kept: Portable
) -> None:
    old = next(m for m in kept.messages if m.text == "My sister Sarah likes tea")
    mark = wording_mark(await key_of(store), DM, old.event_id, old.text or "")
    await bury_in(store, mark)
    await store.take_in(kept)
    assert b"Sarah" not in bytes_on_disk(store.path)


async def test_every_key_of_the_ledger_is_looked_up(store: SqliteStore, kept: Portable) -> None:
    await forget_messages(store, kept, [number(kept, "My sister Sarah likes tea")])
    async with store._write() as db:
        await db.execute("INSERT INTO ledger_key (key) VALUES (randomblob(32))")
    await store.take_in(kept)
    assert "Sarah likes tea" not in await texts(store)


async def test_a_memory_with_another_source_loses_only_the_forgotten_one_and_its_versions(
    store: SqliteStore, kept: Portable
) -> None:
    leon = named(kept, "Alice lives in Leon")
    assert len(leon.sources) == 2
    await forget_messages(store, kept, leon.sources[:1])
    await store.take_in(kept)
    again = named(await exported(store), "Alice lives in Leon")
    assert (len(again.sources), again.versions) == (1, ())


async def test_everything_forgotten_leaves_nothing_not_even_the_person(
    store: SqliteStore, kept: Portable
) -> None:
    await forget_messages(store, kept, [message.id for message in kept.messages])
    done = await store.take_in(kept)
    assert (done.messages, done.memories, done.summaries) == (0, 0, 0)
    assert await store.portable(ALICE) is None
    health = await store.health()
    assert (health.scopes, health.messages, health.memories) == (0, 0, 0)


async def test_a_text_that_retention_removed_stays_removed(store: SqliteStore) -> None:
    await learn(store, "Alice likes tea", said="expiredtext")
    kept = await exported(store)
    await store.expire(years(2030))
    assert (await store.take_in(kept)).messages == 0
    assert b"expiredtext" not in bytes_on_disk(store.path)


@pytest.mark.parametrize("space", [None, EVERYWHERE])
async def test_of_who_opted_out_nothing_is_taken_in(
    store: SqliteStore, kept: Portable, space: str | None
) -> None:
    mark = person_mark(await key_of(store), ALICE, space)
    async with store._write() as db:
        await db.execute("INSERT INTO opt_out (mark, since) VALUES (?, 0)", (mark,))
    assert await store.take_in(kept) == TakenIn(opted_out=True)
    assert await store.portable(ALICE) is None
    bobs = replace(kept, scope=BOB)
    assert (await store.take_in(bobs)).messages > 0


# --- what others have


async def test_a_message_or_memory_that_is_another_persons_here_stays_theirs(
    store: SqliteStore, kept: Portable
) -> None:
    await store.take_in(kept)
    stolen = replace(kept, scope=BOB, name="Bob")
    done = await store.take_in(stolen)
    assert (done.messages, done.memories, done.summaries) == (0, 0, 0)
    assert done.left_out == len(kept.messages) + len(kept.memories) + len(kept.summaries)
    assert await store.portable(BOB) is None
    assert len((await exported(store)).memories) == len(kept.memories)


async def test_forgetting_on_the_second_ellie_takes_what_held_it_along(
    store: SqliteStore, kept: Portable
) -> None:
    await store.take_in(kept)
    tea = named(await exported(store), "Sarah likes tea")
    await store.erase(ALICE, [MemoryNumber(tea.number)])
    assert b"Sarah" not in bytes_on_disk(store.path)


async def test_what_fails_half_way_changes_nothing(store: SqliteStore, kept: Portable) -> None:
    twice = replace(kept, memories=(*kept.memories, kept.memories[0]))
    with pytest.raises(StoreError):
        await store.take_in(twice)
    assert await store.portable(ALICE) is None
    assert (await store.take_in(kept)).memories == len(kept.memories)


async def test_hostile_texts_come_through_as_they_are(store: SqliteStore, tmp_path: Path) -> None:
    hostile = (
        "a\nb\r\x00c \N{ZERO WIDTH JOINER}👩‍👩‍👧 `**[x](y)** <b> '; DROP TABLE memory;--\u202e"
    )
    async with opened(tmp_path / "first.db") as first:
        await learn(first, hostile, said=hostile + "said")
        kept = await exported(first)
    await store.take_in(kept)
    again = await exported(store)
    assert [m.text for m in again.memories] == [hostile]
    assert again.messages[0].text == hostile + "said"
