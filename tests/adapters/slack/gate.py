"""A door with an app behind it, and Slack in front of it."""

import hashlib
import hmac
import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from adapters.slack.http import HttpDoor

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
MESSAGE = {"type": "message", "channel": "C1", "user": "U1", "text": "zebra", "ts": "1.1"}


async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
    return AuthorizeResult(
        enterprise_id=enterprise_id, team_id=team_id, bot_token="xoxb-1", bot_id="B1",
        bot_user_id="U0",
    )  # fmt: skip


class Gate:
    """A door with an app behind it that writes down what it hears; Slack in front of it."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.fault: Callable[[], Awaitable[None]] | None = None
        self.ready = True
        self.app = AsyncApp(
            signing_secret=SECRET, authorize=authorize, process_before_response=True,
            logger=logging.getLogger("quiet"),
        )  # fmt: skip
        self.app.event("message")(self.hear)
        self.app.command("/recall")(self.answer)
        self.door = HttpDoor(
            self.app, None, self.is_ready, port=0, body_seconds=0.2, idle_seconds=0.3
        )

    async def is_ready(self) -> bool:
        return self.ready

    async def hear(self, body: dict[str, Any]) -> None:
        self.heard.append(body)
        if self.fault is not None:
            await self.fault()

    async def answer(self, ack: Callable[[str], Awaitable[None]], body: dict[str, Any]) -> None:
        self.heard.append(body)
        await ack("done")

    async def get(self, path: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.door.port}{path}") as answer,
        ):
            return answer.status, await answer.text()

    async def post(
        self,
        body: str | bytes,
        *,
        age: float = 0,
        secret: str = SECRET,
        path: str = "/slack/events",
        headers: dict[str, str] | None = None,
        kind: str = "application/json",
    ) -> tuple[int, str]:
        """A signed request, sent `age` seconds ago."""
        stamp = str(int(time.time() - age))
        sent = {"Content-Type": kind, **signed(stamp, body, secret), **(headers or {})}
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"http://127.0.0.1:{self.door.port}{path}", data=body, headers=sent
            ) as answer,
        ):
            return answer.status, await answer.text()


def signed(stamp: str, body: str | bytes, secret: str = SECRET) -> dict[str, str]:
    raw = body.encode() if isinstance(body, str) else body
    mac = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + raw, hashlib.sha256)
    return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={mac.hexdigest()}"}


def event(**inner: Any) -> str:  # noqa: ANN401 - any JSON
    return json.dumps(
        {
            "type": "event_callback", "team_id": "T1", "event_id": "Ev1",
            "event_time": int(time.time()), "event": MESSAGE | inner,
            "authorizations": [{"team_id": "T1", "is_enterprise_install": False}],
        }
    )  # fmt: skip
