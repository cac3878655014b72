"""Slack as a `Platform`: start reading here. It connects, hears, and shows the replies."""

import asyncio
import logging
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import aiohttp
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackClientError

from adapters.slack import surfaces
from adapters.slack.app import listen, listen_to_the_rest, make_app
from adapters.slack.delivery import Delivery
from adapters.slack.files import SLACK_HOSTS
from adapters.slack.given import Given
from adapters.slack.guests import Guests
from adapters.slack.hearing import Hearing
from adapters.slack.http import HttpDoor
from adapters.slack.installed import Installed, installed
from adapters.slack.leaving import Leaving
from adapters.slack.normalise import PLATFORM
from adapters.slack.oauth import oauth_flow
from adapters.slack.office import Office
from adapters.slack.places import Places
from adapters.slack.postbox import MessageGone, Postbox
from adapters.slack.refusals import why
from adapters.slack.settings import SlackSettings
from adapters.slack.socket import listen_on_socket
from adapters.slack.status import Status
from adapters.slack.streams import Streams
from adapters.slack.workspaces import Workspaces, make_client
from adapters.wording.attachments import FileRules
from bot.errors import BotError, report
from bot.ports import Core
from bot.types import Conversation, PendingTurn, TurnId

log = logging.getLogger(__name__)

REQUEST_SECONDS = 30
GO_ON_SECONDS = 60


class SlackAdapter(AbstractAsyncContextManager["SlackAdapter"]):
    """The platform. `async with` keeps the connection until the last reply is shown."""

    name = PLATFORM

    def __init__(
        self,
        settings: SlackSettings,
        tell: Callable[[str], None] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`tell` says to who started Ellie what is connected; None: on the standard error.

        `clock`: now, in seconds since 1970: tokens end by it.
        """
        self._clock = clock
        self._settings = settings
        self._tell = tell or (lambda line: print(line, file=sys.stderr, flush=True))
        self._session: aiohttp.ClientSession | None = None
        self._tasks: asyncio.TaskGroup | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._recovered: set[TurnId] = set()
        self._gone_on: set[Conversation] = set()
        self._streams = Streams()
        self._core: Core
        self._postbox: Postbox
        self._given: Given
        self._office: Office
        self._listening = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=REQUEST_SECONDS))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    # --- the connection

    async def run(self, core: Core) -> None:
        """Listen until cancelled. Raises PlatformRefused where Slack refuses a token.

        What an earlier process took in, or left unanswered, is dealt with first.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                try:
                    await self._listen(core, tasks)
                finally:
                    self._tasks = None
                    for task in self._running:
                        task.cancel()
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None

    async def _listen(self, core: Core, tasks: asyncio.TaskGroup) -> None:
        """Make all parts, hang them together, and open the doors."""
        settings, session = self._settings, self._session
        assert session is not None  # `async with` came first
        there = await installed(settings, core, session, self._clock)
        app, hearing = self._wire(core, there.workspaces, session)
        Leaving(core, there.workspaces, there.installations).register(app)
        listen_to_the_rest(app)
        await self._go_on(core, hearing)
        always = [
            tasks.create_task(self._postbox.keep_paying()),
            tasks.create_task(self._keep_going_on(core, hearing)),
        ]
        try:
            await self._open_doors(core, app, there, session)
        finally:
            for task in always:
                task.cancel()

    def _wire(
        self, core: Core, workspaces: Workspaces, session: aiohttp.ClientSession
    ) -> tuple[AsyncApp, Hearing]:
        settings = self._settings
        status = Status(workspaces)
        self._core, self._given = core, Given(core, status)
        self._postbox = Postbox(workspaces, settings.pace)
        self._office = office = Office(
            core=core,
            workspaces=workspaces,
            places=Places(Guests(self._start)),
            admins=settings.admins,
            models=settings.models,
            do=self._do,
        )
        app = make_app(workspaces.client(), settings.signing_secret)
        desk = surfaces.register(app, office)
        hosts = SLACK_HOSTS | {urlsplit(settings.api).hostname or ""}
        rules = FileRules(settings.text_bytes, settings.image_bytes, hosts)
        hearing = Hearing(
            office,
            desk,
            self._postbox,
            status,
            session,
            rules,
            self._given.was_stopped,
            settings.pace,
        )
        listen(app, hearing, office, self._given)
        return app, hearing

    async def _open_doors(
        self,
        core: Core,
        app: AsyncApp,
        there: Installed,
        session: aiohttp.ClientSession,
    ) -> None:
        """Listen at one door or both, until cancelled."""
        settings = self._settings

        def opened() -> None:
            if not self._listening.is_set():
                self._listening.set()
                self._tell(there.greeting)

        async with AsyncExitStack() as doors:
            if settings.signing_secret is not None:
                flow = None
                if there.installations is not None:
                    flow = oauth_flow(
                        core,
                        there.installations,
                        make_client(settings.api, session),
                        client_id=settings.client_id or "",
                        client_secret=settings.client_secret or "",
                        public_url=settings.public_url or "",
                        authorize=urljoin(settings.api, "/oauth/v2/authorize"),
                    )
                self.door = await doors.enter_async_context(
                    HttpDoor(app, flow, self.is_ready, host=settings.host, port=settings.port)
                )
                self._tell(f"Slack: listening on {settings.host}, port {self.door.port}.")
            if settings.app_token is not None:
                await listen_on_socket(app, settings.app_token, opened, settings.pace)
            else:
                opened()
                await asyncio.Event().wait()

    async def _go_on(self, core: Core, hearing: Hearing) -> None:
        """Deal with what an earlier process left, or one that has ended meanwhile.

        A conversation is gone on with once: what fails then would fail again.
        """
        await hearing.go_on()
        for conversation in await core.unanswered(PLATFORM):
            if conversation not in self._gone_on:
                self._gone_on.add(conversation)
                reach = await self._office.reach_now(conversation)
                self._recovered.update(await core.resume(conversation, reach))

    async def _keep_going_on(self, core: Core, hearing: Hearing) -> None:
        """Another process at the same file may end while this one runs."""
        while True:
            await asyncio.sleep(GO_ON_SECONDS * self._settings.pace)
            try:
                await self._go_on(core, hearing)
            except BotError as error:
                log.warning("what another process left: %s", error)

    def _do(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do it in a task of ours; what it raises is logged without what anybody said."""

        async def attempt() -> None:
            try:
                await work()
            except BotError as error:
                log.warning("%s", error)
            except SlackClientError as error:
                log.warning("Slack refused: %s", why(error))
            except Exception as error:  # nothing that one request does ends the others
                report(log, "something for Slack", error)

        self._start(attempt())

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        if self._tasks is None:  # Ellie is stopping: what was taken in waits for the next start
            work.close()
            return
        task = self._tasks.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def heard(self) -> None:
        """Wait until all that was taken in so far has been dealt with."""
        while self._running:
            await asyncio.wait(self._running)

    async def until_listening(self) -> None:
        """Wait until Slack is heard."""
        await self._listening.wait()

    async def is_ready(self) -> bool:
        """Whether what Slack sends now is heard."""
        return self._listening.is_set()

    # --- replies

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """Show a reply as its pieces come; see `Platform.deliver`."""
        core = self._core
        home = await self._office.home_of(turn.scope) if turn.outsider else None

        async def posted(ts: str) -> None:
            await core.shown(turn.id, ts)

        delivery = Delivery(
            self._postbox,
            self._streams,
            turn,
            posted,
            pace=self._settings.pace,
            recovered=turn.id in self._recovered,
            home=home,
        )
        self._given.begin(turn)
        try:
            await delivery.show(pieces)
        except MessageGone:  # whoever deleted the reply wants no more of it
            await core.cancel(turn.conversation)
            await asyncio.sleep(0)
        finally:
            await self._given.end(turn)
