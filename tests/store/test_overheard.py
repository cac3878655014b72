"""What bystanders say: history of its conversation, and nothing more."""

from datetime import timedelta

import pytest

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Channel, Private, Scope, Space, Usage
from tests.store.world import (
    ALICE,
    BOARD,
    BOB,
    HALL,
    LAST,
    START,
    answer,
    due,
    found_by_words,
    heard,
    message,
    say,
    statement,
    talk,
    texts,
)

LATER = START + timedelta(hours=1)


async def overhear(store: SqliteStore, text: str, scope: Scope = BOB, **more: object) -> bool:
    said = message(text, scope, **({"audience": Space(), "conversation": HALL} | more))  # type: ignore[arg-type]  # passed on
    return await store.overhear(said, 10)


async def test_it_is_history_beside_what_was_said_to_ellie(store: SqliteStore) -> None:
    await talk(store, "hello", audience=Space(), conversation=HALL)
    assert await overhear(store, "the launch is in May")
    assert await heard(store) == [("hello", "Good."), ("the launch is in May", None)]


async def test_it_is_never_recalled_learnt_from_or_waited_for(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 4)
    assert await overhear(store, "the launch is in May")
    assert await found_by_words(store, "launch", BOB) == set()
    assert await store.unindexed(9) == []
    assert await due(store) == []
    assert await store.reconsider("notebook") == 0
    assert await store.pending(HALL) == []
    assert await store.unanswered(BOB.platform) == []
    assert await store.last_answer(HALL, BOB) is None
    assert (await store.health()).unconsolidated == 0


async def test_the_same_event_is_written_down_once(store: SqliteStore) -> None:
    assert await overhear(store, "the launch is in May", event="e")
    assert not await overhear(store, "the launch is in May", event="e")
    await say(store, "hello", audience=Space(), conversation=HALL, event="f")
    assert not await overhear(store, "hello", ALICE, event="f")
    assert [said for said, _ in await heard(store)] == ["the launch is in May", "hello"]


async def test_what_was_deleted_before_it_was_overheard_is_not_written_down(
    store: SqliteStore,
) -> None:
    await store.unsay(HALL, ["e"])
    assert not await overhear(store, "the launch is in May", event="e")
    assert await heard(store) == []


async def test_it_is_for_those_alone_who_could_hear_it(store: SqliteStore) -> None:
    await overhear(store, "the launch is in May", audience=BOARD)
    assert await heard(store, reader=BOARD) != []
    assert await heard(store, reader=Space()) == []
    assert await heard(store, reader=Channel("staff")) == []
    assert await heard(store, reader=Private(), scope=ALICE) == []


async def test_what_is_overheard_in_a_pause_is_for_a_short_time(store: SqliteStore) -> None:
    await store.pause(BOB, "Bob", START)
    await overhear(store, "the launch is in May")
    (overdue,) = await store.overdue(START + timedelta(days=1))
    await store.erase(overdue.scope, (), overdue.messages)
    assert await heard(store) == []


async def test_forgetting_it_takes_the_replies_that_had_it_in_their_history(
    store: SqliteStore,
) -> None:
    first = await talk(store, "hello", audience=Space(), conversation=HALL)
    await overhear(store, "the launch is in May", event="e")
    asked = await say(store, "when is it?", audience=Space(), conversation=HALL)
    await answer(store, asked, "In May.", Used(history_from=first.id, erasures=store.erasures))
    receipt = await store.unsay(HALL, ["e"])
    assert receipt.messages == 2
    assert await heard(store) == [("hello", "Good."), ("when is it?", None)]


async def test_an_edit_reaches_it_and_does_not_have_it_learnt(store: SqliteStore) -> None:
    await overhear(store, "the launch is in May", event="e")
    edited = message("the launch is in June", BOB, Space(), HALL, LATER, "e")
    resaid = await store.resay(edited, 10)
    assert resaid is not None
    assert resaid.pending is None
    assert await heard(store) == [("the launch is in June", None)]
    assert await due(store) == []
    assert await found_by_words(store, "launch", BOB) == set()


async def test_a_summary_covers_it_and_goes_with_it(store: SqliteStore) -> None:
    await overhear(store, "the launch is in May", event="e")
    await talk(store, "hello", audience=Space(), conversation=HALL)
    await overhear(store, "and the party in June", event="f")
    (folded,) = await store.foldable(0)
    assert [e.said.text for _, e in folded.exchanges] == ["the launch is in May", "hello"]
    assert folded.scope == ALICE
    await store.add_summary(folded, folded.exchanges[-1][0], "All so far.", Usage(), START)
    assert await store.newest_summary(HALL, Space(), ALICE) is not None
    await store.unsay(HALL, ["e"])
    assert await store.newest_summary(HALL, Space(), ALICE) is None


async def test_where_nobody_spoke_to_ellie_nothing_is_folded(store: SqliteStore) -> None:
    for number in range(5):
        await overhear(store, f"line {number}")
    assert await store.foldable(0) == []


async def test_it_leaves_with_its_person_as_what_they_said(store: SqliteStore) -> None:
    await overhear(store, "the launch is in May", event="e")
    portable = await store.portable(BOB)
    assert portable is not None
    (said,) = portable.messages
    assert (said.event_id, said.text, said.turn) == ("e", "the launch is in May", 1)
    assert (await store.counts(BOB)).messages == 1
    await store.erase_people([BOB])
    assert await heard(store) == []
    assert not await store.knows(BOB)


async def test_a_reply_that_was_made_from_it_stays_behind_when_another_takes_theirs_along(
    store: SqliteStore,
) -> None:
    first = await talk(store, "hello", audience=Space(), conversation=HALL)
    await overhear(store, "the launch is in May")
    asked = await say(store, "when is it?", audience=Space(), conversation=HALL)
    await answer(store, asked, "In May.", Used(history_from=first.id, erasures=store.erasures))
    portable = await store.portable(ALICE)
    assert portable is not None
    assert "In May." not in [said.text for said in portable.messages]
    assert "Good." in [said.text for said in portable.messages]


@pytest.mark.parametrize("paused", [False, True])
async def test_what_is_addressed_after_all_is_answered_in_its_old_place(
    store: SqliteStore, paused: bool
) -> None:
    if paused:
        await store.pause(BOB, "Bob", START)
    await overhear(store, "when is the launch?", event="e")
    await overhear(store, "in May, I think", ALICE)
    again = message("when is the launch?", BOB, Space(), HALL, event="e")
    turn = await store.record(again, 10, urgent=False)
    assert turn is not None
    assert await store.pending(HALL) == [turn]
    assert await heard(store, before=turn.id) == []
    assert await found_by_words(store, "launch", BOB) == (
        set() if paused else {"when is the launch?"}
    )
    await answer(store, turn, "In May.")
    assert await heard(store) == [
        ("when is the launch?", "In May."),
        ("in May, I think", None),
    ]
    assert bool(await due(store)) is not paused
    assert await store.record(again, 10, urgent=False) is None


async def test_addressed_in_other_words_what_came_of_the_old_ones_is_gone(
    store: SqliteStore,
) -> None:
    await overhear(store, "my code is quince", event="e")
    asked = await say(store, "what is it?", audience=Space(), conversation=HALL)
    (first, _), *_ = await store.history(HALL, Space(), ALICE, LAST, None)
    await answer(store, asked, "Quince.", Used(history_from=first, erasures=store.erasures))
    again = message("when is the launch?", BOB, Space(), HALL, event="e")
    turn = await store.record(again, 10, urgent=False)
    assert turn is not None
    assert turn.message.text == "when is the launch?"
    assert await heard(store) == [("when is the launch?", None), ("what is it?", None)]


async def test_what_was_forgotten_or_is_anothers_is_not_answered(store: SqliteStore) -> None:
    await overhear(store, "one", event="e")
    await store.unsay(HALL, ["e"])
    await overhear(store, "two", event="f")
    for event, scope in (("e", BOB), ("f", ALICE)):
        again = message("two", scope, Space(), HALL, event=event)
        assert await store.record(again, 10, urgent=False) is None
    assert await store.pending(HALL) == []


async def test_a_note_on_it_is_its_makers(store: SqliteStore) -> None:
    await overhear(store, "the launch is in May", event="e")
    about = message("the launch is in May", BOB, Space(), HALL, event="e")
    noted = message("Bob said: the launch is in May", ALICE, Space(), HALL)
    assert await store.quote(noted, about, 3) is not None
    assert await texts(store, ALICE) == {"Bob said: the launch is in May"}
    await store.unsay(HALL, ["e"])
    assert await texts(store, ALICE) == set()


async def test_it_outlives_its_retention_no_more_than_anything(store: SqliteStore) -> None:
    await overhear(store, "the launch is in May")
    expired = await store.expire(START + timedelta(days=2), timedelta(days=1), None)
    assert expired.messages == 1
    assert await heard(store) == []


async def test_nothing_can_be_learnt_from_it_later(store: SqliteStore) -> None:
    await overhear(store, "the launch is in May")
    await talk(store, "hello", scope=BOB, audience=Space(), conversation=HALL)
    (batch,) = await due(store)
    assert [exchange.said.text for exchange in batch.exchanges] == ["hello"]
    await store.apply(batch, [statement("Bob said hello")], [], "notebook", Usage(), START)
    assert await store.reconsider("notebook") == 1
