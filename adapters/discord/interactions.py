"""A slash command, a press or a form becomes an `IncomingCommand`."""

import discord

from adapters.discord.normalise import (
    PLATFORM,
    audience_of,
    conversation_of,
    place_of,
    scope_of,
)
from bot.types import Audience, Channel, Conversation, IncomingCommand, IncomingMessage, Private

PRIVATE_PLACE = "a private conversation"
Interaction = discord.Interaction[discord.Client]


def is_guest(interaction: Interaction) -> bool:
    """Whether the person brought Ellie along to a place where she is not installed."""
    return (
        interaction.is_user_integration()
        and not interaction.is_guild_integration()
        and not interaction.context.dm_channel
    )


def is_private(interaction: Interaction) -> bool:
    """Whether what is said here belongs to no server."""
    return interaction.guild_id is None or is_guest(interaction)


def may_manage(interaction: Interaction) -> bool:
    """Whether the person manages the server, and Ellie is installed there.

    In private nobody does: what would be shared there has no server to be shared with.
    """
    return not is_private(interaction) and interaction.permissions.manage_guild


def audience_here(interaction: Interaction) -> Audience:
    """Who can read the place, as far as is known.

    Commands reach Ellie from channels that she does not know, and Discord tells of these only a
    part, in which nobody is kept out.
    """
    channel = interaction.channel
    if channel is None or is_guest(interaction):
        return Private()
    if isinstance(channel, discord.abc.GuildChannel) and not channel.guild.get_channel(channel.id):
        return Channel(str(channel.id))
    return audience_of(channel)


def normalise_command(
    interaction: Interaction,
    text: str,
    *,
    quoting: IncomingMessage | None = None,
    about: str | None = None,
) -> IncomingCommand:
    """The command line `text` as this person gave it here; nobody else could read it.

    A guest's command is as in private, in a conversation of its own: nothing there can be read.
    """
    channel, user = interaction.channel, interaction.user
    guest = is_guest(interaction)
    scope = scope_of(None if guest else interaction.guild_id, user.id)
    if guest or channel is None:
        conversation = Conversation(PLATFORM, scope.space, f"guest:{user.id}")
        place = PRIVATE_PLACE
    else:
        conversation, place = conversation_of(channel), place_of(channel)
    return IncomingCommand(
        scope=scope,
        conversation=conversation,
        audience=audience_here(interaction),
        speaker=user.display_name,
        text=text,
        sent_at=interaction.created_at,
        place=place,
        visible=False,
        manages=may_manage(interaction),
        quoting=quoting,
        about=about,
    )
