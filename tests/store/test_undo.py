"""Taking back what Ellie changed, one change after the other."""

from datetime import datetime
from pathlib import Path

from bot.ports import NewMemory, Used
from bot.results import Undone
from bot.store.sqlite.changes import CHANGES_KEPT, changing
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.vectors import int8
from bot.types import Channel, Memory, MemoryNumber, MessageId, Private, Slot, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    LAST,
    LYON,
    OSLO,
    START,
    TEA,
    answer,
    bytes_on_disk,
    due,
    found_by_words,
    learn,
    message,
    note,
    opened,
    say,
    statement,
    talk,
    texts,
    years,
)


async def undo(store: SqliteStore) -> Undone:
    undone = await store.undo(ALICE, START)
    assert undone is not None
    return undone


async def apply(
    store: SqliteStore,
    *new: NewMemory,
    known: tuple[tuple[MemoryNumber, tuple[MessageId, ...]], ...] = (),
    now: datetime = START,
) -> list[MemoryNumber]:
    (batch,) = await due(store)
    return await store.apply(batch, new, known, "test", Usage(), now)


def numbers(memories: tuple[Memory, ...]) -> list[int]:
    return [memory.number for memory in memories]


async def one(store: SqliteStore, number: MemoryNumber) -> Memory:
    return (await store.memories(ALICE, Private(), [number]))[0]


async def test_what_was_added_is_gone_and_what_it_closed_holds_again(store: SqliteStore) -> None:
    old = await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
    new = await learn(store, "Alice lives in Oslo", slot=OSLO, valid_from=years(2025))
    undone = await undo(store)
    assert undone.removed == ((new, "Alice lives in Oslo"),)
    assert numbers(undone.reopened) == [old]
    assert undone.made_at == START
    assert await texts(store) == {"Alice lives in Lyon"}
    assert await store.memories(ALICE, Private(), [new]) == []
    assert (await undo(store)).removed == ((old, "Alice lives in Lyon"),)
    assert await store.undo(ALICE, START) is None
    assert await learn(store, "Alice lives in Rome") == new + 1  # no number is given twice


async def test_what_something_else_closed_too_stays_closed(store: SqliteStore) -> None:
    old = await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
    await learn(store, "Alice lives in Oslo", slot=OSLO, valid_from=years(2025))
    rome = Slot(None, "lives in", "Rome", exclusive=True)
    await learn(store, "Alice lives in Rome", slot=rome, valid_from=years(2026))
    undone = await undo(store)
    assert old not in numbers(undone.reopened)
    assert (await one(store, old)).valid_to == years(2025)


async def test_no_byte_of_a_removed_memory_stays(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    vector = [0.3, -0.7, 0.2, 0.9] * 8
    async with opened(path) as store:
        await store.use_vectors_of("model", 32)
        await talk(store, "hello")
        await apply(store, statement("Alice grows quinces", slot=TEA, aliases=("Quincy",)))
        await store.add_vectors([(item.id, vector) for item in await store.unindexed(9)])
        assert b"uinc" in bytes_on_disk(path)
        await store.undo(ALICE, START)
        content = bytes_on_disk(path)
        assert [word for word in (b"uinc", b"tea", b"arah") if word in content] == []
        rows = await store._read().execute_fetchall("SELECT count(*) FROM entity")
        assert [tuple(row) for row in rows] == [(0,)]
        assert content.count(int8(vector)) == 1  # the message's own, which had the same


async def test_what_was_taken_for_a_repetition_is_one_no_more(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces", said="quinces")
    turn = await talk(store, "medlars", at=years(2027))
    await apply(store, known=((number, (turn.message.id,)),))
    assert (await one(store, number)).said_at == years(2027)
    undone = await undo(store)
    assert (numbers(undone.unsaid), undone.removed) == ([number], ())
    memory = await one(store, number)
    assert (len(memory.sources), memory.said_at) == (1, START)
    assert (await store.erase(ALICE, [number])).messages == 2
    assert await found_by_words(store, "medlars") == {"medlars"}


async def test_a_filled_slot_is_empty_again_with_all_it_closed(store: SqliteStore) -> None:
    old = await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
    number = await note(store, "I moved to Oslo", at=years(2026))
    assert await store.undo(BOB, START) is None
    (batch,) = await due(store)
    sources = [batch.exchanges[0].said.id]
    filled = statement("x", sources, slot=OSLO, adopts=number, valid_from=years(2025))
    await apply(store, filled)
    assert (await one(store, old)).valid_to == years(2025)
    assert await found_by_words(store, "lives Oslo") >= {"I moved to Oslo"}
    undone = await undo(store)
    assert (numbers(undone.restored), numbers(undone.reopened)) == ([number], [old])
    memory = await one(store, number)
    assert (memory.slot, memory.valid_from) == (None, years(2026))
    assert await found_by_words(store, "lives") == {
        "Alice lives in Lyon",
        "said: Alice lives in Lyon",
    }
    found = await store.versions(ALICE, Private(), number)
    assert found is not None
    assert found.versions == ()


async def filled_note(store: SqliteStore, slot: Slot = TEA) -> MemoryNumber:
    number = await note(store, "she likes tea")
    (batch,) = await due(store)
    sources = [batch.exchanges[0].said.id]
    await apply(store, statement("x", sources, slot=slot, adopts=number, aliases=("Sally",)))
    return number


async def test_a_name_that_a_note_was_given_is_taken_back(store: SqliteStore) -> None:
    await learn(store, "Sarah is a friend", slot=Slot("Sarah", "is", "friend", exclusive=False))
    await filled_note(store)
    page = await store.about(ALICE, Private(), "Sally", 9)
    assert page is not None
    assert page.total == 2
    await undo(store)
    assert await store.about(ALICE, Private(), "Sally", 9) is None
    assert await store.reconsider("test") == 1  # the friend; the note is settled


async def test_a_note_edited_since_it_was_filled_is_left_alone(store: SqliteStore) -> None:
    number = await filled_note(store)
    await store.edit(number, message("she likes mint tea"), 3)
    assert await undo(store) == Undone(START, kept=(number,))
    assert (await one(store, number)).text == "she likes mint tea"


async def test_whatever_a_change_rewrote_is_as_it_was(store: SqliteStore) -> None:
    number = await learn(store, "Sarah likes tea", slot=TEA)
    before = await one(store, number)
    async with store._write() as db, changing(db, 1, "model", START):
        await db.execute(
            "UPDATE memory SET text = 'Zed likes tea', audience = 'space', place = 'there', "
            "valid_from = 1, entity_id = NULL, attribute = 'a', value = 'b', exclusive = 1"
        )
    await learn(store, "Bob's", scope=BOB)
    await store.erase(BOB, [MemoryNumber(1)])  # which drops entities that nothing speaks of
    assert numbers((await undo(store)).restored) == [number]
    assert await one(store, number) == before
    assert await found_by_words(store, "Sarah likes tea", reader=Space()) == set()


async def test_one_undo_takes_back_one_consolidation_whatever_its_audience(
    store: SqliteStore,
) -> None:
    first = await learn(store, "open", audience=Space(), conversation=HALL)
    second = await learn(store, "closed", audience=Channel("board"), conversation=HALL)
    await learn(store, "Bob's", scope=BOB)
    assert (await undo(store)).removed == ((second, "closed"),)
    assert (await undo(store)).removed == ((first, "open"),)
    assert await texts(store, BOB) == {"Bob's"}


async def test_a_consolidation_that_changed_nothing_is_no_change(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces")
    await talk(store, "hello")
    assert await apply(store) == []
    assert (await undo(store)).removed == ((number, "Alice grows quinces"),)


async def test_what_a_person_asked_for_is_no_change_of_ellies(store: SqliteStore) -> None:
    number = await note(store, "I grow quinces")
    await store.edit(number, message("I grow medlars"), 3)
    turn = await talk(store, "hello there")
    assert await store.keep_verbatim(ALICE, turn.message.id) is not None
    assert await store.undo(ALICE, START) is None
    assert await texts(store) == {"I grow medlars", "hello there"}


async def test_what_was_undone_is_not_learnt_again_from_the_same_turn(store: SqliteStore) -> None:
    turn = await talk(store, "I grow quinces")
    await apply(store, statement("Alice grows quinces", [turn.message.id]))
    await undo(store)
    assert await due(store) == []
    assert await store.reconsider("test") == 0
    assert await found_by_words(store, "quinces") == {"I grow quinces"}  # what was said stays


async def test_a_batch_that_was_read_before_an_undo_is_not_applied(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces")
    turn = await talk(store, "still quinces")
    (batch,) = await due(store)
    await undo(store)
    known = [(number, (turn.message.id,))]
    new = [statement("Alice has quinces", [turn.message.id])]
    assert await store.apply(batch, new, known, "test", Usage(), START) == []
    assert len(await due(store)) == 1


async def test_what_was_edited_since_is_left_alone(store: SqliteStore) -> None:
    old = await learn(store, "Alice lives in Lyon", slot=LYON, valid_from=years(2020))
    turn = await talk(store, "moved to Oslo, like tea")
    oslo = statement("Alice lives in Oslow", [turn.message.id], slot=OSLO, valid_from=years(2025))
    tea = statement("Alice likes tea", [turn.message.id])
    new, likes = await apply(store, oslo, tea)
    await store.edit(new, message("Alice lives in Oslo"), 3)
    undone = await undo(store)
    assert (undone.removed, undone.kept) == (((likes, "Alice likes tea"),), (new,))
    assert undone.reopened == ()
    assert (await one(store, old)).valid_to == years(2025)
    assert await texts(store) == {"Alice lives in Oslo"}
    assert len((await one(store, new)).sources) == 2


async def test_what_a_person_asked_to_be_kept_since_is_left_alone(store: SqliteStore) -> None:
    number = await learn(store, "I grow quinces", said="hello")
    assert await store.remember(message("I grow quinces"), 3) == (number, True)
    assert await undo(store) == Undone(START, kept=(number,))
    assert await texts(store) == {"I grow quinces"}
    assert await store.undo(ALICE, START) is None


async def test_what_was_forgotten_since_is_said(store: SqliteStore) -> None:
    turn = await talk(store, "quinces and medlars")
    other = await talk(store, "medlars")
    one, two = await apply(
        store,
        statement("Alice grows quinces", [turn.message.id]),
        statement("Alice grows medlars", [other.message.id]),
    )
    await store.erase(ALICE, [one])
    assert await undo(store) == Undone(
        START, removed=((two, "Alice grows medlars"),), missing=(one,)
    )


async def test_only_the_newest_changes_can_be_undone(store: SqliteStore) -> None:
    for number in range(CHANGES_KEPT + 2):
        await learn(store, f"fact {number}")
    await learn(store, "Bob's", scope=BOB)
    for _ in range(CHANGES_KEPT):
        await undo(store)
    assert await store.undo(ALICE, START) is None
    assert await texts(store) == {"fact 0", "fact 1"}
    assert await store.undo(BOB, START) is not None


async def test_a_reply_from_an_undone_memory_goes_when_its_source_is_forgotten(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "I grow quinces", conversation=HALL)
    (number,) = await apply(store, statement("Alice grows quinces", [turn.message.id]))
    asked = await say(store, "what do I grow?")
    await answer(store, asked, "Quinces.", Used(memories=(number,), erasures=store.erasures))
    await undo(store)
    assert [
        e.reply and e.reply.text for _, e in await store.history(DM, Private(), ALICE, LAST, None)
    ] == ["Quinces."]
    kept = await store.keep_verbatim(ALICE, turn.message.id)
    assert kept is not None
    await store.erase(ALICE, [kept])
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_a_reply_that_is_being_made_from_an_undone_memory_is_not_kept(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Alice grows quinces", said="hello")
    asked = await say(store, "what do I grow?")
    used = Used(memories=(number,), erasures=store.erasures)
    await undo(store)
    await answer(store, asked, "Quinces.", used)
    assert b"uinces" not in bytes_on_disk(store.path)
