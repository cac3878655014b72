"""What those who manage a server set for it, and that nobody else does."""

import pytest

from adapters.discord.admin import MANAGERS_ONLY, PURGE
from adapters.discord.settings_text import DEAF
from adapters.wording.pressing import KEPT
from bot.space_settings import SpaceSettings
from tests.adapters.discord.commands.commanding import Desk
from tests.servers.discord import Channel, DiscordServer, Guild, User

SUBCOMMANDS: list[tuple[str, dict[str, object]]] = [
    ("persona", {"text": "You are a pirate"}),
    ("model", {"name": "large"}),
    ("retention", {"message_days": 30}),
    ("budget", {"person": 1000}),
    ("memories", {}),
    ("settings", {}),
    ("purge", {}),
]


@pytest.fixture
def owner(guild: Guild) -> User:
    return guild.owner


async def held(desk: Desk, channel: Channel) -> SpaceSettings:
    return await desk.stage.core.space_settings("discord", str(channel.guild_id))


async def test_a_channel_is_set_free_and_taken_back(
    desk: Desk, channel: Channel, owner: User
) -> None:
    for name, field in [("free", "free"), ("ambient", "ambient"), ("threads", "threads")]:
        answer = await desk.ask(owner, channel, f"ellie-admin {name}", channel=channel)
        assert f"<#{channel.id}>" in answer.text
        assert answer.text.endswith(DEAF)  # its client has no message-content intent
        assert getattr(await held(desk, channel), field) == {str(channel.id)}
        after = await desk.ask(owner, channel, f"ellie-admin {name}", channel=channel, on=False)
        assert DEAF not in after.text
        assert getattr(await held(desk, channel), field) == set()


async def test_channels_and_roles_are_allowed_and_blocked(
    desk: Desk, guild: Guild, channel: Channel, owner: User
) -> None:
    role = guild.add_role("gardeners")
    await desk.ask(owner, channel, "ellie-admin allow", channel=channel, role=role)
    await desk.ask(owner, channel, "ellie-admin block", role=role)
    settings = await held(desk, channel)
    assert settings.allowed_channels == {str(channel.id)}
    assert settings.allowed_roles == settings.blocked_roles == {str(role.id)}
    assert settings.blocked_channels == set()
    await desk.ask(owner, channel, "ellie-admin allow", channel=channel, on=False)
    assert (await held(desk, channel)).allowed_channels == set()
    answer = await desk.ask(owner, channel, "ellie-admin block")
    assert answer.text == "Name a channel or a role."


async def test_a_persona_is_of_the_server_or_of_a_channel_and_is_reset_by_nothing(
    desk: Desk, channel: Channel, owner: User
) -> None:
    await desk.ask(owner, channel, "ellie-admin persona", "You are a pirate")
    answer = await desk.ask(
        owner, channel, "ellie-admin persona", "You are *a poet* <@1>", channel=channel
    )
    assert r"You are \*a poet\* \<\@1\>" in answer.text
    settings = await held(desk, channel)
    assert settings.persona == "You are a pirate"
    assert settings.persona_in(str(channel.id)) == "You are *a poet* <@1>"
    await desk.ask(owner, channel, "ellie-admin persona", channel=channel)
    assert (await held(desk, channel)).persona_in(str(channel.id)) == "You are a pirate"
    await desk.ask(owner, channel, "ellie-admin persona")
    assert (await held(desk, channel)).persona is None


async def test_a_model_is_one_of_those_allowed(desk: Desk, channel: Channel, owner: User) -> None:
    await desk.ask(owner, channel, "ellie-admin model", name="large")
    assert (await held(desk, channel)).model == "large"
    refused = await desk.ask(owner, channel, "ellie-admin model", name="huge")
    assert "\n" not in refused.text
    assert (await held(desk, channel)).model == "large"
    await desk.ask(owner, channel, "ellie-admin model")
    assert (await held(desk, channel)).model is None


async def test_limits_are_set_one_by_one_and_reset_together(
    desk: Desk, channel: Channel, owner: User
) -> None:
    await desk.ask(owner, channel, "ellie-admin retention", message_days=30)
    await desk.ask(owner, channel, "ellie-admin retention", memory_days=0)
    await desk.ask(owner, channel, "ellie-admin budget", person=5000)
    answer = await desk.ask(owner, channel, "ellie-admin budget", server=90_000)
    assert "Messages are kept for 30 days" in answer.text
    assert "Memories are kept for good" in answer.text
    assert "for a person: 5,000" in answer.text
    assert "for the server: 90,000" in answer.text
    settings = await held(desk, channel)
    assert (settings.message_days, settings.memory_days) == (30, 0)
    assert (settings.daily_tokens_per_user, settings.daily_tokens) == (5000, 90_000)
    await desk.ask(owner, channel, "ellie-admin retention")
    await desk.ask(owner, channel, "ellie-admin budget")
    assert await held(desk, channel) == SpaceSettings()


async def test_all_that_is_set_is_shown_in_one_message(
    desk: Desk, server: DiscordServer, channel: Channel, owner: User
) -> None:
    text = (await desk.ask(owner, channel, "ellie-admin settings")).text
    assert text.count("as I am set up") == 6
    assert "Allowed: everywhere" in text
    assert server.messages(channel) == []


async def test_what_the_server_shares_is_listed(desk: Desk, channel: Channel, owner: User) -> None:
    await desk.ask(owner, channel, "remember", "--shared The gate opens at nine")
    answer = await desk.ask(owner, channel, "ellie-admin memories")
    assert "The gate opens at nine" in answer.text


async def test_a_server_is_erased_after_a_second_press(
    desk: Desk, channel: Channel, owner: User, alice: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    asked = await desk.ask(owner, channel, "ellie-admin purge")
    assert asked.text == PURGE
    await desk.press(owner, asked, "Keep")
    assert asked.text == KEPT
    assert await desk.known(alice, channel) == ["I like tea"]
    asked = await desk.ask(owner, channel, "ellie-admin purge")
    await desk.press(owner, asked, "Erase everything")
    assert "Forgotten and erased: 1 memory" in asked.text
    assert await desk.known(alice, channel) == []


@pytest.mark.parametrize(("name", "options"), SUBCOMMANDS, ids=str)
async def test_who_is_only_let_use_the_command_still_cannot_manage(
    desk: Desk,
    server: DiscordServer,
    channel: Channel,
    alice: User,
    name: str,
    options: dict[str, object],
) -> None:
    """An admin can hand the command to anybody in Discord's settings: the right is checked too."""
    with pytest.raises(AssertionError, match="does not show"):
        await server.command(alice, channel, f"ellie-admin {name}", options)
    asked = await server.command(alice, channel, f"ellie-admin {name}", options, overridden=True)
    assert (await asked.filled()).text == MANAGERS_ONLY
    assert await held(desk, channel) == SpaceSettings()


async def test_who_no_longer_manages_the_server_cannot_press_the_button(
    desk: Desk, channel: Channel, alice: User
) -> None:
    await desk.remember(alice, channel, "I like tea")
    message = await desk.post(channel, "here", "do:purge")
    assert (await desk.press(alice, message, "0")).text == MANAGERS_ONLY
    assert await desk.known(alice, channel) == ["I like tea"]
