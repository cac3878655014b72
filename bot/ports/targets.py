"""The store, as far as it finds what a person wants forgotten."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.ports.values import Held, Targets
from bot.types import (
    Conversation,
    MessageId,
    Scope,
)


class TargetStore(Protocol):
    """What an erasure may start from, as ids: what else goes is its own business."""

    async def last_message(self, conversation: Conversation, scope: Scope) -> MessageId | None:
        """The newest thing that the person said there and that is still kept; no command is.

        None: there is nothing.
        """
        ...

    async def said_between(
        self, scope: Scope, start: datetime | None, end: datetime | None
    ) -> Targets:
        """What the person said in the whole space from `start` on and before `end`, notes too.

        With the memories said then whose sources are all gone. None: open on that side.
        """
        ...

    async def naming(self, scope: Scope, name: str) -> tuple[tuple[str, ...], Targets]:
        """What concerns whoever or whatever has this name, and all the names that was sought by.

        The memories of the entities that have it as name or alias, and the memories (as they are
        or were) and the person's messages whose words are one of their names; an alias that begins
        with a small letter ("my boss") is a description and is not sought. Empty targets: the name
        is nobody's.
        """
        ...

    async def everywhere(self, scope: Scope) -> list[Scope]:
        """All scopes of the same user on the platform that exist, this one first, then by space."""
        ...

    async def held(self, scopes: Sequence[Scope]) -> Held:
        """How much `erase_people` would erase."""
        ...
