"""discord.py's client, with what Ellie listens to and nothing more."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Protocol

import discord

from adapters.discord.stop_button import StopButton
from bot.types import TurnId

GUILD_SECONDS, IDENTIFY_SECONDS = 2.0, 5.0

log = logging.getLogger(__name__)

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    read_message_history=True,
)
"""The least that Ellie needs in a server."""


class Ears(Protocol):
    """What is told of a platform's events, in the order in which Discord tells them."""

    async def start(self, client: discord.Client) -> None:
        """A client is logged in, and not connected yet."""

    def hear(self, message: discord.Message) -> None:
        """A message was posted."""

    def see_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        """A message was changed, or Discord looked at its links."""

    def see_deletion(self, guild_id: int | None, channel_id: int, ids: Sequence[int]) -> None:
        """Messages were deleted."""

    def see_channel_gone(self, guild_id: int, channel_id: int, thread_id: int | None) -> None:
        """A channel or a thread of it was deleted."""

    def see_connected(self) -> None:
        """A new session began: what happened since the last one was not told."""

    def see_ready(self, *, all_servers: bool) -> None:
        """The servers of a connection are known; `all_servers`: those of all connections."""

    def see_server(self, guild_id: int, *, left: bool) -> None:
        """Ellie came into a server, or was removed from it."""

    async def stop_reply(self, turn: TurnId) -> None:
        """Stop the reply to a turn, if it is still being given."""


def intents(*, message_content: bool) -> discord.Intents:
    """The least: servers with their channels and roles, and messages."""
    wanted = discord.Intents.none()
    wanted.guilds = True
    wanted.messages = True
    wanted.message_content = message_content
    return wanted


class _Events(discord.Client):
    """Hands events on. Every handler returns at once: what takes time has a task of its own."""

    ears: Ears
    pace: float

    def dispatch(self, event: str, /, *args: object, **kwargs: object) -> None:
        """Hand an event on; a client that is closed has nothing to run it any more."""
        if not self.is_closed():
            super().dispatch(event, *args, **kwargs)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        if not initial:  # Discord takes one IDENTIFY in five seconds
            await asyncio.sleep(IDENTIFY_SECONDS * self.pace)

    async def setup_hook(self) -> None:
        await self.ears.start(self)

    async def on_message(self, message: discord.Message) -> None:
        self.ears.hear(message)

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        self.ears.see_edit(payload)

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        self.ears.see_deletion(payload.guild_id, payload.channel_id, [payload.message_id])

    async def on_raw_bulk_message_delete(self, payload: discord.RawBulkMessageDeleteEvent) -> None:
        self.ears.see_deletion(payload.guild_id, payload.channel_id, sorted(payload.message_ids))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        self.ears.see_channel_gone(channel.guild.id, channel.id, None)

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        self.ears.see_channel_gone(payload.guild_id, payload.parent_id, payload.thread_id)

    async def on_connect(self) -> None:
        self.ears.see_connected()

    async def on_ready(self) -> None:
        self.ears.see_ready(all_servers=True)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.ears.see_server(guild.id, left=False)

    async def on_guild_available(self, guild: discord.Guild) -> None:
        if self.is_ready():  # before that, all servers are told at once
            self.ears.see_server(guild.id, left=False)

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        self.ears.see_server(guild.id, left=True)

    async def on_error(self, event_method: str, /, *args: object, **kwargs: object) -> None:
        """The event and the kind of the error; neither its text nor what it was about."""
        log.error("%s failed inside", event_method)
        log.debug("%s", event_method, exc_info=True)

    async def stop_reply(self, turn: TurnId) -> None:
        """See `Ears`."""
        await self.ears.stop_reply(turn)


class _Sharded(_Events, discord.AutoShardedClient):
    """The same over several connections."""

    async def on_shard_ready(self, shard_id: int) -> None:
        self.ears.see_ready(all_servers=False)


def make_client(
    ears: Ears, *, message_content: bool, sharded: bool, pace: float = 1.0
) -> discord.Client:
    """A client that caches no members and no messages, and may ping nobody by itself.

    `pace` 1: it waits two seconds after READY for a next server, five between two IDENTIFYs.
    """
    kind = _Sharded if sharded else _Events
    client = kind(
        intents=intents(message_content=message_content),
        allowed_mentions=discord.AllowedMentions.none(),
        member_cache_flags=discord.MemberCacheFlags.none(),
        chunk_guilds_at_startup=False,
        max_messages=None,
        guild_ready_timeout=GUILD_SECONDS * pace,
    )
    client.ears, client.pace = ears, pace
    client.add_dynamic_items(StopButton)
    return client


def invite_link(application_id: int) -> str:
    """Where an admin adds Ellie to a server, with the least permissions."""
    return discord.utils.oauth_url(
        application_id, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
    )
