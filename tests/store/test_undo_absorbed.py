"""Taking back a change in which one memory came to stand for another, which went."""

from bot.store.sqlite.changes import CHANGES_KEPT, changing
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.memory_writes import add_memory
from bot.types import MemoryNumber, Private, Slot, Space
from tests.store.world import (
    ALICE,
    HALL,
    START,
    bytes_on_disk,
    found_by_words,
    learn,
    message,
    statement,
    talk,
    texts,
    years,
)

LYON = Slot("Sarah", "lives in", "Lyon", exclusive=True)
ROME = Slot("Sarah", "lives in", "Rome", exclusive=True)


async def absorb(store: SqliteStore, narrow: MemoryNumber, wide: str) -> MemoryNumber:
    """Let a memory that all may see stand for one that fewer may, as a consolidation does."""
    turn = await talk(store, wide, audience=Space(), conversation=HALL)
    async with store._write() as db, changing(db, 1, "model", START):
        number = await add_memory(
            db, 1, statement(wide, [turn.message.id], audience=Space()), "model"
        )
        row = 1 << 24
        await db.execute(
            "INSERT INTO memory_source (memory_id, message_id) "
            "SELECT ?, message_id FROM memory_source WHERE memory_id = ?",
            (row + number, row + narrow),
        )
        await db.execute("DELETE FROM memory WHERE id = ?", (row + narrow,))
        await db.execute(
            "DELETE FROM entity WHERE NOT EXISTS (SELECT 1 FROM memory WHERE entity_id = entity.id)"
        )
    return number


async def test_what_was_absorbed_is_there_again_as_it_was(store: SqliteStore) -> None:
    number = await learn(
        store, "Sarah lives in Lyon", slot=LYON, aliases=("Sally",), valid_from=years(2020)
    )
    other = await learn(store, "Sarah lives in Rome", slot=ROME, valid_from=years(2025))
    (before,) = await store.memories(ALICE, Private(), [number])
    assert before.valid_to == years(2025)
    wide = await absorb(store, number, "Sarah was in Lyon")
    assert await store.memories(ALICE, Private(), [number]) == []
    undone = await store.undo(ALICE, START)
    assert undone is not None
    assert [removed for removed, _ in undone.removed] == [wide]
    assert await store.memories(ALICE, Private(), [number]) == [before]
    assert "Sarah lives in Lyon" in await found_by_words(store, "Lyon")
    page = await store.about(ALICE, Private(), "Sally", 9)
    assert page is not None
    assert page.total == 2
    for gone in (other, number):  # what it came from can be undone in its turn
        undone = await store.undo(ALICE, START)
        assert undone is not None
        assert [removed for removed, _ in undone.removed] == [gone]
    assert await texts(store) == set()


async def test_an_entity_that_went_with_it_comes_back_with_it(store: SqliteStore) -> None:
    number = await learn(store, "Sarah lives in Lyon", slot=LYON, aliases=("Sally",))
    (before,) = await store.memories(ALICE, Private(), [number])
    await absorb(store, number, "Sarah was in Lyon")
    undone = await store.undo(ALICE, START)
    assert undone is not None
    assert [memory.number for memory in undone.reopened] == [number]
    assert await store.memories(ALICE, Private(), [number]) == [before]
    page = await store.about(ALICE, Private(), "sally", 9)
    assert page is not None
    assert page.names == ("Sarah", "Sally")


async def test_it_stays_absorbed_where_the_person_edited_what_stands_for_it(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Sarah lives in Lyon", slot=LYON)
    wide = await absorb(store, number, "Sarah was in Lyon")
    await store.edit(wide, message("Sarah was in Rome"), 3)
    undone = await store.undo(ALICE, START)
    assert undone is not None
    assert undone.kept == (wide,)
    assert await texts(store) == {"Sarah was in Rome"}


async def test_no_byte_of_what_was_absorbed_outlives_what_stands_for_it(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Alice grows quinces", said="hello")
    wide = await absorb(store, number, "Alice gardens")
    assert b"uinces" in bytes_on_disk(store.path)
    await store.erase(ALICE, [wide])
    assert b"uinces" not in bytes_on_disk(store.path)
    undone = await store.undo(ALICE, START)
    assert undone is not None
    assert (undone.missing, undone.reopened) == ((wide,), ())
    assert await texts(store) == set()


async def test_what_can_be_undone_no_more_is_not_kept_for_it(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces", said="hello")
    await absorb(store, number, "Alice gardens")
    for fact in range(CHANGES_KEPT):
        await learn(store, f"fact {fact}")
    rows = await store._read().execute_fetchall("SELECT * FROM memory_absorbed")
    assert list(rows) == []


async def test_nor_does_it_outlive_what_the_limit_takes_away(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces", said="hello")
    await absorb(store, number, "Alice gardens")
    assert await store.enforce_limit(1) == 0
    assert b"uinces" in bytes_on_disk(store.path)
    assert await store.enforce_limit(0) == 1
    assert b"uinces" not in bytes_on_disk(store.path)
