"""Discord as a `Platform`: connects, stays connected, and shows the replies."""

import asyncio
import logging
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import discord
from discord.backoff import ExponentialBackoff

from adapters.discord.attachments import DISCORD_HOSTS
from adapters.discord.client import invite_link, make_client
from adapters.discord.delivery import Delivery
from adapters.discord.hearing import Hearing
from adapters.discord.normalise import DM_SPACE, PLATFORM
from adapters.discord.postbox import MessageGone, Postbox
from adapters.discord.slash import register
from adapters.discord.syncing import sync
from adapters.wording.attachments import FileRules
from bot.errors import BotError, PlatformRefused
from bot.ports import ERASED, Core
from bot.types import PendingTurn, TurnId

log = logging.getLogger(__name__)

BAD_TOKEN = (
    "Discord does not accept DISCORD_TOKEN: copy it anew in the Developer Portal under "
    "your application > Bot > Reset Token."
)
MISSING_INTENT = (
    "Discord refuses the message-content intent: turn it on in the Developer Portal under your "
    "application > Bot > Privileged Gateway Intents > Message Content Intent, or set "
    "DISCORD_MESSAGE_CONTENT=false."
)
ONLY_MENTIONS = (
    "\n-# In threads and channels I see only messages that mention me or reply to me with a ping."
)
_CLOSED_FOR_GOOD = {4004: BAD_TOKEN, 4013: MISSING_INTENT, 4014: MISSING_INTENT}
TURNS_KNOWN = 1000


@dataclass(frozen=True, slots=True)
class DiscordSettings:
    """What Ellie's settings say about Discord. `pace` 1: edits of a reply a second apart."""

    token: str
    message_content: bool = False
    user_install: bool = False
    models: tuple[str, ...] = ()
    text_bytes: int = 100_000
    image_bytes: int = 0
    hosts: Collection[str] = DISCORD_HOSTS
    pace: float = 1.0


class DiscordAdapter(AbstractAsyncContextManager["DiscordAdapter"]):
    """The platform. `async with` keeps the connection until the last reply is shown."""

    name = PLATFORM

    def __init__(
        self, settings: DiscordSettings, tell: Callable[[str], None] | None = None
    ) -> None:
        """`tell` says to who started Ellie what is connected; None: on the standard error."""
        self._settings = settings
        self._tell = tell or (lambda line: print(line, file=sys.stderr, flush=True))
        self._postbox = Postbox(settings.pace)
        self._client: discord.Client | None = None
        self._core: Core | None = None
        self._given: dict[TurnId, PendingTurn] = {}
        self._hearing: Hearing | None = None
        self._sharded: bool | None = None
        self._greeted = False
        self._taken_back: OrderedDict[TurnId, int] = OrderedDict()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._hang_up()

    # --- the connection

    async def run(self, core: Core) -> None:
        """Listen until cancelled. Raises PlatformRefused for a bad token or a missing intent.

        Whatever else ends the connection, a new one is made, and what was missed is read. The last
        one stays for the replies under way: leaving the `async with` ends it.
        """
        backoff: ExponentialBackoff[bool] = ExponentialBackoff()
        async with asyncio.TaskGroup() as tasks:
            hearing = self.open_ears(core, tasks)
            paying = tasks.create_task(self._postbox.keep_paying())
            try:
                while (fault := await self._connect(hearing)) is None:
                    await self._hang_up()
                    await asyncio.sleep(backoff.delay() * self._settings.pace)
            finally:
                with suppress(BotError):
                    await hearing.note()
            paying.cancel()
            hearing.end()
        raise PlatformRefused(fault)

    def open_ears(self, core: Core, tasks: asyncio.TaskGroup) -> Hearing:
        """What hears the clients to come and tells the core; its tasks live in `tasks`."""
        settings = self._settings
        self._core = core
        self._hearing = Hearing(
            core,
            tasks,
            self._postbox,
            FileRules(settings.text_bytes, settings.image_bytes, settings.hosts),
            start=self._start,
            greet=self._greet,
            stop=self.stop_reply,
        )
        return self._hearing

    def make_client(self, hearing: Hearing, *, sharded: bool = False) -> discord.Client:
        """A client that is not logged in yet."""
        settings = self._settings
        self._client = make_client(
            hearing, message_content=settings.message_content, sharded=sharded, pace=settings.pace
        )
        return self._client

    async def _connect(self, hearing: Hearing) -> str | None:
        """One connection until it ends; what to do where another one would fare no better."""
        try:
            if self._sharded is None:
                self._sharded = await self._is_large()
            client = self.make_client(hearing, sharded=self._sharded)
            await client.start(self._settings.token)
        except discord.LoginFailure:
            return BAD_TOKEN
        except discord.PrivilegedIntentsRequired:
            return MISSING_INTENT
        except discord.ConnectionClosed as error:
            log.warning("Discord closed the connection (%s)", error.code)
            self._sharded = None  # 4011: one connection is too few by now
            return _CLOSED_FOR_GOOD.get(error.code)
        except Exception as error:  # the supervised connection: nothing else ends Ellie
            log.warning("the connection to Discord broke (%s)", type(error).__name__)
            log.debug("connection", exc_info=True)
        return None

    async def _is_large(self) -> bool:
        """Whether Discord recommends more than one shard."""
        async with discord.Client(intents=discord.Intents(guilds=True)) as client:
            await client.login(self._settings.token)
            shards, *_ = await client.http.get_bot_gateway()
        return int(shards) > 1

    async def _start(self, client: discord.Client) -> None:
        """A client is logged in and not connected yet: give it commands, and post through it."""
        core = self._core
        assert core is not None  # `open_ears` came first
        tree = discord.app_commands.CommandTree(client)
        register(
            client, tree, core, user_install=self._settings.user_install,
            models=self._settings.models,
        )  # fmt: skip
        await sync(tree, core)
        self._postbox.open(client)

    async def _hang_up(self) -> None:
        self._postbox.close()
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _greet(self) -> None:
        """All servers are known: say so once, and go on with what was left unanswered."""
        core, client = self._core, self._client
        if core is None or client is None or client.application_id is None:
            return
        if not self._greeted:
            self._greeted = True
            self._tell(f"Discord: connected as {client.user}, in {len(client.guilds)} servers.")
            self._tell(f"Invite me with {invite_link(client.application_id)}")
        await core.in_spaces(PLATFORM, {DM_SPACE, *(str(guild.id) for guild in client.guilds)})
        for conversation in await core.unanswered(PLATFORM):
            await core.resume(conversation)

    async def heard(self) -> None:
        """Wait until all that Discord told so far has been dealt with."""
        if self._hearing is not None:
            await self._hearing.heard()

    @property
    def client(self) -> discord.Client | None:
        """The client of the newest connection; None: there was none yet, or it was given up."""
        return self._client

    @property
    def is_up_to_date(self) -> bool:
        """Whether Ellie is connected, and has read what she had missed."""
        return self._hearing is not None and self._hearing.is_up_to_date

    # --- replies

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """Show a reply as its pieces come; see `Platform.deliver`."""
        core = self._core
        assert core is not None  # it is the core that calls

        async def posted(message_id: int) -> None:
            await core.shown(turn.id, str(message_id))

        delivery = Delivery(
            self._postbox,
            turn,
            posted,
            pace=self._settings.pace,
            ending=await self._ending(core, turn),
            tries=self._taken_back.get(turn.id, 0),
        )
        self._given[turn.id] = turn
        try:
            await delivery.show(pieces)
        except MessageGone:  # whoever deleted the reply wants no more of it
            await core.cancel(turn.conversation)
            await asyncio.sleep(0)
        except asyncio.CancelledError as error:
            if ERASED in error.args:
                self._note_taken_back(turn.id)
            raise
        finally:
            self._given.pop(turn.id, None)

    async def stop_reply(self, turn: TurnId) -> None:
        """Stop the reply to a turn, if it is still being given."""
        if self._core is not None and turn in self._given:
            await self._core.cancel(self._given[turn].conversation)

    def _note_taken_back(self, turn: TurnId) -> None:
        """The next try is another message: Discord would give back the one that was deleted."""
        self._taken_back[turn] = self._taken_back.pop(turn, 0) + 1
        while len(self._taken_back) > TURNS_KNOWN:
            self._taken_back.popitem(last=False)

    async def _ending(self, core: Core, turn: PendingTurn) -> str:
        """What a server is told once: that without the intent Ellie hears mentions only."""
        where = turn.conversation
        if self._settings.message_content:
            return ""
        settings = await core.space_settings(PLATFORM, where.space)
        if "/" not in where.key and where.channel not in settings.free:
            return ""
        told = not await core.note(PLATFORM, where.space, "only-mentions", "told")
        return "" if told else ONLY_MENTIONS
