"""`ellie run`, `invite` and `sync` as real processes against a loopback Discord."""

import asyncio
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from adapters.discord.adapter import BAD_TOKEN
from bot.cli.platforms import NO_PLATFORM
from tests.journeys.process import LIMIT_SECONDS, Ran, environment
from tests.servers.discord import DiscordServer


async def start(
    discord: DiscordServer, file: Path, *arguments: str, **settings: str
) -> asyncio.subprocess.Process:
    addresses = {"LOOPBACK_REST": discord.base, "LOOPBACK_GATEWAY": discord.gateway}
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.journeys.on_loopback", *arguments,
        cwd=file.parent, env=environment(file, **addresses, **settings), stdout=PIPE, stderr=PIPE,
    )  # fmt: skip


async def ended(process: asyncio.subprocess.Process) -> Ran:
    async with asyncio.timeout(LIMIT_SECONDS):
        out, err = await process.communicate()
    return Ran(process.returncode or 0, out.decode(), err.decode())


async def test_it_runs_answers_survives_a_kill_and_stops_in_order(tmp_path: Path) -> None:
    file = tmp_path / "ellie.db"
    async with DiscordServer() as discord:
        guild = discord.add_guild("Garden")
        channel = guild.add_channel("general")
        alice = discord.add_user("Alice")
        guild.join(alice)

        def hers() -> list[str]:
            return [m.content for m in discord.messages(channel) if m.author is discord.bot]

        first = await start(discord, file, "run", DISCORD_TOKEN=discord.token)
        await discord.until(lambda: discord.sessions, LIMIT_SECONDS)
        await discord.say(alice, channel, f"<@{discord.bot.id}> My name is Alice.")
        await discord.until(lambda: len(hers()) == 1, LIMIT_SECONDS)
        hold = discord.hold("POST", f"/channels/{channel.id}/messages")
        await discord.say(alice, channel, f"<@{discord.bot.id}> I live in Lyon.")
        await discord.until(
            lambda: sum(r.path.endswith("/typing") for r in discord.requests) == 2, LIMIT_SECONDS
        )
        first.send_signal(signal.SIGKILL)
        await first.communicate()
        hold.release()

        second = await start(discord, file, "run", DISCORD_TOKEN=discord.token)
        await discord.until(lambda: len(hers()) == 2, LIMIT_SECONDS)
        assert "Lyon" in hers()[1]
        second.send_signal(signal.SIGTERM)
        ran = await ended(second)
        assert ran.status == 0
        assert ran.err.splitlines()[0] == "Discord: connected as Ellie, in 1 servers."
        assert "https://discord.com/oauth2/authorize?client_id=" in ran.err.splitlines()[1]
        assert "Lyon" not in ran.err
        assert discord.token not in ran.err


async def test_a_wrong_token_or_none_is_one_line(tmp_path: Path) -> None:
    async with DiscordServer() as discord:
        file = tmp_path / "ellie.db"
        wrong = await ended(await start(discord, file, "run", DISCORD_TOKEN="wrong"))
        assert (wrong.status, wrong.err) == (1, f"ellie: {BAD_TOKEN}\n")
        none = await ended(await start(discord, file, "run"))
        assert (none.status, none.err) == (1, f"ellie: {NO_PLATFORM}\n")


@pytest.mark.rule("D13")
async def test_invite_and_sync_say_what_they_do(tmp_path: Path) -> None:
    async with DiscordServer() as discord:
        file = tmp_path / "ellie.db"

        async def ran(*arguments: str) -> str:
            done = await ended(await start(discord, file, *arguments, DISCORD_TOKEN=discord.token))
            assert (done.status, done.err) == (0, "")
            return done.out

        link = await ran("invite")
        assert f"client_id={discord.application_id}" in link
        assert "scope=bot+applications.commands" in link
        planned = await ran("sync", "--dry-run")
        assert "create /remember" in planned.splitlines()
        assert discord.command_writes == 0
        assert await ran("sync") == planned
        assert {command["name"] for command in discord.commands()} >= {"remember", "ellie-admin"}
        assert await ran("sync", "--dry-run") == "Discord knows the commands as they are.\n"
