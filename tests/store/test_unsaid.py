"""The message goes, the memory goes: what a platform deleted or edited."""

from datetime import timedelta
from pathlib import Path

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Channel, MemoryNumber, Private, Space, Usage
from tests.store.world import (
    ALICE,
    BOARD,
    BOB,
    DM,
    HALL,
    START,
    answer,
    bytes_on_disk,
    due,
    found_by_words,
    heard,
    learn,
    message,
    opened,
    say,
    statement,
    talk,
    texts,
)


async def twice_said(store: SqliteStore) -> MemoryNumber:
    """One memory that came from two messages, e-one and e-two."""
    first = await talk(store, "I like quinces", event="e-one")
    (batch,) = await due(store)
    (number,) = await store.apply(
        batch, [statement("Alice likes quinces", [first.message.id])], [], "m", Usage(), START
    )
    later = START + timedelta(days=2)
    second = await talk(store, "quinces again", event="e-two", at=later)
    (batch,) = await due(store, later + timedelta(days=1))
    await store.apply(batch, [], [(number, (second.message.id,))], "m", Usage(), later)
    return number


async def test_a_deleted_message_takes_what_came_from_it_alone(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        await learn(store, "Alice likes quinces", said="quinces are what I like")
        await learn(store, "Alice likes medlars", said="and medlars")
        asked = await say(store, "So?", event="asked")
        await answer(
            store, asked, "You like quinces.", Used(memories=(MemoryNumber(1),), erasures=0)
        )
        event = await event_of(store, "quinces are what I like")
        receipt = await store.unsay(DM, [event])
        assert (receipt.memories, receipt.messages) == ((1,), 3)
        assert await texts(store) == {"Alice likes medlars"}
        again = await store.unsay(DM, [event])
        assert (again.memories, again.messages, again.vectors) == ((), 0, 0)
        assert b"quinces" not in bytes_on_disk(path)
        assert [said for said, _ in await heard(store, DM, BOARD)] == []


async def event_of(store: SqliteStore, text: str) -> str:
    rows = await store._read().execute_fetchall(
        "SELECT event_id FROM message WHERE text = ?", (text,)
    )
    return str(next(iter(rows))["event_id"])


async def test_a_memory_with_another_source_only_loses_this_one(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        number = await twice_said(store)
        await store.unsay(DM, ["e-two"])
        (memory,) = await store.memories(ALICE, Private(), [number])
        assert len(memory.sources) == 1
        assert memory.said_at == START  # as old as what is left
        assert await texts(store) == {"Alice likes quinces"}
        await store.unsay(DM, ["e-one"])
        assert await texts(store) == set()


async def test_what_retention_emptied_is_no_other_source(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await twice_said(store)
        await store.expire(START + timedelta(days=1), timedelta(), None)
        await store.unsay(DM, ["e-two"])
        assert await texts(store) == set()


async def test_a_deletion_that_comes_first_is_obeyed_when_its_message_comes(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await store.unsay(DM, ["late"])
        assert await store.record(message("too late", event="late"), 2, urgent=False) is None
        assert await store.record(message("other", event="other"), 2, urgent=False) is not None


async def test_an_edited_message_is_learnt_anew_and_its_old_wording_is_gone(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        await learn(store, "Alice lives in Lion", said="I live in Lion")
        event = await event_of(store, "I live in Lion")
        resaid = await store.resay(message("I live in Lyon", event=event), 4)
        assert resaid is not None
        assert (resaid.receipt.memories, resaid.receipt.messages, resaid.pending) == ((1,), 2, None)
        assert await texts(store) == set()
        assert b"Lion" not in bytes_on_disk(path)
        assert await found_by_words(store, "Lyon") == {"I live in Lyon"}
        (batch,) = await due(store)
        assert [e.said.text for e in batch.exchanges] == ["I live in Lyon"]
        assert await store.resay(message("I live in Lyon", event=event), 4) is None
        assert await store.record(message("I live in Lion", event=event), 4, urgent=False) is None


async def test_an_unanswered_message_is_answered_as_it_was_edited(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await say(store, "What is 1 + 1?", event="sum")
        resaid = await store.resay(message("What is 2 + 2?", event="sum"), 4)
        assert resaid is not None
        (waiting,) = await store.pending(DM)
        assert waiting == resaid.pending
        assert waiting.message.text == "What is 2 + 2?"


async def test_an_edit_never_widens_and_reaches_only_what_is_known(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await talk(store, "secret", audience=BOARD, conversation=HALL, event="e")
        edit = message("less secret", audience=Space(), conversation=HALL, event="e")
        assert await store.resay(edit, 2) is not None
        assert await heard(store, HALL, Space()) == []
        assert [said for said, _ in await heard(store, HALL, Channel("board"))] == ["less secret"]
        assert await store.resay(message("x", event="never"), 1) is None
        await store.unsay(HALL, ["e"])
        assert await store.resay(edit, 2) is None


async def test_what_another_person_heard_in_a_reply_goes_too(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        first = await talk(
            store, "my boat is red", scope=BOB, audience=Space(), conversation=HALL, event="boat"
        )
        asked = await say(store, "What did Bob say?", audience=Space(), conversation=HALL)
        await answer(store, asked, "That his boat is red.", Used(history_from=first.id))
        await store.unsay(HALL, ["boat"])
        assert await heard(store) == [("What did Bob say?", None)]


async def test_a_message_may_say_again_what_it_said_before(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await talk(store, "Lion", event="e")
        for text in ("Lyon", "Lion"):
            assert await store.resay(message(text, event="e"), 1) is not None
        taken = await store.portable(ALICE)
        assert taken is not None
        assert (await store.take_in(taken)).known == 1  # not so the reply, which went
