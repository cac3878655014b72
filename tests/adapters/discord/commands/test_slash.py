"""Commands under a slash: acknowledged first, answered to one person, whatever happens."""

import pytest

from tests.adapters.discord.commands.commanding import Desk
from tests.servers.discord import Channel, DiscordServer, User


@pytest.mark.rule("D1")
async def test_a_command_is_acknowledged_before_the_core_is_asked(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    asked = await server.command(alice, channel, "remember", {"text": "I like tea"})
    await asked.wait()
    assert asked.type == 5
    answer = await asked.filled()
    assert "I like tea" in answer.text
    assert answer.ephemeral
