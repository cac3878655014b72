"""What the loopback Discord stands on: a clock, ids, and events that wake who waits."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

Json = dict[str, Any]
Shown = TypeVar("Shown")

EPOCH_MS = 1420070400000
LONG_AGO_MS = 1577836800000 - EPOCH_MS
"""2020-01-01: what is there before a test begins is that old."""


class Clock:
    """Stands still until it is turned. It starts at the machine's time: discord.py reads that."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def now(self) -> datetime:
        return self._now

    def turn(self, by: timedelta) -> None:
        self._now += by


class Ids:
    """Snowflakes, each greater than those of its kind before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = 0
        self._place = 0

    def fresh(self) -> int:
        """For what happens now."""
        now = int(self._clock.now().timestamp() * 1000) - EPOCH_MS
        self._last = max(self._last + 1, now << 22)
        return self._last

    def standing(self) -> int:
        """For who and what is there: a millisecond each, because shards are told by it."""
        self._place += 1
        return (LONG_AGO_MS + self._place) << 22


@dataclass(frozen=True, slots=True)
class Event:
    """A dispatch. `guild_id` None means a DM, or nothing of a guild."""

    name: str
    payload: Json
    guild_id: int | None = None


def ignore(event: Event) -> None:
    """Where events go before there is a gateway."""


class Ground:
    """`emit` sends an event to every session; `problems` is what a test asserts to be empty."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.ids = Ids(self.clock)
        self.problems: list[str] = []
        self.emit: Callable[[Event], None] = ignore
        self._change = asyncio.Event()

    def changed(self) -> None:
        """Wake those who wait for a condition."""
        self._change.set()
        self._change = asyncio.Event()

    async def until(self, condition: Callable[[], Shown], seconds: float = 10) -> Shown:
        """What the condition shows once it is true: asked again after every change.

        It is asked again every 50 ms as well, because it may look at more than the server.
        AssertionError with what the server saw, after so many seconds.
        """
        try:
            async with asyncio.timeout(seconds):
                while not (shown := condition()):
                    try:
                        async with asyncio.timeout(0.05):
                            await self._change.wait()
                    except TimeoutError:
                        continue
                return shown
        except TimeoutError:
            raise AssertionError(f"not within {seconds} s. Seen:\n{self.seen()}") from None

    def seen(self) -> str:
        """What a failed wait tells about the server's state."""
        return "\n".join(self.problems)
