"""The loopback Slack itself: opened, closed, and its bad days."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from tests.servers.slack.agent_methods import AgentMethods
from tests.servers.slack.chat_methods import ChatMethods
from tests.servers.slack.faults import Bucket, Fault, Hold
from tests.servers.slack.file_methods import FileMethods
from tests.servers.slack.ground import Clock, Json
from tests.servers.slack.happenings import Happening
from tests.servers.slack.parcels import Parcel
from tests.servers.slack.place_methods import PlaceMethods
from tests.servers.slack.posts import Posted, Posts
from tests.servers.slack.sockets import Socket, Sockets
from tests.servers.slack.stream_methods import StreamMethods
from tests.servers.slack.view_methods import ViewMethods
from tests.servers.slack.webapi import Asking, Call, Method, WebApi


class SlackServer(Happening):
    """127.0.0.1, a free port; `api` (ends with /api/) and `host` are there once it is entered."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.api = ""
        self.host = ""
        """`127.0.0.1:port`: where files and response_urls are as well."""
        self.sockets = Sockets(self, self.deliveries.acked)
        self.sockets.app_id = self.app_id
        self.sockets.opened = self.deliveries.flush
        self.sockets.failed = self._socket_failed
        self.deliveries.carrier = self.sockets
        self.posts = Posts(
            self, lambda: self.signing_secret, self.deliveries.acked, self.deliveries.failed
        )
        chat = ChatMethods(self)
        self._files = FileMethods(self, chat)
        self._web = WebApi(self, self._methods(chat))
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_get("/link", self.sockets.serve)
        app.router.add_post("/actions/{at}/{id}", self.serve_response)
        app.router.add_route("*", "/api/{method}", self._web.serve)
        app.router.add_post("/upload/v1/{id}", self._files.serve_upload)
        app.router.add_get("/files-pri/{id}/{name}", self._files.serve_file)
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await runner.setup()
        self._open.push_async_callback(runner.cleanup)
        self.posts.session = await self._open.enter_async_context(aiohttp.ClientSession())
        self.posts.tasks = await self._open.enter_async_context(asyncio.TaskGroup())
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        self.host = f"{host}:{port}"
        self.base = f"http://{self.host}"
        self.api = f"{self.base}/api/"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.faults.release()
        self.drop()
        self.posts.stop()
        await self._open.__aexit__(kind, error, traceback)

    def _methods(self, chat: ChatMethods) -> dict[str, Method]:
        own: dict[str, Method] = {
            "api.test": lambda asking: {"args": asking.args},
            "apps.connections.open": self._open_connection,
        }
        own |= self.method_table() | self._files.table()
        own |= chat.table() | PlaceMethods(self).table() | AgentMethods(self).table()
        own |= ViewMethods(self).table()
        return own | StreamMethods(self, chat).table()

    def _open_connection(self, asking: Asking) -> Json:
        link = f"ws://{self.host}/link?ticket={self.sockets.ticket()}&app_id={self.app_id}"
        return {"url": link}

    def _socket_failed(self, parcel: Parcel, reason: str) -> None:
        self.deliveries.failed(parcel, reason, at_once=True)

    def calls(self, method: str | None = None) -> list[Call]:
        """What the app asked of the Web API, oldest first; refused calls as well."""
        return [c for c in self._web.calls if method in (None, c.method)]

    @property
    def delivered(self) -> list[Parcel]:
        """Everything that was to go to the app, oldest first."""
        return self.deliveries.parcels

    def http_target(self, url: str | None) -> None:
        """Post everything to this URL from now on, signed; None: Socket Mode again.

        What waits goes out at once.
        """
        self.posts.url = url or ""
        self.deliveries.carrier = self.posts if url else self.sockets
        self.deliveries.flush()

    async def challenge(self) -> bool:
        """Does the app answer `url_verification`?"""
        return await self.posts.challenge()

    @property
    def posted(self) -> list[Posted]:
        """The requests that were posted to the app, with headers, body and answer."""
        return self.posts.posted

    async def flush(self) -> None:
        for socket in [*self.sockets.open]:
            await socket.outbox.flush()

    async def heard(self) -> None:
        """Wait until everything that was sent has been acknowledged, or is lost."""
        await self.until(lambda: all(p.acked or p.lost for p in self.delivered))

    async def next_attempt(self, parcel: Parcel) -> None:
        """Advance the clock just so far that the event is delivered once more, or lost."""
        before = parcel.attempts
        while parcel.attempts == before and not (parcel.acked or parcel.lost):
            assert parcel.timer is not None, "it waits for a way to the app"
            self.clock.advance((parcel.timer.due - self.clock.now()).total_seconds())
        await self.flush()

    def drop(self, socket: Socket | None = None) -> None:
        """Cut this socket, or all, as a cable. What was not acknowledged goes out again."""
        for one in [socket] if socket else [*self.sockets.open]:
            one.abort()

    def drop_before_ack(self, times: int = 1) -> None:
        """The next envelopes: each is sent, and its socket cut before it can be acknowledged."""
        self.sockets.drop_next = times

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Slack tells the oldest socket that it ends: `warning`, `refresh_requested`, …"""
        await self.sockets.disconnect(reason)

    async def duplicate(self, parcel: Parcel) -> None:
        """Deliver it once more, with the same event_id; with two sockets over the other one."""
        self.deliveries.again(parcel)
        await self.flush()

    def hold_events(self) -> None:
        """Keep all events back until `release_events`."""
        self.deliveries.holding = True

    async def release_events(self, order: Callable[[list[Parcel]], list[Parcel]] = list) -> None:
        """Deliver what was kept back; `order` may turn it round or leave some out."""
        self.deliveries.release(order)
        await self.flush()

    def fail(
        self,
        method: str,
        *,
        times: int | None = 1,
        error: str = "internal_error",
        status: int = 200,
        retry_after: int = 0,
        after_commit: bool = False,
        **more: object,
    ) -> None:
        """Answer the next `times` calls of the method so; None: all that follow.

        `error="ratelimited"` is a 429 with Retry-After. Status 500 answers no JSON, status 0 cuts
        the connection. `after_commit`: what was asked is done, only the reply is lost.
        """
        if error == "ratelimited":
            status = 429
        self.faults.waiting.append(
            Fault(method, times, status, error, retry_after, after_commit, dict(more))
        )

    def heal(self) -> None:
        """Forget all faults and limits."""
        self.faults.waiting.clear()
        self.faults.buckets.clear()

    def hold(self, method: str) -> Hold:
        """Calls of this method wait, undone, until `release()`: a slow Slack."""
        hold = Hold(method)
        self.faults.holds.append(hold)
        return hold

    def limit(self, method: str, requests: int, seconds: float) -> None:
        """A real limit: so many calls in so many real seconds for each channel, then 429."""
        self.faults.buckets.append(Bucket(method, requests, seconds))

    def seen(self) -> str:
        asked = [f"{c.method} {str(c.args)[:200]} {c.error or 'ok'}" for c in self._web.calls[-12:]]
        waiting = [f"{p.kind} {p.event_id} {p.state}" for p in self.delivered[-6:]]
        return "\n".join([super().seen(), *asked, *waiting])
