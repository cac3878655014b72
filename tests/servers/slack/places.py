"""Channels, group DMs and DMs of the loopback Slack."""

from dataclasses import dataclass, field
from enum import StrEnum

from tests.servers.slack.ground import Json


class Kind(StrEnum):
    """As events name it in `channel_type`."""

    CHANNEL = "channel"
    GROUP = "group"
    IM = "im"
    MPIM = "mpim"


SCOPE = {Kind.CHANNEL: "channels", Kind.GROUP: "groups", Kind.IM: "im", Kind.MPIM: "mpim"}
"""How scopes and subscriptions name the kind: `groups:history`, `message.groups`."""


@dataclass(slots=True, eq=False)
class Channel:
    """`team` hosts it; `shared_with` are workspaces of other organisations.

    `members` are ids of people and bots. `invited`: every bot that is installed there joins.
    """

    id: str
    team: str
    name: str
    kind: Kind
    members: list[str] = field(default_factory=list)
    shared_with: list[str] = field(default_factory=list)
    org_teams: list[str] = field(default_factory=list)
    archived: bool = False
    deleted: bool = False
    pending_shared: bool = False
    invited: bool = True
    created: int = 1700000000

    @property
    def ext_shared(self) -> bool:
        return bool(self.shared_with)

    @property
    def teams(self) -> list[str]:
        """All workspaces that see it."""
        return list(dict.fromkeys([self.team, *self.org_teams, *self.shared_with]))

    def json(self, bot: str, *, count: bool = False, context: str | None = None) -> Json:
        """As `conversations.info` shows it to this bot user."""
        if self.kind is Kind.IM:
            other = next((m for m in self.members if m != bot), bot)
            return {
                "id": self.id, "created": self.created, "is_archived": False, "is_im": True,
                "is_org_shared": False, "context_team_id": context or self.team,
                "updated": self.created * 1000, "user": other, "is_user_deleted": False,
                "priority": 0, "is_open": True,
            }  # fmt: skip
        shared = self.ext_shared or bool(self.org_teams)
        shown: Json = {
            "id": self.id, "name": self.name, "name_normalized": self.name,
            "is_channel": self.kind is not Kind.MPIM, "is_group": self.kind is Kind.MPIM,
            "is_im": False, "is_mpim": self.kind is Kind.MPIM,
            "is_private": self.kind is not Kind.CHANNEL, "is_member": bot in self.members,
            "created": self.created, "updated": self.created * 1000, "creator": "USLACKBOT",
            "is_archived": self.archived, "is_general": self.name == "general", "unlinked": 0,
            "is_shared": shared, "is_ext_shared": self.ext_shared,
            "is_org_shared": bool(self.org_teams), "is_pending_ext_shared": self.pending_shared,
            "pending_shared": [], "pending_connected_team_ids": [], "parent_conversation": None,
            "context_team_id": context or self.team, "shared_team_ids": self.teams,
            "topic": {"value": "", "creator": "", "last_set": 0},
            "purpose": {"value": "", "creator": "", "last_set": 0}, "previous_names": [],
        }  # fmt: skip
        if self.ext_shared:
            shown |= {
                "connected_team_ids": self.shared_with, "conversation_host_id": self.team,
                "internal_team_ids": [self.team, *self.org_teams],
            }  # fmt: skip
        return shown | ({"num_members": len(self.members)} if count else {})
