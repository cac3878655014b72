"""Acting as the people of the loopback Discord: they write, edit, delete, leave."""

from collections.abc import Sequence

from tests.servers.discord import permissions as may
from tests.servers.discord.ground import Event, Json
from tests.servers.discord.members import User
from tests.servers.discord.messages import DEFAULT, REPLY, Message, Policy, mention
from tests.servers.discord.places import Channel, Guild
from tests.servers.discord.world import World


class People(World):
    """Each of these returns once the event has been sent to the connected sockets."""

    async def flush(self) -> None:
        """Wait until every open socket has been sent what happened."""

    async def say(
        self,
        user: User,
        channel: Channel,
        text: str,
        *,
        reply_to: Message | None = None,
        ping: bool = True,
        attachments: Sequence[tuple[str, str, bytes]] = (),
        forwarded: str | None = None,
        mentions: Sequence[User] = (),
        webhook: bool = False,
        type: int = DEFAULT,
    ) -> Message:
        """A message of a person. Mentions are also found in the text, as <@id>.

        `ping`: a reply mentions whom it replies to. `forwarded`: the text of a message that is
        sent on. `webhook`: the user is a webhook's face, and no member.
        """
        if not webhook and type == DEFAULT:
            assert channel.seen_by(user), f"{user.name} cannot see {channel.name}"
        if user is self.bot:
            raise AssertionError("the bot speaks for itself")
        message = Message(self.ids.fresh(), channel, user, text, self.clock.now(), type=type)
        message.attachments = [self.attach(channel, *file) for file in _ordered(attachments)]
        if webhook:
            message.webhook_id = user.id
        where: Json = {"channel_id": str(channel.id)}
        if channel.guild is not None:
            where["guild_id"] = str(channel.guild.id)
        if reply_to is not None:
            message.type, message.replied_to = REPLY, reply_to
            message.reference = where | {"type": 0, "message_id": str(reply_to.id)}
        if forwarded is not None:
            message.flags |= may.HAS_SNAPSHOT
            message.reference = where | {"type": 1, "message_id": str(self.ids.fresh())}
            message.snapshots = [{"message": _snapshot(message, forwarded)}]
        mention(message, self.users, Policy(replied_user=ping))
        message.mentions = list(dict.fromkeys([*message.mentions, *mentions]))
        self.place(message)
        await self.flush()
        return message

    async def edit(self, message: Message, text: str) -> None:
        """The author edits it: MESSAGE_UPDATE with `edited_timestamp`."""
        target = message.replied_to
        pinged = target is not None and target.author in message.mentions
        message.write(text)
        message.edited_at = self.clock.now()
        mention(message, self.users, Policy(replied_user=pinged))
        self.replaced(message)
        await self.flush()

    async def unfurl(self, message: Message, title: str = "A page") -> None:
        """Discord adds a preview of a link: MESSAGE_UPDATE without `edited_timestamp`."""
        message.embeds = [*message.embeds, {"type": "link", "title": title}]
        self.replaced(message)
        await self.flush()

    async def delete(self, message: Message) -> None:
        self.remove(message)
        await self.flush()

    async def bulk_delete(self, channel: Channel, messages: Sequence[Message]) -> None:
        self.remove_all(channel, list(messages))
        await self.flush()

    async def react(self, user: User, message: Message, emoji: str) -> None:
        """A standard emoji under a message."""
        message.reactions.setdefault(emoji, []).append(user)
        channel = message.channel
        payload: Json = {
            "user_id": str(user.id), "channel_id": str(channel.id), "burst": False, "type": 0,
            "message_id": str(message.id), "emoji": {"id": None, "name": emoji},
            "message_author_id": str(message.author.id),
        }  # fmt: skip
        if channel.guild is not None:
            payload["guild_id"] = str(channel.guild.id)
            payload["member"] = channel.guild.members[user.id].whole()
        if self.tells(channel):
            self.emit(Event("MESSAGE_REACTION_ADD", payload, channel.guild_id))
        await self.flush()

    async def delete_channel(self, channel: Channel) -> None:
        """A channel with its threads, or one thread. Of the threads Discord says nothing."""
        assert channel.guild is not None, "a DM is never deleted"
        told = self.tells(channel) or not channel.is_thread
        held = channel.guild.channels
        for thread in [c for c in held.values() if c.parent is channel]:
            del held[thread.id]
        del held[channel.id]
        channel.deleted = True
        if told and channel.guild.joined:
            if channel.parent is not None:
                payload: Json = {
                    "id": str(channel.id), "guild_id": str(channel.guild.id),
                    "parent_id": str(channel.parent.id), "type": channel.type,
                }  # fmt: skip
                self.emit(Event("THREAD_DELETE", payload, channel.guild.id))
            else:
                self.emit(Event("CHANNEL_DELETE", channel.json(), channel.guild.id))
        await self.flush()

    async def leave(self, guild: Guild) -> None:
        """The bot is thrown out: GUILD_DELETE without `unavailable`."""
        self.bot_leaves(guild)
        await self.flush()

    async def enter(self, guild: Guild) -> None:
        """The bot is invited: GUILD_CREATE without `unavailable`, by which discord.py tells it."""
        guild.admit_bot()
        whole = {name: value for name, value in guild.json().items() if name != "unavailable"}
        self.emit(Event("GUILD_CREATE", whole, guild.id))
        await self.flush()

    async def outage(self, guild: Guild) -> None:
        """Discord's own trouble: GUILD_DELETE with `unavailable`."""
        guild.available = False
        gone = {"id": str(guild.id), "unavailable": True}
        self.emit(Event("GUILD_DELETE", gone, guild.id))
        await self.flush()

    async def recover(self, guild: Guild) -> None:
        guild.available = True
        self.emit(Event("GUILD_CREATE", guild.json(), guild.id))
        await self.flush()


def _ordered(files: Sequence[tuple[str, str, bytes]]) -> list[tuple[str, bytes, str]]:
    return [(filename, content, kind) for filename, kind, content in files]


def _snapshot(message: Message, text: str) -> Json:
    return {
        "type": 0, "content": text, "embeds": [], "attachments": [], "flags": 0,
        "timestamp": message.at.isoformat(), "edited_timestamp": None, "mentions": [],
        "mention_roles": [], "sticker_items": [], "components": [],
    }  # fmt: skip
