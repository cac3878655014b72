"""Signed HTTP: events as JSON, commands and interactions as forms, posted to the app."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlencode

import aiohttp

from tests.servers.slack.ground import Ground, Json, Timer
from tests.servers.slack.parcels import ANSWER_WITHIN, Kind, Parcel


@dataclass(frozen=True, slots=True)
class Posted:
    """One request to the app, and what it answered; status 0: nothing."""

    parcel: Parcel | None
    headers: dict[str, str]
    body: str
    status: int
    answer: str


class Limit:
    """Ends a request when the clock says so, also before it has begun."""

    def __init__(self) -> None:
        self._over = False
        self._timeout: asyncio.Timeout | None = None

    def end(self) -> None:
        self._over = True
        if self._timeout is not None:
            self._timeout.reschedule(asyncio.get_running_loop().time())

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """TimeoutError at the end."""
        if self._over:
            raise TimeoutError
        async with asyncio.timeout(None) as self._timeout:
            yield


@dataclass(slots=True)
class Posts:
    """The carrier of HTTP. An answer that takes longer than 3 s of the clock is given up.

    Timestamps of signatures are the machine's time, for Bolt compares them with that; `skew` is
    added to them. `secret` signs.
    """

    ground: Ground
    secret: Callable[[], str]
    acked: Callable[[Parcel, object], None]
    failed: Callable[[Parcel, str], None]
    url: str = ""
    skew: float = 0.0
    posted: list[Posted] = field(default_factory=list)
    late: str = "http_timeout"
    tasks: asyncio.TaskGroup | None = None
    session: aiohttp.ClientSession | None = None
    _running: list[asyncio.Task[None]] = field(default_factory=list)

    def carry(self, parcel: Parcel) -> bool:
        if self.tasks is None:
            return False
        limit = Limit()
        timer = self.ground.clock.after(ANSWER_WITHIN, limit.end)
        retried, headers = parcel.attempts - 1, {}
        if retried:
            headers = {"X-Slack-Retry-Num": str(retried), "X-Slack-Retry-Reason": parcel.reason}
        posting = self._post(parcel, headers, limit, timer)
        self._running.append(self.tasks.create_task(posting))
        return True

    def stop(self) -> None:
        """Give up what is on its way."""
        self.tasks = None
        for task in self._running:
            task.cancel()

    async def _post(
        self, parcel: Parcel, headers: dict[str, str], limit: "Limit", timer: Timer
    ) -> None:
        """One attempt. When the 3 s are over the deliveries know it by themselves."""
        if parcel.kind is Kind.EVENT:
            body, kind = json.dumps(parcel.payload), "application/json"
        else:
            form = parcel.payload
            if parcel.kind is Kind.INTERACTIVE:
                form = {"payload": json.dumps(parcel.payload)}
            body, kind = urlencode(form), "application/x-www-form-urlencoded"
        try:
            async with limit.entered():
                answered = await self.post(body, kind, headers, parcel=parcel)
        except TimeoutError:
            return
        finally:
            timer.cancel()
        if 200 <= answered.status < 300:
            self.acked(parcel, _answer(answered.answer))
        elif answered.status == 0:
            self.failed(parcel, "connection_failed")
        else:
            self.failed(parcel, "http_error")

    async def post(
        self,
        body: str,
        kind: str = "application/json",
        more: dict[str, str] | None = None,
        *,
        parcel: Parcel | None = None,
        secret: str | None = None,
    ) -> Posted:
        """Any body, signed. `secret`: another than the app's."""
        assert self.session is not None, "the server is not open"
        stamp = str(int(time.time() + self.skew))
        key = (secret or self.secret()).encode()
        signed = hmac.new(key, f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": kind, "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": f"v0={signed}", "Accept": "application/json,*/*",
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        } | (more or {})  # fmt: skip
        status, answer, retry = 0, "", True
        try:
            async with self.session.post(
                self.url, data=body.encode(), headers=headers, allow_redirects=False
            ) as response:
                answer, status = await response.text(), response.status
                retry = response.headers.get("X-Slack-No-Retry") != "1"
        except aiohttp.ClientError:
            pass  # nobody listens, or the connection was cut: Slack tries again
        posted = Posted(parcel, headers, body, status, answer)
        self.posted.append(posted)
        if parcel is not None:
            parcel.final = not retry
        self.ground.changed()
        return posted

    async def challenge(self) -> bool:
        """Does the app answer url_verification, as Slack asks when the URL is entered?"""
        ask: Json = {"type": "url_verification", "challenge": "3eZbrw1aB10xyz", "token": "Jhj5d"}
        answered = await self.post(json.dumps(ask))
        said = _answer(answered.answer)
        return answered.status == 200 and "3eZbrw1aB10xyz" in (
            said.values() if isinstance(said, dict) else [said]
        )


def _answer(text: str) -> Json | str | None:
    """JSON where it is some, else the text; None where there is none."""
    if not text.strip():
        return None
    try:
        parsed = json.loads(text)
    except ValueError:
        return text
    return parsed if isinstance(parsed, dict) and parsed else None
