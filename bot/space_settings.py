"""What those who manage a space set for it."""

from collections.abc import Collection
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SpaceSettings:
    """What those who manage a space set for it. None and empty: as Ellie's own settings say.

    Channels and roles are the platform's ids. `free`: channels where every message is answered.
    `threads`: channels in whose threads Ellie answers without a mention where she takes part.
    `ambient`: channels where what bystanders say is history. `allowed_…`: if not empty, only there
    and only they. `daily_tokens`: of the whole space in a UTC day. Days are those of `Retention`.
    """

    persona: str | None = None
    personas: dict[str, str] = field(default_factory=dict)
    model: str | None = None
    free: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    ambient: frozenset[str] = frozenset()
    allowed_channels: frozenset[str] = frozenset()
    blocked_channels: frozenset[str] = frozenset()
    allowed_roles: frozenset[str] = frozenset()
    blocked_roles: frozenset[str] = frozenset()
    daily_tokens: int | None = None
    daily_tokens_per_user: int | None = None
    message_days: int | None = None
    memory_days: int | None = None

    def admits(self, channel: str, roles: Collection[str]) -> bool:
        """Whether who has these roles is answered in the channel: allowed, and not blocked."""
        if channel in self.blocked_channels or not self.blocked_roles.isdisjoint(roles):
            return False
        there = not self.allowed_channels or channel in self.allowed_channels
        return there and (not self.allowed_roles or not self.allowed_roles.isdisjoint(roles))

    def persona_in(self, channel: str) -> str | None:
        """Who Ellie is in the channel; None: as her own settings say."""
        return self.personas.get(channel, self.persona)
