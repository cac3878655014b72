from datetime import timedelta
from pathlib import Path

import pytest

from bot.portable import BroughtIn, Portable
from bot.ports import passage_of
from bot.store.sqlite.erasure import SqliteStore
from bot.types import MemoryNumber, Private, Slot, Space
from tests.store.travel import converse, exported, fold_all, live
from tests.store.world import (
    ALICE,
    DM,
    HALL,
    LYON,
    OSLO,
    START,
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


async def test_what_comes_in_is_found_and_current_is_told_from_past(
    store: SqliteStore, kept: Portable
) -> None:
    done = await store.bring_in(kept)
    assert done == BroughtIn(
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
    await store.bring_in(kept)
    waiting = await store.unindexed(100)
    own = [m for m in kept.messages if m.role == "person"]
    assert len(waiting) == len(own) + len(kept.memories)
    assert await due(store, years(2030)) == []
    assert await store.reconsider("test") == 0
    assert await store.pending(DM) == []


async def test_history_and_summary_are_as_they_were(store: SqliteStore, kept: Portable) -> None:
    await store.bring_in(kept)
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
    await store.bring_in(kept)
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
    await store.bring_in(kept)
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
    done = await store.bring_in(kept)
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
        await store.bring_in(await exported(first))
        await converse(first, "two", hours=1)
        await converse(first, "three", hours=2)
        kept = await exported(first)
    done = await store.bring_in(kept)
    assert (done.messages, done.known) == (4, 2)
    assert [text for text, _ in await heard(store, DM, Private())] == ["one", "two", "three"]
    assert [m.held for m in (await exported(store)).messages] == [m.held for m in kept.messages]


async def test_the_numbers_of_memories_go_on(store: SqliteStore, kept: Portable) -> None:
    for text in ("Alice paints", "Alice sings"):
        last = await learn(store, text)
    await store.erase(ALICE, [last])
    await store.bring_in(kept)
    page, _ = await store.page(ALICE, Private(), 0, 99)
    assert min(m.number for m in page if m.text != "Alice paints") == last + 1


async def test_a_memory_that_says_the_same_to_the_same_people_is_there_already(
    store: SqliteStore, kept: Portable
) -> None:
    mine = await learn(store, "Sarah likes tea", said="Sarah told me")
    await learn(store, "Alice was in the hall", said="privately")  # to others: another memory
    done = await store.bring_in(kept)
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
    await store.bring_in(kept)
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
    await store.bring_in(kept)
    for name, others in (("Bosley", {"Bosley likes tea"}), ("Sarah", {"Sarah works at Acme"})):
        page = await store.about(ALICE, Space(), name, 10)
        assert page is not None
        assert {m.text for m in page.memories} == others
    async with opened(tmp_path / "other.db") as other:
        await learn(other, "Zed is tall", slot=Slot("Zed", "height", "tall", exclusive=False))
        await other.bring_in(kept)
        page = await other.about(ALICE, Private(), "Zed", 10)
        assert page is not None
        assert page.total == 2


async def test_no_undo_takes_back_what_came_in(store: SqliteStore, kept: Portable) -> None:
    await learn(store, "Alice paints")
    await store.bring_in(kept)
    before = await texts(store)
    assert await store.undo(ALICE, START) is not None
    assert await texts(store) == before - {"Alice paints"}
    assert await store.undo(ALICE, START) is None
    assert (await store.bring_in(kept)).memories == 0


async def test_a_later_change_to_what_came_in_is_undone_as_ever(
    store: SqliteStore, kept: Portable
) -> None:
    await store.bring_in(kept)
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
    assert await store.bring_in(kept) == BroughtIn(known=3)
    assert await store.undo(ALICE, START) is not None
    assert [m.uid for m in (await exported(store)).memories] == [kept.memories[0].uid]
