"""Edits and deletions on Discord reach the memory."""

import pytest

from tests.adapters.discord.stage import DiscordStage
from tests.core.stage import memories, memory


async def learn(garden: DiscordStage, text: str) -> None:
    """Say something to Ellie from which she learns just that."""
    garden.model.on_extract = memories(memory(text))
    await garden.ask(garden.alice, garden.general, text)
    await garden.stage.consolidation.step(everything=True)


@pytest.mark.rule("D16")
async def test_a_deleted_message_takes_along_what_was_learnt_from_it(garden: DiscordStage) -> None:
    await learn(garden, "Alice grows quinces")
    assert await garden.known() == ["Alice grows quinces"]
    said = next(m for m in garden.discord.messages(garden.general) if "quinces" in m.content)
    await garden.discord.delete(said)
    await garden.settled()
    assert await garden.known() == []


@pytest.mark.rule("D16")
async def test_messages_deleted_in_bulk_do_so_too(garden: DiscordStage) -> None:
    await learn(garden, "Alice grows quinces")
    await garden.discord.bulk_delete(garden.general, garden.discord.messages(garden.general))
    await garden.settled()
    assert await garden.known() == []


@pytest.mark.rule("D16")
async def test_an_edit_is_learnt_anew_and_a_look_at_its_links_is_not(garden: DiscordStage) -> None:
    await learn(garden, "Alice grows quinces")
    said = next(m for m in garden.discord.messages(garden.general) if "quinces" in m.content)
    await garden.discord.unfurl(said)
    await garden.settled()
    assert await garden.known() == ["Alice grows quinces"]
    garden.model.on_extract = memories(memory("Alice grows medlars"))
    await garden.discord.edit(said, garden.called("Alice grows medlars"))
    await garden.settled()
    await garden.stage.consolidation.step(everything=True)
    assert await garden.known() == ["Alice grows medlars"]


@pytest.mark.rule("D17")
async def test_a_deleted_thread_and_a_deleted_channel_take_what_was_said_there(
    garden: DiscordStage,
) -> None:
    thread = garden.general.add_thread("compost")
    garden.model.on_extract = memories(memory("Alice has a compost heap"))
    await garden.ask(garden.alice, thread, "I have a compost heap")
    await garden.stage.consolidation.step(everything=True)
    await garden.discord.delete_channel(thread)
    await garden.settled()
    assert await garden.known() == []
    other = garden.guild.add_channel("tools")
    garden.model.on_extract = memories(memory("Alice owns a spade"))
    await garden.ask(garden.alice, other, "I own a spade")
    await garden.stage.consolidation.step(everything=True)
    assert await garden.known() == ["Alice owns a spade"]
    await garden.discord.delete_channel(other)
    await garden.settled()
    assert await garden.known() == []


@pytest.mark.rule("D16")
async def test_deleting_ellies_reply_erases_its_text(garden: DiscordStage) -> None:
    garden.model.on_chat = lambda body: "Quinces need sun."
    await garden.ask(garden.alice, garden.general, "What do they need?")
    await garden.discord.delete(garden.hers(garden.general)[0])
    await garden.settled()
    garden.model.on_chat = lambda body: "Well."
    await garden.ask(garden.alice, garden.general, "And else?")
    assert "need sun" not in garden.prompt()
    assert "What do they need?" in garden.prompt()


@pytest.mark.rule("D19")
async def test_who_opted_out_is_ignored_and_nothing_of_them_is_kept_also_where_others_name_them(
    garden: DiscordStage,
) -> None:
    bob = garden.join("Bob")
    said = await garden.discord.say(garden.alice, garden.general, garden.called("I like quinces"))
    await garden.reply(garden.general)
    await garden.stage.core.command(garden.command("/privacy opt-out"))
    await garden.discord.say(garden.alice, garden.general, garden.called("And medlars"))
    await garden.discord.say(
        bob, garden.general, garden.called(f"What does <@{garden.alice.id}> like?"), reply_to=said
    )
    await garden.reply(garden.general, 1)
    assert len(garden.model.asked("chat")) == 2
    assert len(garden.discord.asked("POST", "*/typing")) == 2
    prompt = garden.prompt()
    assert "quinces" not in prompt
    assert "Alice" not in prompt
    assert "What does @[someone] like?" in prompt
