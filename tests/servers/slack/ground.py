"""What the loopback Slack stands on: a clock to advance, ids and timestamps, a way to wait."""

import asyncio
import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, TypeVar

Json = dict[str, Any]
Wire = Any
"""A JSON value whose shape is not known yet."""
Shown = TypeVar("Shown")


@dataclass(slots=True, eq=False)
class Timer:
    """Something to do at a moment of the clock, unless it is cancelled before."""

    act: Callable[[], None] | None
    due: datetime

    def cancel(self) -> None:
        self.act = None


class Clock:
    """Stands still until it is advanced. It starts at the machine's time, in whole seconds.

    Calling it gives the datetime, so that the core can be given it as its clock too.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._now = (start or datetime.now(UTC)).replace(microsecond=0)
        self._timers: list[tuple[datetime, int, Timer]] = []
        self._order = count()

    def __call__(self) -> datetime:
        return self._now

    def now(self) -> datetime:
        return self._now

    def time(self) -> float:
        """Seconds since the epoch."""
        return self._now.timestamp()

    def advance(self, seconds: float) -> None:
        """Move on, and do on the way what was due, in its order."""
        end = self._now + timedelta(seconds=seconds)
        while self._timers and self._timers[0][0] <= end:
            self._now, _, timer = heapq.heappop(self._timers)
            if timer.act is not None:
                timer.act()
        self._now = end

    def turn(self, **by: float) -> None:
        """`advance`, as the tests' other clock spells it: `turn(minutes=5)`."""
        self.advance(timedelta(**by).total_seconds())

    def after(self, seconds: float, act: Callable[[], None]) -> Timer:
        """Do this once so many seconds have gone by."""
        due = self._now + timedelta(seconds=seconds)
        timer = Timer(act, due)
        heapq.heappush(self._timers, (due, next(self._order), timer))
        return timer


@dataclass(slots=True)
class Ids:
    """Ids and timestamps in Slack's spelling, none twice."""

    clock: Clock
    _last: int = 0
    _number: "count[int]" = field(default_factory=lambda: count(1))

    def ts(self) -> str:
        """A message's timestamp: the clock's second, and microseconds that only grow."""
        now = int(self.clock.time()) * 1_000_000
        self._last = max(self._last + 100, now + 100)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def fresh(self, prefix: str) -> str:
        """As `Ev00000012`."""
        return f"{prefix}{next(self._number):08d}"


class Ground:
    """`problems` is what a test asserts to be empty: things Slack would not have understood."""

    def __init__(self, clock: Clock | None = None) -> None:
        self.clock = clock or Clock()
        self.ids = Ids(self.clock)
        self.problems: list[str] = []
        self._change = asyncio.Event()

    def changed(self) -> None:
        """Wake those who wait for a condition."""
        self._change.set()
        self._change = asyncio.Event()

    async def until(self, condition: Callable[[], Shown], seconds: float = 10) -> Shown:
        """What the condition shows once it is true: asked again after every change.

        It is asked again every 50 ms as well, because it may look at more than the server.
        AssertionError with what the server saw, after so many real seconds.
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
