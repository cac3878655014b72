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
from adapters.slack.installations import Installations
from adapters.slack.leaving import Leaving
from adapters.slack.manifest import INSTALL_PATH
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
from adapters.slack.workspaces import Token, Tokens, Workspaces, asked_until_told, make_client
from adapters.wording.attachments import FileRules
from bot.errors import BotError, report
from bot.ports import Core
from bot.types import PendingTurn, TurnId

log = logging.getLogger(__name__)

REQUEST_SECONDS = 30


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
        installations: Installations | None = None
        workspaces: Workspaces
        if settings.bot_token is not None:
            tokens, greeting = await self._one_workspace(core, session, settings.bot_token)
        else:
            assert settings.client_id is not None
            assert settings.client_secret is not None
            installations = Installations(
                core,
                make_client(settings.api, session),
                settings.client_id,
                settings.client_secret,
                changed=lambda space: workspaces.forget(space),
                clock=self._clock,
            )
            tokens = installations.token
            greeting = f"Slack: workspaces can add me at {settings.public_url}{INSTALL_PATH}"
        workspaces = Workspaces(
            settings.api, session, tokens, self._clock, may_return=settings.bot_token is not None
        )
        app, hearing = self._wire(core, workspaces, session)
        Leaving(core, workspaces, installations).register(app)
        listen_to_the_rest(app)
        await self._go_on(core, hearing)
        paying = tasks.create_task(self._postbox.keep_paying())
        try:
            await self._open_doors(core, app, installations, session, greeting)
        finally:
            paying.cancel()

    async def _one_workspace(
        self, core: Core, session: aiohttp.ClientSession, token: str
    ) -> tuple[Tokens, str]:
        """The one token, for its workspace alone, and what to say of it.

        Of an app that is installed in a whole organisation it is for all workspaces of that.
        Raises PlatformRefused where Slack does not accept it.
        """
        told = await asked_until_told(
            make_client(self._settings.api, session), token, self._settings.pace
        )
        home, everywhere = told["team_id"], bool(told.get("is_enterprise_install"))
        await core.joined(PLATFORM, home)  # she may have been removed before, and come back

        async def tokens(space: str, _: str | None) -> Token | None:
            return Token(token) if everywhere or space == home else None

        return tokens, f"Slack: connected as {told.get('user')} in {told.get('team')}."

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
            stop=self._given.stop,
        )
        app = make_app(workspaces.client(), settings.signing_secret)
        desk = surfaces.register(app, office)
        hosts = SLACK_HOSTS | {urlsplit(settings.api).hostname or ""}
        rules = FileRules(settings.text_bytes, settings.image_bytes, hosts)
        hearing = Hearing(office, desk, self._postbox, status, session, rules, settings.pace)
        listen(app, hearing, office, self._given)
        return app, hearing

    async def _open_doors(
        self,
        core: Core,
        app: AsyncApp,
        installations: Installations | None,
        session: aiohttp.ClientSession,
        greeting: str,
    ) -> None:
        """Listen at one door or both, until cancelled."""
        settings = self._settings

        def opened() -> None:
            if not self._listening.is_set():
                self._listening.set()
                self._tell(greeting)

        async with AsyncExitStack() as doors:
            if settings.signing_secret is not None:
                flow = None
                if installations is not None:
                    flow = oauth_flow(
                        core,
                        installations,
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
        """Deal with what an earlier process left."""
        await hearing.go_on()
        for conversation in await core.unanswered(PLATFORM):
            reach = await self._office.reach_now(conversation)
            self._recovered.update(await core.resume(conversation, reach))

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
