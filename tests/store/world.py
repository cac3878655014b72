"""Short ways to say things to a store."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bot.ports import Batch, NewMemory, Used
from bot.results import MemoryVersions
from bot.store.sqlite.driver import Driver
from bot.store.sqlite.erasure import SqliteStore
from bot.text import forms
from bot.types import (
    Audience,
    Channel,
    Conversation,
    IncomingMessage,
    MemoryNumber,
    Message,
    MessageId,
    PendingTurn,
    Private,
    Scope,
    Slot,
    Space,
    TurnId,
    Usage,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ALICE = Scope("console", "home", "alice")
BOB = Scope("console", "home", "bob")
DM = Conversation("console", "home", "dm:alice")
HALL = Conversation("console", "home", "hall")
BOARD = Channel("board")
LYON = Slot(None, "lives in", "Lyon", exclusive=True)
OSLO = Slot(None, "lives in", "Oslo", exclusive=True)
TEA = Slot("Sarah", "likes", "tea", exclusive=False)
LAST = TurnId(2**40)
events = count(1)


def years(number: int) -> datetime:
    return datetime(number, 1, 1, tzinfo=UTC)


def message(
    text: str,
    scope: Scope = ALICE,
    audience: Audience | None = None,
    conversation: Conversation = DM,
    at: datetime = START,
    event: str | None = None,
) -> IncomingMessage:
    return IncomingMessage(
        scope,
        conversation,
        audience or Private(),
        event or f"e{next(events)}",
        scope.user.title(),
        text,
        at,
        "here",
    )


async def say(
    store: SqliteStore, text: str, *, urgent: bool = False, **more: object
) -> PendingTurn:
    turn = await store.record(message(text, **more), 10, urgent=urgent)  # type: ignore[arg-type]  # passed on
    assert turn is not None
    return turn


async def answer(
    store: SqliteStore,
    turn: PendingTurn,
    reply: str,
    used: Used | None = None,
    at: datetime = START,
) -> None:
    used = used or Used(erasures=store.erasures)
    await store.finish(turn, reply, 5, used, Usage(7, 3), at)


async def talk(store: SqliteStore, text: str, reply: str = "Good.", **more: object) -> PendingTurn:
    turn = await say(store, text, **more)  # type: ignore[arg-type]  # passed on
    await answer(store, turn, reply, at=turn.message.sent_at)
    return turn


def statement(
    text: str,
    sources: Sequence[MessageId] = (),
    *,
    slot: Slot | None = None,
    audience: Audience | None = None,
    valid_from: datetime = START,
    aliases: tuple[str, ...] = (),
    adopts: MemoryNumber | None = None,
) -> NewMemory:
    return NewMemory(
        text=text,
        audience=audience or Private(),
        place="here",
        said_at=START,
        valid_from=valid_from,
        sources=tuple(sources),
        slot=slot,
        entity_kind="person",
        aliases=aliases,
        adopts=adopts,
    )


async def due(store: SqliteStore, now: datetime = START + timedelta(days=1)) -> list[Batch]:
    return await store.due_batches(now, 1, 0, everything=True)


async def learn(
    store: SqliteStore,
    text: str,
    *,
    slot: Slot | None = None,
    scope: Scope = ALICE,
    audience: Audience | None = None,
    valid_from: datetime = START,
    aliases: tuple[str, ...] = (),
    conversation: Conversation = DM,
    said: str | None = None,
) -> MemoryNumber:
    """Say something that becomes one memory; everything that waits is consolidated with it."""
    told = said or f"said: {text}"
    await talk(store, told, scope=scope, audience=audience, conversation=conversation)
    found: list[MemoryNumber] = []
    while batches := await due(store):  # one holds a dozen turns at most
        for batch in batches:
            new = [
                statement(
                    text,
                    [exchange.said.id],
                    slot=slot,
                    audience=audience,
                    valid_from=valid_from,
                    aliases=aliases,
                )
                for exchange in batch.exchanges
                if batch.scope == scope and exchange.said.text == told
            ]
            found += await store.apply(batch, new[-1:], [], "test", Usage(), START)
    return found[0]


async def note(store: SqliteStore, text: str, **more: object) -> MemoryNumber:
    number, _ = await store.remember(message(text, **more), 3)  # type: ignore[arg-type]  # passed on
    return number


async def edit(
    store: SqliteStore, number: MemoryNumber, text: str, **more: object
) -> MemoryNumber | None:
    return await store.edit(number, message(text, **more), 3)  # type: ignore[arg-type]  # passed on


async def shown(
    store: SqliteStore, number: MemoryNumber, reader: Audience | None = None
) -> MemoryVersions:
    found = await store.versions(ALICE, reader or Private(), number)
    assert found is not None
    return found


async def fill(store: SqliteStore, number: MemoryNumber, text: str, slot: Slot) -> None:
    """Consolidate the note behind a memory."""
    (batch,) = await due(store)
    filled = statement(text, [batch.exchanges[0].said.id], slot=slot, adopts=number)
    await store.apply(batch, [filled], [], "model", Usage(), years(2027))


async def texts(
    store: SqliteStore, scope: Scope = ALICE, reader: Audience | None = None
) -> set[str]:
    """The current memories."""
    found, _ = await store.page(scope, reader or Private(), 0, 10_000)
    return {memory.text for memory in found if memory.valid_to is None}


async def found_by_words(
    store: SqliteStore, query: str, scope: Scope = ALICE, reader: Audience | None = None
) -> set[str]:
    survey = await store.survey(scope, reader or Private(), forms(query), [], None)
    items = await store.candidates(
        scope, reader or Private(), list({i for held in survey.words for i in held})
    )
    return {item.text for item in items.values()}


async def heard(
    store: SqliteStore,
    conversation: Conversation = HALL,
    reader: Audience | None = None,
    scope: Scope = ALICE,
    before: TurnId = LAST,
    after: TurnId | None = None,
) -> list[tuple[str, str | None]]:
    found = await store.history(conversation, reader or Space(), scope, before, after)
    return [(e.said.text, e.reply.text if e.reply else None) for _, e in found]


def said(found: Sequence[Message]) -> list[str]:
    return [one.text for one in found]


def bytes_on_disk(path: Path) -> bytes:
    files = [path, Path(f"{path}-wal"), Path(f"{path}-shm")]
    return b"".join(file.read_bytes() for file in files if file.exists())


@asynccontextmanager
async def opened(path: Path, driver: Driver | None = None) -> AsyncIterator[SqliteStore]:
    store = await SqliteStore.open(path, driver)
    try:
        yield store
    finally:
        await store.close()
