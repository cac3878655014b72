"""Everything there is on the loopback Discord, and how it is looked up."""

import mimetypes
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from tests.servers.discord import errors
from tests.servers.discord.faults import Faults
from tests.servers.discord.ground import Event, Ground, Json
from tests.servers.discord.intents import ALL, GUILD_MEMBERS, GUILD_PRESENCES, MESSAGE_CONTENT
from tests.servers.discord.members import User
from tests.servers.discord.messages import Message, without_content
from tests.servers.discord.places import DM, Channel, Guild
from tests.servers.discord.rest import Request

URL_LIVES = timedelta(hours=24)
LIMITED = {GUILD_PRESENCES: 1 << 13, GUILD_MEMBERS: 1 << 15, MESSAGE_CONTENT: 1 << 19}


@dataclass(frozen=True, slots=True)
class File:
    """What a URL of the CDN answers with, until it expires."""

    kind: str
    content: bytes
    expires: datetime


class World(Ground):
    """People, places, messages, files, commands. `bot` is the bot's own user."""

    def __init__(self) -> None:
        super().__init__()
        self.token = "MTIz.loopback.only-this-one-is-good"
        self.cdn = ""
        self.gateway = ""
        self.users: dict[int, User] = {}
        self.guilds: dict[int, Guild] = {}
        self.requests: list[Request] = []
        self.downloads: list[str] = []
        self.faults = Faults()
        self.allowed_intents = ALL
        self.reads_content = False
        self.max_concurrency = 1
        self.recommended_shards = 1
        self.user_install_enabled = False
        self.identifies = 0
        self.resumes = 0
        self.invalid_requests = 0
        """Answers of 401, 403 and 429: 10,000 in 10 minutes and Discord bans the address."""
        self.command_writes = 0
        self.registered: dict[int | None, dict[int, Json]] = {None: {}}
        self.created_commands: list[tuple[int | None, datetime]] = []
        self.files: dict[int, File] = {}
        self._dms: dict[int, Channel] = {}
        self._messages: dict[int, dict[int, Message]] = {}
        self.application_id = self.ids.standing()
        self.bot = self.add_user("Ellie", bot=True)
        self.developer = self.add_user("developer")

    @property
    def application_flags(self) -> int:
        """Which privileged intents the portal grants."""
        return sum(flag for intent, flag in LIMITED.items() if self.allowed_intents & intent)

    def add_user(self, name: str, display_name: str | None = None, bot: bool = False) -> User:
        user = User(self.ids.standing(), name, display_name, bot)
        self.users[user.id] = user
        return user

    def add_guild(self, name: str, *, joined: bool = True, owner: User | None = None) -> Guild:
        """A guild with the bot in it, unless told otherwise.

        A connected bot does not hear of it before `enter`.
        """
        maker = owner or self.add_user(f"{name}'s owner")
        guild = Guild(self, name, maker, self.bot, joined)
        self.guilds[guild.id] = guild
        return guild

    def dm(self, user: User) -> Channel:
        """The one DM channel of the bot with this person."""
        if user.id not in self._dms:
            people = [user, self.bot]
            self._dms[user.id] = Channel(
                self, self.ids.standing(), user.name, DM, recipients=people
            )
        return self._dms[user.id]

    def channel(self, id_: int) -> Channel:
        """By its id; 404 where there is none, 403 where the bot cannot see it."""
        dms = {dm.id: dm for dm in self._dms.values()}
        for held in (dms, *(guild.channels for guild in self.guilds.values())):
            if (channel := held.get(id_)) is not None:
                if channel.guild and not (channel.guild.joined and channel.seen_by(self.bot)):
                    raise errors.missing_access()
                return channel
        raise errors.unknown_channel()

    def guild(self, id_: int) -> Guild:
        guild = self.guilds.get(id_)
        if guild is None:
            raise errors.unknown_guild()
        if not guild.joined:
            raise errors.missing_access()
        return guild

    def messages(self, channel: Channel) -> list[Message]:
        """What stands in the channel now, oldest first. Ephemeral answers are in no channel."""
        return [m for m in self._messages.get(channel.id, {}).values() if not m.ephemeral]

    def message(self, channel: Channel, id_: int) -> Message:
        """By its id; 404 where there is none."""
        message = self._messages.get(channel.id, {}).get(id_)
        if message is None or message.ephemeral:
            raise errors.unknown_message()
        return message

    def require(self, channel: Channel, bits: int) -> None:
        """403 where the bot lacks one of these permissions."""
        if channel.permissions(self.bot) & bits != bits:
            raise errors.missing_permissions()

    def shown(self, message: Message) -> Json:
        """As REST answers it to the bot.

        Stricter than Discord, where the portal decides: without the content intent identified,
        content is hidden here as well.
        """
        payload = message.json()
        allowed = self.reads_content and self.allowed_intents & MESSAGE_CONTENT
        if allowed or message.channel.guild is None or message.interaction is not None:
            return payload
        return without_content(payload, self.bot.id)

    def place(self, message: Message) -> None:
        """Put a new message where it is said, and tell the bot if it can see that."""
        self._messages.setdefault(message.channel.id, {})[message.id] = message
        if not message.ephemeral:
            message.channel.last_message_id = message.id
        self._tell("MESSAGE_CREATE", message)

    def replaced(self, message: Message) -> None:
        """Tell the bot that the message is another now."""
        self._tell("MESSAGE_UPDATE", message)

    def remove(self, message: Message) -> None:
        self._take_away(message)
        if self.tells(message.channel) and not message.ephemeral:
            gone = {"id": str(message.id)} | self._where(message.channel)
            self.emit(Event("MESSAGE_DELETE", gone, message.channel.guild_id))
        self.changed()

    def remove_all(self, channel: Channel, messages: list[Message]) -> None:
        """Bulk deletion: one event for all."""
        for message in messages:
            self._take_away(message)
        gone = {"ids": [str(message.id) for message in messages]} | self._where(channel)
        if self.tells(channel):
            self.emit(Event("MESSAGE_DELETE_BULK", gone, channel.guild_id))
        self.changed()

    def _take_away(self, message: Message) -> None:
        message.deleted = True
        self._messages[message.channel.id].pop(message.id, None)

    def tells(self, channel: Channel) -> bool:
        """Does the gateway tell the bot what happens there?"""
        guild = channel.guild
        return guild is None or (guild.joined and guild.available and channel.seen_by(self.bot))

    def _tell(self, event: str, message: Message) -> None:
        if self.tells(message.channel) and not message.ephemeral:
            self.emit(Event(event, message.event(), message.channel.guild_id))
        self.changed()

    def _where(self, channel: Channel) -> Json:
        guild = {"guild_id": str(channel.guild.id)} if channel.guild else {}
        return {"channel_id": str(channel.id)} | guild

    def bot_leaves(self, guild: Guild) -> None:
        """The bot is no longer in the guild: removed, banned, or by its own will."""
        guild.joined = False
        del guild.members[self.bot.id]
        self.emit(Event("GUILD_DELETE", {"id": str(guild.id)}, guild.id))

    def attach(self, channel: Channel, filename: str, content: bytes, kind: str = "") -> Json:
        """Keep a file; its JSON as an attachment. The URL answers with its bytes."""
        id_ = self.ids.fresh()
        kind = kind or mimetypes.guess_type(filename)[0] or "application/octet-stream"
        self.files[id_] = File(kind, content, self.clock.now() + URL_LIVES)
        url = f"{self.cdn}/attachments/{channel.id}/{id_}/{filename}?ex=6a&is=69&hm=0"
        size = {"width": 64, "height": 64} if kind.startswith("image/") else {}
        return {
            "id": str(id_), "filename": filename, "size": len(content), "url": url,
            "proxy_url": url, "content_type": kind, "flags": 0,
        } | size  # fmt: skip

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests of a route, oldest first; `path` may be a pattern with *."""
        return [r for r in self.requests if r.method == method and fnmatchcase(r.path, path)]

    def seen(self) -> str:
        """Problems, the last requests, and the last messages of every channel."""
        asked = [f"{r.method} {r.path} {str(r.json)[:200]}" for r in self.requests[-12:]]
        said = [
            f"{m.channel.name}: {m.author.name}: {m.text[:200]}"
            for held in self._messages.values()
            for m in list(held.values())[-6:]
        ]
        return "\n".join([*self.problems, *asked, *said])
