"""A client with Ellie's commands and nothing else, and those who use them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import discord
from discord import app_commands

from adapters.discord.normalise import scope_of
from adapters.discord.slash import register
from adapters.discord.syncing import sync
from bot.ports import Core
from bot.types import Conversation, IncomingCommand, Memory, Private, Space
from tests.core.stage import Stage
from tests.servers.discord import Channel, DiscordServer, Interaction, Message, User
from tests.servers.plain_client import PlainClient, connected

Tree = app_commands.CommandTree[discord.Client]
MODELS = ("small", "large")


def built(core: Core | None = None, *, user_install: bool = False) -> Tree:
    """The tree of a client that is not connected; without a core nothing in it may be called."""
    tree = app_commands.CommandTree(discord.Client(intents=discord.Intents.none()))
    register(tree.client, tree, cast(Any, core), user_install=user_install, models=MODELS)
    return tree


class CommandsClient(PlainClient):
    """Registers the commands and tells Discord of them, as Ellie's own client does."""

    def __init__(self, core: Core, *, user_install: bool = False) -> None:
        super().__init__()
        self.core = core
        self.synced: list[bool] = []
        register(self, self.tree, core, user_install=user_install, models=MODELS)

    async def setup_hook(self) -> None:
        self.synced.append(await sync(self.tree, self.core))


class Desk:
    """Ellie's commands on the loopback Discord, with a real core behind them."""

    def __init__(self, server: DiscordServer, stage: Stage, client: CommandsClient) -> None:
        self.server = server
        self.stage = stage
        self.client = client

    async def ask(
        self, user: User, channel: Channel, name: str, text: str = "", /, **options: object
    ) -> Message:
        """Give a command, and wait for the answer."""
        values = ({"text": text} if text else {}) | options
        asked = await self.server.command(user, channel, name, values)
        return await asked.filled()

    async def remember(self, user: User, channel: Channel, *texts: str) -> None:
        """Let the core keep these, in this order, without Discord."""
        scope = scope_of(channel.guild_id, user.id)
        for text in texts:
            await self.stage.core.command(
                IncomingCommand(
                    scope, Conversation("discord", scope.space, str(channel.id)), Space(),
                    user.name, f"/remember {text}", self.server.clock.now(), channel.name,
                )
            )  # fmt: skip

    async def memories(self, user: User, channel: Channel) -> list[Memory]:
        """What the core keeps of somebody in the channel's server, newest first."""
        scope = scope_of(channel.guild_id, user.id)
        memories, _ = await self.stage.store.page(scope, Private(), 0, 1000)
        return list(memories)

    async def known(self, user: User, channel: Channel) -> list[str]:
        """The same, the texts alone."""
        return [memory.text for memory in await self.memories(user, channel)]

    async def post(self, channel: Channel, text: str, *presses: str) -> Message:
        """A message of Ellie's that everybody in the channel sees, with such buttons."""
        await self.sees(channel)
        found = self.client.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        view = discord.ui.View(timeout=None)
        for number, press in enumerate(presses):
            view.add_item(discord.ui.Button(label=str(number), custom_id=press))
        view.stop()
        await found.send(text, view=view)
        return self.server.messages(channel)[-1]

    async def sees(self, channel: Channel) -> None:
        """Wait until the client knows a channel."""
        await self.server.until(lambda: self.client.get_channel(channel.id))

    async def press(self, user: User, message: Message, label: str) -> Message:
        """Press a button, and wait for the answer: in its message, beside it, or below it."""
        before = len(message.history)
        asked = await self.server.press(user, message, message.buttons[label])
        await asked.wait()
        if asked.type == 5:
            return await asked.filled()
        await self.server.until(lambda: len(message.history) > before or asked.followups)
        return asked.followups[0] if asked.followups else message


@asynccontextmanager
async def at_desk(
    server: DiscordServer, stage: Stage, *, user_install: bool = False
) -> AsyncIterator[Desk]:
    """The commands, connected."""
    client = CommandsClient(stage.core, user_install=user_install)
    async with connected(server, client):
        yield Desk(server, stage, client)


def attached(server: DiscordServer, message: Message) -> list[tuple[str, bytes]]:
    """The files of a message: (name, what is in it)."""
    return [
        (file["filename"], server.files[int(file["id"])].content) for file in message.attachments
    ]


async def answered(asked: Interaction) -> list[str]:
    """All that an interaction showed, in order."""
    first = await asked.filled()
    return [first.text, *(message.text for message in asked.followups)]
