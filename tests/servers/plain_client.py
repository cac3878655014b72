"""A plain discord.py client for the tests of the loopback Discord: it writes down what it hears."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import discord
from discord import app_commands

from tests.servers.discord import Channel, DiscordServer, pointed_at


class PlainClient(discord.Client):
    """Unmodified, but that it does not wait before it identifies anew, and keeps a list."""

    def __init__(self, intents: discord.Intents | None = None, heartbeat: float = 60) -> None:
        super().__init__(
            intents=intents or discord.Intents.default(),
            guild_ready_timeout=0.05,
            heartbeat_timeout=heartbeat,
        )
        self.tree = app_commands.CommandTree(self)
        self.heard: list[discord.Message] = []
        self.events: list[str] = []
        self.joined: list[int] = []
        self.raw: list[Any] = []

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits 5 s here."""

    async def on_socket_event_type(self, name: str) -> None:
        self.events.append(name)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        self.joined.append(guild.id)

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message)

    async def on_raw_message_edit(self, event: discord.RawMessageUpdateEvent) -> None:
        self.raw.append(event)

    async def on_raw_message_delete(self, event: discord.RawMessageDeleteEvent) -> None:
        self.raw.append(event)

    async def on_raw_bulk_message_delete(self, event: discord.RawBulkMessageDeleteEvent) -> None:
        self.raw.append(event)

    @property
    def said(self) -> list[str]:
        """What others wrote."""
        return [m.content for m in self.heard if m.author.id != self.user_id]

    @property
    def user_id(self) -> int:
        return self.user.id if self.user else 0


@asynccontextmanager
async def connected(server: DiscordServer, client: PlainClient) -> AsyncIterator[PlainClient]:
    """The client, logged in and ready; closed at the end. What ends its run is raised."""
    with pointed_at(server):
        async with asyncio.TaskGroup() as tasks, client:
            run = tasks.create_task(client.start(server.token))
            await server.until(lambda: client.is_ready() or run.done())
            yield client


def text_channel(client: PlainClient, channel: Channel) -> discord.TextChannel:
    """The channel as the client knows it."""
    found = client.get_channel(channel.id)
    assert isinstance(found, discord.TextChannel)
    return found
