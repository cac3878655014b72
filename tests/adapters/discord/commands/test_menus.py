"""What can be done to a message: keep it as what its author said, ask why Ellie said it."""

import pytest

from adapters.discord import menus
from adapters.discord.normalise import audience_of, conversation_of, scope_of
from bot.types import Channel as Closed
from bot.types import IncomingMessage, Space
from tests.adapters.discord.commands.commanding import Desk
from tests.servers.discord import Channel, DiscordServer, Guild, Message, User

REMEMBER, WHY = "Remember this", "Why did Ellie say this?"


async def choose(desk: Desk, user: User, name: str, message: Message) -> str:
    """What is answered to an entry of a message's menu."""
    asked = await desk.server.command(user, message.channel, name, target=message)
    answer = await asked.filled()
    assert answer.ephemeral
    return answer.text


async def test_ones_own_message_is_kept_in_its_own_words_for_those_who_read_it(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    said = await server.say(alice, channel, "I like tea")
    assert "m1" in await choose(desk, alice, REMEMBER, said)
    (memory,) = await desk.memories(alice, channel)
    assert memory.text == "I like tea"
    assert memory.audience == Space()
    assert not memory.quoted


async def test_anothers_message_is_a_note_that_says_whose_it_is(
    desk: Desk, server: DiscordServer, guild: Guild, alice: User, bob: User
) -> None:
    board = guild.add_channel("board", readers=[alice, bob])
    await desk.sees(board)
    said = await server.say(bob, board, "The code is nine")
    assert "m1" in await choose(desk, alice, REMEMBER, said)
    (memory,) = await desk.memories(alice, board)
    assert memory.text == "Bob said: The code is nine"
    assert memory.audience == Closed(str(board.id))
    assert memory.quoted
    assert await desk.memories(bob, board) == []


@pytest.mark.rule("M2")
async def test_what_is_said_in_a_channel_that_ellie_does_not_know_is_taken_for_closed(
    desk: Desk, server: DiscordServer, guild: Guild, alice: User
) -> None:
    """A command's channel is told without its permissions, as if everybody could read it."""
    with server.undelivered():
        unknown = guild.add_channel("unknown")
        said = await server.say(alice, unknown, "I like tea")
    assert desk.client.get_channel(unknown.id) is None
    await choose(desk, alice, REMEMBER, said)
    (memory,) = await desk.memories(alice, unknown)
    assert memory.audience == Closed(str(unknown.id))


@pytest.mark.rule("D12")
async def test_a_message_is_kept_also_where_ellie_may_not_read_along(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User, bob: User
) -> None:
    said = await server.say(bob, channel, f"<@{alice.id}> likes oats")
    await choose(desk, alice, REMEMBER, said)
    assert await desk.known(alice, channel) == ["Bob said: @Alice likes oats"]


async def test_what_a_bot_said_is_not_kept(
    desk: Desk, server: DiscordServer, guild: Guild, channel: Channel, alice: User
) -> None:
    robot = server.add_user("Robot", bot=True)
    guild.join(robot)
    said = await server.say(robot, channel, "beep")
    assert await choose(desk, alice, REMEMBER, said) == menus.BY_A_BOT
    hooked = await server.say(server.add_user("Hook"), channel, "boop", webhook=True)
    assert await choose(desk, alice, REMEMBER, hooked) == menus.BY_A_BOT
    assert await desk.known(alice, channel) == []


@pytest.mark.rule("D25")
async def test_what_was_forwarded_is_not_its_senders_word(
    desk: Desk, server: DiscordServer, channel: Channel, alice: User
) -> None:
    said = await server.say(alice, channel, "", forwarded="I like tea")
    assert await choose(desk, alice, REMEMBER, said) == menus.FORWARDED
    assert await desk.known(alice, channel) == []


async def reply_to(desk: Desk, channel: Channel, user: User, text: str) -> Message:
    """Ellie's answer to somebody, posted as her adapter does."""
    await desk.sees(channel)
    found = desk.client.get_channel(channel.id)
    assert found is not None
    said = await desk.server.say(user, channel, text)
    turn = await desk.stage.core.receive(
        IncomingMessage(
            scope_of(channel.guild_id, user.id), conversation_of(found), audience_of(found),
            str(said.id), user.name, text, desk.server.clock.now(), channel.name,
        )
    )  # fmt: skip
    assert turn is not None
    await desk.stage.core.answered(turn)
    posted = await desk.post(channel, "an answer of mine")
    await desk.stage.core.shown(turn, str(posted.id))
    return posted


@pytest.mark.rule("M10")
async def test_a_reply_tells_whom_it_was_given_what_it_was_made_from(
    desk: Desk, channel: Channel, alice: User, bob: User
) -> None:
    first = await reply_to(desk, channel, alice, "I live in Oslo")
    second = await reply_to(desk, channel, alice, "Where do I live?")
    assert "used" in await choose(desk, alice, WHY, first)
    assert "Oslo" in await choose(desk, alice, WHY, second)
    refused = await choose(desk, bob, WHY, second)
    assert "Oslo" not in refused
    assert "was not said to you" in refused


async def test_what_ellie_did_not_say_she_does_not_explain(
    desk: Desk, server: DiscordServer, channel: Channel, bob: User, alice: User
) -> None:
    said = await server.say(bob, channel, "I like tea")
    assert await choose(desk, alice, WHY, said) == menus.NOT_MINE
    own = await reply_to(desk, channel, bob, "Hello")
    assert await choose(desk, alice, REMEMBER, own) == menus.MINE
