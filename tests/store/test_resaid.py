"""An edit on the platform: the old words go, the new ones stand in their place."""

from datetime import datetime, timedelta

from bot.ports import Resaid
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.ledger import is_buried, message_mark, wording_mark
from bot.types import Private, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    LAST,
    LYON,
    START,
    answer,
    bytes_on_disk,
    due,
    found_by_words,
    heard,
    message,
    opened,
    say,
    statement,
    talk,
    texts,
)

LATER = START + timedelta(hours=1)


async def resay(
    store: SqliteStore, text: str, at: datetime = LATER, **more: object
) -> Resaid | None:
    """Edit what was said in event x."""
    edited = message(text, event="x", at=at, **more)  # type: ignore[arg-type]  # passed on
    return await store.resay(edited, 10)


async def test_an_edit_takes_what_the_old_words_taught_and_is_learnt_from(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "I live in Lyon", "Lyon is fine.", event="x")
    (batch,) = await due(store)
    lives = statement("lives in Lyon", [turn.message.id], slot=LYON)
    (number,) = await store.apply(batch, [lives], [], "test", Usage(), START)
    assert await due(store) == []
    found = await resay(store, "I live in Oslo")
    assert found is not None
    assert (found.receipt.memories, found.receipt.messages, found.pending) == ((number,), 2, None)
    assert await texts(store) == set()
    assert await heard(store, DM, Private()) == [("I live in Oslo", None)]
    assert await found_by_words(store, "Oslo") == {"I live in Oslo"}
    assert b"Lyon" not in bytes_on_disk(store.path)
    assert b"lyon" not in bytes_on_disk(store.path)
    (batch,) = await due(store)
    assert batch.exchanges[0].said.text == "I live in Oslo"


async def test_an_edited_message_stays_where_it_was(store: SqliteStore) -> None:
    for event in "axb":
        await talk(store, f"said in {event}", event=event)
    await resay(store, "said otherwise")
    words = ["said in a", "said otherwise", "said in b"]
    assert [said for said, _ in await heard(store, DM, Private())] == words
    past = await store.history(DM, Private(), ALICE, LAST, None)
    last = past[-1][1].said.id
    around = await store.surroundings(ALICE, Private(), [last])
    assert [one.text for one in around[last]] == words


async def test_an_unanswered_message_is_answered_as_it_was_edited(store: SqliteStore) -> None:
    before = await say(store, "is Lyon far?", event="x")
    found = await resay(store, "is Oslo far?")
    assert found is not None
    assert found.pending is not None
    assert await store.pending(DM) == [found.pending]
    assert (found.pending.id, found.pending.message.text) == (before.id, "is Oslo far?")
    await answer(store, before, "Lyon is not.")  # what was begun for the old words
    assert await store.pending(DM) == [found.pending]
    await answer(store, found.pending, "Oslo is.")
    assert await heard(store, DM, Private()) == [("is Oslo far?", "Oslo is.")]


async def test_an_edit_of_what_is_unknown_erased_the_same_or_late_changes_nothing(
    store: SqliteStore,
) -> None:
    assert await resay(store, "is Oslo far?") is None
    await talk(store, "I live in Lyon", event="x")
    assert await resay(store, "I live in Lyon") is None
    assert await resay(store, "I live in Oslo", scope=BOB) is None
    assert await resay(store, "I live in Oslo", conversation=HALL) is None
    assert await resay(store, "I live in Oslo", at=START + timedelta(minutes=9)) is not None
    assert await resay(store, "I live in Lyon", at=START + timedelta(minutes=5)) is None
    assert [said for said, _ in await heard(store, DM, Private())] == ["I live in Oslo"]
    await store.unsay(DM, ["x"])
    assert await resay(store, "I live in Rome") is None
    assert await heard(store, DM, Private()) == []


async def test_an_edit_can_narrow_who_may_read_a_message_and_never_widen_it(
    store: SqliteStore,
) -> None:
    await talk(store, "one", event="x", conversation=HALL, audience=Space())
    await resay(store, "two", conversation=HALL, audience=Private())
    assert await heard(store) == []
    assert await heard(store, HALL, Private()) == [("two", None)]
    assert await found_by_words(store, "two", reader=Space()) == set()
    await resay(store, "three", conversation=HALL, audience=Space())
    assert await heard(store) == []
    (batch,) = await due(store)
    assert batch.audience == Private()


async def test_the_ledger_knows_the_old_words_and_not_the_message(store: SqliteStore) -> None:
    await talk(store, "I live in Lyon", event="x")
    await resay(store, "I live in Oslo")
    key = store._keys[0]
    async with store._write() as db:
        assert await is_buried(db, [wording_mark(key, DM, "x", "I live in Lyon")])
        assert not await is_buried(db, [wording_mark(key, DM, "x", "I live in Oslo")])
        assert not await is_buried(db, [message_mark(key, DM, "x")])
        assert await is_buried(db, [message_mark(key, DM, "reply:x")])


async def test_a_vector_made_of_the_old_words_is_not_kept_for_the_new_ones(
    store: SqliteStore,
) -> None:
    await store.use_vectors_of("model", 4)
    await talk(store, "I live in Lyon", event="x")
    (old,) = await store.unindexed(9)
    await resay(store, "I live in Oslo")
    await store.add_vectors([(old.id, [1, 0, 0, 0])])
    (new,) = await store.unindexed(9)
    assert (new.id, new.text) == (old.id, "I live in Oslo")


async def test_a_batch_read_before_an_edit_teaches_nothing(store: SqliteStore) -> None:
    turn = await talk(store, "I live in Lyon", event="x")
    (batch,) = await due(store)
    await resay(store, "I live in Oslo")
    new = [statement("lives in Lyon", [turn.message.id])]
    assert await store.apply(batch, new, [], "test", Usage(), START) == []
    assert await texts(store) == set()


async def test_the_bytes_of_the_old_words_are_gone_after_a_restart_too(store: SqliteStore) -> None:
    await talk(store, "I live in Lyon", event="x")
    await resay(store, "I live in Oslo")
    await store.close()
    async with opened(store.path) as again:
        assert b"yon" not in bytes_on_disk(again.path)
        assert [said for said, _ in await heard(again, DM, Private())] == ["I live in Oslo"]


async def test_a_message_may_say_again_what_it_said_before(store: SqliteStore) -> None:
    await talk(store, "Lion", event="e")
    for text in ("Lyon", "Lion"):
        assert await store.resay(message(text, event="e"), 1) is not None
    taken = await store.portable(ALICE)
    assert taken is not None
    assert (await store.bring_in(taken)).known == 1  # not so the reply, which went
