"""The store, as far as it keeps what operators did."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from bot.ports.values import Act, Held
from bot.types import Scope


class AuditedStore(Protocol):
    """The audit log, and what an operator asks before anything is done."""

    async def held(self, scope: Scope) -> Held | None:
        """How much of a person there is. None: there is no such scope, and none is made."""
        ...

    async def note_act(
        self, scope: Scope, actor: str, act: str, counts: Mapping[str, int], now: datetime
    ) -> None:
        """Enter in the audit log that an operator did something to a scope: numbers, no content.

        The scope is entered as a keyed hash; it need not exist, and is not made.
        """
        ...

    async def acts(self, scope: Scope | None) -> list[Act]:
        """What operators did to a scope, or to anyone, oldest first."""
        ...
