"""What a person wants of what is kept about them, in the file."""

from datetime import timedelta

from bot.ports import Overdue
from bot.receipts import Kept
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Channel, Private, Scope, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    HALL,
    START,
    TEA,
    answer,
    bytes_on_disk,
    learn,
    message,
    note,
    say,
    talk,
)

MINUTES = timedelta(minutes=5)


async def test_what_is_kept_is_counted(store: SqliteStore) -> None:
    assert await store.counts(ALICE) == Kept()
    await store.use_vectors_of("test", 2)
    await learn(store, "Sarah likes tea", slot=TEA)
    await note(store, "I grow quinces", audience=Space(), at=START - timedelta(days=3))
    await note(store, "I grow sloes", audience=Channel("board"))
    await say(store, "unanswered")
    await note(store, "Bob's", scope=BOB)
    texts = await store.unindexed(100)
    await store.add_vectors([(one.id, (1.0, 0.0)) for one in texts])
    (folded,) = await store.foldable(0)
    await store.add_summary(folded, folded.exchanges[0][0], "Tea.", Usage(), START)
    kept = await store.counts(ALICE)
    assert kept == Kept(
        messages=2,
        replies=1,
        notes=2,
        memories=3,
        seen_by=((Private(), 1), (Channel("board"), 1), (Space(), 1)),
        entities=1,
        summaries=1,
        vectors=5,
        since=START - timedelta(days=3),
    )


async def test_a_pause_is_entered_for_who_never_spoke_and_ends(store: SqliteStore) -> None:
    assert not await store.paused(ALICE)
    assert await store.pause(ALICE, "Alice", START)
    assert not await store.pause(ALICE, "Alice", START)
    assert await store.paused(ALICE)
    assert not await store.paused(BOB)
    assert await store.resume(ALICE)
    assert not await store.resume(ALICE)
    assert not await store.paused(ALICE)


async def test_what_was_said_in_a_pause_and_its_reply_are_overdue_together(
    store: SqliteStore,
) -> None:
    await talk(store, "before")
    await store.pause(ALICE, "Alice", START)
    turn = await store.record(message("in it"), 3, urgent=False, pause_keep=MINUTES)
    assert turn is not None
    await store.resume(ALICE)
    await answer(store, turn, "Well.", at=START + 2 * MINUTES)  # its own time does not count
    await talk(store, "after")
    assert await store.overdue(START + MINUTES - timedelta(seconds=1)) == []
    (overdue,) = await store.overdue(START + MINUTES)
    assert isinstance(overdue, Overdue)
    assert overdue.scope == ALICE
    assert len(overdue.messages) == 2
    await store.erase(ALICE, (), overdue.messages)
    assert await store.overdue(START + MINUTES) == []


async def test_an_opt_out_is_known_by_hashes_alone(store: SqliteStore) -> None:
    await store.opt_out([ALICE], "Lysandra", START, everywhere=False)
    assert await store.unfinished_opt_outs() == [ALICE]
    await store.erase_people([ALICE])
    assert await store.unfinished_opt_outs() == []
    assert await store.opted_out(ALICE)
    assert not await store.opted_out(BOB)
    assert not await store.opted_out(Scope("console", "work", "alice"))
    for word in (b"alice", b"ysandra"):
        assert word not in bytes_on_disk(store.path)
    assert await store.hide_names(BOB, "Lysandra and alice") == "[someone] and [someone]"
    assert await store.hide_names(Scope("console", "work", "bob"), "Lysandra") == "Lysandra"
    assert await store.opt_in(ALICE, everywhere=False)
    assert await store.hide_names(BOB, "Lysandra and alice") == "Lysandra and alice"
    assert not await store.opt_in(ALICE, everywhere=False)


async def test_another_key_that_came_with_a_restored_file_is_looked_up_too(
    store: SqliteStore,
) -> None:
    await store.opt_out([ALICE], "Alice", START, everywhere=True)
    path = store.path
    async with store._write() as db:
        await db.execute("INSERT INTO ledger_key (key) VALUES (randomblob(32))")
    await store.close()
    reopened = await SqliteStore.open(path)
    try:
        assert await reopened.opted_out(ALICE)
        assert await reopened.hide_names(BOB, "Alice") == "[someone]"
        await reopened.opt_out([BOB], "Bob", START, everywhere=False)
        assert await reopened.hide_names(ALICE, "Alice, Bob") == "[someone], [someone]"
        assert await reopened.opt_in(ALICE, everywhere=True)
        assert not await reopened.opted_out(ALICE)
    finally:
        await reopened.close()


async def test_where_nobody_opted_out_no_word_of_a_text_is_looked_at(
    store: SqliteStore, monkeypatch: object
) -> None:
    await store.opt_out([Scope("console", "work", "carol")], "Carol", START, everywhere=False)
    assert await store._hidden("console", "home") is None
    assert await store._hidden("console", "work") is not None


async def test_what_names_them_is_found_in_every_text_of_others(store: SqliteStore) -> None:
    await talk(store, "Alice came", scope=BOB, conversation=HALL, audience=Space())
    await note(store, "Alice likes tea", scope=BOB)
    number = await learn(store, "He likes tea", slot=TEA, scope=BOB, aliases=("Alice",))
    await note(store, "nothing here", scope=BOB)
    await store.opt_out([ALICE], "Alice", START, everywhere=False)
    (found,) = await store.naming_opted_out("console", "home")
    assert found.scope == BOB
    assert number in found.numbers
    assert len(found.numbers) == 2
    assert len(found.messages) == 2  # what was said, and the note
    assert await store.naming_opted_out("console", "work") == []
    assert [one.scope for one in await store.naming_opted_out("console", None)] == [BOB]
