"""A loopback Discord and a loopback Slack, each with a place and people in it."""

from collections.abc import AsyncIterator

import pytest

from tests.servers.discord import Channel, DiscordServer, Guild, User
from tests.servers.slack_garden import client, slack

__all__ = ["client", "slack"]


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    """What the client sent is always known to Discord, unless a test says otherwise."""
    async with DiscordServer() as opened:
        yield opened
        assert opened.problems == []


@pytest.fixture
def guild(server: DiscordServer) -> Guild:
    return server.add_guild("Garden")


@pytest.fixture
def channel(guild: Guild) -> Channel:
    return guild.add_channel("general")


@pytest.fixture
def alice(server: DiscordServer, guild: Guild) -> User:
    user = server.add_user("Alice")
    guild.join(user)
    return user
