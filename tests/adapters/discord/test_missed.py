"""What is read on after a session that cannot be resumed: all that was missed, and nothing else."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.space_settings import SpaceSettings
from tests.adapters.discord.stage import DiscordStage, connected
from tests.servers.discord import DiscordServer, pointed_at


async def lose_session(garden: DiscordStage) -> None:
    """A session that cannot be resumed, and all that follows from it."""
    before = garden.discord.identifies
    garden.discord.forget_sessions()
    garden.discord.drop()
    await garden.discord.until(lambda: garden.discord.identifies == before + 1)
    await garden.discord.heard()
    await garden.discord.until(lambda: garden.adapter.is_up_to_date)
    await garden.settled()


@pytest.mark.rule("D11")
@pytest.mark.parametrize(("kind", "replies"), [("blocked_roles", 1), ("allowed_roles", 2)])
async def test_roles_count_also_for_what_is_read_later(
    garden: DiscordStage, kind: str, replies: int
) -> None:
    role = garden.guild.add_role("Gardeners")
    bob = garden.join("Bob", roles=(role,))
    speaker = bob if kind == "allowed_roles" else garden.alice
    roles, settings = frozenset({str(role.id)}), SpaceSettings()
    if kind == "allowed_roles":
        await garden.change(replace(settings, allowed_roles=roles))
    else:
        await garden.change(replace(settings, blocked_roles=roles))
    await garden.ask(speaker, garden.general, "Hello")
    with garden.discord.undelivered():
        await garden.discord.say(bob, garden.general, garden.called("And now?"))
    await lose_session(garden)
    assert len(garden.hers(garden.general)) == replies


@pytest.mark.rule("D19")
async def test_what_was_said_while_opted_out_is_not_read_later(garden: DiscordStage) -> None:
    bob = garden.join("Bob")
    await garden.ask(bob, garden.general, "Hello")
    await garden.stage.core.command(garden.command("/privacy opt-out"))
    await garden.discord.say(garden.alice, garden.general, garden.called("Nobody hears this"))
    await garden.settled()
    await garden.stage.core.command(garden.command("/privacy opt-in"))
    await lose_session(garden)
    assert len(garden.hers(garden.general)) == 1


async def test_what_was_said_before_a_channel_was_set_free_is_not_answered_later(
    open_garden: DiscordStage,
) -> None:
    garden = open_garden
    await garden.ask(garden.alice, garden.general, "Hello")
    await garden.discord.say(garden.alice, garden.general, "Not for Ellie")
    await garden.settled()
    await garden.change(replace(SpaceSettings(), free=frozenset({str(garden.general.id)})))
    await lose_session(garden)
    assert len(garden.hers(garden.general)) == 1


@pytest.mark.rule("D11")
async def test_what_was_missed_is_found_behind_much_that_was_not_for_her(
    garden: DiscordStage,
) -> None:
    bob = garden.join("Bob")
    await garden.ask(garden.alice, garden.general, "Hello")
    for number in range(120):
        await garden.discord.say(bob, garden.general, f"chatter {number}")
    await garden.settled()
    with garden.discord.undelivered():
        await garden.discord.say(garden.alice, garden.general, garden.called("Still there?"))
    await lose_session(garden)
    assert "Still there?" in garden.hers(garden.general)[-1].content


@pytest.mark.rule("D11")
@pytest.mark.parametrize("status", [0, 403])
async def test_a_channel_that_cannot_be_read_leaves_the_others(
    garden: DiscordStage, status: int
) -> None:
    other = garden.guild.add_channel("other")
    await garden.ask(garden.alice, other, "Hello")
    await garden.ask(garden.alice, garden.general, "Hello")
    with garden.discord.undelivered():
        await garden.discord.say(garden.alice, other, garden.called("Still there?"))
    garden.discord.fail(
        "GET", f"/channels/{garden.general.id}/messages*", status=status, times=None
    )
    await lose_session(garden)
    assert len(garden.hers(other)) == 2


@pytest.mark.rule("D11")
async def test_after_a_restart_what_was_missed_is_read_and_what_was_ignored_is_not(
    tmp_path: Path,
) -> None:
    file = tmp_path / "ellie.db"
    async with DiscordServer() as discord:
        with pointed_at(discord):
            async with connected(file, discord=discord) as garden:
                await garden.ask(garden.alice, garden.general, "Hello")
                bob = garden.join("Bob")
                await garden.stage.core.command(garden.command("/privacy opt-out"))
                await garden.ask(bob, garden.general, "Hello")
                ignored = garden.called("Nobody hears this")
                await garden.discord.say(garden.alice, garden.general, ignored)
                await garden.settled()
                await garden.stage.core.command(garden.command("/privacy opt-in"))
            await discord.say(bob, garden.general, garden.called("Are you back?"))
            async with connected(file, discord=discord) as garden:
                await garden.discord.until(lambda: garden.adapter.is_up_to_date)
                await garden.settled()
                assert len(garden.hers(garden.general)) == 3
                assert "Are you back?" in garden.hers(garden.general)[-1].content
