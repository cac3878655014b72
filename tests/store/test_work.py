from datetime import datetime, timedelta

import pytest

from bot.errors import StoreError
from bot.ports import Batch, Expired, Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import MemoryNumber, MessageId, Private, Scope, Slot, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    answer,
    due,
    found_by_words,
    heard,
    learn,
    note,
    say,
    statement,
    talk,
    texts,
    years,
)

IDLE = 300.0


def spoken(batches: list[Batch]) -> list[list[str]]:
    return [[exchange.said.text for exchange in batch.exchanges] for batch in batches]


async def waiting(store: SqliteStore, now: datetime = START, after: int = 4) -> list[list[str]]:
    return spoken(await store.due_batches(now, after, IDLE, everything=False))


async def close(store: SqliteStore, extractor: str = "test") -> None:
    for batch in await due(store):
        await store.apply(batch, [], [], extractor, Usage(), START)


# --- when


async def test_a_batch_is_due_after_so_many_turns(store: SqliteStore) -> None:
    for number in range(3):
        await talk(store, str(number))
    assert await waiting(store) == []
    await talk(store, "3")
    assert await waiting(store) == [["0", "1", "2", "3"]]


async def test_a_batch_is_due_when_nothing_was_said_for_a_while(store: SqliteStore) -> None:
    await talk(store, "hello")
    assert await waiting(store, START + timedelta(seconds=IDLE - 1)) == []
    assert await waiting(store, START + timedelta(seconds=IDLE)) == [["hello"]]


async def test_an_urgent_turn_and_a_note_are_due_at_once(store: SqliteStore) -> None:
    await note(store, "a note")
    await answer(store, await say(store, "remember tea", urgent=True, scope=BOB), "Yes.")
    assert sorted(await waiting(store)) == [["a note"], ["remember tea"]]


async def test_a_turn_is_not_due_before_its_answer(store: SqliteStore) -> None:
    await say(store, "remember tea", urgent=True)
    assert await due(store) == []


async def test_batches_are_by_scope_and_audience(store: SqliteStore) -> None:
    await talk(store, "private")
    await talk(store, "open", audience=Space(), conversation=HALL)
    await talk(store, "Bob's", scope=BOB)
    batches = await due(store)
    assert {(b.scope, b.audience, b.exchanges[0].said.text) for b in batches} == {
        (ALICE, Private(), "private"),
        (ALICE, Space(), "open"),
        (BOB, Private(), "Bob's"),
    }
    assert {batch.person for batch in batches} == {"Alice", "Bob"}
    assert {batch.places for batch in batches} == {("here",)}


async def test_a_failed_batch_waits_and_comes_smaller_behind_newer_turns(
    store: SqliteStore,
) -> None:
    for number in range(14):
        await talk(store, str(number))
    (batch,) = await due(store)
    assert len(batch.turns) == 12
    retry = START + timedelta(minutes=1)
    await store.postpone(batch, "The model is away.", retry)
    assert await waiting(store, after=1) == [["12", "13"]]
    assert spoken(await due(store)) == [["12", "13"]]
    for young in await store.due_batches(START, 1, IDLE, everything=False):
        await store.apply(young, [], [], "test", Usage(), START)
    assert await waiting(store, after=1) == []
    sizes = []
    for _ in range(5):
        (batch,) = await store.due_batches(retry, 99, IDLE, everything=False)
        sizes.append((batch.attempts, len(batch.turns)))
        await store.postpone(batch, "Again.", retry)
        rest = await due(store, retry)
        while rest and rest[0].attempts == batch.attempts:
            await store.postpone(rest[0], "Again.", retry)
            rest = await due(store, retry)
    assert sizes == [(1, 6), (2, 3), (3, 1), (4, 1), (5, 1)]
    health = await store.health()
    assert (health.failing, health.last_error, health.unconsolidated) == (12, "Again.", 12)


async def test_everything_includes_what_is_not_to_be_tried_yet(store: SqliteStore) -> None:
    await talk(store, "hello")
    (batch,) = await due(store)
    await store.postpone(batch, "Away.", START + timedelta(days=9))
    assert await waiting(store, START + timedelta(days=8), after=1) == []
    assert spoken(await due(store)) == [["hello"]]


# --- applying


async def test_what_is_applied_is_kept_and_closed_together(store: SqliteStore) -> None:
    turn = await talk(store, "I like tea")
    (batch,) = await due(store)
    new = [statement("Alice likes tea", [turn.message.id])]
    assert await store.apply(batch, new, [], "test", Usage(20, 5), START) == [1]
    assert await due(store) == []
    assert await store.apply(batch, new, [], "test", Usage(), START) == []
    assert await texts(store) == {"Alice likes tea"}
    assert await store.tokens_today(ALICE, START) == 35


async def test_an_apply_that_fails_leaves_nothing(store: SqliteStore) -> None:
    turn = await talk(store, "I like tea")
    (batch,) = await due(store)
    new = [statement("Alice likes tea", [turn.message.id]), statement("x", [MessageId(999)])]
    with pytest.raises(StoreError):
        await store.apply(batch, new, [], "test", Usage(20, 5), START)
    assert await texts(store) == set()
    assert spoken(await due(store)) == [["I like tea"]]
    assert await store.tokens_today(ALICE, START) == 10


async def test_a_batch_of_which_a_part_was_erased_is_refused(store: SqliteStore) -> None:
    first = await talk(store, "I like tea")
    await talk(store, "I like milk")
    (batch,) = await due(store)
    number = await store.keep_verbatim(ALICE, first.message.id)
    assert number is not None
    await store.erase(ALICE, [number])
    new = [statement("Alice likes tea and milk", [first.message.id])]
    assert await store.apply(batch, new, [], "test", Usage(), START) == []
    assert spoken(await due(store)) == [["I like milk"]]


async def test_a_text_with_any_character_can_be_consolidated(store: SqliteStore) -> None:
    await talk(store, 'nul \x00 "quote" \\ \u2028 🍵')
    (batch,) = await due(store)
    new = [statement("Alice likes tea", [batch.exchanges[0].said.id])]
    assert await store.apply(batch, new, [], "test", Usage(), START) == [1]


async def test_what_an_extractor_did_can_be_done_again(store: SqliteStore) -> None:
    await talk(store, "one")
    await close(store, "notebook")
    await talk(store, "two")
    await close(store, "model")
    gone = await talk(store, "three")
    await close(store, "notebook")
    number = await store.keep_verbatim(ALICE, gone.message.id)
    assert number is not None
    await store.erase(ALICE, [number])
    assert await store.reconsider("notebook") == 1
    assert await waiting(store, START + timedelta(days=1)) == [["one"]]
    assert await store.reconsider("notebook") == 0


# --- counting


async def test_tokens_are_counted_by_person_and_day(store: SqliteStore) -> None:
    await talk(store, "hello")
    tomorrow = START + timedelta(days=1)
    await answer(store, await say(store, "hello again"), "Yes?", at=tomorrow)
    assert await store.tokens_today(ALICE, START) == 10
    assert await store.tokens_today(ALICE, tomorrow) == 10
    assert await store.tokens_today(ALICE, tomorrow + timedelta(days=1)) == 0
    assert await store.tokens_today(BOB, START) == 0


async def test_a_notice_is_given_once_a_scope_and_to_no_stranger(store: SqliteStore) -> None:
    work = Scope("console", "work", "alice")
    assert not await store.notice_once(ALICE, "notebook")  # erased while a reply was made, say
    assert (await store.health()).scopes == 0
    for scope in (ALICE, BOB, work):
        await talk(store, "hello", scope=scope)
        assert await store.notice_once(scope, "notebook")
        assert not await store.notice_once(scope, "notebook")
        assert await store.notice_once(scope, "other")


async def test_health_counts_the_file(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 2)
    await talk(store, "hello")
    await say(store, "not yet answered")
    await note(store, "a note", scope=BOB)
    (first, *_) = await store.unindexed(9)
    await store.add_vectors([(first.id, [1, 0])])
    health = await store.health()
    assert (health.scopes, health.messages, health.memories) == (2, 4, 1)
    assert (health.passages, health.indexed) == (3, 1)
    assert (health.unanswered, health.unconsolidated, health.failing) == (1, 2, 0)
    assert health.last_error is None


# --- limits


async def test_over_the_limit_superseded_memories_go_first_then_the_least_used(
    store: SqliteStore,
) -> None:
    for number, name in enumerate(("Lyon", "Oslo")):
        slot = Slot(None, "lives in", name, exclusive=True)
        await learn(store, f"in {name}", slot=slot, valid_from=years(2020 + number))
    for text in ("unused", "used"):
        await note(store, text)
    await note(store, "Bob's", scope=BOB)
    asked = await say(store, "?")
    await answer(store, asked, "!", Used(memories=(MemoryNumber(4), MemoryNumber(2))))
    assert await store.enforce_limit(4) == 0
    assert await store.enforce_limit(3) == 1
    everything, _ = await store.page(ALICE, Private(), 0, 9)
    assert {memory.text for memory in everything} == {"in Oslo", "unused", "used"}
    assert await store.enforce_limit(2) == 1
    assert await texts(store) == {"in Oslo", "used"}
    assert await texts(store, BOB) == {"Bob's"}


async def test_old_texts_go_and_memories_stay(store: SqliteStore) -> None:
    await learn(store, "Alice likes quinces", said="I like quinces")
    old = await talk(store, "and medlars")
    await talk(store, "new", at=START + timedelta(days=2))
    now, week = START + timedelta(days=8), timedelta(days=7)
    assert await store.expire(now, week, None) == Expired(2)  # the first and its reply
    assert await heard(store, DM, Private()) == [("and medlars", "Good."), ("new", "Good.")]
    assert await found_by_words(store, "quinces") == {"Alice likes quinces"}
    assert b"I like quinces" not in store.path.read_bytes()
    await close(store)
    assert await store.expire(now, week, None) == Expired(2)
    assert await store.messages(ALICE, Private(), [old.message.id]) == []
    assert await texts(store) == {"Alice likes quinces"}
    (folded,) = await store.foldable(0)
    assert [exchange.said.text for _, exchange in folded.exchanges] == ["new"]
    assert await store.foldable(15) == []
