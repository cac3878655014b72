"""What Discord tells becomes an `IncomingMessage`: who, where, who can read it, and their words."""

from collections.abc import Iterable

import discord

from bot.types import Audience, Channel, Conversation, IncomingMessage, Private, Scope, Space

PLATFORM = "discord"
DM_SPACE = "dm"
"""The space of all private conversations: they belong to no server."""

Talk = (
    discord.TextChannel | discord.VoiceChannel | discord.StageChannel | discord.Thread
    | discord.DMChannel | discord.GroupChannel | discord.PartialMessageable
)  # fmt: skip
"""Where people write."""
Place = Talk | discord.abc.GuildChannel | discord.abc.PrivateChannel


def scope_of(guild_id: int | None, user_id: int) -> Scope:
    """A person in a server; None: in their private conversation with Ellie."""
    return Scope(PLATFORM, DM_SPACE if guild_id is None else str(guild_id), str(user_id))


def conversation_of(channel: Place) -> Conversation:
    """The thread, else the private conversation, else the channel; a thread's parent is in it."""
    guild_id = _guild_id(channel)
    space = DM_SPACE if guild_id is None else str(guild_id)
    if isinstance(channel, discord.Thread):
        return Conversation(PLATFORM, space, f"{channel.parent_id}/{channel.id}")
    return Conversation(PLATFORM, space, str(channel.id))


def channel_id_of(conversation: Conversation) -> int:
    """Where to post: the thread, or the channel."""
    return int(conversation.key.rpartition("/")[2])


def audience_of(channel: Place) -> Audience:
    """Who can read a channel, as far as is known now; where it is not, the narrower.

    A channel that everybody may enter and read back is the space's. A public thread is read by
    those who read its parent, a private one by its own members.
    """
    if isinstance(channel, discord.DMChannel):
        return Private()
    if isinstance(channel, discord.Thread):
        if channel.is_private() or channel.parent is None:
            return Channel(str(channel.id))
        return audience_of(channel.parent)
    if isinstance(channel, discord.abc.GuildChannel):
        everyone = channel.guild.get_role(channel.guild.id)
        if everyone is not None:
            allowed = channel.permissions_for(everyone)
            spoken = isinstance(channel, discord.VoiceChannel | discord.StageChannel)
            enters = allowed.view_channel and (allowed.connect or not spoken)
            if enters and allowed.read_message_history:
                return Space()
    return Channel(str(channel.id))


def place_of(channel: Place) -> str:
    """Where something was said, in a person's words."""
    if isinstance(channel, discord.DMChannel):
        return "a private conversation"
    if isinstance(channel, discord.Thread):
        parent = f" of #{channel.parent.name}" if channel.parent is not None else ""
        return f"the thread {channel.name}{parent} in {channel.guild.name}"
    if isinstance(channel, discord.abc.GuildChannel):
        return f"#{channel.name} in {channel.guild.name}"
    return "a channel"


def own_text(message: discord.Message, me: int) -> str:
    """What the person wrote, with names for mentions and without the mention that calls Ellie."""
    text = message.content
    for called in (f"<@{me}>", f"<@!{me}>"):
        text = text.strip().removeprefix(called).removesuffix(called).strip()
    names = [(f"<@{user.id}>", user.display_name) for user in message.mentions]
    names += [(f"<@!{user.id}>", user.display_name) for user in message.mentions]
    names += [(f"<@&{role.id}>", role.name) for role in message.role_mentions]
    for mention, name in names:
        text = text.replace(mention, f"@{name}")
    for channel in message.channel_mentions:
        text = text.replace(f"<#{channel.id}>", f"#{channel.name}")
    return text


def named(message: discord.Message) -> list[str]:
    """What a message holds beside text and files, a word or two each."""
    found = [f"[sticker: {sticker.name}]" for sticker in message.stickers]
    if message.poll is not None:
        found.append(f"[poll: {message.poll.question}]")
    return found


def is_forward(message: discord.Message) -> bool:
    """Whether a message hands on another one: its text is not the sender's."""
    return bool(message.message_snapshots)


def replies_to(message: discord.Message) -> int | None:
    """The id of the message in the same channel that it replies to; None: it replies to none."""
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None:
        return None
    return reference.message_id


def normalise_message(
    message: discord.Message,
    channel: Place,
    text: str,
    *,
    audience: Audience | None = None,
    images: Iterable[str] = (),
) -> IncomingMessage:
    """The message as the core takes it; `text` is all that it says, `channel` where it stands.

    `audience` None: those who can read the channel now.
    """
    reply_to = replies_to(message)
    return IncomingMessage(
        scope=scope_of(_guild_id(channel), message.author.id),
        conversation=conversation_of(channel),
        audience=audience_of(channel) if audience is None else audience,
        event_id=str(message.id),
        speaker=message.author.display_name,
        text=text,
        sent_at=message.created_at,
        place=place_of(channel),
        reply_to=None if reply_to is None else str(reply_to),
        images=tuple(images),
    )


def _guild_id(channel: Place) -> int | None:
    guild = getattr(channel, "guild", None)
    if guild is not None:
        return int(guild.id)
    found: int | None = getattr(channel, "guild_id", None)
    return found
