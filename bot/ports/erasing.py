"""The store, as far as it erases."""

from collections.abc import Sequence
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
    """Forgetting and limits."""

    async def erasure(self, scope: Scope, numbers: Sequence[MemoryNumber]) -> Erasure:
        """What else would be erased with these memories; nothing is."""
        ...

    async def erase(
        self, scope: Scope, numbers: Sequence[MemoryNumber], messages: Sequence[MessageId] = ()
    ) -> Receipt:
        """Erase memories with everything that holds them, from the file too when this returns.

        Raises StoreError, with the memories gone but their bytes perhaps still in the log, while
        another process keeps it busy; the next erasure or start takes them out.
        """
        ...

    async def erase_people(self, scopes: Sequence[Scope]) -> Receipt:
        """STUB of helper A's."""
        ...

    async def erase_space(self, platform: str, space: str) -> Receipt:
        """STUB of helper A's."""
        ...

    async def everywhere(self, scope: Scope) -> list[Scope]:
        """STUB of helper D's."""
        ...

    async def enforce_limit(self, limit: int) -> int:
        """Erase what is over `limit` a person: superseded, least used, oldest; how many."""
        ...
