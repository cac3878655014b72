"""The door for Slack's requests: events, commands and presses, and the pages for installing."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.async_app import AsyncApp
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.manifest import EVENTS_PATH, INSTALL_PATH, REDIRECT_PATH
from bot.errors import ConfigError, report

log = logging.getLogger(__name__)

MAX_BYTES = 1_000_000
BODY_SECONDS = 10.0
"""So long a body may take to arrive."""
IDLE_SECONDS = 60.0
"""So long a connection may say nothing, or not finish its headers."""
UNHEARD = {"event_callback", "app_rate_limited"}
"""Told once more if they are not accepted, which would not help where nothing listens to them."""
FAILED = "Something went wrong on Ellie's side. Try again later; her log says more."

Answer = Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]


class HttpDoor(AbstractAsyncContextManager["HttpDoor"]):
    """One server. `async with` listens; what is being answered at the end gets its answer.

    A request is answered by 200 only when the app's listener has returned: then it is written down.
    """

    def __init__(
        self,
        app: AsyncApp,
        flow: AsyncOAuthFlow | None,
        is_ready: Callable[[], Awaitable[bool]],
        *,
        host: str = "127.0.0.1",
        port: int = 3000,
        max_bytes: int = MAX_BYTES,
        body_seconds: float = BODY_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        """`flow` None: Ellie is not installed from here. `port` 0: any that is free."""
        self._app = app
        self._flow = flow
        self._is_ready = is_ready
        self._host = host
        self._port = port
        self._max_bytes = max_bytes
        self._body_seconds = body_seconds
        made = web.Application(client_max_size=max_bytes)
        made.add_routes(
            [
                web.post(EVENTS_PATH, self._hear),
                web.get(INSTALL_PATH, self._install, allow_head=False),
                web.get(REDIRECT_PATH, self._come_back, allow_head=False),
                web.get("/livez", self._live),
                web.get("/readyz", self._ready),
            ]
        )
        self._runner = web.AppRunner(
            made, access_log=None, keepalive_timeout=idle_seconds, lingering_time=1
        )

    async def __aenter__(self) -> Self:
        """Listen. Raises ConfigError where that address cannot be bound."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, self._host, self._port).start()
        except OSError as error:
            await self._runner.cleanup()
            raise ConfigError(
                f"Nothing can listen on {self._host}:{self._port} ({type(error).__name__}): set "
                "ELLIE_HTTP_HOST and ELLIE_HTTP_PORT to an address that is free."
            ) from None
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._runner.addresses[0][1])

    # --- what Slack tells

    async def _hear(self, request: web.Request) -> web.Response:
        text = await self._body(request)
        if isinstance(text, web.Response):
            return text
        if not _may_be_signed(request):
            return _refused(401, "invalid request")
        body = _parsed(text, request.content_type)
        if body is None:
            return _refused(400, "malformed body")
        try:
            told = _for_bolt(request, text)
        except Exception:
            return _refused(400, "malformed body")
        try:
            answer = await self._app.async_dispatch(told)
        except Exception as error:  # the edge: Slack tells it again
            report(log, "a request of Slack's", error)
            return web.Response(status=500)
        if answer.status == 404 and body.get("type") in UNHEARD:
            if body["type"] == "app_rate_limited":
                log.warning("Slack leaves out events of %s: too many", body.get("team_id"))
            return web.Response()
        return await to_aiohttp_response(answer)

    async def _body(self, request: web.Request) -> str | web.Response:
        """The body as text, or why there is none."""
        if (request.content_length or 0) > self._max_bytes:
            return _refused(413, "too large")
        try:
            async with asyncio.timeout(self._body_seconds):
                return (await request.read()).decode()
        except web.HTTPRequestEntityTooLarge:
            return _refused(413, "too large")
        except TimeoutError:
            return _refused(408, "too slow")
        except (UnicodeDecodeError, web.RequestPayloadError):
            return _refused(400, "malformed body")

    # --- what people and watchmen open

    async def _install(self, request: web.Request) -> web.Response:
        return await self._show(request, lambda flow: flow.handle_installation)

    async def _come_back(self, request: web.Request) -> web.Response:
        return await self._show(request, lambda flow: flow.handle_callback)

    async def _show(
        self, request: web.Request, which: Callable[[AsyncOAuthFlow], Answer]
    ) -> web.Response:
        if self._flow is None:
            raise web.HTTPNotFound
        try:
            answer = await which(self._flow)(_for_bolt(request, ""))
            return await to_aiohttp_response(answer)
        except Exception as error:  # the edge: a person gets a line
            report(log, "a page", error)
            return web.Response(status=500, text=FAILED)

    async def _live(self, request: web.Request) -> web.Response:
        return web.Response(text="ok\n")

    async def _ready(self, request: web.Request) -> web.Response:
        ready = await self._is_ready()
        return web.Response(status=200 if ready else 503, text="ok\n" if ready else "not ready\n")


def _for_bolt(request: web.Request, body: str) -> AsyncBoltRequest:
    headers: dict[str, str | Sequence[str]] = {**request.headers}
    return AsyncBoltRequest(body=body, query=request.query_string, headers=headers)


def _refused(status: int, why: str) -> web.Response:
    answer = web.json_response({"error": why}, status=status)
    if status in {408, 413}:  # the rest of the body is not waited for
        answer.force_close()
    return answer


def _may_be_signed(request: web.Request) -> bool:
    """Whether the headers are such that the signature can be compared at all."""
    stamp = request.headers.get("X-Slack-Request-Timestamp", "")
    signature = request.headers.get("X-Slack-Signature", "")
    return stamp.isascii() and stamp.isdigit() and len(stamp) <= 12 and signature.isascii()


def _parsed(text: str, kind: str) -> dict[str, object] | None:
    """The body as Bolt would read it; None: it is nothing that Slack would send."""
    try:
        if kind == "application/json" or text.startswith("{"):
            body = json.loads(text)
        else:
            fields = parse_qs(text, keep_blank_values=True, max_num_fields=1000)
            body = {name: values[-1] for name, values in fields.items()}
            if "payload" in body:
                body = json.loads(body["payload"])
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not isinstance(body.get("event", {}), dict):
        return None
    return body or None
