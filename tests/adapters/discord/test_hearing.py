"""Who is answered, where, and what becomes of what others say."""

from dataclasses import replace

import pytest

from bot.space_settings import SpaceSettings
from bot.types import Conversation
from tests.adapters.discord.stage import DiscordStage
from tests.core.stage import memories, memory
from tests.servers.discord import Channel


async def set_up(garden: DiscordStage, **settings: object) -> None:
    """Settings of the server, as who manages it makes them."""
    await garden.change(replace(SpaceSettings(), **settings))  # type: ignore[arg-type]


def here(*channels: Channel) -> frozenset[str]:
    return frozenset(str(channel.id) for channel in channels)


@pytest.mark.rule("D12")
async def test_a_mention_is_answered_by_a_reply_to_it(garden: DiscordStage) -> None:
    said = await garden.discord.say(garden.alice, garden.general, garden.called("Hello!"))
    reply = await garden.reply(garden.general)
    assert reply.content.startswith("You said: ")
    assert "Hello!" in reply.content
    assert reply.replied_to is said
    assert f"<@{garden.discord.bot.id}>" not in garden.prompt()
    assert "Alice" in garden.prompt()


@pytest.mark.rule("D12")
async def test_what_does_not_call_her_is_not_answered(garden: DiscordStage) -> None:
    await garden.discord.say(garden.alice, garden.general, "Who comes tonight?")
    await garden.ask(garden.alice, garden.general, "Are you there?")
    assert len(garden.model.asked("chat")) == 1
    assert "tonight" not in garden.prompt()


@pytest.mark.rule("D12")
async def test_a_private_message_and_a_reply_with_a_ping_are_answered(garden: DiscordStage) -> None:
    dm = garden.discord.dm(garden.alice)
    await garden.discord.say(garden.alice, dm, "Just between us")
    first = await garden.reply(dm)
    assert first.reference is None
    await garden.ask(garden.alice, garden.general, "Hello")
    hers = garden.hers(garden.general)[-1]
    await garden.discord.say(garden.alice, garden.general, "And now?", reply_to=hers, ping=True)
    assert "And now?" in (await garden.reply(garden.general, 1)).content


@pytest.mark.rule("D12")
async def test_without_the_intent_a_thread_is_told_once_that_only_mentions_are_seen(
    garden: DiscordStage,
) -> None:
    thread = garden.general.add_thread("compost")
    first = await garden.ask(garden.alice, thread, "How warm must it be?")
    second = await garden.ask(garden.alice, thread, "And how moist?")
    assert "only messages that mention me" in first
    assert "only messages that mention me" not in second


@pytest.mark.rule("D23")
async def test_bots_and_webhooks_are_ignored(garden: DiscordStage) -> None:
    other = garden.discord.add_user("Robot", bot=True)
    garden.guild.join(other)
    text = garden.called("Hello, colleague")
    await garden.discord.say(other, garden.general, text)
    await garden.discord.say(garden.alice, garden.general, text, webhook=True)
    await garden.ask(garden.alice, garden.general, "Hello")
    assert len(garden.hers(garden.general)) == 1


async def test_the_role_that_is_hers_calls_her_too_where_the_message_can_be_read(
    open_garden: DiscordStage,
) -> None:
    garden = open_garden
    hers = next(r for r in garden.guild.roles.values() if r.managed_by is garden.discord.bot)
    await garden.discord.say(garden.alice, garden.general, f"<@&{hers.id}> Hello")
    assert "Hello" in (await garden.reply(garden.general)).content


@pytest.mark.rule("D12")
async def test_a_free_channel_is_answered_without_a_mention_once_the_intent_is_there(
    open_garden: DiscordStage,
) -> None:
    garden = open_garden
    bob = garden.join("Bob")
    await set_up(garden, free=here(garden.general))
    await garden.discord.say(garden.alice, garden.general, "What shall I sow?")
    assert "sow" in (await garden.reply(garden.general)).content
    to_bob = await garden.discord.say(bob, garden.general, f"<@{garden.alice.id}> lettuce!")
    await garden.discord.say(garden.alice, garden.general, "Thanks, Bob", reply_to=to_bob)
    await garden.ask(garden.alice, garden.general, "Good idea?")
    assert len(garden.hers(garden.general)) == 2


async def test_a_free_channel_stays_silent_without_the_intent(garden: DiscordStage) -> None:
    await set_up(garden, free=here(garden.general))
    await garden.discord.say(garden.alice, garden.general, "What shall I sow?")
    await garden.ask(garden.alice, garden.general, "Hello")
    assert len(garden.hers(garden.general)) == 1


async def test_threads_are_answered_without_mention_where_she_takes_part_and_that_is_set(
    open_garden: DiscordStage,
) -> None:
    garden = open_garden
    await set_up(garden, threads=here(garden.general))
    hers, others = garden.general.add_thread("compost"), garden.general.add_thread("roses")
    await garden.ask(garden.alice, hers, "How warm must it be?")
    await garden.discord.say(garden.alice, others, "Not for Ellie")
    await garden.discord.say(garden.alice, hers, "And how moist?")
    assert "moist" in (await garden.reply(hers, 1)).content
    assert garden.hers(others) == []


async def test_blocked_and_not_allowed_channels_and_roles_are_ignored(garden: DiscordStage) -> None:
    closed = garden.guild.add_channel("quiet")
    role = garden.guild.add_role("Muted")
    muted = garden.join("Muted One", roles=(role,))
    await set_up(garden, blocked_channels=here(closed), blocked_roles=frozenset({str(role.id)}))
    await garden.discord.say(garden.alice, closed, garden.called("Hello"))
    await garden.discord.say(muted, garden.general, garden.called("Hello"))
    await garden.ask(garden.alice, garden.general, "Hello")
    await set_up(garden, allowed_channels=here(closed))
    await garden.discord.say(garden.alice, garden.general, garden.called("And here?"))
    await garden.ask(garden.alice, closed, "Hello")
    assert len(garden.model.asked("chat")) == 2


@pytest.mark.rule("M4")
async def test_what_bystanders_say_is_history_where_that_is_set_and_never_memory(
    open_garden: DiscordStage,
) -> None:
    garden = open_garden
    garden.model.on_chat = lambda body: "I see."
    bob = garden.join("Bob")
    await garden.discord.say(bob, garden.general, "I planted quinces")
    await garden.ask(garden.alice, garden.general, "What did he plant?")
    assert "quinces" not in garden.prompt()
    await set_up(garden, ambient=here(garden.general))
    await garden.discord.say(bob, garden.general, "I planted medlars")
    await garden.ask(garden.alice, garden.general, "And what now?")
    assert "medlars" in garden.prompt()
    assert "Bob" in garden.prompt()
    await garden.stage.core.settle()
    assert all("medlars" not in str(r.body) for r in garden.model.asked("extract"))


async def test_a_reply_chain_selects_the_history(garden: DiscordStage) -> None:
    await garden.ask(garden.alice, garden.general, "My cat is called Maunz")
    first = garden.hers(garden.general)[0]
    await garden.ask(garden.alice, garden.general, "My bicycle is green")
    garden.model.on_chat = lambda body: "Indeed."
    await garden.discord.say(garden.alice, garden.general, "What is it?", reply_to=first, ping=True)
    await garden.reply(garden.general, 2)
    history = garden.model.asked("chat")[-1].body["messages"][:-1]
    assert any("Maunz" in str(message["content"]) for message in history)
    assert all("bicycle" not in str(message["content"]) for message in history)


async def test_the_message_that_one_is_called_about_becomes_history(
    open_garden: DiscordStage,
) -> None:
    garden = open_garden
    bob = garden.join("Bob")
    about = await garden.discord.say(bob, garden.general, "The dahlias froze")
    await garden.discord.say(
        garden.alice, garden.general, garden.called("What can he do?"), reply_to=about
    )
    await garden.reply(garden.general)
    assert "The dahlias froze" in garden.prompt()


@pytest.mark.rule("D25")
async def test_a_forwarded_message_is_read_and_is_not_the_senders_words(
    garden: DiscordStage,
) -> None:
    dm = garden.discord.dm(garden.alice)
    await garden.discord.say(garden.alice, dm, "", forwarded="I live in Lisbon")
    await garden.reply(dm)
    assert "forwarded message" in garden.prompt()
    assert "I live in Lisbon" in garden.prompt()
    garden.model.on_extract = memories(memory("Alice lives in Lisbon"))
    await garden.stage.core.settle()
    assert await garden.known() == []


async def test_she_does_not_try_where_she_may_not_write(garden: DiscordStage) -> None:
    quiet = garden.guild.add_channel("announcements")
    quiet.deny(garden.discord.bot, 1 << 11)
    await garden.discord.say(garden.alice, quiet, garden.called("Hello"))
    await garden.ask(garden.alice, garden.general, "Hello")
    assert garden.hers(quiet) == []
    assert len(garden.model.asked("chat")) == 1


async def test_mentions_of_people_and_places_are_read_by_name(garden: DiscordStage) -> None:
    bob = garden.join("Bob")
    await garden.ask(garden.alice, garden.general, f"Does <@{bob.id}> like <#{garden.general.id}>?")
    assert "Does @Bob like #general?" in garden.prompt()


async def test_two_messages_of_one_conversation_are_answered_in_their_order(
    garden: DiscordStage,
) -> None:
    for number in range(5):
        await garden.discord.say(garden.alice, garden.general, garden.called(f"Number {number}"))
    await garden.reply(garden.general, 4)
    answered = [message.content for message in garden.hers(garden.general)]
    assert [text.rpartition("Number ")[2][0] for text in answered] == list("01234")
    where = Conversation("discord", str(garden.guild.id), str(garden.general.id))
    assert await garden.stage.core.takes_part(where)
