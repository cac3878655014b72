"""Faults that tests ask for: refusals, lost replies, limits, requests held back."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.servers.discord.ground import Json

MESSAGES = {
    403: (50013, "Missing Permissions"),
    404: (10003, "Unknown Channel"),
    429: (0, "You are being rate limited."),
}


@dataclass(slots=True)
class Fault:
    """What the next `times` requests of the route get (None: all). Status 0 cuts the connection."""

    method: str
    path: str
    status: int
    times: int | None
    retry_after: float
    after_commit: bool
    global_: bool
    code: int | None

    def fits(self, method: str, path: str) -> bool:
        return self.method == method and fnmatchcase(path, self.path)

    def json(self) -> Json:
        code, message = MESSAGES.get(self.status, (0, f"{self.status}: Internal Server Error"))
        body: Json = {"message": message, "code": code if self.code is None else self.code}
        if self.status == 429:
            body |= {"retry_after": self.retry_after, "global": self.global_}
        return body

    def headers(self) -> dict[str, str]:
        """discord.py waits out a 429 only where a proxy is named."""
        if self.status != 429:
            return {}
        scope = "global" if self.global_ else "user"
        headers = {
            "Via": "1.1 google",
            "Retry-After": str(self.retry_after),
            "X-RateLimit-Scope": scope,
        }
        return headers | ({"X-RateLimit-Global": "true"} if self.global_ else {})


@dataclass(slots=True, eq=False)
class Hold:
    """Requests of one route that wait, not yet done. `held` are the paths that wait now."""

    method: str
    prefix: str
    held: list[str] = field(default_factory=list)
    _open: asyncio.Event = field(default_factory=asyncio.Event)

    def release(self) -> None:
        """Let them go on, and those that come."""
        self._open.set()

    def fits(self, method: str, path: str) -> bool:
        return self.method == method and path.startswith(self.prefix) and not self._open.is_set()

    async def wait(self, path: str) -> None:
        self.held.append(path)
        try:
            await self._open.wait()
        finally:
            self.held.remove(path)


@dataclass(slots=True)
class Bucket:
    """So many requests in so many seconds of real time, for each major id (channel, webhook)."""

    method: str
    path: str
    limit: int
    seconds: float
    taken: dict[str, deque[float]] = field(default_factory=dict)

    def take(self, path: str) -> tuple[int, float] | None:
        """(remaining, seconds until there is room again); None when it is exhausted."""
        now = asyncio.get_running_loop().time()
        taken = self.taken.setdefault(major(path), deque())
        while taken and now - taken[0] >= self.seconds:
            taken.popleft()
        if len(taken) >= self.limit:
            return None
        taken.append(now)
        return self.limit - len(taken), self.reset_after(path)

    def reset_after(self, path: str) -> float:
        now = asyncio.get_running_loop().time()
        return max(0.0, self.seconds - (now - self.taken[major(path)][0]))


def major(path: str) -> str:
    """`/channels/1` of a path below it: limits are counted by it."""
    return "/".join(path.split("/")[:3])


class Faults:
    """All that was asked for. The first that fits is taken."""

    def __init__(self) -> None:
        self.waiting: list[Fault] = []
        self.holds: list[Hold] = []
        self.buckets: list[Bucket] = []

    def take(self, method: str, path: str) -> Fault | None:
        for fault in self.waiting:
            if fault.fits(method, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times == 0:
                        self.waiting.remove(fault)
                return fault
        return None

    def bucket(self, method: str, path: str) -> Bucket | None:
        for bucket in self.buckets:
            if bucket.method == method and fnmatchcase(path, bucket.path):
                return bucket
        return None

    async def pause(self, method: str, path: str) -> None:
        for hold in self.holds:
            if hold.fits(method, path):
                await hold.wait(path)

    def release(self) -> None:
        for hold in self.holds:
            hold.release()
