"""What an operator asks of Discord from the command line: the invite link, and the commands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import discord

from adapters.discord.adapter import BAD_TOKEN, DiscordSettings
from adapters.discord.client import intents, invite_link
from adapters.discord.slash import register
from adapters.discord.syncing import current, payload_of, plan, sync
from bot.errors import PlatformRefused, PlatformUnavailable
from bot.ports import Core

KNOWN = "Discord knows the commands as they are."


@asynccontextmanager
async def logged_in(token: str) -> AsyncIterator[discord.Client]:
    """A client that is logged in and never connects. Raises PlatformError."""
    async with discord.Client(intents=intents(message_content=False)) as client:
        try:
            await client.login(token)
        except discord.LoginFailure:
            raise PlatformRefused(BAD_TOKEN) from None
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            raise PlatformUnavailable("Discord cannot be reached. Try again later.") from None
        yield client


async def invite(token: str) -> str:
    """The link by which a server is joined. Raises PlatformError."""
    async with logged_in(token) as client:
        assert client.application_id is not None  # the login told it
        return invite_link(client.application_id)


async def sync_commands(settings: DiscordSettings, core: Core, *, dry_run: bool) -> list[str]:
    """What a sync changes, a line each; `dry_run`: what it would. Raises PlatformError."""
    async with logged_in(settings.token) as client:
        tree = discord.app_commands.CommandTree(client)
        register(
            client, tree, core, user_install=settings.user_install, models=settings.models
        )  # fmt: skip
        try:
            lines = plan(await current(tree), await payload_of(tree))
        except (discord.HTTPException, aiohttp.ClientError, OSError):
            raise PlatformUnavailable("Discord cannot be reached. Try again later.") from None
        if lines and not dry_run and not await sync(tree, core, anew=True):
            raise PlatformUnavailable("Discord did not take the commands: the log says why.")
    return lines or [KNOWN]
