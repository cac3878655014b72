"""Old history becomes summary, in the background."""

import asyncio
import logging
from datetime import datetime, timedelta

from bot.clock import Clock
from bot.config import Settings
from bot.errors import ModelError
from bot.memory_prompts import build_summary_prompt
from bot.ports import ChatModel, Foldable, Store
from bot.types import Conversation

log = logging.getLogger(__name__)

FIRST_RETRY = timedelta(seconds=30)
LAST_RETRY = timedelta(hours=6)
SUMMARISE_SHARE = 0.25
"""A conversation is folded when so much of the prompt's budget is covered by no summary."""
KEEP_SHARE = 1 / 3
"""So much of that stays word for word, so that a fold is worth its call."""


def back_off(attempts: int) -> timedelta:
    """How long to wait after so many failures before the last one."""
    return min(FIRST_RETRY * (1 << 2 * min(attempts, 10)), LAST_RETRY)


class Folding:
    """Folds the oldest part of long conversations into their rolling summaries."""

    def __init__(self, store: Store, model: ChatModel, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._model = model
        self._settings = settings
        self._clock = clock
        self._failed: dict[Conversation, tuple[int, datetime]] = {}

    async def step(self, *, everything: bool) -> None:
        """Fold what is too long; `everything`: also where it failed a short while ago."""
        if not self._model.summarises:
            return
        threshold = int(self._settings.ellie_context_budget_tokens * SUMMARISE_SHARE)
        for foldable in await self._store.foldable(threshold):
            attempts, after = self._failed.get(foldable.conversation, (0, None))
            if after is not None and after > self._clock() and not everything:
                continue
            try:
                async with asyncio.timeout(self._settings.ellie_turn_timeout_seconds):
                    await self._fold(foldable, int(threshold * KEEP_SHARE))
                self._failed.pop(foldable.conversation, None)
            except (ModelError, TimeoutError) as error:
                again = self._clock() + back_off(attempts)
                self._failed[foldable.conversation] = (attempts + 1, again)
                log.warning("summary: %s", str(error) or "the memory model took too long")

    async def _fold(self, foldable: Foldable, keep_tokens: int) -> None:
        """One call that folds the oldest exchanges, and never the newest, into the summary."""
        old = list(foldable.exchanges)
        while old and keep_tokens > 0:
            _, exchange = old.pop()
            keep_tokens -= exchange.said.tokens + (exchange.reply.tokens if exchange.reply else 0)
        if not old:
            return
        prompt = build_summary_prompt(
            foldable.previous,
            [exchange for _, exchange in old],
            self._settings.ellie_context_budget_tokens,
        )
        text, usage = await self._model.summarise(prompt)
        through, _ = old[len(prompt.exchanges) - 1]
        await self._store.add_summary(foldable, through, text, usage, self._clock())
