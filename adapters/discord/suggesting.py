"""How a command that is being typed could go on: the person's own ids and names, and no others."""

import asyncio
import logging

from discord import app_commands

from adapters.discord.interactions import Interaction, normalise_command
from adapters.wording.lengths import shortened, units
from bot.ports import Core

SUGGESTED = 25
LONGEST = 100
SECONDS = 2.5
"""Discord waits three for an autocompletion, which cannot be acknowledged first."""
log = logging.getLogger(__name__)


async def suggestions(
    core: Core, interaction: Interaction, line: str
) -> list[app_commands.Choice[str]]:
    """What the core suggests for the line so far; nothing where it takes too long or fails."""
    try:
        async with asyncio.timeout(SECONDS):
            found = await core.suggest(normalise_command(interaction, line), SUGGESTED)
    except Exception as error:
        log.warning("nothing could be suggested (%s)", type(error).__name__)
        return []
    return [
        app_commands.Choice(name=shortened(one.label, LONGEST), value=one.argument)
        for one in found[:SUGGESTED]
        if one.label and 0 < units(one.argument) <= LONGEST
    ]
