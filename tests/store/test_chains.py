"""Replies to replies: a chain is the history of the turn at its end."""

from dataclasses import replace

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Audience, Channel, Conversation, PendingTurn, Private, Scope, Space
from tests.store.world import ALICE, BOARD, BOB, HALL, START, answer, message


async def reply(
    store: SqliteStore,
    text: str,
    to: str | None,
    event: str,
    scope: Scope = ALICE,
    audience: Audience | None = None,
    where: Conversation = HALL,
) -> PendingTurn:
    """Say something in reply to an event; the answer is posted as `post:EVENT`."""
    said = replace(message(text, scope, audience or Space(), where, event=event), reply_to=to)
    turn = await store.record(said, 10, urgent=False)
    assert turn is not None
    await store.note_shown(turn.id, f"post:{event}", START)
    await answer(store, turn, f"re {text}")
    return turn


async def chain(
    store: SqliteStore, turn: PendingTurn, reader: Audience | None = None, scope: Scope = ALICE
) -> list[str]:
    found = await store.chain(turn.id, turn.conversation, reader or Space(), scope)
    return [exchange.said.text for _, exchange in found]


async def test_a_chain_is_what_was_replied_to_and_nothing_else(store: SqliteStore) -> None:
    await reply(store, "tea?", None, "1")
    await reply(store, "boats?", None, "2")
    await reply(store, "which tea?", "post:1", "3", BOB)
    turn = await reply(store, "green?", "3", "4")
    assert await chain(store, turn) == ["tea?", "which tea?"]
    assert turn.reply_to is not None
    found = await store.chain(turn.id, HALL, Space(), ALICE)
    assert [e.reply.text for _, e in found if e.reply] == ["re tea?", "re which tea?"]


async def test_a_reply_to_what_is_not_known_is_no_reply(store: SqliteStore) -> None:
    await reply(store, "tea?", None, "1")
    for number, to in enumerate((None, "nobody", "reply:1", "9")):
        turn = await reply(store, "well?", to, f"{number}x")
        assert turn.reply_to is None
        assert await chain(store, turn) == []


async def test_an_event_of_another_conversation_is_not_known(store: SqliteStore) -> None:
    await reply(store, "tea?", None, "1", where=replace(HALL, key="den"))
    assert (await reply(store, "well?", "1", "2")).reply_to is None


async def test_a_chain_goes_over_what_is_gone_and_shows_what_is_left(store: SqliteStore) -> None:
    await reply(store, "tea?", None, "1")
    await reply(store, "which?", "1", "2")
    turn = await reply(store, "green?", "post:2", "3")
    await store.unsay(HALL, ["2"])
    assert await chain(store, turn) == ["tea?"]


async def test_who_reads_a_chain_sees_what_they_could_have_heard(store: SqliteStore) -> None:
    await reply(store, "of the board", None, "1", BOB, BOARD)
    await reply(store, "of Bob", "1", "2", BOB, Private())
    await reply(store, "of Alice", "2", "3", ALICE, Private())
    turn = await reply(store, "for all", "3", "4", BOB)
    end = await reply(store, "the end", "4", "5")
    assert await chain(store, end) == ["for all"]
    assert await chain(store, end, BOARD) == ["of the board", "for all"]
    assert await chain(store, end, Channel("staff")) == ["for all"]
    assert await chain(store, end, Private()) == ["of Alice", "for all"]
    assert await chain(store, turn, Private(), BOB) == ["of the board", "of Bob"]


async def test_a_fresh_start_cuts_a_chain(store: SqliteStore) -> None:
    await reply(store, "tea?", None, "1")
    await store.start_fresh(HALL)
    await reply(store, "which?", "1", "2")
    turn = await reply(store, "green?", "2", "3")
    assert await chain(store, turn) == ["which?"]


async def test_a_chain_has_an_end(store: SqliteStore) -> None:
    await reply(store, "0", None, "0")
    for number in range(1, 510):
        turn = await reply(store, str(number), str(number - 1), str(number))
    found = await chain(store, turn)
    assert (len(found), found[0], found[-1]) == (500, "9", "508")


async def test_what_was_overheard_stands_in_a_chain(store: SqliteStore) -> None:
    said = message("tea is best", BOB, Space(), HALL, event="1")
    await store.overhear(said, 3)
    turn = await reply(store, "is it?", "1", "2")
    assert await chain(store, turn) == ["tea is best"]


async def test_forgetting_takes_the_replies_whose_chain_held_it_and_no_others(
    store: SqliteStore,
) -> None:
    first = await reply(store, "tea?", None, "1")
    await reply(store, "boats?", None, "2")
    held = await store.chain((await reply(store, "which?", "1", "3", BOB)).id, HALL, Space(), BOB)
    parts = [part.id for _, e in held for part in (e.said, e.reply) if part]
    said = replace(message("which tea?", BOB, Space(), HALL, event="4"), reply_to="1")
    turn = await store.record(said, 10, urgent=False)
    assert turn is not None
    await answer(store, turn, "Green.", Used(chain=tuple(parts), erasures=store.erasures))
    after = replace(message("why?", BOB, Space(), HALL, event="5"), reply_to="4")
    last = await store.record(after, 10, urgent=False)
    assert last is not None
    links = await store.chain(last.id, HALL, Space(), BOB)
    mine = [part.id for _, e in links[-1:] for part in (e.said, e.reply) if part]
    await answer(store, last, "It is mild.", Used(chain=tuple(mine), erasures=store.erasures))
    receipt = await store.erase(ALICE, (), (first.message.id,))
    assert receipt.messages == 4  # it, its reply, the reply from it, and the reply from that
    left = await store.history(HALL, Space(), ALICE, last.id, None)
    assert {e.reply.text for _, e in left if e.reply} == {"re boats?", "re which?"}


async def test_what_a_chain_held_is_told_apart_from_what_was_recalled(store: SqliteStore) -> None:
    first = await reply(store, "tea?", None, "1")
    other = await reply(store, "boats?", None, "2")
    said = replace(message("which?", ALICE, Space(), HALL, event="3"), reply_to="1")
    turn = await store.record(said, 10, urgent=False)
    assert turn is not None
    used = Used((), (other.message.id,), chain=(first.message.id,), erasures=store.erasures)
    await answer(store, turn, "Green.", used)
    found = await store.used_by(turn.id)
    assert found is not None
    assert found[1].messages == (other.message.id,)
    assert found[1].chain == (first.message.id,)


async def test_people_go_and_their_chains_are_cut(store: SqliteStore) -> None:
    await reply(store, "tea?", None, "1", BOB)
    turn = await reply(store, "which?", "1", "2")
    await store.erase_people([BOB])
    assert await chain(store, turn) == []
    assert (await reply(store, "well?", "2", "3")).reply_to == turn.id


async def test_a_chain_of_ones_own_leaves_with_one_and_anothers_does_not(
    store: SqliteStore,
) -> None:
    for number, author in enumerate((ALICE, BOB)):
        to = await reply(store, f"tea {number}?", None, f"{number}", author)
        said = replace(message("which?", ALICE, Space(), HALL, event=f"{number}x"),
                       reply_to=f"{number}")  # fmt: skip
        turn = await store.record(said, 10, urgent=False)
        assert turn is not None
        used = Used(chain=(to.message.id,), erasures=store.erasures)
        await answer(store, turn, f"answer {number}", used)
    portable = await store.portable(ALICE)
    assert portable is not None
    texts = {said.text for said in portable.messages}
    assert "answer 0" in texts
    assert "answer 1" not in texts
    held = {m.held.messages for m in portable.messages if m.held}
    assert held >= {(1,)}
