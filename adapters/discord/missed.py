"""What was said while no connection told of it: how far Discord told, and from where to read on."""

import logging
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import discord

from adapters.discord.addressing import is_person
from adapters.discord.normalise import DM_SPACE, PLATFORM, channel_id_of
from adapters.discord.places import Places
from bot.errors import report
from bot.ports import Core
from bot.types import Conversation

log = logging.getLogger(__name__)

ACTIVE = timedelta(hours=1)
READ_CONVERSATIONS, READ_MESSAGES = 50, 100
"""At most so many conversations are read on, and messages of each."""
NOTED = "seen"
NOTE_SECONDS = 60


class Missed:
    """The newest message that was told of each server, whether it was answered or ignored.

    What was ignored once (its person had opted out, the channel was not free) is not read again.
    """

    def __init__(self, core: Core, places: Places) -> None:
        self._core = core
        self._places = places
        self._seen: dict[str, int] = {}
        self._told: dict[str, int] = {}
        self._before = 0
        self._noted_at = time.monotonic()

    def see(self, space: str, message_id: int) -> bool:
        """Note a message that was told. True: it is time to `note` that for the next start."""
        self._seen[space] = max(message_id, self._seen.get(space, 0))
        return time.monotonic() - self._noted_at > NOTE_SECONDS

    def begin(self) -> None:
        """A new session begins: what was seen until now was told by the last one."""
        self._told = dict(self._seen)

    async def note(self) -> None:
        """Keep for the next start how far Discord told."""
        self._noted_at = time.monotonic()
        if self._seen:
            await self._core.note(PLATFORM, "", NOTED, str(max(self._seen.values())))

    async def read_on(self, hear: Callable[[discord.Message], Awaitable[None]]) -> None:
        """Hear what was missed where people talked in the last hour, oldest first in each place."""
        noted = await self._core.noted(PLATFORM, "", NOTED)
        before = int(noted) if noted and noted.isdecimal() else 0  # told to an earlier process
        active = await self._core.active(PLATFORM, discord.utils.utcnow() - ACTIVE)
        for where, last in active[:READ_CONVERSATIONS]:
            if not last.isdecimal():
                continue
            after = max(int(last), self._told.get(where.space, before))
            try:
                await self._read(where, after, hear)
            except discord.HTTPException as error:
                log.info("channel %d cannot be read (HTTP %d)", channel_id_of(where), error.status)
            except Exception as error:  # one that cannot be read leaves the others
                report(log, f"reading on in channel {channel_id_of(where)}", error)

    async def _read(
        self, where: Conversation, after: int, hear: Callable[[discord.Message], Awaitable[None]]
    ) -> None:
        guild_id = None if where.space == DM_SPACE else int(where.space)
        channel = await self._places.channel(guild_id, channel_id_of(where))
        async for message in channel.history(
            limit=READ_MESSAGES, after=discord.Object(after), oldest_first=True
        ):
            if is_person(message):
                await hear(message)
