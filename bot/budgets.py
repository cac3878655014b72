"""What a day of answers may cost."""

from datetime import timedelta

from bot.clock import Clock
from bot.config import Settings
from bot.ports import Store
from bot.space_settings import SpaceSettings
from bot.types import Scope


class Budgets:
    """Counts tokens against the limits of a person and of a space."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    async def refusal(self, scope: Scope, own: SpaceSettings) -> str | None:
        """What to say to who may not be answered today; None: they may. `own` is the space's."""
        spent = await self._spent(scope, own)
        if spent is None:
            return None
        tomorrow = (self._clock() + timedelta(days=1)).date()
        return (
            f"We have talked so much today that my daily budget for {spent} is spent. "
            f"I wrote your message down; let us go on on {tomorrow:%d %B} (UTC)."
        )

    async def _spent(self, scope: Scope, own: SpaceSettings) -> str | None:
        """Whose budget is spent. Of the two for a person the lower one counts."""
        now = self._clock()
        limits = (own.daily_tokens_per_user, self._settings.ellie_daily_tokens_per_user)
        budget = min(filter(None, limits), default=0)
        if budget and await self._store.tokens_today(scope, now) >= budget:
            return "you"
        if own.daily_tokens is None:
            return None
        used = await self._store.space_tokens_today(scope.platform, scope.space, now)
        return "all of you here" if used >= own.daily_tokens else None
