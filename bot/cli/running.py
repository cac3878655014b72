"""`ellie run`: the platforms connected to one core, in one process."""

import asyncio
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack

from adapters.console.streams import on_signal
from adapters.discord import operating
from adapters.discord.adapter import DiscordAdapter
from adapters.slack.adapter import SlackAdapter
from bot.cli.platforms import NO_PLATFORM, discord_settings, slack_settings
from bot.cli.wiring import configure_logging, open_core
from bot.config import Settings
from bot.errors import ConfigError
from bot.ports import Core, Platform
from bot.tokens import count_tokens


async def run(settings: Settings) -> None:
    """Connect, and answer until SIGINT or SIGTERM. Raises BotError.

    Replies under way are finished first; what is unanswered then is answered after the next start.
    """
    configure_logging(settings)
    platforms = connected(settings)
    await asyncio.to_thread(count_tokens, "")  # it loads for 0.3 s, and would hold up the others
    async with AsyncExitStack() as stack:
        for platform in platforms:
            await stack.enter_async_context(platform)
        named: dict[str, Platform] = {platform.name: platform for platform in platforms}
        core = await stack.enter_async_context(open_core(settings, named))
        await until_stopped(platforms, core)


def connected(settings: Settings) -> list[DiscordAdapter | SlackAdapter]:
    """An adapter for each platform that the settings name. Raises ConfigError."""
    found: list[DiscordAdapter | SlackAdapter] = []
    if settings.discord_token is not None:
        found.append(DiscordAdapter(discord_settings(settings)))
    if (slack := slack_settings(settings)) is not None:
        found.append(SlackAdapter(slack))
    if not found:
        raise ConfigError(NO_PLATFORM)
    return found


async def invite(settings: Settings) -> str:
    """The link by which a Discord server is joined. Raises BotError."""
    configure_logging(settings)
    return await operating.invite(discord_settings(settings).token)


async def sync(settings: Settings, *, dry_run: bool) -> list[str]:
    """Tell Discord the commands; what that changes, a line each. Raises BotError."""
    configure_logging(settings)
    discord = discord_settings(settings)
    async with open_core(settings, {}) as core:
        return await operating.sync_commands(discord, core, dry_run=dry_run)


async def until_stopped(platforms: Sequence[Platform], core: Core) -> None:
    """Run platforms until all end or a signal ends them.

    Raises what one of them raised: then the others are ended too, so that it is noticed.
    """
    async with asyncio.TaskGroup() as tasks:
        listening = {tasks.create_task(platform.run(core)) for platform in platforms}

        def stop() -> None:
            for one in listening:
                one.cancel()

        with ExitStack() as signals:
            for number in (signal.SIGINT, signal.SIGTERM):
                signals.enter_context(on_signal(number, stop))
            await asyncio.wait(listening)
