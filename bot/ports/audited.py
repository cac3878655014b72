"""The store, as far as it keeps what operators did."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bot.ports.values import Act
from bot.types import Scope


class AuditedStore(Protocol):
    """The audit log, and whether a scope exists."""

    async def knows(self, scope: Scope) -> bool:
        """Whether there is such a scope; none is made."""
        ...

    async def note_act(
        self, scope: Scope, actor: str | Scope, act: str, counts: Mapping[str, int], now: datetime
    ) -> None:
        """Enter in the audit log that somebody did something to a scope: numbers, no content.

        The scope is entered as a keyed hash; it need not exist, and is not made. `actor`: an
        operator by name, or a person of the platform, who is entered as a keyed hash too.
        """
        ...

    async def acts(self, scope: Scope | None) -> list[Act]:
        """What operators did to a scope, or to anyone, oldest first."""
        ...
