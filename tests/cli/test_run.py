"""`ellie run`: several platforms in one process."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.slack.settings import SlackSettings
from bot.cli import running
from bot.cli.platforms import slack_settings
from bot.config import Settings, load_settings
from bot.errors import PlatformRefused
from bot.ports import Core
from bot.types import PendingTurn
from tests.adapters.slack.stage import ALICE, TEAM, furnish
from tests.conftest import TurnedClock
from tests.core.stage import opened
from tests.servers.discord import DiscordServer, pointed_at
from tests.servers.slack import SlackServer


class Line:
    """A platform that does what it is told when it runs."""

    def __init__(self, name: str, does: Callable[[], Awaitable[object]]) -> None:
        self.name = name
        self.begun = asyncio.Event()
        self.ended = False
        self._does = does

    async def run(self, core: Core) -> None:
        self.begun.set()
        try:
            await self._does()
        finally:
            self.ended = True

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        async for _ in pieces:
            pass


@pytest.fixture
async def core(tmp_path: Path, clock: TurnedClock) -> AsyncIterator[Core]:
    async with opened(tmp_path / "ellie.db", clock) as stage:
        yield stage.core


async def forever() -> None:
    await asyncio.Event().wait()


async def test_one_that_is_refused_ends_the_others_with_its_line(core: Core) -> None:
    lasting = Line("lasting", forever)

    async def refused() -> None:
        await lasting.begun.wait()
        raise PlatformRefused("It does not accept the token.")

    with pytest.raises(ExceptionGroup) as caught:
        await running.until_stopped([lasting, Line("refused", refused)], core)
    assert [str(error) for error in caught.value.exceptions] == ["It does not accept the token."]
    assert lasting.ended


async def test_a_signal_ends_all_of_them(core: Core) -> None:
    lines = [Line("one", forever), Line("other", forever)]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(running.until_stopped(lines, core))
        for line in lines:
            await line.begun.wait()
        os.kill(os.getpid(), signal.SIGTERM)
    assert all(line.ended for line in lines)


async def test_when_one_ends_by_itself_the_other_goes_on(core: Core) -> None:
    over = asyncio.Event()

    async def ends() -> None:
        pass

    short, long = Line("short", ends), Line("long", over.wait)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(running.until_stopped([short, long], core))
        await long.begun.wait()
        assert not long.ended
        over.set()


def pointed(monkeypatch: pytest.MonkeyPatch, slack: SlackServer) -> None:
    """The Slack of the settings is the loopback one."""

    def found(settings: Settings) -> SlackSettings | None:
        told = slack_settings(settings)
        return told and replace(told, api=slack.api, pace=0.02)

    monkeypatch.setattr("bot.cli.running.slack_settings", found)


async def test_discord_and_slack_are_answered_by_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    async with SlackServer() as slack, DiscordServer() as discord:
        furnish(slack)
        garden = discord.add_guild("Garden")
        alice = discord.add_user("Alice")
        garden.join(alice)
        general = garden.add_channel("general")
        pointed(monkeypatch, slack)
        monkeypatch.setenv("DISCORD_TOKEN", discord.token)
        monkeypatch.setenv("SLACK_BOT_TOKEN", slack.installations[0].token)
        monkeypatch.setenv("SLACK_APP_TOKEN", slack.app_token)
        with pointed_at(discord):
            async with asyncio.timeout(30), asyncio.TaskGroup() as tasks:
                tasks.create_task(running.run(load_settings()))
                await slack.until(lambda: bool(slack.sockets.open))
                await discord.until(lambda: bool(discord.sessions))
                await discord.say(alice, general, f"<@{discord.bot.id}> I live in Lyon.")
                await slack.say(ALICE, slack.dm(TEAM, ALICE), "I live in Oslo.")
                await discord.until(lambda: len(discord.messages(general)) > 1)
                await slack.until(lambda: len(slack.messages(slack.dm(TEAM, ALICE))) > 1)
                os.kill(os.getpid(), signal.SIGTERM)
    told = capfd.readouterr().err
    assert "Discord: connected as" in told
    assert "Slack: connected as" in told
