"""A person brings Ellie along to where she is not installed: everything there is as in private."""

from collections.abc import AsyncIterator

import pytest

from adapters.discord import menus
from adapters.discord.normalise import scope_of
from bot.types import Conversation, IncomingMessage, Private
from tests.adapters.discord.commands.commanding import Desk, at_desk
from tests.core.stage import Stage
from tests.servers.discord import Channel, DiscordServer, User
from tests.servers.discord.permissions import MANAGE_GUILD

pytestmark = pytest.mark.rule("D15")


@pytest.fixture
def strange(server: DiscordServer, alice: User, bob: User) -> Channel:
    """A channel of a server that Ellie is not in, where Alice may manage everything."""
    guild = server.add_guild("Harbour", joined=False)
    guild.join(alice, permissions=MANAGE_GUILD)
    guild.join(bob)
    return guild.add_channel("quay")


@pytest.fixture
async def desk(
    server: DiscordServer, stage: Stage, strange: Channel, alice: User, bob: User, channel: Channel
) -> AsyncIterator[Desk]:
    server.user_install_enabled = True
    server.installed_by |= {alice.id, bob.id}
    async with at_desk(server, stage, user_install=True) as connected:
        yield connected


async def test_what_a_guest_tells_is_theirs_in_private_and_no_servers(
    desk: Desk, server: DiscordServer, strange: Channel, channel: Channel, alice: User, bob: User
) -> None:
    answer = await desk.ask(alice, strange, "remember", "I like tea")
    assert answer.ephemeral
    assert [m.place for m in await desk.memories(alice, server.dm(alice))] == [
        "a private conversation"
    ]
    assert await desk.known(alice, strange) == []
    assert "I like tea" in (await desk.ask(alice, server.dm(alice), "recall", "tea")).text
    assert "I like tea" in (await desk.ask(alice, strange, "recall", "tea")).text
    for user, place in [(bob, strange), (alice, channel)]:
        assert "know nothing" in (await desk.ask(user, place, "recall", "tea")).text


async def test_who_manages_a_strange_server_manages_nothing_of_ellies(
    desk: Desk, strange: Channel, alice: User, server: DiscordServer
) -> None:
    refused = await desk.ask(alice, strange, "remember", "--shared I like tea")
    assert "only by those who manage" in refused.text
    with pytest.raises(AssertionError, match="not installed there"):
        await server.command(alice, strange, "ellie-admin settings")


async def test_what_others_say_where_ellie_is_not_is_not_kept(
    desk: Desk, server: DiscordServer, strange: Channel, alice: User, bob: User
) -> None:
    said = await server.say(bob, strange, "The code is nine")
    asked = await server.command(alice, strange, "Remember this", target=said)
    assert (await asked.filled()).text == menus.UNREADABLE
    assert await desk.known(alice, server.dm(alice)) == []


async def test_a_fresh_conversation_there_is_the_guests_own(
    desk: Desk, server: DiscordServer, strange: Channel, alice: User
) -> None:
    assert (await desk.ask(alice, strange, "new")).ephemeral
    assert "not answered you here" in (await desk.ask(alice, strange, "why")).text
    assert "m1" in (await desk.ask(alice, strange, "remember", "I like tea")).text
    page = await desk.ask(alice, strange, "memories")
    assert page.ephemeral
    await server.choose(alice, page, "do:pick:mine:1", ["m1"])
    await server.until(lambda: "Edit" in page.buttons)
    assert "Use it anywhere in this server" not in page.buttons


async def test_in_the_private_conversation_itself_a_person_is_no_guest(
    desk: Desk, server: DiscordServer, alice: User
) -> None:
    """Alice has both installed Ellie and a private conversation with her: one conversation."""
    home = server.dm(alice)
    turn = await desk.stage.core.receive(
        IncomingMessage(
            scope_of(None, alice.id), Conversation("discord", "dm", str(home.id)), Private(),
            "1", "Alice", "Hello", server.clock.now(), "a private conversation",
        )
    )  # fmt: skip
    assert turn is not None
    await desk.stage.core.answered(turn)
    assert f"turn {turn}" in (await desk.ask(alice, home, "why")).text


async def test_without_it_nobody_can_bring_ellie_along(
    server: DiscordServer, stage: Stage, strange: Channel, alice: User
) -> None:
    server.installed_by.add(alice.id)
    async with at_desk(server, stage):
        with pytest.raises(AssertionError, match="not installed there"):
            await server.command(alice, strange, "recall")
