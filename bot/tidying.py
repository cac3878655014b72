"""What is to be erased when its time comes: pauses, spaces that were left, retention, limits."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.config import Settings
from bot.errors import StoreError
from bot.ports import Store
from bot.receipts import Receipt
from bot.types import Scope

log = logging.getLogger(__name__)

HOUSEKEEPING = timedelta(hours=1)


async def erase_opted_out(
    store: Store, scopes: Sequence[Scope], space: str | None
) -> tuple[Receipt, int]:
    """Erase what is of who opted out, and what of others in the space names them; None: in all.

    (what went, how many texts of it were others'). Their own goes last: what is left of them after
    a crash shows that this is to be done again.
    """
    gone = [
        await store.erase(named.scope, named.numbers, named.messages)
        for named in await store.naming_opted_out(scopes[0].platform, space)
        if named.scope not in scopes
    ]
    others = sum(len(one.memories) + one.messages + one.summaries for one in gone)
    gone.append(await store.erase_people(scopes))
    together = Receipt(
        memories=tuple(number for one in gone for number in one.memories),
        messages=sum(one.messages for one in gone),
        summaries=sum(one.summaries for one in gone),
        vectors=sum(one.vectors for one in gone),
        where=frozenset().union(*(one.where for one in gone)),
    )
    return together, others


class Tidying:
    """Erases what is due."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._tidied: datetime | None = None

    async def keep_promises(self) -> None:
        """Erase what was said in pauses, and spaces that were left, whose time has come.

        That is a matter of minutes, so it is asked for at every step and at start.
        """
        now = self._clock()
        try:
            for overdue in await self._store.overdue(now):
                await self._store.erase(overdue.scope, (), overdue.messages)
            for scope in await self._store.unfinished_opt_outs() if self._tidied is None else ():
                await erase_opted_out(self._store, [scope], None)
            for platform, space in await self._store.departed(now):
                await self._store.erase_space(platform, space)
                await self._store.stay(platform, space)
                log.info("a space that was left has been purged")
        except StoreError as error:  # it is due again at the next step
            log.warning("erasing what was due: %s", error)

    async def step(self) -> None:
        """Hourly: erase what outlived its retention, and what is over the limit of memories."""
        now, settings = self._clock(), self._settings
        if self._tidied is not None and now - self._tidied < HOUSEKEEPING:
            return
        self._tidied = now
        days = settings.ellie_memory_retention_days
        expired = await self._store.expire(
            now,
            timedelta(days=settings.ellie_message_retention_days),
            timedelta(days=days) if days else None,
        )
        removed = await self._store.enforce_limit(settings.ellie_max_memories_per_person)
        log.info(
            "%d message(s), %d memories and %d summaries outlived their retention; %d memories "
            "were over the limit",
            expired.messages,
            expired.memories,
            expired.summaries,
            removed,
        )
