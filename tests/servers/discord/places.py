"""The places of the loopback Discord: guilds, channels, threads, DMs; who may see them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.servers.discord import permissions as may
from tests.servers.discord.ground import Event, Ground, Json
from tests.servers.discord.members import Member, Overwrite, Role, User

TEXT, DM, PUBLIC_THREAD, PRIVATE_THREAD = 0, 1, 11, 12


@dataclass(slots=True, eq=False, repr=False)
class Channel:
    """A text channel, a thread or a DM. `guild` is None in a DM, `parent` is there in a thread."""

    ground: Ground
    id: int
    name: str
    type: int
    guild: "Guild | None" = None
    parent: "Channel | None" = None
    recipients: list[User] = field(default_factory=list)
    owner: User | None = None
    overwrites: dict[int, Overwrite] = field(default_factory=dict)
    members: list[User] = field(default_factory=list)
    last_message_id: int | None = None
    deleted: bool = False

    def __repr__(self) -> str:
        return f"<#{self.name} {self.id}>"

    @property
    def guild_id(self) -> int | None:
        return self.guild.id if self.guild else None

    @property
    def is_thread(self) -> bool:
        return self.type in (PUBLIC_THREAD, PRIVATE_THREAD)

    def permissions(self, user: User) -> int:
        """Bits. In a DM its two people may do everything that a DM allows."""
        if self.guild is None:
            return may.EVERYONE if user in self.recipients else 0
        return self.guild.permissions(user, self)

    def seen_by(self, user: User) -> bool:
        granted = self.permissions(user)
        if self.type == PRIVATE_THREAD and user not in self.members:
            return bool(granted & may.VIEW_CHANNEL) and bool(granted & may.MANAGE_THREADS)
        return bool(granted & may.VIEW_CHANNEL)

    def allow(self, target: User | Role, bits: int) -> None:
        """Write an overwrite; a connected bot hears of it."""
        overwrite = self.overwrites.setdefault(target.id, Overwrite())
        overwrite.allow, overwrite.deny = overwrite.allow | bits, overwrite.deny & ~bits
        self._tell("CHANNEL_UPDATE")

    def deny(self, target: User | Role, bits: int) -> None:
        overwrite = self.overwrites.setdefault(target.id, Overwrite())
        overwrite.deny, overwrite.allow = overwrite.deny | bits, overwrite.allow & ~bits
        self._tell("CHANNEL_UPDATE")

    def add_thread(
        self,
        name: str,
        private: bool = False,
        members: Sequence[User] = (),
        *,
        owner: User | None = None,
        id: int | None = None,
    ) -> "Channel":
        """A thread; its owner is, unless told, the first member, else the guild's owner."""
        assert self.guild is not None, "a DM has no threads"
        maker = owner or next(iter(members), self.guild.owner)
        kind = PRIVATE_THREAD if private else PUBLIC_THREAD
        thread = Channel(
            self.ground, id or self.ground.ids.fresh(), name, kind, self.guild, self, owner=maker
        )
        thread.members = list(dict.fromkeys([*members, maker]))
        self.guild.channels[thread.id] = thread
        if thread.seen_by(self.guild.bot):
            thread._tell("THREAD_CREATE", newly_created=True)
        return thread

    def _tell(self, event: str, **more: object) -> None:
        if self.guild is not None and self.guild.joined:
            self.ground.emit(Event(event, self.json() | more, self.guild.id))

    def json(self) -> Json:
        last = str(self.last_message_id) if self.last_message_id else None
        base: Json = {"id": str(self.id), "type": self.type, "last_message_id": last, "flags": 0}
        if self.guild is None:
            bot = self.recipients[-1]
            return base | {"recipients": [u.json() for u in self.recipients if u is not bot]}
        base |= {"guild_id": str(self.guild.id), "name": self.name, "rate_limit_per_user": 0}
        if self.parent is not None:
            return base | self._thread_json(self.parent, self.guild)
        return base | {
            "position": 0, "topic": None, "nsfw": False, "parent_id": None,
            "permission_overwrites": [
                {
                    "id": str(id_), "type": 0 if id_ in self.guild.roles else 1,
                    "allow": str(o.allow), "deny": str(o.deny),
                }
                for id_, o in self.overwrites.items()
            ],
        }  # fmt: skip

    def _thread_json(self, parent: "Channel", guild: "Guild") -> Json:
        since = self.ground.clock.now().isoformat()
        thread: Json = {
            "parent_id": str(parent.id), "owner_id": str((self.owner or guild.owner).id),
            "message_count": 0, "member_count": len(self.members), "total_message_sent": 0,
            "thread_metadata": {
                "archived": False, "auto_archive_duration": 1440, "archive_timestamp": since,
                "locked": False, "create_timestamp": since, "invitable": True,
            },
        }  # fmt: skip
        if guild.bot in self.members:
            thread["member"] = self.membership(guild.bot)
        return thread

    def membership(self, user: User) -> Json:
        since = self.ground.clock.now().isoformat()
        return {"id": str(self.id), "user_id": str(user.id), "join_timestamp": since, "flags": 0}


class Guild:
    """A server. `joined`: the bot is in it; `available`: no outage."""

    def __init__(self, ground: Ground, name: str, owner: User, bot: User, joined: bool) -> None:
        self.ground = ground
        self.id = ground.ids.standing()
        self.name = name
        self.owner = owner
        self.bot = bot
        self.joined = joined
        self.available = True
        self.locale = "en-US"
        self.everyone = Role(self.id, "@everyone", may.EVERYONE, position=0)
        self.roles = {self.id: self.everyone}
        self.members: dict[int, Member] = {}
        self.channels: dict[int, Channel] = {}
        self.join(owner)
        if joined:
            self.admit_bot()

    def admit_bot(self) -> None:
        """The bot becomes a member, with the role that Discord makes for it."""
        self.joined = True
        if self.bot.id not in self.members:
            role = self.add_role(self.bot.name)
            role.managed_by = self.bot
            self.join(self.bot, [role])

    def add_role(self, name: str, permissions: int = 0, *, mentionable: bool = False) -> Role:
        role = Role(self.ground.ids.standing(), name, permissions, mentionable)
        self.roles[role.id] = role
        if self.joined:
            payload = {"guild_id": str(self.id), "role": role.json()}
            self.ground.emit(Event("GUILD_ROLE_CREATE", payload, self.id))
        return role

    def join(
        self,
        user: User,
        roles: Iterable[Role] = (),
        permissions: int = 0,
        *,
        nick: str | None = None,
    ) -> Member:
        """A member with these roles, and with these bits by a role of their own."""
        held = list(roles)
        if permissions:
            held.append(self.add_role(f"{user.name}'s own", permissions))
        member = Member(user, held, nick, self.ground.clock.now().isoformat())
        self.members[user.id] = member
        if self.joined and user is not self.bot:
            payload = member.whole() | {"guild_id": str(self.id)}
            self.ground.emit(Event("GUILD_MEMBER_ADD", payload, self.id))
        return member

    def part(self, user: User) -> None:
        """They leave the guild."""
        del self.members[user.id]
        payload = {"guild_id": str(self.id), "user": user.json()}
        self.ground.emit(Event("GUILD_MEMBER_REMOVE", payload, self.id))

    def add_channel(
        self,
        name: str,
        *,
        readers: Sequence[User] | None = None,
        readers_roles: Sequence[Role] | None = None,
        bot_reads: bool = True,
    ) -> Channel:
        """A text channel, closed to everybody but the readers where any are named (also `[]`)."""
        channel = Channel(self.ground, self.ground.ids.standing(), name, TEXT, self)
        if readers is not None or readers_roles is not None:
            bits = may.VIEW_CHANNEL
            channel.overwrites[self.id] = Overwrite(deny=bits)
            allowed = {user.id for user in readers or ()} | {r.id for r in readers_roles or ()}
            for id_ in allowed | ({self.bot.id} if bot_reads else set()):
                channel.overwrites[id_] = Overwrite(allow=bits)
        self.channels[channel.id] = channel
        channel._tell("CHANNEL_CREATE")
        return channel

    def permissions(self, user: User, channel: Channel | None = None) -> int:
        """Roles, then overwrites of @everyone, of roles, of the member: Discord's algorithm."""
        member = self.members.get(user.id)
        if member is None:
            return 0
        bits = self.everyone.permissions
        for role in member.roles:
            bits |= role.permissions
        if user is self.owner or bits & may.ADMINISTRATOR:
            return may.ALL
        if channel is None:
            return bits
        written = (channel.parent or channel).overwrites
        everyone = written.get(self.id, Overwrite())
        bits = bits & ~everyone.deny | everyone.allow
        allow = deny = 0
        for role in member.roles:
            overwrite = written.get(role.id, Overwrite())
            allow, deny = allow | overwrite.allow, deny | overwrite.deny
        own = written.get(user.id, Overwrite())
        bits = bits & ~deny | allow
        return bits & ~own.deny | own.allow

    def json(self, *, all_members: bool = False) -> Json:
        """As GUILD_CREATE has it: without the privileged intents only the bot is a member."""
        shown = [m for m in self.members.values() if all_members or m.user is self.bot]
        seen = [c for c in self.channels.values() if not c.is_thread or c.seen_by(self.bot)]
        return {
            "id": str(self.id), "name": self.name, "icon": None, "splash": None, "banner": None,
            "discovery_splash": None, "owner_id": str(self.owner.id), "afk_channel_id": None,
            "afk_timeout": 300, "verification_level": 1, "default_message_notifications": 0,
            "explicit_content_filter": 0, "emojis": [], "stickers": [], "features": [],
            "mfa_level": 0, "application_id": None, "system_channel_id": None,
            "system_channel_flags": 0, "rules_channel_id": None, "vanity_url_code": None,
            "description": None, "premium_tier": 0, "premium_subscription_count": 0,
            "preferred_locale": self.locale, "public_updates_channel_id": None,
            "nsfw_level": 0, "premium_progress_bar_enabled": False, "large": False,
            "safety_alerts_channel_id": None, "unavailable": not self.available,
            "joined_at": self.ground.clock.now().isoformat(), "voice_states": [],
            "presences": [], "stage_instances": [], "guild_scheduled_events": [],
            "soundboard_sounds": [], "member_count": len(self.members),
            "roles": [role.json() for role in self.roles.values()],
            "members": [member.whole() for member in shown],
            "channels": [channel.json() for channel in seen if not channel.is_thread],
            "threads": [channel.json() for channel in seen if channel.is_thread],
        }  # fmt: skip
