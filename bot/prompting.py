"""The four memories of one turn, gathered into its prompt."""

from bot.clock import Clock
from bot.config import Settings
from bot.consolidation import NOTEBOOK
from bot.context import build_reply_prompt, sure_history, used_by
from bot.evidence import Limits
from bot.ports import Store, Used
from bot.recall import Recall
from bot.slots import PROFILE
from bot.types import Memory, PendingTurn, Recalled, ReplyPrompt


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
        self, turn: PendingTurn, budget_tokens: int, *, paused: bool
    ) -> tuple[ReplyPrompt, Used]:
        """The prompt from all four memories, and what of them it holds.

        Who has paused is answered from history and summary alone.
        """
        store, scope, reader = self._store, turn.scope, turn.message.audience
        erasures = store.erasures
        summary = await store.newest_summary(turn.conversation, reader, scope)
        history = await store.history(
            turn.conversation, reader, scope, turn.id, summary.through if summary else None
        )
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
            self._settings.ellie_persona,
            turn.message,
            profile,
            recalled,
            summary,
            past,
            limits,
            self._clock(),
            paused=paused,
        )
        oldest = history[-len(prompt.history)][0] if prompt.history else None
        return prompt, used_by(prompt, oldest, erasures)
