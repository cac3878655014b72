"""Whom a message is for: Ellie, nobody here, or whoever else reads along."""

from collections.abc import Collection
from enum import Enum, auto

import discord

from adapters.discord.normalise import Talk, conversation_of
from bot.space_settings import SpaceSettings

_SPOKEN = {discord.MessageType.default, discord.MessageType.reply}


class For(Enum):
    """What is done with a message."""

    ELLIE = auto()
    """It is answered."""
    OTHERS = auto()
    """It is history where bystanders may be heard, and else nothing."""
    NOBODY = auto()
    """It is ignored."""


def is_person(message: discord.Message) -> bool:
    """Whether a person wrote it. Bots, webhooks, Ellie herself and Discord's own notices are not:
    two bots would answer each other for ever.
    """
    return not message.author.bot and message.webhook_id is None and message.type in _SPOKEN


def is_called(message: discord.Message, me: int) -> bool:
    """Whether it mentions Ellie (or the role that is hers), as a reply with a ping does."""
    if any(user.id == me for user in message.mentions):
        return True
    hers = message.guild.self_role if message.guild is not None else None
    # Without the intent Discord does not tell what a message says that names only her role.
    return hers is not None and hers in message.role_mentions and bool(message.content)


def for_whom(
    message: discord.Message,
    channel: Talk,
    me: int,
    settings: SpaceSettings,
    roles: Collection[str],
    *,
    takes_part: bool,
) -> For:
    """Who is spoken to. `roles`: of the author. `takes_part`: Ellie has answered in this thread.

    Without the message-content intent the text of what does not call her is empty, so that only
    calls are for her.
    """
    if isinstance(channel, discord.DMChannel):
        return For.ELLIE
    where = conversation_of(channel).channel
    if not settings.admits(where, roles):
        return For.NOBODY
    if is_called(message, me):
        return For.ELLIE
    if not (message.content or message.attachments or message.message_snapshots):
        return For.NOBODY
    in_thread = isinstance(channel, discord.Thread)
    listens = where in settings.free or (in_thread and takes_part and where in settings.threads)
    return For.ELLIE if listens and not _is_for_another(message, me) else For.OTHERS


def _is_for_another(message: discord.Message, me: int) -> bool:
    return bool(message.mentions) or _replied(message) not in {None, message.author.id, me}


def _replied(message: discord.Message) -> int | None:
    """Who wrote what it replies to; None: nobody, or it is not known."""
    if message.type is not discord.MessageType.reply or message.reference is None:
        return None
    resolved = message.reference.resolved
    return resolved.author.id if isinstance(resolved, discord.Message) else None
