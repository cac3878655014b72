from datetime import timedelta
from pathlib import Path

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import (
    Channel,
    Conversation,
    MessageId,
    PendingTurn,
    Private,
    Role,
    Scope,
    Space,
    TurnId,
    Usage,
)
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    answer,
    heard,
    learn,
    message,
    note,
    opened,
    said,
    say,
    talk,
)

MODS = Channel("mods")


async def test_an_event_that_comes_twice_is_one_message(store: SqliteStore) -> None:
    one = message("hello", event="e-1")
    assert await store.record(one, 1, urgent=False)
    assert await store.record(one, 1, urgent=False) is None
    elsewhere = message("hello", event="e-1", conversation=HALL)
    assert await store.record(elsewhere, 1, urgent=False)
    assert (await store.health()).messages == 2


async def test_what_is_recorded_comes_back_as_it_was_said(store: SqliteStore) -> None:
    turn = await say(store, "hello", audience=MODS, conversation=HALL)
    assert turn.scope == ALICE
    assert turn.conversation == HALL
    assert turn.place == "here"
    one = turn.message
    assert (one.role, one.speaker, one.text) == (Role.PERSON, "Alice", "hello")
    assert (one.sent_at, one.tokens, one.audience) == (START, 10, MODS)


async def test_what_was_not_answered_waits_in_order_also_after_reopening(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        first = await say(store, "first")
        second = await say(store, "second")
        done = await say(store, "third")
        await say(store, "elsewhere", conversation=HALL)
        await answer(store, done, "")
    async with opened(tmp_path / "ellie.db") as store:
        assert await store.pending(DM) == [first, second]


async def test_a_turn_is_finished_once(store: SqliteStore) -> None:
    turn = await say(store, "hello")
    await answer(store, turn, "Hello!")
    await answer(store, turn, "Hello again!")
    assert await heard(store, DM, Private()) == [("hello", "Hello!")]
    assert await store.tokens_today(ALICE, START) == 10


async def test_no_reply_closes_the_turn_all_the_same(store: SqliteStore) -> None:
    turn = await say(store, "hello")
    await answer(store, turn, "")
    assert await store.pending(DM) == []
    assert await heard(store, DM, Private()) == [("hello", None)]
    assert await store.last_answer(DM, ALICE) is None


async def test_history_lies_between_its_bounds_oldest_first(store: SqliteStore) -> None:
    turns = [await talk(store, str(number)) for number in range(5)]
    await say(store, "not answered yet")
    between = await heard(store, DM, Private(), before=turns[4].id, after=turns[1].id)
    assert [text for text, _ in between] == ["2", "3"]
    assert (await heard(store, DM, Private()))[-1] == ("not answered yet", None)


async def test_history_holds_the_newest_500_turns(store: SqliteStore) -> None:
    for number in range(503):
        await say(store, str(number))
    found = await heard(store, DM, Private())
    assert [found[0][0], found[-1][0], len(found)] == ["3", "502", 500]


async def test_a_fresh_history_begins_after_what_was_said(store: SqliteStore) -> None:
    await talk(store, "before")
    await talk(store, "in the hall", conversation=HALL, audience=Space())
    await store.start_fresh(DM)
    assert await heard(store, DM, Private()) == []
    await talk(store, "after")
    assert await heard(store, DM, Private()) == [("after", "Good.")]
    assert await heard(store, HALL) == [("in the hall", "Good.")]


async def test_other_peoples_turns_in_the_channel_are_history(store: SqliteStore) -> None:
    await talk(store, "tea?", conversation=HALL, audience=Space())
    await talk(store, "yes", conversation=HALL, audience=Space(), scope=BOB)
    assert await heard(store, scope=BOB) == [("tea?", "Good."), ("yes", "Good.")]


async def test_what_was_closed_never_enters_an_open_reply(store: SqliteStore) -> None:
    await talk(store, "closed", conversation=HALL, audience=MODS)
    await talk(store, "private", conversation=HALL)
    await talk(store, "Bob's private", conversation=HALL, scope=BOB)
    await talk(store, "open", conversation=HALL, audience=Space())
    assert await heard(store) == [("open", "Good.")]
    assert [text for text, _ in await heard(store, reader=MODS)] == ["closed", "open"]
    assert [text for text, _ in await heard(store, reader=Channel("staff"))] == ["open"]
    assert [text for text, _ in await heard(store, reader=Private())] == [
        "closed",
        "private",
        "open",
    ]


async def test_a_note_enters_no_history(store: SqliteStore) -> None:
    await note(store, "the gate code is odd", conversation=HALL, audience=Space())
    assert await heard(store) == []
    assert await store.pending(HALL) == []


async def test_the_last_answer_is_this_persons_here(store: SqliteStore) -> None:
    number = await note(store, "I like tea")
    before = await talk(store, "hello")
    turn = await say(store, "what do I like?")
    used = Used((number,), (before.message.id,), None, before.id)
    await answer(store, turn, "Tea.", used, START + timedelta(seconds=5))
    await talk(store, "hi", scope=BOB)
    when = START + timedelta(seconds=5)
    assert await store.last_answer(DM, ALICE) == (turn.id, when, used)
    assert await store.last_answer(HALL, ALICE) is None
    assert await store.last_answer(DM, Scope("console", "work", "alice")) is None
    for platform, space in (("console", "work"), ("other", "home")):
        assert await store.last_answer(Conversation(platform, space, DM.key), ALICE) is None
    again = await talk(store, "and what else?", at=START + timedelta(hours=1))
    await say(store, "well?")
    found = await store.last_answer(DM, ALICE)
    assert found is not None
    assert found[0] == again.id


async def test_an_answer_is_told_by_its_turn_until_it_is_forgotten(store: SqliteStore) -> None:
    number = await learn(store, "Alice likes tea")
    other = await talk(store, "hello")
    turn, waits = await say(store, "what do I like?"), await say(store, "and now?")
    memory_parts, message_parts = {number: {"words": 0.12344}}, {other.message.id: {"around": 0.25}}
    await answer(
        store, turn, "Tea.",
        Used((number, number), (other.message.id,) * 2, None, other.id, 0, memory_parts,
             message_parts),
    )  # fmt: skip
    rounded = {number: {"words": 0.1234}}
    told = Used((number,), (other.message.id,), None, other.id, 0, rounded, message_parts)
    assert await store.used_by(turn.id) == (START, told)
    assert await store.used_by(other.id) == (START, Used())
    assert await store.used_by(waits.id) is None
    await store.erase(ALICE, [number])
    assert await store.used_by(turn.id) is None


async def test_messages_are_the_scopes_own_oldest_first(store: SqliteStore) -> None:
    late = await say(store, "late", at=START + timedelta(hours=1))
    early = await say(store, "early")
    bobs = await say(store, "Bob's", scope=BOB)
    ids = [turn.message.id for turn in (late, early, bobs)]
    found = await store.messages(ALICE, Private(), [*ids, MessageId(1)])
    assert said(found) == ["early", "late"]
    assert await store.messages(ALICE, Space(), ids) == []


async def test_finishing_a_turn_that_never_was_does_nothing(store: SqliteStore) -> None:
    turn = await say(store, "hello")
    stranger = PendingTurn(TurnId(99), ALICE, DM, turn.message, "here", "e1")
    await store.finish(stranger, "Hello!", 5, Used(), Usage(), START)
    assert await store.pending(DM) == [turn]


async def test_one_key_in_two_spaces_is_two_conversations(store: SqliteStore) -> None:
    work = Conversation("console", "work", HALL.key)
    await talk(store, "home", conversation=HALL, audience=Space())
    there = Scope("console", "work", "alice")
    await talk(store, "work", scope=there, conversation=work, audience=Space())
    assert await heard(store) == [("home", "Good.")]
    assert await heard(store, work, scope=there) == [("work", "Good.")]
