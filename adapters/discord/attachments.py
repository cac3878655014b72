"""What is attached to a message on Discord."""

from collections.abc import Sequence
from functools import partial

import aiohttp
import discord

from adapters.wording.attachments import Attachment

DISCORD_HOSTS = frozenset({"cdn.discordapp.com", "media.discordapp.net"})


def attachments(files: Sequence[discord.Attachment]) -> list[Attachment]:
    """The files of a message, to be read while their addresses are good."""
    return [
        Attachment(
            file.filename, file.content_type or "", file.size, file.url, partial(_fetch, file)
        )
        for file in files
    ]


async def _fetch(file: discord.Attachment) -> bytes | None:
    try:
        return await file.read()
    except (discord.HTTPException, aiohttp.ClientError, OSError):
        return None
