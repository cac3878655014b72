"""What is learnt: turns become memories, in the background."""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import replace

from bot.clock import Clock
from bot.config import Settings
from bot.errors import BotError, ModelError, report
from bot.folding import Folding, back_off
from bot.learning import learn
from bot.memory_prompts import build_extraction_prompt
from bot.ports import Batch, ChatModel, Embedder, Store
from bot.recall import Recall
from bot.slots import PROFILE
from bot.tidying import Tidying
from bot.types import Exchange, Memory, MessageId, TurnId, Usage
from bot.when import warm_up

log = logging.getLogger(__name__)

EMBED_TOGETHER = 64
KNOWN_SHOWN = 20
"""So many known memories a batch is shown; more would cost more than they save."""
NOTEBOOK = "notebook"


class Consolidation:
    """The one worker that turns what was said into what is known."""

    def __init__(
        self,
        *,
        store: Store,
        model: ChatModel,
        embedder: Embedder | None,
        recall: Recall,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._model = model
        self._embedder = embedder
        self._recall = recall
        self._settings = settings
        self._clock = clock
        self._awake = asyncio.Event()
        self._alone = asyncio.Lock()
        self._folding = Folding(store, model, settings, clock)
        self._tidying = Tidying(store, settings, clock)
        self._reconsidered = False

    def wake(self) -> None:
        """Tell the worker that there may be something to do."""
        self._awake.set()

    async def run(self) -> None:
        """Work until cancelled: at once when woken, else when something may have come due."""
        await asyncio.to_thread(warm_up)  # or the first question for a time would wait for it
        while True:
            self._awake.clear()  # before the step: what comes during it is seen by the next
            try:
                await self.step()
            except BotError as error:
                log.warning("background work: %s", error)
            except Exception as error:  # the one place: no batch ends the worker
                report(log, "background work", error)
            pause = min(self._settings.ellie_consolidate_idle_seconds / 4, 30)
            try:
                async with asyncio.timeout(pause):
                    await self._awake.wait()
            except TimeoutError:
                continue

    async def step(self, *, everything: bool = False) -> tuple[int, int]:
        """Do what is due; with `everything`, all that waits. (turns done, turns that failed)."""
        async with self._alone:
            await self._tidying.keep_promises()
            if not self._reconsidered and self._model.name != NOTEBOOK:
                await self._store.reconsider(NOTEBOOK)  # a model is there: it may do better
            self._reconsidered = True
            await self._index()
            done, failed = await self._consolidate_due(everything)
            await self._index()
            await self._folding.step(everything=everything)
            await self._tidying.step()
        return done, failed

    # --- vectors

    async def _index(self) -> None:
        """Embed what has no vector of the current model; full text carries recall meanwhile."""
        if self._embedder is None:
            return
        while texts := await self._store.unindexed(EMBED_TOGETHER):
            try:
                vectors = await self._embedder.embed([text.text for text in texts])
            except ModelError as error:
                log.warning("embedding: %s", error)
                return
            await self._store.add_vectors(
                [(text.id, vector) for text, vector in zip(texts, vectors, strict=True)]
            )

    # --- memories

    async def _consolidate_due(self, everything: bool) -> tuple[int, int]:
        done = failed = 0
        settings = self._settings
        at_once = everything or self._model.name == NOTEBOOK
        after_turns = 1 if at_once else settings.ellie_consolidate_after_turns
        tried: set[TurnId] = set()
        while True:
            batches = await self._store.due_batches(
                self._clock(), after_turns, settings.ellie_consolidate_idle_seconds, everything
            )
            fresh = [batch for batch in batches if not tried.intersection(batch.turns)]
            if not fresh:
                return done, failed
            for batch in fresh:
                learnt = await self._consolidate(batch)
                tried.update((learnt or batch).turns)
                done += len(learnt.turns) if learnt else 0
                failed += 0 if learnt else len(batch.turns)

    async def _consolidate(self, batch: Batch) -> Batch | None:
        """One call for as much of a batch as fits, which is returned.

        None: it failed, was counted, and waits to be tried again.
        """
        try:
            async with asyncio.timeout(self._settings.ellie_turn_timeout_seconds):
                return await self._learn(batch)
        except (BotError, TimeoutError) as error:
            reason = str(error) or "The memory model took too long."
        except Exception as error:  # else one batch would stop all that are behind it
            report(log, "consolidation", error)
            reason = f"Consolidation failed inside ({type(error).__name__})."
        await self._store.postpone(batch, reason, self._clock() + back_off(batch.attempts))
        log.warning("consolidation of %d turn(s): %s", len(batch.turns), reason)
        return None

    async def _learn(self, batch: Batch) -> Batch:
        exchanges = [e for e in batch.exchanges if e.said.text]
        if not exchanges:
            await self._store.apply(batch, [], [], self._model.name, Usage(), self._clock())
            return batch
        known = await self._known(batch, exchanges)
        prompt = build_extraction_prompt(
            batch.person, exchanges, known, self._settings.ellie_context_budget_tokens
        )
        batch = _part(batch, prompt.said[-1].id)
        extraction = await self._model.extract(prompt)
        learnt = learn(batch, prompt, extraction)
        if extraction.dropped or learnt.refused:
            log.warning(
                "consolidation: %d statement(s) or number(s) fit no rule, %d refused",
                extraction.dropped,
                learnt.refused,
            )
        await self._store.apply(
            batch, learnt.new, learnt.again, self._model.name, extraction.usage, self._clock()
        )
        return batch

    async def _known(self, batch: Batch, exchanges: Sequence[Exchange]) -> list[Memory]:
        """What the batch's audience may know of it: its own notes, the nearest, the newest."""
        store, scope, reader, channel = self._store, batch.scope, batch.audience, batch.channel
        ids = [exchange.said.id for exchange in exchanges]
        known = await store.distilled_from(scope, reader, ids, channel=channel)
        known += await store.profile(scope, reader, PROFILE, channel=channel)
        text = "\n".join(exchange.said.text for exchange in exchanges)
        for found in await self._recall.find(
            scope, reader, text, limit=3 * KNOWN_SHOWN, leave_out=ids, alone=True, shared=False,
            channel=channel,
        ):  # fmt: skip
            if isinstance(found.item, Memory):
                known.append(found.item)
        newest, _ = await store.page(scope, reader, 0, 5, channel=channel)
        unique = {memory.number: memory for memory in [*known, *newest]}
        return [m for m in unique.values() if m.valid_to is None and not m.quoted][:KNOWN_SHOWN]


def _part(batch: Batch, last: MessageId) -> Batch:
    """The turns of a batch up to this message."""
    end = 1 + next(n for n, e in enumerate(batch.exchanges) if e.said.id == last)
    return replace(
        batch,
        turns=batch.turns[:end],
        exchanges=batch.exchanges[:end],
        places=batch.places[:end],
    )
