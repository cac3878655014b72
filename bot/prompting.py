"""The four memories of one turn, gathered into its prompt."""

from collections.abc import Collection
from dataclasses import replace

from bot.clock import Clock
from bot.config import Settings
from bot.consolidation import NOTEBOOK
from bot.context import build_reply_prompt, rule_of, sure_history, used_by
from bot.evidence import Limits
from bot.ports import Store, Used
from bot.recall import Recall
from bot.slots import PROFILE
from bot.space_settings import SpaceSettings
from bot.types import (
    Exchange,
    Memory,
    MessageId,
    PendingTurn,
    Reach,
    Recalled,
    ReplyPrompt,
    Summary,
    TurnId,
)


class Prompting:
    """Builds the prompts of replies for the model of that name."""

    def __init__(
        self, store: Store, recall: Recall, settings: Settings, clock: Clock, model: str
    ) -> None:
        self._store = store
        self._recall = recall
        self._settings = settings
        self._clock = clock
        self._model = model

    async def build(
        self, turn: PendingTurn, own: SpaceSettings, budget_tokens: int, *, paused: bool
    ) -> tuple[ReplyPrompt, Used]:
        """The prompt from all four memories, and what of them it holds; `own` is the space's.

        Who has paused or is an outsider is answered from history and summary alone, and so is
        everybody where outsiders read; where guests do, from what was said there.
        """
        store, scope, reader = self._store, turn.scope, turn.message.audience
        erasures = store.erasures
        chain, summary, history = await self._said(turn)
        past = [exchange for _, exchange in history]
        limits = Limits(budget_tokens, self._settings.ellie_recall_budget_tokens)
        sure = sure_history(turn.message, summary, past, limits)
        known = {exchange.said.id for exchange in sure} | {turn.message.id}
        profile: list[Memory] = []
        recalled: list[Recalled] = []
        if turn.recalls and not paused:
            profile = await store.profile(scope, reader, PROFILE, channel=turn.only_in)
            recalled = await self._recalled(turn, known, limits)
        prompt = build_reply_prompt(
            own.persona_in(turn.conversation.channel) or self._settings.ellie_persona,
            turn.message,
            profile,
            recalled,
            summary,
            past,
            limits,
            self._clock(),
            rule_of(turn, paused=paused),
        )
        model = own.model if own.model in self._settings.allowed_models else None
        prompt = replace(prompt, model=model, paused=paused, outsider=turn.outsider)
        if chain:
            used = used_by(prompt, None, erasures)
            parts = [part for one in prompt.history for part in (one.said, one.reply)]
            return prompt, replace(used, chain=tuple(part.id for part in parts if part))
        oldest = history[-len(prompt.history)][0] if prompt.history else None
        return prompt, used_by(prompt, oldest, erasures)

    async def _recalled(
        self, turn: PendingTurn, known: Collection[MessageId], limits: Limits
    ) -> list[Recalled]:
        """What answers the turn's message, with what was said beside it."""
        scope, reader = turn.scope, turn.message.audience
        found = await self._recall.find(
            scope,
            reader,
            turn.message.text,
            limit=limits.items,
            leave_out=known,
            alone=self._model == NOTEBOOK,  # it quotes what it is given
            here=turn.conversation,
            asked_at=turn.message.sent_at,
            shared=turn.reach is Reach.ALL,
            channel=turn.only_in,
        )
        return await self._recall.with_surroundings(scope, reader, found, known)

    async def _said(
        self, turn: PendingTurn
    ) -> tuple[bool, Summary | None, list[tuple[TurnId, Exchange]]]:
        """What was said before, and the summary of what was said before that.

        (True, None, the chain of what the turn replies to) where it replies to something known.
        """
        where, reader, scope = turn.conversation, turn.message.audience, turn.scope
        if turn.reply_to is not None and (
            chain := await self._store.chain(turn.id, where, reader, scope)
        ):
            return True, None, chain
        summary = await self._store.newest_summary(where, reader, scope)
        through = summary.through if summary else None
        return False, summary, await self._store.history(where, reader, scope, turn.id, through)
