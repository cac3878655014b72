"""What Discord refuses, loses or does at a bad moment, one at a time."""

import discord as library
import pytest

from adapters.discord.normalise import audience_of
from bot.types import Channel
from tests.adapters.discord.stage import DiscordStage
from tests.core.stage import memories, memory
from tests.servers.discord import permissions as may
from tests.servers.openai_faults import Stall, Status

FILE = ("notes.txt", "text/plain", b"prune in March")
CONNECT = 1 << 20


async def begin_story(garden: DiscordStage) -> None:
    """A reply that is being given, and waits in its middle."""
    garden.model.on_chat = lambda body: "Quinces upon quinces " * 5
    garden.model.fail("chat", Stall(2))
    await garden.discord.say(garden.alice, garden.general, garden.called("I grow quinces"))
    await garden.discord.until(lambda: bool(garden.hers(garden.general)))


@pytest.mark.rule("M6")
async def test_a_reply_that_cannot_be_taken_back_at_once_is_taken_back_later(
    garden: DiscordStage,
) -> None:
    await begin_story(garden)
    garden.discord.fail("DELETE", "/channels/*", status=0, times=3)
    await garden.stage.core.command(garden.command("/forget everything yes"))
    garden.model.release.set()
    await garden.discord.until(lambda: not garden.hers(garden.general))


@pytest.mark.rule("M6")
async def test_one_message_that_stays_keeps_none_of_the_others(garden: DiscordStage) -> None:
    garden.model.on_chat = lambda body: "word " * 1000
    garden.model.fail("chat", Stall(900))
    await garden.discord.say(garden.alice, garden.general, garden.called("I grow quinces"))
    await garden.discord.until(lambda: len(garden.hers(garden.general)) >= 2)
    first = garden.hers(garden.general)[0]
    path = f"/channels/{garden.general.id}/messages/{first.id}"
    garden.discord.fail("DELETE", path, status=403, code=50013, times=None)
    await garden.stage.core.command(garden.command("/forget everything yes"))
    garden.model.release.set()
    await garden.discord.until(lambda: garden.hers(garden.general) == [first])


@pytest.mark.rule("D16")
@pytest.mark.parametrize("status", [0, 403])
async def test_a_deletion_in_a_thread_that_discord_tells_of_no_more_is_heeded(
    garden: DiscordStage, status: int
) -> None:
    thread = garden.general.add_thread("compost")
    garden.model.on_extract = memories(memory("Alice has a compost heap"))
    await garden.ask(garden.alice, thread, "I have a compost heap")
    assert await garden.known() == ["Alice has a compost heap"]
    await garden.archive(thread)
    garden.discord.fail("GET", f"/channels/{thread.id}", status=status, times=None)
    said = next(m for m in garden.discord.messages(thread) if "heap" in m.content)
    await garden.discord.delete(said)
    await garden.settled()
    assert await garden.known() == []


@pytest.mark.rule("M2")
async def test_readers_are_those_of_the_moment_also_while_a_file_is_fetched(
    garden: DiscordStage,
) -> None:
    closed = garden.guild.add_channel("staff", readers=[garden.alice])
    hold = garden.discord.hold("GET", "/cdn/")
    text = garden.called("I hide the key under the quince")
    await garden.discord.say(garden.alice, closed, text, attachments=[FILE])
    await garden.discord.until(lambda: bool(hold.held))
    closed.allow(garden.guild.roles[garden.guild.id], may.VIEW_CHANNEL)
    await garden.discord.heard()
    hold.release()
    await garden.reply(closed)
    await garden.ask(garden.alice, garden.general, "Where is the key?")
    assert "under the quince" not in garden.prompt()


@pytest.mark.rule("D17")
async def test_what_is_heard_while_its_channel_is_deleted_is_not_kept(garden: DiscordStage) -> None:
    channel = garden.guild.add_channel("tools")
    garden.model.on_extract = memories(memory("Alice owns a spade"))
    hold = garden.discord.hold("GET", "/cdn/")
    text = garden.called("I own a spade")
    await garden.discord.say(garden.alice, channel, text, attachments=[FILE])
    await garden.discord.until(lambda: bool(hold.held))
    await garden.discord.delete_channel(channel)
    await garden.discord.heard()
    hold.release()
    await garden.settled()
    await garden.settled()
    assert await garden.known() == []


@pytest.mark.rule("M2")
async def test_a_voice_channel_that_not_all_may_join_is_closed(garden: DiscordStage) -> None:
    place = garden.guild.add_channel("stage")
    everyone = garden.guild.roles[garden.guild.id]
    client = garden.client
    guild = client.get_guild(garden.guild.id)
    assert guild is not None
    for set_, closed in ((place.allow, False), (place.deny, True)):
        set_(everyone, CONNECT)
        data = place.json() | {"type": 2, "bitrate": 64000, "user_limit": 0}
        voice = library.VoiceChannel(state=client._connection, guild=guild, data=data)  # type: ignore[arg-type]
        assert isinstance(audience_of(voice), Channel) is closed


@pytest.mark.rule("D12")
async def test_a_reply_with_the_ping_off_is_not_for_her(open_garden: DiscordStage) -> None:
    garden = open_garden
    await garden.ask(garden.alice, garden.general, "Hello")
    hers = garden.hers(garden.general)[0]
    await garden.discord.say(garden.alice, garden.general, "Hm", reply_to=hers, ping=False)
    await garden.ask(garden.alice, garden.general, "And now?")
    assert len(garden.hers(garden.general)) == 2


async def test_an_apology_is_the_only_message(garden: DiscordStage) -> None:
    garden.model.fail("chat", Status(401))
    await garden.discord.say(garden.alice, garden.general, garden.called("Hello"))
    await garden.settled()
    (post,) = garden.hers(garden.general)
    assert post.history == [post.content]
    assert "language model" in post.content


async def test_where_she_may_not_read_back_she_answers_without_a_reply(
    garden: DiscordStage,
) -> None:
    path = f"/channels/{garden.general.id}/messages"
    garden.discord.fail("POST", path, status=400, code=160002)
    await garden.discord.say(garden.alice, garden.general, garden.called("Hello"))
    assert (await garden.reply(garden.general)).replied_to is None


async def test_a_stop_that_is_acknowledged_too_late_stops_all_the_same(
    garden: DiscordStage,
) -> None:
    await begin_story(garden)
    (post,) = garden.hers(garden.general)
    garden.discord.fail("POST", "/interactions/*", status=404, code=10062)
    await garden.discord.press(garden.alice, post, post.buttons["Stop"])
    await garden.discord.until(lambda: not post.components)
    assert post.content.endswith("-# stopped")


async def test_a_short_break_of_the_line_loses_no_final_edit(garden: DiscordStage) -> None:
    await begin_story(garden)
    garden.discord.fail("PATCH", "/channels/*", status=0, times=2)
    garden.model.release.set()
    await garden.settled()
    (post,) = garden.hers(garden.general)
    assert not post.components
    assert post.content.startswith(("Quinces upon quinces " * 5).strip())


async def test_a_broken_answer_about_typing_ends_nothing(garden: DiscordStage) -> None:
    garden.discord.fail("POST", f"/channels/{garden.general.id}/typing", status=0, times=None)
    await garden.ask(garden.alice, garden.general, "Hello")
    await garden.ask(garden.alice, garden.general, "Still there?")
