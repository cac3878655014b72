"""What memories were before, who sees it, and what forgetting does with it."""

from pathlib import Path

from bot.ports import Used
from bot.results import Source, SourceKind, Version
from bot.store.sqlite.changes import changing
from bot.store.sqlite.erasure import SqliteStore
from bot.text import terms
from bot.types import MemoryNumber, Private, Space, Usage
from tests.store.world import (
    ALICE,
    BOARD,
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
    learn,
    note,
    opened,
    say,
    shown,
    statement,
    talk,
    texts,
    years,
)


async def test_a_memory_shows_its_versions_sources_and_what_it_closed(store: SqliteStore) -> None:
    old = await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
    new = await learn(store, "Alice lives in Oslow", slot=OSLO, valid_from=years(2025))
    assert await edit(store, new, "Alice lives in Oslo", at=years(2027)) == new
    found = await shown(store, new)
    assert found.memory.text == "Alice lives in Oslo"
    assert found.versions == (Version("Alice lives in Oslow", OSLO, years(2027), None),)
    assert found.sources == (
        Source(SourceKind.SAID, START, "here"),
        Source(SourceKind.EDITED, years(2027), "here"),
    )
    assert ([m.number for m in found.supersedes], found.superseded_by) == ([old], ())
    assert [m.number for m in (await shown(store, old)).superseded_by] == [new]
    assert await store.versions(ALICE, Private(), MemoryNumber(9)) is None
    assert await store.versions(BOB, Private(), new) is None


async def test_a_slot_that_ellie_fills_is_a_change_by_her(store: SqliteStore) -> None:
    number = await note(store, "I live in Lyon")
    await fill(store, number, "I live in Lyon", LYON)
    found = await shown(store, number)
    assert found.memory.slot == LYON
    assert found.versions == (Version("I live in Lyon", None, years(2027), "model"),)
    assert [source.kind for source in found.sources] == [SourceKind.NOTED]


async def test_an_earlier_version_is_read_only_by_its_own_audience(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces", audience=BOARD, conversation=HALL)
    await edit(store, number, "Alice grows medlars", audience=BOARD, conversation=HALL)
    assert await store.said_before(ALICE, BOARD, terms("quinces")) == [number]
    assert await store.said_before(ALICE, Space(), terms("quinces")) == []
    assert await store.said_before(BOB, Private(), terms("quinces")) == []
    assert len((await shown(store, number, BOARD)).versions) == 1
    assert await store.versions(ALICE, Space(), number) is None


async def test_what_was_narrower_before_is_read_by_no_more_than_then(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces")
    (source,) = (await shown(store, number)).memory.sources
    async with store._write() as db, changing(db, 1, "model", START):
        await db.execute("UPDATE memory SET text = 'Alice grows fruit', audience = 'space'")
    assert len((await shown(store, number)).versions) == 1
    for_all = await shown(store, number, Space())
    assert (for_all.versions, for_all.sources) == ((), ())  # its source was private as well
    assert (await store.messages(ALICE, Space(), [source])) == []


async def test_forgetting_an_edited_memory_leaves_no_byte_of_any_version(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        number = await learn(store, "Alice grows quinces", said="I grow quinces")
        await edit(store, number, "Alice grows medlars")
        await edit(store, number, "Alice grows apricots")
        receipt = await store.erase(ALICE, [number])
        assert receipt.messages == 4  # what was said, Ellie's answer to it, and two edits
    for word in (b"uinc", b"edlar", b"pricot"):
        assert word not in bytes_on_disk(path).lower()


async def test_versions_go_with_a_source_that_another_memory_takes_along(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        turn = await talk(store, "I grow quinces and keep bees")
        (batch,) = await due(store)
        sources = [turn.message.id]
        new = [statement("Alice grows quinces", sources), statement("Alice keeps bees", sources)]
        quinces, bees = await store.apply(batch, new, [], "test", Usage(), START)
        await edit(store, quinces, "Alice grows fruit")
        await store.erase(ALICE, [bees])
        assert await texts(store) == {"Alice grows fruit"}
        assert (await shown(store, quinces)).versions == ()
    assert b"quinc" not in bytes_on_disk(path)


async def test_a_reply_that_held_the_old_text_goes_with_the_memory(store: SqliteStore) -> None:
    number = await note(store, "I grow quinces")
    asked = await say(store, "what do I grow?")
    await store.finish(
        asked, "Quinces.", 2, Used(memories=(number,), erasures=store.erasures), Usage(), START
    )
    await edit(store, number, "I grow medlars")
    assert (await store.history(DM, Private(), ALICE, asked.id, None)) == []
    await store.erase(ALICE, [number])
    assert b"uinces" not in bytes_on_disk(store.path)
