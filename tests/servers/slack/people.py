"""Workspaces, organisations and the people in them."""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.servers.slack.ground import Json


class Guest(StrEnum):
    """A person who sees some channels only."""

    SINGLE = "single"
    MULTI = "multi"


@dataclass(slots=True, eq=False)
class Team:
    """A workspace. `enterprise` is the id of its Grid organisation; `paid`: agent features work."""

    id: str
    name: str
    enterprise: str | None = None
    paid: bool = True

    @property
    def domain(self) -> str:
        return self.name.lower().replace(" ", "-")

    def json(self) -> Json:
        grid = {"enterprise_id": self.enterprise, "enterprise_name": f"Org {self.enterprise}"}
        return {
            "id": self.id, "name": self.name, "domain": self.domain, "email_domain": "",
            "icon": {"image_default": True}, "url": f"https://{self.domain}.slack.com/",
        } | (grid if self.enterprise else {})  # fmt: skip


@dataclass(slots=True, eq=False)
class Person:
    """A member of a workspace, or of several of one organisation; a bot user as well."""

    id: str
    team: str
    name: str
    guest: Guest | None = None
    admin: bool = False
    bot_id: str | None = None
    deleted: bool = False
    teams: set[str] = field(default_factory=set)

    def json(self, team: Team, stranger: bool) -> Json:
        """As `users.info` shows it; `stranger`: of elsewhere, and in no channel with the bot."""
        grid = {
            "enterprise_user": {
                "id": self.id, "enterprise_id": team.enterprise, "enterprise_name": "Org",
                "is_admin": False, "is_owner": False, "teams": sorted(self.teams),
            }
        }  # fmt: skip
        basic: Json = {
            "id": self.id, "team_id": self.team, "name": self.name.lower(),
            "deleted": self.deleted, "color": "9f69e7", "real_name": self.name, "tz": "Etc/UTC",
            "tz_label": "UTC", "tz_offset": 0, "updated": 1700000000, "is_bot": bool(self.bot_id),
            "is_app_user": False, "profile": self.profile(), "is_email_confirmed": True,
        }  # fmt: skip
        if not self.deleted:
            basic |= {
                "is_admin": self.admin, "is_owner": False, "is_primary_owner": False,
                "is_restricted": self.guest is not None,
                "is_ultra_restricted": self.guest is Guest.SINGLE,
            }  # fmt: skip
        basic |= grid if team.enterprise else {}
        return basic | ({"is_stranger": True} if stranger else {})

    def profile(self) -> Json:
        names = {"real_name": self.name, "display_name": self.name, "team": self.team}
        normal = {"real_name_normalized": self.name, "display_name_normalized": self.name}
        bot = {"api_app_id": "", "bot_id": self.bot_id, "always_active": True}
        return names | normal | {"avatar_hash": "0"} | (bot if self.bot_id else {})
