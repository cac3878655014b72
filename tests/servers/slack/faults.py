"""Faults that tests ask for: refusals, lost replies, limits, requests held back."""

import asyncio
import time
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.servers.slack.ground import Json


@dataclass(slots=True)
class Fault:
    """What the next `times` calls of a method get (None: all). Status 0 cuts the connection.

    `after_commit`: what was asked is done, and only the reply is not what it was.
    """

    method: str
    times: int | None
    status: int
    error: str
    retry_after: int
    after_commit: bool
    more: Json = field(default_factory=dict)

    def json(self) -> Json:
        return {"ok": False, "error": self.error} | self.more

    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.retry_after)} if self.status == 429 else {}


@dataclass(slots=True, eq=False)
class Hold:
    """Calls of one method that wait, not yet done; `waiting` says how many do now."""

    method: str
    waiting: int = 0
    _open: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let them go on, and those that come."""
        self._open.set()

    @property
    def closed(self) -> bool:
        return not self._open.is_set()

    async def wait(self) -> None:
        self.waiting += 1
        try:
            await self._open.wait()
        finally:
            self.waiting -= 1


@dataclass(slots=True)
class Bucket:
    """So many calls in so many seconds of real time, for each channel."""

    method: str
    limit: int
    seconds: float
    taken: dict[str, deque[float]] = field(default_factory=dict)

    def full(self, channel: str) -> bool:
        """Is there no room? Where there is, it is taken."""
        times = self.taken.setdefault(channel, deque())
        now = time.monotonic()
        while times and times[0] <= now - self.seconds:
            times.popleft()
        if len(times) >= self.limit:
            return True
        times.append(now)
        return False


@dataclass(slots=True)
class Faults:
    """All of them. A method is named as Slack does, or by a pattern with *."""

    waiting: list[Fault] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    buckets: list[Bucket] = field(default_factory=list)

    def take(self, method: str) -> Fault | None:
        """The first fault of this method, counted down."""
        for fault in self.waiting:
            if fnmatchcase(method, fault.method):
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self.waiting.remove(fault)
                return fault
        return None

    def limited(self, method: str, channel: str) -> bool:
        return any(b.full(channel) for b in self.buckets if fnmatchcase(method, b.method))

    async def pause(self, method: str) -> None:
        """Wait as long as a hold of this method is closed."""
        for hold in [*self.holds]:
            if fnmatchcase(method, hold.method) and hold.closed:
                await hold.wait()

    def release(self) -> None:
        for hold in self.holds:
            hold.release()
