"""A loopback Discord, a real core, and Ellie's commands between them."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.adapters.discord.commands.commanding import MODELS, Desk, at_desk
from tests.conftest import TurnedClock
from tests.core.stage import Screen, Stage, opened
from tests.servers.conftest import alice, channel, guild, server
from tests.servers.discord import Channel, DiscordServer, Guild, User

__all__ = ["alice", "channel", "guild", "server"]


@pytest.fixture
def bob(server: DiscordServer, guild: Guild) -> User:
    user = server.add_user("Bob")
    guild.join(user)
    return user


class DiscordScreen(Screen):
    """Keeps what the core answers: the commands' tests post it themselves where it matters."""

    name = "discord"


@pytest.fixture
async def stage(tmp_path: Path, clock: TurnedClock) -> AsyncIterator[Stage]:
    async with opened(
        tmp_path / "ellie.db",
        clock,
        screen=DiscordScreen(),
        ellie_allowed_models=",".join(MODELS),
    ) as core:
        yield core


@pytest.fixture
async def desk(
    server: DiscordServer, stage: Stage, channel: Channel, alice: User, bob: User
) -> AsyncIterator[Desk]:
    """Connected when channel and people are there."""
    async with at_desk(server, stage) as connected:
        yield connected
