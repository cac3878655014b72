"""The four memories of one turn, gathered into its prompt."""

from dataclasses import replace

from bot.clock import Clock
from bot.config import Settings
from bot.consolidation import NOTEBOOK
from bot.context import build_reply_prompt, sure_history, used_by
from bot.evidence import Limits
from bot.ports import Store, Used
from bot.recall import Recall
from bot.slots import PROFILE
from bot.space_settings import SpaceSettings
from bot.types import Exchange, Memory, PendingTurn, Recalled, ReplyPrompt, Summary, TurnId


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

        Who has paused is answered from history and summary alone.
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
        if not paused:
            found = await self._recall.find(
                scope,
                reader,
                turn.message.text,
                limit=limits.items,
                leave_out=known,
                alone=self._model == NOTEBOOK,  # it quotes what it is given
                here=turn.conversation,
                asked_at=turn.message.sent_at,
            )
            profile = await store.profile(scope, reader, PROFILE)
            recalled = await self._recall.with_surroundings(scope, reader, found, known)
        prompt = build_reply_prompt(
            own.persona_in(turn.conversation.channel) or self._settings.ellie_persona,
            turn.message,
            profile,
            recalled,
            summary,
            past,
            limits,
            self._clock(),
            paused=paused,
        )
        allowed = own.model in self._settings.allowed_models
        prompt = replace(prompt, model=own.model if allowed else None)
        if chain:
            used = used_by(prompt, None, erasures)
            parts = [part for one in prompt.history for part in (one.said, one.reply)]
            return prompt, replace(used, chain=tuple(part.id for part in parts if part))
        oldest = history[-len(prompt.history)][0] if prompt.history else None
        return prompt, used_by(prompt, oldest, erasures)

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
