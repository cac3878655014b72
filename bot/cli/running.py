"""`ellie run`: the platforms connected to one core, in one process."""

import asyncio
import signal
from contextlib import ExitStack

from adapters.console.streams import on_signal
from adapters.discord import operating
from adapters.discord.adapter import DiscordAdapter, DiscordSettings
from bot.cli.wiring import configure_logging, open_core
from bot.config import Settings
from bot.errors import ConfigError
from bot.ports import Core, Platform
from bot.tokens import count_tokens

NO_PLATFORM = (
    "There is no platform to connect to: set DISCORD_TOKEN (the README says how to get it). "
    "`ellie chat` needs none."
)


def discord_settings(settings: Settings) -> DiscordSettings:
    """What the settings say about Discord. Raises ConfigError where there is no token."""
    if settings.discord_token is None:
        raise ConfigError(NO_PLATFORM)
    return DiscordSettings(
        token=settings.discord_token.get_secret_value(),
        message_content=settings.discord_message_content,
        user_install=settings.discord_user_install,
        models=settings.allowed_models,
        text_bytes=settings.ellie_attachment_bytes,
        image_bytes=settings.ellie_image_bytes if settings.ellie_model_sees else 0,
    )


async def run(settings: Settings) -> None:
    """Connect, and answer until SIGINT or SIGTERM. Raises BotError.

    Replies under way are finished first; what is unanswered then is answered after the next start.
    """
    configure_logging(settings)
    await asyncio.to_thread(count_tokens, "")  # it loads for 0.3 s, and would hold up the others
    discord = DiscordAdapter(discord_settings(settings))
    async with discord, open_core(settings, {discord.name: discord}) as core:
        await until_stopped(discord, core)


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


async def until_stopped(platform: Platform, core: Core) -> None:
    """Run a platform until it ends or a signal ends it. Raises what it raised."""
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(platform.run(core))

        def stop() -> None:
            listening.cancel()

        with ExitStack() as signals:
            for number in (signal.SIGINT, signal.SIGTERM):
                signals.enter_context(on_signal(number, stop))
            await asyncio.wait({listening})
