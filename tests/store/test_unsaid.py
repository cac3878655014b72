"""The message goes, the memory goes: what a deletion or an edit on the platform takes along."""

from datetime import timedelta

from bot.ports import Resaid, Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import MemoryNumber, MessageId, Private, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    LYON,
    START,
    answer,
    bytes_on_disk,
    due,
    edit,
    found_by_words,
    heard,
    learn,
    message,
    note,
    say,
    shown,
    statement,
    talk,
    texts,
)

LATER = START + timedelta(hours=1)


async def keep(store: SqliteStore, text: str, *sources: MessageId, **more: object) -> MemoryNumber:
    """A memory of these messages; all that waits is consolidated with it."""
    found: list[MemoryNumber] = []
    for batch in await due(store):
        new = [statement(text, sources, **more)]  # type: ignore[arg-type]  # passed on
        own = any(e.said.id in sources for e in batch.exchanges)
        found += await store.apply(batch, new if own else [], [], "test", Usage(), START)
    return found[0]


async def again(store: SqliteStore, number: MemoryNumber, text: str, **more: object) -> MessageId:
    """Say something that says the memory again."""
    turn = await talk(store, text, **more)  # type: ignore[arg-type]  # passed on
    for batch in await due(store):
        known = [(number, (turn.message.id,))]
        await store.apply(batch, [], known, "test", Usage(), START)
    return turn.message.id


async def resaid(store: SqliteStore, event: str, text: str, **more: object) -> Resaid | None:
    edited = message(text, event=event, **{"at": LATER, **more})  # type: ignore[arg-type]  # passed on
    return await store.resay(edited, 10)


async def test_what_came_of_an_unsaid_message_alone_goes_with_it(store: SqliteStore) -> None:
    turn = await talk(store, "I grow quinces", event="x")
    number = await keep(store, "Alice grows quinces", turn.message.id)
    receipt = await store.unsay(DM, ["x"])
    assert (receipt.memories, receipt.messages) == ((number,), 2)
    assert await texts(store) == set()
    assert await heard(store, DM, Private()) == []
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_a_memory_with_another_source_loses_only_this_one(store: SqliteStore) -> None:
    turn = await talk(store, "I grow quinces", event="x")
    number = await keep(store, "Alice grows quinces", turn.message.id)
    other = await again(store, number, "quinces, as I said", at=START + timedelta(days=3))
    receipt = await store.unsay(DM, ["x"])
    assert (receipt.memories, receipt.messages) == ((), 2)
    left = (await shown(store, number)).memory
    assert (left.text, left.sources) == ("Alice grows quinces", (other,))
    assert left.said_at == START + timedelta(days=3)
    assert await found_by_words(store, "quinces") == {"Alice grows quinces", "quinces, as I said"}


async def test_the_other_source_must_have_a_text_left(store: SqliteStore) -> None:
    old = await talk(store, "I grow quinces", at=START - timedelta(days=400))
    number = await keep(store, "Alice grows quinces", old.message.id)
    newer = await again(store, number, "quinces, as I said")
    await store.expire(START - timedelta(days=1), timedelta(), None)
    assert (await store.erase(ALICE, [], [newer])).memories == (number,)
    assert await texts(store) == set()


async def test_what_is_left_of_a_memory_is_for_those_who_heard_what_is_left(
    store: SqliteStore,
) -> None:
    private = await keep(store, "Alice grows quinces", (await talk(store, "quinces")).message.id)
    wide = await talk(store, "I grow quinces", audience=Space(), conversation=HALL, event="x")
    number = await keep(store, "Alice grows quinces", wide.message.id, audience=Space())
    assert number != private  # it stands for both
    assert await texts(store, reader=Space()) == {"Alice grows quinces"}
    await store.unsay(HALL, ["x"])
    assert await texts(store, reader=Space()) == set()
    assert await found_by_words(store, "grows", reader=Space()) == set()
    assert await texts(store) == {"Alice grows quinces"}


async def test_a_memory_keeps_its_audience_where_a_source_of_it_is_left(
    store: SqliteStore,
) -> None:
    wide = await talk(store, "I grow quinces", audience=Space(), conversation=HALL)
    number = await keep(store, "Alice grows quinces", wide.message.id, audience=Space())
    await again(store, number, "quinces", event="x")
    await store.unsay(DM, ["x"])
    assert await texts(store, reader=Space()) == {"Alice grows quinces"}


async def test_what_a_memory_was_before_goes_with_the_message_that_said_it(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "I live in Lyon", event="x")
    number = await keep(store, "lives in Lyon", turn.message.id, slot=LYON)
    await edit(store, number, "lives in Leon")
    await store.unsay(DM, ["x"])
    assert (await shown(store, number)).versions == ()
    assert await texts(store) == {"lives in Leon"}
    assert b"Lyon" not in bytes_on_disk(store.path)


async def test_a_memory_goes_with_the_note_that_gave_it_its_words(store: SqliteStore) -> None:
    number = await keep(store, "lives in Lyon", (await talk(store, "I live in Lyon")).message.id)
    await edit(store, number, "lives in Leon")
    newest = max((await shown(store, number)).memory.sources)
    assert (await store.erase(ALICE, [], [newest])).memories == (number,)
    assert b"Leon" not in bytes_on_disk(store.path)


async def test_replies_and_summaries_that_held_an_unsaid_message_go_too(
    store: SqliteStore,
) -> None:
    first = await talk(store, "I grow quinces", event="x", conversation=HALL, audience=Space())
    bobs = await say(store, "who grows what?", scope=BOB, conversation=HALL, audience=Space())
    used = Used(history_from=first.id, erasures=store.erasures)
    await answer(store, bobs, "Alice grows quinces.", used)
    (folded,) = await store.foldable(0)
    await store.add_summary(folded, bobs.id, "They spoke of quinces.", Usage(), START)
    receipt = await store.unsay(HALL, ["x"])
    assert (receipt.messages, receipt.summaries) == (3, 1)
    assert await heard(store) == [("who grows what?", None)]
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_the_newest_older_fold_serves_again_with_the_messages_since(
    store: SqliteStore,
) -> None:
    for text, event in (("hello", "a"), ("I grow quinces", "x")):
        turn = await talk(store, text, event=event)
        (folded,) = await store.foldable(0)
        assert await store.add_summary(folded, turn.id, f"fold of {event}", Usage(), START)
    await talk(store, "good night", event="b")
    await store.unsay(DM, ["x"])
    summary = await store.newest_summary(DM, Private(), ALICE)
    assert summary is not None
    assert summary.text == "fold of a"
    since = await heard(store, DM, Private(), after=summary.through)
    assert since == [("good night", "Good.")]


async def test_the_older_fold_stands_alone_where_retention_took_the_messages(
    store: SqliteStore,
) -> None:
    for number, event in enumerate("axb"):
        at = START + timedelta(days=number)
        turn = await talk(store, f"said in {event}", event=event, at=at)
        if event != "b":
            (folded,) = await store.foldable(0)
            assert await store.add_summary(folded, turn.id, f"fold of {event}", Usage(), at)
        for batch in await due(store):
            await store.apply(batch, [], [], "test", Usage(), at)
    await store.expire(START + timedelta(days=9), timedelta(), None)
    assert (await store.unsay(DM, ["x"])).summaries == 1
    summary = await store.newest_summary(DM, Private(), ALICE)
    assert summary is not None
    assert summary.text == "fold of a"
    assert await heard(store, DM, Private(), after=summary.through) == []


async def test_an_unsaid_message_comes_back_by_no_second_delivery(store: SqliteStore) -> None:
    await talk(store, "I grow quinces", event="x")
    await store.unsay(DM, ["x"])
    assert await store.record(message("I grow quinces", event="x"), 10, urgent=False) is None
    elsewhere = message("medlars", event="x", conversation=HALL)
    assert await store.record(elsewhere, 10, urgent=False) is not None


async def test_a_message_that_comes_after_its_deletion_is_never_heard(store: SqliteStore) -> None:
    receipt = await store.unsay(DM, ["x", "y"])
    assert (receipt.memories, receipt.messages) == ((), 0)
    for event in ("x", "y"):
        assert await store.record(message("quinces", event=event), 10, urgent=False) is None
    assert await store.record(message("quinces", event="z"), 10, urgent=False) is not None


async def test_an_unsaid_message_is_not_answered_any_more(store: SqliteStore) -> None:
    turn = await say(store, "do quinces ripen in March?", event="x")
    await store.unsay(DM, ["x"])
    assert await store.pending(DM) == []
    await answer(store, turn, "Quinces do not.")
    assert await heard(store, DM, Private()) == []


async def test_unsaying_twice_finds_nothing_the_second_time(store: SqliteStore) -> None:
    await learn(store, "Alice grows quinces")
    event = await store.last_said(DM, ALICE)
    assert event is not None
    assert (await store.unsay(DM, [event])).messages == 2
    second = await store.unsay(DM, [event])
    assert (second.memories, second.messages, second.summaries, second.vectors) == ((), 0, 0, 0)


async def test_the_last_message_is_ones_own_newest_that_is_left(store: SqliteStore) -> None:
    await talk(store, "mine", event="a", conversation=HALL, audience=Space())
    await talk(store, "mine too", event="b", conversation=HALL, audience=Space())
    await talk(store, "Bob's", event="c", conversation=HALL, audience=Space(), scope=BOB)
    await note(store, "a note", conversation=HALL)
    assert await store.last_said(HALL, ALICE) == "b"
    await store.unsay(HALL, ["b"])
    assert await store.last_said(HALL, ALICE) == "a"
    assert await store.last_said(DM, ALICE) is None


async def test_an_edit_takes_what_the_old_words_taught_and_is_learnt_from(
    store: SqliteStore,
) -> None:
    turn = await talk(store, "I live in Lyon", "Lyon is fine.", event="x")
    number = await keep(store, "lives in Lyon", turn.message.id, slot=LYON)
    found = await resaid(store, "x", "I live in Oslo")
    assert found is not None
    assert (found.receipt.memories, found.receipt.messages, found.pending) == ((number,), 2, None)
    assert await heard(store, DM, Private()) == [("I live in Oslo", None)]
    assert await found_by_words(store, "Oslo") == {"I live in Oslo"}
    assert b"Lyon" not in bytes_on_disk(store.path)
    (batch,) = await due(store)
    assert batch.exchanges[0].said.text == "I live in Oslo"


async def test_what_another_person_heard_in_a_reply_goes_too(store: SqliteStore) -> None:
    first = await talk(
        store, "my boat is red", scope=BOB, audience=Space(), conversation=HALL, event="boat"
    )
    asked = await say(store, "What did Bob say?", audience=Space(), conversation=HALL)
    await answer(store, asked, "That his boat is red.", Used(history_from=first.id))
    await store.unsay(HALL, ["boat"])
    assert await heard(store) == [("What did Bob say?", None)]
