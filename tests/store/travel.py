"""Worlds whose replies and summaries repeat all that was read for them, and their way elsewhere."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.portable import Portable
from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import (
    Audience,
    Conversation,
    MemoryNumber,
    MessageId,
    PendingTurn,
    Private,
    Scope,
    Slot,
    Space,
    Usage,
)
from tests.store.world import (
    ALICE,
    DM,
    HALL,
    OSLO,
    START,
    due,
    edit,
    note,
    opened,
    say,
    statement,
)


async def converse(
    store: SqliteStore,
    text: str,
    *,
    scope: Scope = ALICE,
    conversation: Conversation = DM,
    hours: int = 0,
    memories: tuple[MemoryNumber, ...] = (),
    messages: tuple[MessageId, ...] = (),
    history: int = 500,
) -> PendingTurn:
    """One turn whose reply repeats what its prompt held, with the `history` last turns."""
    at = START + timedelta(hours=hours)
    audience: Audience = Space() if conversation == HALL else Private()
    turn = await say(store, text, scope=scope, audience=audience, conversation=conversation, at=at)
    summary = await store.newest_summary(conversation, audience, scope)
    after = summary.through if summary else None
    past = (await store.history(conversation, audience, scope, turn.id, after))[-history:]
    words = [known.text for known in await store.memories(scope, audience, memories)]
    words += [one.text for one in await store.messages(scope, audience, messages)]
    words += [summary.text] if summary else []
    words += [e.said.text + " " + (e.reply.text if e.reply else "") for _, e in past]
    used = Used(
        memories=memories,
        messages=messages,
        summary=summary.id if summary else None,
        history_from=past[0][0] if past else None,
        erasures=store.erasures,
    )
    await store.finish(turn, f"I heard {' '.join(words)}", 5, used, Usage(), at)
    return turn


async def distil(store: SqliteStore, text: str, slot: Slot | None = None) -> None:
    """Consolidate all that waits; every batch gives a memory of this text and its last message."""
    for batch in await due(store, START + timedelta(days=99)):
        last = batch.exchanges[-1].said
        new = [
            statement(
                text,
                [last.id],
                slot=slot,
                audience=batch.audience,
                valid_from=last.sent_at,
                aliases=("my sister",) if slot and slot.entity else (),
            )
        ]
        await store.apply(batch, new, [], "test", Usage(), last.sent_at)


async def fold_all(store: SqliteStore, keep: int = 0) -> None:
    """Sum up every conversation, but for its last `keep` turns, by repeating all that was said."""
    for folded in await store.foldable(0):
        old = folded.exchanges[: len(folded.exchanges) - keep]
        if not old:
            continue
        words = [folded.previous.text] if folded.previous else []
        words += [e.said.text + " " + (e.reply.text if e.reply else "") for _, e in old]
        await store.add_summary(
            folded, old[-1][0], f"They spoke of {' '.join(words)}", Usage(), START
        )


async def live(store: SqliteStore) -> None:
    """A life of Alice's, alone with Ellie, with something of everything."""
    await converse(store, "I live in Lyon")
    await distil(store, "Alice lives in Lyon", Slot(None, "lives in", "Lyon", exclusive=True))
    await converse(store, "My sister Sarah likes tea", hours=1)
    await distil(store, "Sarah likes tea", Slot("Sarah", "likes", "tea", exclusive=False))
    await converse(store, "I moved to Oslo", hours=9, memories=(MemoryNumber(1),))
    await distil(store, "Alice lives in Oslo", OSLO)
    await fold_all(store, keep=1)
    await converse(store, "What do you know?", hours=10, memories=(MemoryNumber(2),))
    await edit(store, MemoryNumber(1), "Alice lives in Leon", at=START + timedelta(hours=11))
    await note(store, "The safe is behind the clock", at=START + timedelta(hours=12))
    await store.start_fresh(DM)
    await converse(store, "Once more", hours=13, memories=(MemoryNumber(3), MemoryNumber(4)))
    await converse(store, "Here among others", conversation=HALL, hours=14)
    await distil(store, "Alice was in the hall")


async def exported(store: SqliteStore, scope: Scope = ALICE) -> Portable:
    found = await store.portable(scope)
    assert found is not None
    return found


async def elsewhere(portable: Portable, file: Path) -> Portable:
    """What a second Ellie exports after she took this in."""
    async with opened(file) as store:
        await store.bring_in(portable)
        return await exported(store, portable.scope)


def unnumbered(portable: Portable) -> Portable:
    """Without the numbers, which are each Ellie's own."""
    return replace(portable, memories=tuple(replace(m, number=0) for m in portable.memories))
