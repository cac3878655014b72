"""The store, as far as it keeps what platforms told until it is dealt with."""

from datetime import datetime
from typing import Protocol

from bot.ports.values import TakenIn


class InboxStore(Protocol):
    """Events that wait, marks of those that were dealt with, and secrets of one round trip."""

    async def take_in(
        self, platform: str, space: str, event_id: str, user: str, payload: str, now: datetime
    ) -> bool:
        """Write an event down, durably. False: it is there, or was within the last hour.

        Of who opted out it is a mark without user and payload. Older marks go.
        """
        ...

    async def taken_in(self, platform: str) -> list[TakenIn]:
        """The events with a payload, oldest first, which are ours from now on.

        Without those of another store that is open: that one deals with them.
        """
        ...

    async def dealt_with(self, platform: str, space: str, event_id: str) -> bool:
        """Leave of an event a mark without user and payload. False: it did not wait (any more)."""
        ...

    async def keep_state(self, platform: str, state: str, now: datetime, until: datetime) -> None:
        """Enter a secret that may be consumed `until` then; older ones go."""
        ...

    async def consume_state(self, platform: str, state: str, now: datetime) -> bool:
        """Take a secret out. False: it is not there (any more), or its time is over."""
        ...
