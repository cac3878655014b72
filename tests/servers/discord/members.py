"""People, roles and members of the loopback Discord, each with its JSON."""

from dataclasses import dataclass

from tests.servers.discord.ground import Json


@dataclass(slots=True, eq=False, repr=False)
class User:
    id: int
    name: str
    display_name: str | None = None
    bot: bool = False
    accepts_dms: bool = True

    def __repr__(self) -> str:
        return f"<{self.name} {self.id}>"

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def json(self) -> Json:
        return {
            "id": str(self.id), "username": self.name, "discriminator": "0", "avatar": None,
            "global_name": self.display_name, "bot": self.bot, "system": False,
            "public_flags": 0, "banner": None, "accent_color": None,
        }  # fmt: skip


@dataclass(slots=True, eq=False)
class Role:
    id: int
    name: str
    permissions: int
    mentionable: bool = False
    position: int = 1
    managed_by: User | None = None

    @property
    def mention(self) -> str:
        return f"<@&{self.id}>"

    def json(self) -> Json:
        colours = {"primary_color": 0, "secondary_color": None, "tertiary_color": None}
        tags = {"tags": {"bot_id": str(self.managed_by.id)}} if self.managed_by else {}
        return {
            "id": str(self.id), "name": self.name, "permissions": str(self.permissions),
            "position": self.position, "color": 0, "colors": colours, "hoist": False,
            "icon": None, "unicode_emoji": None, "managed": self.managed_by is not None,
            "mentionable": self.mentionable, "flags": 0,
        } | tags  # fmt: skip


@dataclass(slots=True, eq=False)
class Member:
    user: User
    roles: list[Role]
    nick: str | None
    joined_at: str

    def json(self) -> Json:
        """Without the user, as events of messages carry it."""
        return {
            "roles": [str(role.id) for role in self.roles], "nick": self.nick, "avatar": None,
            "joined_at": self.joined_at, "premium_since": None, "deaf": False, "mute": False,
            "pending": False, "flags": 0, "communication_disabled_until": None,
        }  # fmt: skip

    def whole(self) -> Json:
        return self.json() | {"user": self.user.json()}


@dataclass(slots=True)
class Overwrite:
    allow: int = 0
    deny: int = 0
