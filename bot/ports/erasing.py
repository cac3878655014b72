"""The store, as far as it erases."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.ports.values import Erasure
from bot.results import (
    Receipt,
)
from bot.types import (
    MemoryNumber,
    MessageId,
    Scope,
)


class ErasingStore(Protocol):
    """Forgetting, retention and limits."""

    async def erasure(
        self,
        scope: Scope,
        numbers: Sequence[MemoryNumber],
        messages: Sequence[MessageId] = (),
    ) -> Erasure:
        """What would be erased with these memories and messages; nothing is."""
        ...

    async def erase(
        self,
        scope: Scope,
        numbers: Sequence[MemoryNumber],
        messages: Sequence[MessageId] = (),
    ) -> Receipt:
        """Erase memories and messages with everything that holds them, from the file too.

        A memory takes the texts of its sources along; other memories of these stay. A message takes
        along a memory that has no other source left with a text; one that has loses this source.
        Raises StoreError, with all gone but their bytes perhaps still in the log, while
        another process keeps it busy; the next erasure or start takes them out.
        """
        ...

    async def erase_people(self, scopes: Sequence[Scope]) -> Receipt:
        """Erase everything of these people in these scopes: the rows go, not only the texts."""
        ...

    async def expire(self, before: datetime) -> int:
        """Erase the texts of consolidated messages older than that; how many."""
        ...

    async def enforce_limit(self, limit: int) -> int:
        """Erase what is over `limit` a person: superseded, least used, oldest; how many."""
        ...
