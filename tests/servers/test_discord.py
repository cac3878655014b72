"""The loopback Discord, held against the unmodified discord.py: gateway and messages."""

from collections.abc import AsyncIterator

import discord
import pytest

from tests.servers.discord import DiscordServer
from tests.servers.plain_client import PlainClient, connected


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as opened:
        yield opened


async def test_a_client_logs_in_and_sees_the_guild_and_its_channel(server: DiscordServer) -> None:
    guild = server.add_guild("Garden")
    channel = guild.add_channel("general")
    async with connected(server, PlainClient()) as client:
        assert client.user_id == server.bot.id
        assert client.application_id == server.application_id
        assert [each.name for each in client.guilds] == ["Garden"]
        found = client.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        assert found.permissions_for(found.guild.me).send_messages
    assert server.identifies == 1
    assert server.problems == []


async def test_a_message_goes_there_and_back(server: DiscordServer) -> None:
    guild = server.add_guild("Garden")
    channel, alice = guild.add_channel("general"), server.add_user("Alice")
    guild.join(alice)
    async with connected(server, PlainClient()) as client:
        await server.say(alice, channel, f"Hello {server.bot.mention}")
        heard = await server.until(lambda: client.heard and client.heard[0])
        assert isinstance(heard, discord.Message)
        assert heard.content == f"Hello {server.bot.mention}"
        assert isinstance(heard.author, discord.Member)
        answer = await heard.reply("Hello Alice", mention_author=False)
        await answer.edit(content="Hello, Alice")
    said = server.messages(channel)[-1]
    assert (said.author_id, said.history, said.edits) == (
        server.bot.id, ["Hello Alice", "Hello, Alice"], 1,
    )  # fmt: skip
    assert said.reference is not None
    assert server.problems == []
