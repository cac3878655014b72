"""What an operator may do to a person's memories; every act is entered in the audit log."""

import getpass
import os
import re
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from contextlib import asynccontextmanager

from adapters.wording.plain import line
from adapters.wording.words import count, date, listed, said_in
from bot.cli.options import write_scope
from bot.cli.wiring import open_models, open_store
from bot.clock import system_clock
from bot.config import Settings
from bot.errors import ConfigError, StoreError
from bot.exporting import export
from bot.importing import parse_export
from bot.portable import BroughtIn
from bot.ports import Act, Store
from bot.recall import Recall
from bot.receipts import Exported, Receipt
from bot.store.sqlite.backup import check_file
from bot.store.sqlite.erasure import SqliteStore
from bot.text import one_line
from bot.types import Memory, MemoryNumber, Private, Recalled, Scope, memory_name

PAGE_MEMORIES = 50
FOUND = 20
UNDONE = "Nothing is erased yet; --yes erases."
_ID = re.compile(r"([ms])([1-9]\d{0,7})", re.ASCII | re.IGNORECASE)


async def list_memories(settings: Settings, scope: Scope, page: int) -> list[str]:
    """One page of a scope's memories, newest first, superseded ones too. Raises BotError."""
    async with _opened(settings, scope) as store:
        memories, total = await store.page(
            scope, Private(), (page - 1) * PAGE_MEMORIES, PAGE_MEMORIES
        )
        pages = max(1, -(-total // PAGE_MEMORIES))
        if page > pages:
            raise ConfigError(f"There is no page {page}: the last one is {pages}.")
        await _note(store, scope, "list", memories=len(memories))
    return [
        *map(_shown, memories),
        f"{count(total, 'memory')}, page {page} of {pages}.",
    ]


async def search(settings: Settings, scope: Scope, words: str) -> list[str]:
    """What /recall would show the person, best first. Raises BotError."""
    async with (
        _opened(settings, scope) as store,
        open_models(settings, store) as (_, embedder),
    ):
        recall = Recall(store, embedder, system_clock)
        found = await recall.find(scope, Private(), words, limit=FOUND, alone=True)
        memories = sum(isinstance(recalled.item, Memory) for recalled in found)
        counts = {"memories": memories, "messages": len(found) - memories}
        await _note(store, scope, "search", **counts)
    return [*map(_found, found)] or ["Nothing was found."]


async def forget(
    settings: Settings, scope: Scope, ids: Sequence[str], *, everything: bool, yes: bool
) -> list[str]:
    """Erase memories with everything that holds them, or everything; without `yes` nothing.

    Raises BotError.
    """
    if everything == bool(ids):
        raise ConfigError("Name memories, such as m3 m5, or say --everything.")
    numbers = [_number(scope, name) for name in dict.fromkeys(ids)]
    async with _opened(settings, scope) as store:
        if everything and yes:
            return await _erased(store, scope, "forget everything", store.erase_people([scope]))
        if everything:
            held = await store.held([scope])
            counts = {
                "memories": held.memories, "messages": held.messages, "summaries": held.summaries,
            }  # fmt: skip
            await _note(store, scope, "preview", **counts)
            return [f"Everything of them here: {_listed(counts)} would go. {UNDONE}"]
        memories = await store.memories(scope, Private(), numbers)
        missing = {*numbers} - {memory.number for memory in memories}
        if missing:
            named = ", ".join(map(memory_name, sorted(missing)))
            raise StoreError(f"There is no memory {named} here. Nothing is erased.")
        if yes:
            return await _erased(store, scope, "forget", store.erase(scope, numbers))
        erasure = await store.erasure(scope, numbers)
        counts = {
            "memories": len(erasure.memories),
            "messages": erasure.messages,
            "summaries": erasure.summaries,
        }
        await _note(store, scope, "preview", **counts)
    return [
        *map(_shown, memories),
        f"With what goes along: {_listed(counts)} would go. {UNDONE}",
    ]


async def hand_out(settings: Settings, scope: Scope) -> Exported:
    """What is kept about a person in a space. Raises BotError; CommandError: nothing is."""
    async with _opened(settings, scope) as store:
        exported = await export(store, [scope], system_clock())
        held = await store.held([scope])
        await _note(store, scope, "export", memories=held.memories, messages=held.messages)
        return exported


async def bring_in(settings: Settings, content: bytes) -> list[str]:
    """Take an export's JSON in; what came of it, a line a scope. Raises BotError."""
    portables = parse_export(content)
    lines = []
    async with open_store(settings) as store:
        for portable in portables:
            scope, done = portable.scope, await store.bring_in(portable)
            await _note(store, scope, "import", memories=done.memories, messages=done.messages)
            who = one_line(f"{scope.user} in {scope.space} on {scope.platform}")
            lines.append(f"{who}: {_told(done)}")
            if done.messages or done.memories:
                lines.append("Their vectors follow when Ellie runs.")
            for named in await store.naming_opted_out(scope.platform, scope.space):
                await store.erase(named.scope, named.numbers, named.messages)
                lines.append("What of it names somebody who opted out is erased again.")
    return lines or ["There is nobody in this export."]


async def audit(settings: Settings, scope: Scope | None) -> list[Act]:
    """What operators did, oldest first; looking at it is no act. Raises BotError."""
    check_file(settings.db_path)
    async with open_store(settings) as store:
        return await store.acts(scope)


def actor() -> str:
    """Who runs this, as the operating system says; not what the environment says, where it can."""
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_name
    except ImportError:  # Windows
        return getpass.getuser()
    except KeyError:  # a user id without a name, as in a container
        return f"uid {os.getuid()}"


@asynccontextmanager
async def _opened(settings: Settings, scope: Scope) -> AsyncIterator[SqliteStore]:
    """The store. Raises StoreError where there is no such scope."""
    check_file(settings.db_path)
    async with open_store(settings) as store:
        if not await store.knows(scope):
            raise StoreError(
                f"Nobody is known as {line(write_scope(scope))} in {settings.db_path}."
            )
        yield store


async def _erased(store: Store, scope: Scope, act: str, erasing: Awaitable[Receipt]) -> list[str]:
    """Erase, enter it in the log also where it failed, and say what is gone."""
    try:
        receipt = await erasing
    except StoreError:
        await _note(store, scope, act, failed=1)
        raise
    counts = {
        "memories": len(receipt.memories),
        "messages": receipt.messages,
        "summaries": receipt.summaries,
        "vectors": receipt.vectors,
    }
    await _note(store, scope, act, **counts)
    return [f"Erased: {_listed(counts)}."]


_ONE = {"memories": "memory", "messages": "message", "summaries": "summary", "vectors": "vector"}


def _listed(counts: Mapping[str, int]) -> str:
    return listed(count(number, _ONE.get(name, name)) for name, number in counts.items())


async def _note(store: Store, scope: Scope, act: str, **counts: int) -> None:
    await store.note_act(scope, actor(), act, counts, system_clock())


def _number(scope: Scope, name: str) -> MemoryNumber:
    """The number in the scope that m3 names, or s3 in what is shared."""
    found = _ID.fullmatch(name)
    if found is None or found[1].lower() != _letter(scope):
        raise ConfigError(f"{line(name)} is no id; here they are as {_letter(scope)}3.")
    return MemoryNumber(int(found[2]) if scope.user else -int(found[2]))


def _letter(scope: Scope) -> str:
    return "m" if scope.user else "s"


def _shown(memory: Memory) -> str:
    """A memory: id, date, audience, place, until when it held, text."""
    until = f", until {date(memory.valid_to)}" if memory.valid_to is not None else ""
    return (
        f"{memory_name(memory.number)}  {date(memory.said_at)}  {line(str(memory.audience))}  "
        f"({line(said_in(memory.place))}{until})  {line(memory.text)}"
    )


def _found(recalled: Recalled) -> str:
    item = recalled.item
    if isinstance(item, Memory):
        return _shown(item)
    return f"said  {date(item.sent_at)}  {line(str(item.audience))}  {line(item.text)}"


def _told(done: BroughtIn) -> str:
    if done.opted_out:
        return "opted out and is not to be remembered; nothing was taken in."
    return (
        f"{count(done.messages, 'message')}, {count(done.memories, 'memory')} and "
        f"{count(done.summaries, 'summary')} taken in; there already: {done.known}, forgotten here "
        f"and staying so: {done.forgotten}, without a place here: {done.left_out}."
    )
