"""The person's right to be forgotten: what would go, and erasing it."""

from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.errors import CommandError
from bot.everywhere import require_private
from bot.ports import Store, Targets
from bot.recall import Recall
from bot.receipts import (
    EverythingPreview,
    ForgetPreview,
    Losses,
    NamePreview,
    Period,
    PeriodPreview,
    Receipt,
)
from bot.text import forms, one_line
from bot.typed import ForgetAbout, ForgetEverything, ForgetLast, ForgetPeriod, Side
from bot.types import IncomingCommand, Memory, MemoryNumber, Private, Scope
from bot.when.interval import zone_named
from bot.when.typed import time_typed

LOOKED_AT = 200
"""So many messages and memories that match are looked at."""
OFFERED = 10
"""So many memories a preview shows at once."""
NAMES_OFFERED = 5

Forget = ForgetLast | ForgetPeriod | ForgetAbout | ForgetEverything
Forgotten = PeriodPreview | NamePreview | EverythingPreview | Receipt


class Forgetting:
    """Finds what a person means, and erases what they name."""

    def __init__(self, store: Store, recall: Recall) -> None:
        self._store = store
        self._recall = recall

    async def preview(self, scope: Scope, query: str) -> ForgetPreview:
        """What matches the query, with ids; nothing is erased.

        A message that no memory came from is kept as a memory of its own words first, so that
        everything that holds the query has an id to be forgotten by, questions too. A memory that
        said so in an earlier version is offered as well, and one that would go with another.
        """
        found = await self._recall.find(
            scope, Private(), query, limit=LOOKED_AT, questions=True, alone=True, repeats=True,
            shared=False,
        )  # fmt: skip
        numbers: dict[MemoryNumber, None] = {}
        texts: set[str] = set()
        for recalled in found:
            item = recalled.item
            if len(numbers) >= OFFERED and item.text.casefold() not in texts:
                continue  # for the next time; but what says the same goes along
            texts.add(item.text.casefold())
            if isinstance(item, Memory):
                numbers[item.number] = None
            elif (number := await self._store.keep_verbatim(scope, item.id)) is not None:
                numbers[number] = None
        more = len({recalled.item.text.casefold() for recalled in found} - texts)
        numbers |= dict.fromkeys(await self._store.said_before(scope, Private(), forms(query)))
        erasure = await self._store.erasure(scope, list(numbers))
        numbers |= dict.fromkeys(erasure.memories)
        memories = await self._store.memories(scope, Private(), list(numbers))
        return ForgetPreview(query, tuple(memories), erasure.messages, erasure.summaries, more)

    async def forget(self, scope: Scope, numbers: tuple[MemoryNumber, ...]) -> Receipt:
        """Erase these memories and everything that holds them; unknown ids are `missing`."""
        return await self._store.erase(scope, tuple(dict.fromkeys(numbers)))

    async def carry_out(self, incoming: IncomingCommand, command: Forget) -> Forgotten:
        """What the command would erase, or if it is confirmed or needs no word, what it erased.

        A preview keeps nothing: the line that confirms it may come from a later process. Raises
        CommandError, with nothing erased, where it names nothing.
        """
        match command:
            case ForgetLast():
                return await self._last(incoming)
            case ForgetPeriod():
                return await self._period(incoming, command)
            case ForgetAbout():
                return await self._about(incoming, command)
            case ForgetEverything():
                return await self._everything(incoming, command)

    async def _last(self, incoming: IncomingCommand) -> Receipt:
        last = await self._store.last_message(incoming.conversation, incoming.scope)
        if last is None:
            raise CommandError("I keep nothing that you said here, so there is nothing to forget.")
        return await self._store.erase(incoming.scope, (), (last,))

    async def _period(
        self, incoming: IncomingCommand, command: ForgetPeriod
    ) -> PeriodPreview | Receipt:
        scope = incoming.scope
        zone = await self._zone(scope)
        period = _period(command.side, command.dates, incoming.sent_at, zone)
        targets = await self._store.said_between(scope, period.start, period.end)
        if command.confirmed:
            return await self._store.erase(scope, targets.numbers, targets.messages)
        return PeriodPreview(period, await self._losses(scope, targets), _confirming(incoming))

    async def _about(
        self, incoming: IncomingCommand, command: ForgetAbout
    ) -> NamePreview | Receipt:
        scope = incoming.scope
        names, targets = await self._store.naming(scope, command.name)
        if not (targets.numbers or targets.messages):
            raise await self.unknown_name(scope, command.name)
        if command.confirmed:
            return await self._store.erase(scope, targets.numbers, targets.messages)
        return NamePreview(names, await self._losses(scope, targets), _confirming(incoming))

    async def _everything(
        self, incoming: IncomingCommand, command: ForgetEverything
    ) -> EverythingPreview | Receipt:
        scopes = [incoming.scope]
        if command.everywhere:
            require_private(incoming)
            scopes = await self._store.everywhere(incoming.scope)
        if command.confirmed:
            return await self._store.erase_people(scopes)
        held = await self._store.held(scopes)
        return EverythingPreview(
            tuple(scope.space for scope in scopes),
            held.memories,
            held.messages,
            held.summaries,
            held.since,
            _confirming(incoming),
        )

    async def unknown_name(self, scope: Scope, name: str) -> CommandError:
        """What to say where nobody and nothing is known by this name."""
        names = await self._store.entity_names(scope, Private(), NAMES_OFFERED)
        known = f"Names I know: {', '.join(names)}. " if names else ""
        return CommandError(
            f"I know nobody and nothing named {name}. {known}/recall {name} "
            "searches all that was said."
        )

    async def _losses(self, scope: Scope, targets: Targets) -> Losses:
        erasure = await self._store.erasure(scope, targets.numbers, targets.messages)
        shown = await self._store.memories(scope, Private(), erasure.memories[:OFFERED])
        return Losses(tuple(shown), len(erasure.memories), erasure.messages, erasure.summaries)

    async def _zone(self, scope: Scope) -> tzinfo:
        """The person's time zone, as far as they told it; else UTC."""
        told = await self._store.profile(scope, Private(), ("time zone",))
        return zone_named(next((memory.slot.value for memory in told if memory.slot), None))


def _period(side: Side, dates: Sequence[str], now: datetime, zone: tzinfo) -> Period:
    """The period that was typed: "between" from the start of one to the end of the other."""
    times = []
    for words in dates:
        time = time_typed(words, now, zone)
        if time is None:
            example = "2026-03-01 and yesterday" if side is Side.BETWEEN else "2026-03-01"
            raise CommandError(
                f"I cannot tell which time “{words}” is. For example: /forget {side} {example}. "
                "I also read last Monday, March 2025, 14:30 and 3 hours ago."
            )
        times.append(time)
    start, end = min(time[0] for time in times), max(time[1] for time in times)
    if start > now and side is not Side.BEFORE:
        raise CommandError("That is still to come: nothing was said then.")
    match side:
        case Side.SINCE:
            return Period(start, None, zone)
        case Side.BEFORE:
            return Period(None, start, zone)
        case Side.BETWEEN:
            return Period(start, end, zone)


def _confirming(incoming: IncomingCommand) -> str:
    """The line that erases what this one showed."""
    return f"{one_line(incoming.text)} yes"
