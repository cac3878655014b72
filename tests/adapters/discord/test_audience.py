"""Who can read what is said, as Ellie writes it down with each message."""

from contextlib import closing

import pytest

from tests.adapters.discord.stage import DiscordStage
from tests.servers.discord import Channel
from tests.servers.discord import permissions as may


async def audience(garden: DiscordStage, channel: Channel) -> str:
    """What is written down of who can read a message that is said there."""
    said = await garden.discord.say(garden.alice, channel, garden.called("Hello"))
    await garden.settled()
    store = garden.stage.store
    with closing(store.driver.module.connect(store.path)) as file:
        (found,) = file.execute(
            "SELECT audience FROM message WHERE event_id = ?", (str(said.id),)
        ).fetchone()
    return str(found)


@pytest.mark.rule("M1")
async def test_a_direct_message_is_private(garden: DiscordStage) -> None:
    assert await audience(garden, garden.discord.dm(garden.alice)) == "private"


@pytest.mark.rule("M2")
async def test_what_everybody_can_enter_and_read_back_is_the_spaces_and_all_else_is_closed(
    garden: DiscordStage,
) -> None:
    guild, alice = garden.guild, garden.alice
    everyone = guild.roles[guild.id]
    closed = guild.add_channel("staff", readers=[alice])
    no_past = guild.add_channel("now")
    no_past.deny(everyone, may.READ_MESSAGE_HISTORY)
    no_past.allow(alice, may.READ_MESSAGE_HISTORY)
    no_past.allow(garden.discord.bot, may.READ_MESSAGE_HISTORY)
    assert await audience(garden, garden.general) == "space"
    assert await audience(garden, closed) == f"channel:{closed.id}"
    assert await audience(garden, no_past) == f"channel:{no_past.id}"


@pytest.mark.rule("M2")
async def test_a_public_thread_is_read_by_its_channels_readers_and_a_private_one_by_its_own(
    garden: DiscordStage,
) -> None:
    alice, bot = garden.alice, garden.discord.bot
    closed = garden.guild.add_channel("staff", readers=[alice])
    private = garden.general.add_thread("secret", private=True, members=[alice, bot])
    assert await audience(garden, garden.general.add_thread("compost")) == "space"
    assert await audience(garden, closed.add_thread("plans")) == f"channel:{closed.id}"
    assert await audience(garden, private) == f"channel:{private.id}"


@pytest.mark.rule("M2")
async def test_permissions_are_those_of_the_moment_it_is_said(garden: DiscordStage) -> None:
    everyone = garden.guild.roles[garden.guild.id]
    assert await audience(garden, garden.general) == "space"
    garden.general.deny(everyone, may.VIEW_CHANNEL)
    garden.general.allow(garden.alice, may.VIEW_CHANNEL)
    garden.general.allow(garden.discord.bot, may.VIEW_CHANNEL)
    assert await audience(garden, garden.general) == f"channel:{garden.general.id}"
