"""Messages of the loopback Discord: what they hold, whom they ping, and what a bot may read."""

import re
from dataclasses import dataclass, field
from datetime import datetime

from tests.servers.discord import permissions as may
from tests.servers.discord.ground import Json
from tests.servers.discord.members import Role, User
from tests.servers.discord.places import Channel

DEFAULT, REPLY, CHAT_INPUT_COMMAND, CONTEXT_MENU_COMMAND = 0, 19, 20, 23

USER_MENTION = re.compile(r"<@!?(\d+)>")
ROLE_MENTION = re.compile(r"<@&(\d+)>")
EVERYONE_MENTION = re.compile(r"@(everyone|here)\b")


@dataclass(slots=True, eq=False, repr=False)
class Message:
    """A message as it is now. `history` is every content it had, `edits` counts the PATCHes.

    `pings` is whom it really pinged, by what was sent or edited in: ids of people and roles, and
    "everyone". An edit pings nobody on Discord, but it marks them: it counts here.
    """

    id: int
    channel: Channel
    author: User
    content: str
    at: datetime
    type: int = DEFAULT
    flags: int = 0
    embeds: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    mentions: list[User] = field(default_factory=list)
    mention_roles: list[Role] = field(default_factory=list)
    mention_everyone: bool = False
    pings: list[int | str] = field(default_factory=list)
    reference: Json | None = None
    replied_to: "Message | None" = None
    snapshots: list[Json] = field(default_factory=list)
    nonce: str | int | None = None
    webhook_id: int | None = None
    interaction: Json | None = None
    only_for: User | None = None
    edited_at: datetime | None = None
    reactions: dict[str, list[User]] = field(default_factory=dict)
    history: list[str] = field(default_factory=list)
    edits: int = 0
    deleted: bool = False

    def __post_init__(self) -> None:
        self.history.append(self.content)

    def __repr__(self) -> str:
        return f"<{self.author.name} in {self.channel}: {self.text!r}>"

    @property
    def author_id(self) -> int:
        return self.author.id

    @property
    def ephemeral(self) -> bool:
        return bool(self.flags & may.EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.flags & may.LOADING)

    @property
    def text(self) -> str:
        """All that a person reads: the content and the text of components, a line each."""
        shown = [c["content"] for c in walk(self.components) if c["type"] == 10]
        return "\n".join(filter(None, [self.content, *shown]))

    @property
    def buttons(self) -> dict[str, str]:
        """Label (or emoji) → custom_id of the buttons that can be pressed."""
        return {
            str(c.get("label") or (c.get("emoji") or {}).get("name")): c["custom_id"]
            for c in walk(self.components)
            if c["type"] == 2 and "custom_id" in c and not c.get("disabled")
        }

    def write(self, content: str) -> None:
        self.content = content
        self.history.append(content)

    def json(self) -> Json:
        """As REST answers it."""
        payload: Json = {
            "id": str(self.id), "channel_id": str(self.channel.id), "type": self.type,
            "author": self.author.json(), "content": self.content, "flags": self.flags,
            "timestamp": self.at.isoformat(), "tts": False, "pinned": False,
            "edited_timestamp": self.edited_at.isoformat() if self.edited_at else None,
            "mention_everyone": self.mention_everyone,
            "mentions": [user.json() for user in self.mentions],
            "mention_roles": [str(role.id) for role in self.mention_roles],
            "embeds": self.embeds, "attachments": self.attachments,
            "components": self.components, "sticker_items": [],
        }  # fmt: skip
        if self.reactions:
            payload["reactions"] = [self._reaction(emoji) for emoji in self.reactions]
        if self.nonce is not None:
            payload["nonce"] = self.nonce
        if self.webhook_id is not None:
            payload["webhook_id"] = str(self.webhook_id)
        if self.interaction is not None:
            payload |= {"application_id": payload["webhook_id"]}
            payload["interaction_metadata"] = self.interaction
        if self.reference is not None:
            payload["message_reference"] = self.reference
        if self.snapshots:
            payload["message_snapshots"] = self.snapshots
        if self.type == REPLY and self.reference is not None:
            target = self.replied_to
            gone = target is None or target.deleted
            payload["referenced_message"] = None if gone or target is None else target.json()
        return payload

    def event(self) -> Json:
        """As the gateway has it: the author as a member without the user, mentions with theirs."""
        payload, guild = self.json(), self.channel.guild
        if guild is None:
            return payload
        payload["guild_id"], known = str(guild.id), guild.members
        if self.webhook_id is None and self.author.id in known:
            payload["member"] = known[self.author.id].json()
        payload["mentions"] = [
            user.json() | ({"member": known[user.id].json()} if user.id in known else {})
            for user in self.mentions
        ]
        return payload

    def _reaction(self, emoji: str) -> Json:
        count = len(self.reactions[emoji])
        return {
            "emoji": {"id": None, "name": emoji}, "count": count, "me": False, "me_burst": False,
            "count_details": {"normal": count, "burst": 0}, "burst_colors": [],
        }  # fmt: skip


def walk(components: list[Json]) -> list[Json]:
    """The components and all inside them, in reading order."""
    found: list[Json] = []
    for component in components:
        inner = [*component.get("components", ())]
        inner += [component[key] for key in ("accessory", "component") if component.get(key)]
        found += [component, *walk(inner)]
    return found


@dataclass(frozen=True, slots=True)
class Policy:
    """An `allowed_mentions`. None there means that everything in the text is parsed."""

    everyone: bool = True
    users: frozenset[int] | None = None
    roles: frozenset[int] | None = None
    replied_user: bool = True

    @classmethod
    def of(cls, given: Json | None) -> "Policy":
        if given is None:
            return cls()
        parse = given.get("parse", [])
        return cls(
            everyone="everyone" in parse,
            users=None if "users" in parse else frozenset(map(int, given.get("users", []))),
            roles=None if "roles" in parse else frozenset(map(int, given.get("roles", []))),
            replied_user=bool(given.get("replied_user", False)),
        )


def mention(message: Message, users: dict[int, User], policy: Policy) -> None:
    """Fill in whom the message mentions, and whom it pings under this policy."""
    text, guild = message.text, message.channel.guild
    named = [users[int(id_)] for id_ in USER_MENTION.findall(text) if int(id_) in users]
    message.mentions = list(dict.fromkeys(named))
    message.mention_roles, everywhere = [], False
    pings: list[int | str] = [
        user.id for user in message.mentions if policy.users is None or user.id in policy.users
    ]
    if guild is not None:
        everywhere = bool(message.channel.permissions(message.author) & may.MENTION_EVERYONE)
        roles = [guild.roles[int(i)] for i in ROLE_MENTION.findall(text) if int(i) in guild.roles]
        message.mention_roles = list(dict.fromkeys(roles))
        pings += [
            role.id
            for role in message.mention_roles
            if (policy.roles is None or role.id in policy.roles)
            and (role.mentionable or everywhere)
        ]
    target = message.replied_to
    if target is not None and policy.replied_user:
        message.mentions = list(dict.fromkeys([*message.mentions, target.author]))
        pings.append(target.author.id)
    message.mention_everyone = (
        everywhere and policy.everyone and EVERYONE_MENTION.search(text) is not None
    )
    if message.mention_everyone:
        pings.append("everyone")
    message.pings = list(dict.fromkeys([*message.pings, *pings]))


def without_content(payload: Json, bot_id: int) -> Json:
    """A guild's message as a bot without the message-content intent gets it.

    Whole are its own messages and those that mention it; the message replied to is judged alone.
    """
    shown = dict(payload)
    if (replied := shown.get("referenced_message")) is not None:
        shown["referenced_message"] = without_content(replied, bot_id)
    mentioned = any(user["id"] == str(bot_id) for user in payload.get("mentions", []))
    if mentioned or payload["author"]["id"] == str(bot_id):
        return shown
    shown |= {"content": "", "embeds": [], "attachments": [], "components": []}
    if "message_snapshots" in shown:
        empty = {"content": "", "embeds": [], "attachments": [], "components": []}
        shown["message_snapshots"] = [
            {"message": snapshot["message"] | empty} for snapshot in shown["message_snapshots"]
        ]
    return shown
