"""What a bad day of Discord's does to Ellie: nothing that anybody notices."""

import asyncio
from pathlib import Path

import pytest

from adapters.discord.adapter import BAD_TOKEN, MISSING_INTENT, DiscordAdapter, DiscordSettings
from bot.errors import PlatformRefused
from tests.adapters.discord.stage import DiscordStage, connected
from tests.conftest import TurnedClock
from tests.core.stage import opened
from tests.servers.discord import DiscordServer, pointed_at
from tests.servers.openai_faults import Stall


async def test_it_says_what_is_connected_and_how_to_invite_her(garden: DiscordStage) -> None:
    assert garden.told[0] == "Discord: connected as Ellie, in 1 servers."
    assert f"client_id={garden.discord.application_id}" in garden.told[1]
    assert "permissions=274877975552" in garden.told[1]


@pytest.mark.rule("D11")
async def test_what_is_said_while_the_line_is_cut_is_answered_once(garden: DiscordStage) -> None:
    garden.discord.drop()
    await garden.discord.say(garden.alice, garden.general, garden.called("Still there?"))
    await garden.reply(garden.general)
    await garden.ask(garden.alice, garden.general, "And now?")
    assert garden.discord.resumes == 1
    assert len(garden.hers(garden.general)) == 2


@pytest.mark.rule("D11")
async def test_events_that_come_twice_are_answered_once(garden: DiscordStage) -> None:
    said = await garden.discord.say(garden.alice, garden.general, garden.called("Hello"))
    await garden.reply(garden.general)
    await garden.discord.dispatch_raw("MESSAGE_CREATE", said.event())
    await garden.ask(garden.alice, garden.general, "And now?")
    assert len(garden.hers(garden.general)) == 2


@pytest.mark.rule("D11")
async def test_she_comes_back_when_discord_asks_her_to(garden: DiscordStage) -> None:
    await garden.discord.reconnect()
    await garden.discord.until(lambda: garden.discord.resumes == 1)
    await garden.ask(garden.alice, garden.general, "Hello")


@pytest.mark.rule("D11")
async def test_what_was_lost_with_a_session_is_read_where_people_talked_lately(
    garden: DiscordStage,
) -> None:
    silent = garden.guild.add_channel("silent")
    await garden.ask(garden.alice, garden.general, "Hello")
    with garden.discord.undelivered():
        await garden.discord.say(garden.alice, garden.general, garden.called("Did you get this?"))
        await garden.discord.say(garden.alice, silent, garden.called("And this?"))
    garden.discord.forget_sessions()
    garden.discord.drop()
    assert "Did you get this?" in (await garden.reply(garden.general, 1)).content
    assert garden.hers(silent) == []
    assert garden.discord.identifies == 2


async def test_a_dispatch_that_nobody_understands_ends_nothing(garden: DiscordStage) -> None:
    await garden.discord.dispatch_raw("MESSAGE_CREATE", {"id": "not a number"})
    await garden.discord.until(lambda: garden.discord.identifies == 2)
    await garden.ask(garden.alice, garden.general, "Still there?")


async def test_the_line_is_cut_in_the_middle_of_an_answer(garden: DiscordStage) -> None:
    garden.model.on_chat = lambda body: "Once upon a time"
    garden.model.fail("chat", Stall(2))
    await garden.discord.say(garden.alice, garden.general, garden.called("A story!"))
    await garden.discord.until(lambda: bool(garden.hers(garden.general)))
    await garden.discord.dispatch_raw("MESSAGE_CREATE", {"id": "not a number"})
    await garden.discord.until(lambda: garden.discord.identifies == 2)
    garden.model.release.set()
    await garden.settled()
    (post,) = garden.hers(garden.general)
    assert post.content.startswith("Once upon")
    assert not post.components


async def refused(tmp_path: Path, discord: DiscordServer, settings: DiscordSettings) -> str:
    with pointed_at(discord):
        async with (
            DiscordAdapter(settings, lambda line: None) as adapter,
            opened(tmp_path / "ellie.db", TurnedClock(), screen=adapter) as stage,
        ):
            async with asyncio.timeout(10):
                with pytest.raises(PlatformRefused) as error:
                    await adapter.run(stage.core)
    return str(error.value)


@pytest.mark.rule("D11")
async def test_a_bad_token_ends_it_with_the_fix(tmp_path: Path) -> None:
    async with DiscordServer() as discord:
        assert await refused(tmp_path, discord, DiscordSettings("wrong", pace=0.01)) == BAD_TOKEN


@pytest.mark.rule("D11")
async def test_a_missing_intent_ends_it_with_the_fix(tmp_path: Path) -> None:
    async with DiscordServer() as discord:
        discord.allowed_intents &= ~(1 << 15)
        settings = DiscordSettings(discord.token, message_content=True, pace=0.01)
        assert await refused(tmp_path, discord, settings) == MISSING_INTENT


@pytest.mark.rule("D11")
async def test_a_large_bot_is_sharded_as_discord_recommends(tmp_path: Path) -> None:
    async with DiscordServer() as discord:
        with pointed_at(discord):
            discord.recommended_shards = 2
            discord.max_concurrency = 2
            async with connected(tmp_path / "ellie.db", discord=discord) as garden:
                assert {tuple(session.shard) for session in discord.sessions} == {(0, 2), (1, 2)}
                await garden.ask(garden.alice, garden.general, "Hello")


async def test_a_server_error_at_login_is_tried_again(tmp_path: Path) -> None:
    async with DiscordServer() as discord:
        with pointed_at(discord):
            discord.fail("GET", "/users/@me", status=503)
            async with connected(tmp_path / "ellie.db", discord=discord) as garden:
                await garden.ask(garden.alice, garden.general, "Hello")


@pytest.mark.rule("D17")
async def test_leaving_a_server_starts_the_purge_clock_and_an_outage_does_not(
    garden: DiscordStage,
) -> None:
    other = garden.discord.add_guild("Other", joined=False)
    await garden.discord.enter(other)
    await garden.discord.outage(garden.guild)
    await garden.discord.recover(garden.guild)
    await garden.discord.leave(other)
    await garden.settled()
    spaces = await garden.stage.store.spaces("discord")
    assert {space for space, leaving in spaces.items() if leaving} == {str(other.id)}
    await garden.discord.enter(other)
    await garden.settled()
    assert not any((await garden.stage.store.spaces("discord")).values())
    assert garden.discord.messages(garden.general) == []


@pytest.mark.rule("D12")
async def test_she_asks_for_the_least_and_remembers_no_members(garden: DiscordStage) -> None:
    garden.join("Bob")
    await garden.ask(garden.alice, garden.general, "Hello")
    (session,) = garden.discord.sessions
    assert session.intents == 1 << 0 | 1 << 9 | 1 << 12  # servers, their messages, direct messages
    guild = garden.client.get_guild(garden.guild.id)
    assert guild is not None
    assert [member.id for member in guild.members] == [garden.discord.bot.id]


async def test_she_posts_nothing_where_she_is_invited(garden: DiscordStage) -> None:
    other = garden.discord.add_guild("Other", joined=False)
    channel = other.add_channel("general")
    await garden.discord.enter(other)
    await garden.settled()
    await garden.ask(garden.alice, garden.general, "Hello")
    assert garden.discord.messages(channel) == []
