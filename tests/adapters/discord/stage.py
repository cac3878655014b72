"""A loopback Discord, a loopback model, and Ellie connected to both."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import discord as discord_py

from adapters.discord.adapter import DiscordAdapter, DiscordSettings
from bot.results import MemoryPage
from bot.space_settings import SpaceSettings
from bot.tokens import count_tokens
from bot.types import Conversation, IncomingCommand, Scope, Space
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.discord import Channel, DiscordServer, Guild, Message, Role, User, pointed_at
from tests.servers.openai_server import OpenAIServer

QUICK = 0.02
"""The pace of tests: edits of a reply 20 ms apart."""
MESSAGE_CONTENT = 1 << 15


class DiscordStage:
    """One server with a channel, Alice in it, and Ellie."""

    def __init__(
        self, discord: DiscordServer, model: OpenAIServer, adapter: DiscordAdapter, core: Stage,
        general: Channel, alice: User, told: list[str],
    ) -> None:  # fmt: skip
        self.discord = discord
        self.model = model
        self.adapter = adapter
        self.stage = core
        assert general.guild is not None
        self.general = general
        self.guild = general.guild
        self.alice = alice
        self.told = told

    def scope(self, user: User, guild: Guild | None = None) -> Scope:
        return Scope("discord", str((guild or self.guild).id), str(user.id))

    def called(self, text: str) -> str:
        """A text that mentions Ellie."""
        return f"<@{self.discord.bot.id}> {text}"

    def hers(self, channel: Channel) -> list[Message]:
        """Ellie's messages there, oldest first."""
        return [m for m in self.discord.messages(channel) if m.author_id == self.discord.bot.id]

    async def reply(self, channel: Channel, after: int = 0) -> Message:
        """Ellie's newest message there, once it is finished and more than `after` are there."""

        def done() -> bool:
            hers = self.hers(channel)
            return len(hers) > after and not hers[-1].components

        await self.discord.until(done)
        await self.idle()
        return self.hers(channel)[-1]

    async def ask(self, user: User, channel: Channel, text: str) -> str:
        """Say something to Ellie and give what she answered."""
        before = len(self.hers(channel))
        await self.discord.say(user, channel, self.called(text))
        return (await self.reply(channel, before)).content

    async def settled(self) -> None:
        """Wait until all that Discord told so far has been dealt with."""
        await self.discord.heard()
        await self.adapter.heard()
        await self.idle()

    @property
    def client(self) -> discord_py.Client:
        """The client that is connected now."""
        client = self.adapter.client
        assert client is not None
        return client

    async def archive(self, thread: Channel) -> None:
        """Discord tells of a thread no more, as of one that nobody wrote in for long."""
        gone = thread.json() | {"thread_metadata": thread.json()["thread_metadata"]}
        gone["thread_metadata"] = gone["thread_metadata"] | {"archived": True}
        await self.discord.dispatch_raw("THREAD_UPDATE", gone)
        await self.discord.heard()
        guild = self.client.get_guild(self.guild.id)
        assert guild is not None
        assert guild.get_thread(thread.id) is None

    def join(self, name: str, roles: tuple[Role, ...] = (), permissions: int = 0) -> User:
        """Somebody else in the server."""
        user = self.discord.add_user(name)
        self.guild.join(user, roles=roles, permissions=permissions)
        return user

    async def change(self, settings: SpaceSettings) -> None:
        """Settings of the server, as who manages it makes them."""
        await self.stage.core.change_space(self.command("/help", manages=True), settings)

    def command(self, line: str, *, manages: bool = False) -> IncomingCommand:
        """A command of Alice's in the channel, as nobody else can read it."""
        where = Conversation("discord", str(self.guild.id), str(self.general.id))
        return IncomingCommand(
            self.scope(self.alice), where, Space(), "Alice", line, self.discord.clock.now(),
            "#general in Garden", manages=manages,
        )  # fmt: skip

    async def known(self) -> list[str]:
        """All that is known about Alice, newest first."""
        page = await self.stage.core.command(self.command("/memories"))
        assert isinstance(page, MemoryPage)
        return [memory.text for memory in page.memories]

    async def idle(self) -> None:
        """Wait until no turn is under way."""
        await self.stage.core.settle()

    def prompt(self) -> str:
        """All text of the newest request for a reply."""
        body = self.model.asked("chat")[-1].body
        return "\n".join(str(message["content"]) for message in body["messages"])


@asynccontextmanager
async def connected(
    file: Path,
    *,
    discord: DiscordServer | None = None,
    model: OpenAIServer | None = None,
    pace: float = QUICK,
    message_content: bool = False,
    image_bytes: int = 0,
    run: bool = True,
    notebook: bool = False,
    person: str = "Alice",
    **settings: Any,  # noqa: ANN401 - they are Settings'
) -> AsyncIterator[DiscordStage]:
    """Ellie on `file`, connected unless `run` is False; servers of its own unless given."""
    async with AsyncExitStack() as stack:
        if discord is None:
            discord = await stack.enter_async_context(DiscordServer())
            stack.enter_context(pointed_at(discord))
        if model is None:
            model = await stack.enter_async_context(OpenAIServer())
        general, alice = _furnish(discord, person)
        if message_content:
            discord.allowed_intents |= MESSAGE_CONTENT
        await asyncio.to_thread(count_tokens, "")  # as `ellie run` does
        told: list[str] = []
        chosen = DiscordSettings(
            discord.token, message_content=message_content, image_bytes=image_bytes,
            hosts={urlsplit(discord.cdn).hostname or ""}, pace=pace,
        )  # fmt: skip
        adapter = await stack.enter_async_context(DiscordAdapter(chosen, told.append))
        clock = TurnedClock()
        clock.now = discord.clock.now()
        core = await stack.enter_async_context(
            opened(file, clock, None if notebook else model, screen=adapter, **settings)
        )
        seen = DiscordStage(discord, model, adapter, core, general, alice, told)
        if not run:
            yield seen
            return
        async with asyncio.TaskGroup() as tasks:
            listening = tasks.create_task(adapter.run(core.core))
            try:
                await discord.until(lambda: bool(told))
                yield seen
            finally:
                listening.cancel()
    assert discord.problems == []


def _furnish(discord: DiscordServer, person: str) -> tuple[Channel, User]:
    """The channel and the person: those of the first server, made where there is none."""
    if not discord.guilds:
        garden = discord.add_guild("Garden")
        garden.add_channel("general")
        garden.join(discord.add_user(person))
    guild = next(iter(discord.guilds.values()))
    general = next(c for c in guild.channels.values() if c.name == "general")
    return general, next(u for u in discord.users.values() if u.name == person)
