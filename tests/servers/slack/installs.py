"""Installations of the app: tokens, scopes, subscriptions."""

from dataclasses import dataclass

SCOPES = frozenset(
    [
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:join",
        "channels:manage",
        "channels:read",
        "chat:write",
        "chat:write.customize",
        "commands",
        "files:read",
        "files:write",
        "groups:history",
        "groups:read",
        "groups:write",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "mpim:write",
        "reactions:read",
        "reactions:write",
        "team:read",
        "users:read",
    ]
)
"""All scopes the loopback Slack knows."""

EVENTS: dict[str, tuple[str, ...]] = {
    "app_mention": ("app_mentions:read",),
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "message.mpim": ("mpim:history",),
    "app_home_opened": (),
    "app_context_changed": ("assistant:write",),
    "app_uninstalled": (),
    "tokens_revoked": (),
    "agent_session_stopped": ("chat:write",),
    "channel_archive": ("channels:read",),
    "channel_created": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_unarchive": ("channels:read",),
    "channel_left": ("channels:read",),
    "channel_shared": ("channels:read", "groups:read"),
    "channel_unshared": ("channels:read", "groups:read"),
    "channel_id_changed": ("channels:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": ("channels:read", "groups:read"),
    "member_left_channel": ("channels:read", "groups:read"),
    "team_join": ("users:read",),
    "user_change": ("users:read",),
    "reaction_added": ("reactions:read",),
    "file_shared": ("files:read",),
    "im_created": ("im:read",),
}
"""Subscriptions, and the scopes of which one is needed."""


@dataclass(slots=True, eq=False)
class Installation:
    """The app in a workspace, or in a whole organisation (`org`). `at` is T… or E…."""

    at: str
    org: bool
    token: str
    bot_user: str
    bot_id: str
    scopes: frozenset[str]
    events: frozenset[str]
    teams: list[str]
    installer: str | None = None
    refresh_token: str | None = None
    expires_at: float | None = None
    revoked: str | None = None
    """The error its token gets since it was uninstalled or revoked; None: it is good."""

    def hears(self, event: str) -> bool:
        """Subscribed to it, with a scope that allows it."""
        needed = EVENTS.get(event, ())
        allowed = not needed or any(scope in self.scopes for scope in needed)
        return self.revoked is None and event in self.events and allowed
