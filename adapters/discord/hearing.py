"""Hears what happens on Discord, each conversation in its own order, and tells the core."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from weakref import WeakValueDictionary

import discord

from adapters.discord.addressing import For, for_whom, is_person
from adapters.discord.attachments import attachments
from adapters.discord.missed import Missed
from adapters.discord.normalise import (
    DM_SPACE,
    PLATFORM,
    Talk,
    audience_of,
    conversation_of,
    is_forward,
    named,
    normalise_message,
    own_text,
    replies_to,
)
from adapters.discord.places import Places
from adapters.discord.postbox import Postbox
from adapters.wording.attachments import FileRules, read_files
from bot.errors import BotError, report
from bot.ports import Core
from bot.quotes import attached
from bot.space_settings import SpaceSettings
from bot.types import Audience, Conversation, IncomingMessage, Scope, TurnId, narrower

log = logging.getLogger(__name__)

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
        self._places = Places(postbox)
        self._missed = Missed(core, self._places)
        self._locks: WeakValueDictionary[Conversation, asyncio.Lock] = WeakValueDictionary()
        self._read_on = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()

    async def heard(self) -> None:
        """Wait until all that was told so far has been dealt with."""
        while self._running:
            await asyncio.wait(self._running)

    @property
    def is_up_to_date(self) -> bool:
        """Whether what was missed has been read since the newest session began."""
        return self._read_on.is_set()

    async def note(self) -> None:
        """Keep for the next start how far Discord told."""
        await self._missed.note()

    def end(self) -> None:
        """Hear nothing any more: what is under way is given up."""
        for task in self._running:
            task.cancel()

    # --- what Discord tells

    async def start(self, client: discord.Client) -> None:
        """See `Ears`."""
        self._places.use(client)
        await self._start(client)

    def hear(self, message: discord.Message) -> None:
        """See `Ears`."""
        if is_person(message):
            where = conversation_of(message.channel)
            if self._missed.see(where.space, message.id) and self._read_on.is_set():
                self._do(None, self._missed.note)
            readers = _readers(message.channel)
            self._do(where, partial(self._hear, message, readers, gate=True))

    def see_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """See `Ears`."""
        message = payload.message
        if payload.data.get("edited_timestamp") is None or not is_person(message):
            return  # its links were looked at, or it is nobody's
        if message.content or message.attachments:  # without the intent there is nothing to see
            readers = _readers(message.channel)
            self._do(conversation_of(message.channel), partial(self._edit, message, readers))

    def see_deletion(self, guild_id: int | None, channel_id: int, ids: Sequence[int]) -> None:
        """See `Ears`."""
        self._do(None, partial(self._delete, guild_id, channel_id, ids))

    def see_channel_gone(self, guild_id: int, channel_id: int, thread_id: int | None) -> None:
        """See `Ears`."""
        key = str(channel_id) if thread_id is None else f"{channel_id}/{thread_id}"

        async def erase() -> None:
            await self._heard_in(str(guild_id), key)
            await self._core.channel_gone(PLATFORM, str(guild_id), key)

        self._do(None, erase)

    def see_connected(self) -> None:
        """See `Ears`."""
        self._missed.begin()
        self._read_on.clear()

    def see_ready(self, *, all_servers: bool) -> None:
        """See `Ears`."""
        if all_servers:
            self._do(None, self._greet)
        self._do(None, self._catch_up)

    def see_server(self, guild_id: int, *, left: bool) -> None:
        """See `Ears`."""

        async def tell() -> None:
            await self._heard_in(str(guild_id))
            await (self._core.left if left else self._core.joined)(PLATFORM, str(guild_id))

        self._do(None, tell)

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

    async def _heard_in(self, space: str, key: str | None = None) -> None:
        """Wait until what is being heard in a space, or in a channel of it, has been."""
        for where, lock in list(self._locks.items()):
            inside = key is None or f"{where.key}/".startswith(f"{key}/")
            if where.space == space and inside:
                async with lock:
                    pass

    async def _hear(
        self, message: discord.Message, readers: Audience | None, *, gate: bool
    ) -> None:
        if gate and not self._read_on.is_set():
            try:
                async with asyncio.timeout(GATE_SECONDS):
                    await self._read_on.wait()
            except TimeoutError:
                log.warning("what was missed is still being read: going on without it")
        channel = await self._places.whole(message.channel)
        meant = await self._meant(message, channel)
        if meant is For.NOBODY:
            return
        if meant is For.OTHERS:
            await self._core.overhear(await self._normalise(message, channel, readers))
            return
        if not self._places.can_write(channel):
            log.info("channel %d: no permission to write there", channel.id)
            return
        where = conversation_of(channel)
        if await self._core.ignores(Scope(PLATFORM, where.space, str(message.author.id))):
            return
        # Before anything is read or written: that takes its time where many speak at once.
        self._do(None, partial(self._postbox.show_typing, where))
        await self._hear_replied(message, channel)
        await self._core.receive(await self._normalise(message, channel, readers))

    async def _meant(self, message: discord.Message, channel: Talk) -> For:
        """Who it is for; `OTHERS` only where bystanders may be heard."""
        where = conversation_of(channel)
        settings = _EVERYTHING
        takes_part = False
        if where.space != DM_SPACE:
            settings = await self._core.space_settings(PLATFORM, where.space)
            if where.channel in settings.threads and "/" in where.key:
                takes_part = await self._core.takes_part(where)
        matter = bool(settings.allowed_roles or settings.blocked_roles)
        roles = await self._places.roles_of(message, channel) if matter else set()
        if roles is None:
            return For.NOBODY
        me = self._places.me
        meant = for_whom(message, channel, me, settings, roles, takes_part=takes_part)
        if meant is For.OTHERS and where.channel not in settings.ambient:
            return For.NOBODY
        return meant

    async def _hear_replied(self, message: discord.Message, channel: Talk) -> None:
        """What the message replies to is what it is about: it becomes history, if it is known."""
        reference = message.reference
        if reference is None or replies_to(message) is None:
            return  # forwarded, and from a place that others read
        replied = reference.resolved
        if isinstance(replied, discord.Message) and is_person(replied) and replied.content:
            await self._core.overhear(await self._normalise(replied, channel, None, files=False))

    async def _normalise(
        self,
        message: discord.Message,
        channel: Talk,
        readers: Audience | None,
        *,
        files: bool = True,
    ) -> IncomingMessage:
        """All that a message says: own words, names of what is no text, files, forwarded text.

        `readers` could read it when it came; of these and those of now, the narrower. None: it was
        not known then.
        """
        text = "\n".join(filter(None, [own_text(message, self._places.me), *named(message)]))
        found = await read_files(attachments(message.attachments if files else ()), self._rules)
        text += found.text
        if is_forward(message):
            for snapshot in message.message_snapshots:
                text += attached("forwarded message", snapshot.content)
        text = text.strip() or "@Ellie"  # called, and nothing more said
        now = audience_of(channel)
        audience = now if readers is None else narrower(readers, now)
        return normalise_message(message, channel, text, audience=audience, images=found.images)

    async def _edit(self, message: discord.Message, readers: Audience | None) -> None:
        channel = await self._places.whole(message.channel)
        await self._core.edited(await self._normalise(message, channel, readers))

    async def _delete(self, guild_id: int | None, channel_id: int, ids: Sequence[int]) -> None:
        where = Conversation(PLATFORM, DM_SPACE, str(channel_id))
        if guild_id is not None:
            where = await self._where(guild_id, channel_id)
        await self._core.deleted(where, [str(one) for one in ids])

    async def _where(self, guild_id: int, channel_id: int) -> Conversation:
        """The conversation of a channel or thread, also of one that Discord tells of no more."""
        known = self._places.known(guild_id, channel_id)
        if known is not None:
            return conversation_of(known)
        space, key = str(guild_id), str(channel_id)
        kept = await self._core.conversation_of(PLATFORM, space, key)
        return kept or Conversation(PLATFORM, space, key)

    # --- after a break

    async def _catch_up(self) -> None:
        """Read what was said meanwhile where people talked in the last hour; then go on."""
        try:
            await self._missed.read_on(lambda message: self._hear(message, None, gate=False))
        finally:
            self._read_on.set()


def _readers(channel: Talk) -> Audience | None:
    """Who can read a channel this moment; None: Discord did not tell of the channel yet."""
    return None if isinstance(channel, discord.PartialMessageable) else audience_of(channel)
