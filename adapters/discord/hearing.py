"""Hears what happens on Discord, each conversation in its own order, and tells the core."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from weakref import WeakValueDictionary

import discord

from adapters.discord.addressing import For, for_whom, is_person
from adapters.discord.attachments import FileRules, read_files
from adapters.discord.normalise import (
    DM_SPACE,
    PLATFORM,
    Talk,
    channel_id_of,
    conversation_of,
    is_forward,
    named,
    normalise_message,
    own_text,
)
from adapters.discord.postbox import Postbox
from bot.errors import BotError, report
from bot.ports import Core
from bot.quotes import attached
from bot.space_settings import SpaceSettings
from bot.types import Conversation, IncomingMessage, Scope, TurnId

log = logging.getLogger(__name__)

ACTIVE = timedelta(hours=1)
READ_CONVERSATIONS, READ_MESSAGES = 50, 100
"""After a break: at most so many conversations of the last hour, and messages of each, are read."""
GATE_SECONDS = 60
"""What comes during the reading waits for it so long, and is then heard out of order."""
_EVERYTHING = SpaceSettings()


class Hearing:
    """The ears (`adapters.discord.client.Ears`). Its tasks live in the group it is given."""

    def __init__(
        self,
        core: Core,
        tasks: asyncio.TaskGroup,
        postbox: Postbox,
        rules: FileRules,
        *,
        start: Callable[[discord.Client], Awaitable[None]],
        greet: Callable[[], Awaitable[None]],
        stop: Callable[[TurnId], Awaitable[None]],
    ) -> None:
        """`start` is given each client that is logged in, `greet` called when all servers are
        known, and `stop` stops the reply to a turn.
        """
        self._core = core
        self._tasks = tasks
        self._postbox = postbox
        self._rules = rules
        self._start = start
        self._greet = greet
        self._stop = stop
        self._client: discord.Client | None = None
        self._locks: WeakValueDictionary[Conversation, asyncio.Lock] = WeakValueDictionary()
        self._read_on = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    async def heard(self) -> None:
        """Wait until all that was told so far has been dealt with."""
        while self._running:
            await asyncio.wait(self._running)

    def end(self) -> None:
        """Hear nothing any more: what is under way is given up."""
        for task in self._running:
            task.cancel()

    # --- what Discord tells

    async def start(self, client: discord.Client) -> None:
        """See `Ears`."""
        self._client = client
        await self._start(client)

    def hear(self, message: discord.Message) -> None:
        """See `Ears`."""
        if is_person(message):
            where = conversation_of(message.channel)
            self._do(where, partial(self._hear, message, gate=True))

    def see_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """See `Ears`."""
        message = payload.message
        if payload.data.get("edited_timestamp") is None or not is_person(message):
            return  # its links were looked at, or it is nobody's
        if message.content or message.attachments:  # without the intent there is nothing to see
            self._do(conversation_of(message.channel), partial(self._edit, message))

    def see_deletion(self, guild_id: int | None, channel_id: int, ids: Sequence[int]) -> None:
        """See `Ears`."""
        self._do(None, partial(self._delete, guild_id, channel_id, ids))

    def see_channel_gone(self, guild_id: int, channel_id: int, thread_id: int | None) -> None:
        """See `Ears`."""
        key = str(channel_id) if thread_id is None else f"{channel_id}/{thread_id}"
        self._do(None, partial(self._core.channel_gone, PLATFORM, str(guild_id), key))

    def see_connected(self) -> None:
        """See `Ears`."""
        self._read_on.clear()

    def see_ready(self, *, all_servers: bool) -> None:
        """See `Ears`."""
        if all_servers:
            self._do(None, self._greet)
        self._do(None, self._catch_up)

    def see_server(self, guild_id: int, *, left: bool) -> None:
        """See `Ears`."""
        tell = self._core.left if left else self._core.joined
        self._do(None, partial(tell, PLATFORM, str(guild_id)))

    async def stop_reply(self, turn: TurnId) -> None:
        """See `Ears`."""
        await self._stop(turn)

    # --- what is done about it

    def _do(self, where: Conversation | None, work: Callable[[], Awaitable[object]]) -> None:
        doing = self._in_order(where, work)
        try:
            task = self._tasks.create_task(doing)
        except RuntimeError:  # Ellie is stopping: it is read after the next start
            doing.close()
            return
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _in_order(
        self, where: Conversation | None, work: Callable[[], Awaitable[object]]
    ) -> None:
        """Locks are fair: what was heard first in a conversation is done first. Never raises."""
        lock = asyncio.Lock() if where is None else self._locks.setdefault(where, asyncio.Lock())
        async with lock:
            try:
                await work()
            except BotError as error:
                log.warning("an event of Discord: %s", error)
            except Exception as error:  # one event that cannot be understood ends nothing
                report(log, "an event of Discord", error)

    async def _hear(self, message: discord.Message, *, gate: bool) -> None:
        if gate and not self._read_on.is_set():
            try:
                async with asyncio.timeout(GATE_SECONDS):
                    await self._read_on.wait()
            except TimeoutError:
                log.warning("what was missed is still being read: going on without it")
        channel = await self._whole(message.channel)
        meant = await self._meant(message, channel)
        if meant is For.NOBODY:
            return
        if meant is For.OTHERS:
            await self._core.overhear(await self._normalise(message, channel))
            return
        if not self._can_write(channel):
            log.info("channel %d: no permission to write there", channel.id)
            return
        where = conversation_of(channel)
        if await self._core.ignores(Scope(PLATFORM, where.space, str(message.author.id))):
            return
        # Before anything is read or written: that takes its time where many speak at once.
        self._tasks.create_task(self._postbox.show_typing(where))
        await self._hear_replied(message, channel)
        await self._core.receive(await self._normalise(message, channel))

    async def _meant(self, message: discord.Message, channel: Talk) -> For:
        """Who it is for; `OTHERS` only where bystanders may be heard."""
        where = conversation_of(channel)
        settings = _EVERYTHING
        takes_part = False
        if where.space != DM_SPACE:
            settings = await self._core.space_settings(PLATFORM, where.space)
            if where.channel in settings.threads and "/" in where.key:
                takes_part = await self._core.takes_part(where)
        meant = for_whom(message, channel, self._me, settings, takes_part=takes_part)
        if meant is For.OTHERS and where.channel not in settings.ambient:
            return For.NOBODY
        return meant

    async def _hear_replied(self, message: discord.Message, channel: Talk) -> None:
        """What the message replies to is what it is about: it becomes history, if it is known."""
        reference = message.reference
        replied = reference.resolved if reference is not None else None
        if isinstance(replied, discord.Message) and is_person(replied) and replied.content:
            await self._core.overhear(await self._normalise(replied, channel, files=False))

    async def _normalise(
        self, message: discord.Message, channel: Talk, *, files: bool = True
    ) -> IncomingMessage:
        """All that a message says: own words, names of what is no text, files, forwarded text."""
        text = "\n".join(filter(None, [own_text(message, self._me), *named(message)]))
        found = await read_files(message.attachments if files else (), self._rules)
        text += found.text
        if is_forward(message):
            for snapshot in message.message_snapshots:
                text += attached("forwarded message", snapshot.content)
        text = text.strip() or "@Ellie"  # called, and nothing more said
        return normalise_message(message, channel, text, images=found.images)

    async def _edit(self, message: discord.Message) -> None:
        channel = await self._whole(message.channel)
        await self._core.edited(await self._normalise(message, channel))

    async def _delete(self, guild_id: int | None, channel_id: int, ids: Sequence[int]) -> None:
        where = Conversation(PLATFORM, DM_SPACE, str(channel_id))
        if guild_id is not None:
            where = conversation_of(await self._channel(guild_id, channel_id))
        await self._core.deleted(where, [str(one) for one in ids])

    # --- after a break

    async def _catch_up(self) -> None:
        """Read what was said meanwhile where people talked in the last hour; then go on."""
        try:
            since = discord.utils.utcnow() - ACTIVE
            active = await self._core.active(PLATFORM, since)
            for where, last in active[:READ_CONVERSATIONS]:
                await self._read(where, last)
        finally:
            self._read_on.set()

    async def _read(self, where: Conversation, last: str) -> None:
        if not last.isdecimal():
            return
        guild_id = None if where.space == DM_SPACE else int(where.space)
        try:
            channel = await self._channel(guild_id, channel_id_of(where))
            after = discord.Object(int(last))
            async for message in channel.history(
                limit=READ_MESSAGES, after=after, oldest_first=True
            ):
                if is_person(message):
                    await self._hear(message, gate=False)
        except discord.HTTPException as error:
            log.info("channel %d cannot be read (HTTP %d)", channel_id_of(where), error.status)

    # --- places

    @property
    def _me(self) -> int:
        user = self._listened.user
        assert user is not None  # it is logged in before it hears anything
        return user.id

    @property
    def _listened(self) -> discord.Client:
        assert self._client is not None
        return self._client

    async def _whole(self, channel: Talk) -> Talk:
        """The channel with what decides who can read it, also where Discord had not told of it."""
        if not isinstance(channel, discord.PartialMessageable) or channel.guild_id is None:
            return channel
        return await self._channel(channel.guild_id, channel.id)

    async def _channel(self, guild_id: int | None, channel_id: int) -> Talk:
        client = self._listened
        guild = None if guild_id is None else client.get_guild(guild_id)
        found: object = None if guild is None else guild.get_channel_or_thread(channel_id)
        if found is None:
            with suppress(discord.DiscordException):  # gone, or closed to Ellie
                found = await client.fetch_channel(channel_id)
        if isinstance(found, Talk):
            return found
        return client.get_partial_messageable(channel_id, guild_id=guild_id)

    def _can_write(self, channel: Talk) -> bool:
        if self._postbox.refuses(channel.id):
            return False
        if isinstance(
            channel, discord.PartialMessageable | discord.DMChannel | discord.GroupChannel
        ):
            return True
        allowed = channel.permissions_for(channel.guild.me)
        if isinstance(channel, discord.Thread):
            return allowed.view_channel and allowed.send_messages_in_threads
        return allowed.view_channel and allowed.send_messages
