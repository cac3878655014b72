"""What can be done to a message: keep it, or ask what a reply was made from."""

from dataclasses import replace
from typing import Any

import discord
from discord import app_commands

from adapters.discord.answers import Answer
from adapters.discord.desk import Desk
from adapters.discord.interactions import Interaction, audience_here, is_guest
from adapters.discord.normalise import is_forward, normalise_message, own_text
from bot.errors import CommandError

BY_A_BOT = "I keep what people say, and not what bots say."
MINE = "That is what I said. What you say yourself is what I can keep."
FORWARDED = "That was forwarded: it is not what its sender said, so I do not keep it."
NOT_MINE = "That is not a reply of mine."
UNREADABLE = "I am not here, so I cannot keep what others say here."


def menus(desk: Desk) -> list[app_commands.ContextMenu]:
    """The entries of a message's menu."""

    async def remember_this(interaction: Interaction, message: discord.Message) -> None:
        async def work() -> Answer:
            return await _remember(desk, interaction, message)

        await desk.answer(interaction, work)

    async def why(interaction: Interaction, message: discord.Message) -> None:
        async def work() -> Answer:
            if not _is_me(interaction, message):
                raise CommandError(NOT_MINE)
            return await desk.carry_out(interaction, "/why", about=str(message.id))

        await desk.answer(interaction, work)

    return [
        app_commands.ContextMenu(name="Remember this", callback=remember_this),
        app_commands.ContextMenu(name="Why did Ellie say this?", callback=why),
    ]


async def _remember(desk: Desk, interaction: Interaction, message: discord.Message) -> Answer:
    """Keep a message's own words, as its author's. Raises CommandError for what has none."""
    channel: Any = interaction.channel
    if _is_me(interaction, message):
        raise CommandError(MINE)
    if message.author.bot or message.webhook_id is not None:
        raise CommandError(BY_A_BOT)
    if is_forward(message):
        raise CommandError(FORWARDED)
    if channel is None or is_guest(interaction):
        raise CommandError(UNREADABLE)
    quoting = normalise_message(message, channel, own_text(message, _me(interaction)))
    quoting = replace(quoting, audience=audience_here(interaction))
    return await desk.carry_out(interaction, "/remember", quoting=quoting)


def _is_me(interaction: Interaction, message: discord.Message) -> bool:
    return message.author.id == _me(interaction)


def _me(interaction: Interaction) -> int:
    user = interaction.client.user
    return interaction.application_id if user is None else user.id
