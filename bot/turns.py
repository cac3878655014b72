"""Start reading here: one message, from `receive` to the recorded reply, top to bottom."""

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field, replace
from datetime import timedelta
from types import TracebackType
from typing import Self
from weakref import WeakValueDictionary

from bot.budgets import Budgets
from bot.clock import Clock
from bot.commands import Commands
from bot.config import Settings
from bot.consolidation import NOTEBOOK, Consolidation
from bot.errors import ContextTooLong, PlaceGone, sentence
from bot.lookup import TurnLookup
from bot.notices import CUT, notices, taken_out
from bot.ports import ChatModel, Platform, Store, Used
from bot.privacy import Privacy
from bot.prompting import Prompting
from bot.recall import Recall
from bot.receipts import OptedOut, Receipt, Revised
from bot.replies import Answer, End, Replies
from bot.results import CommandResult
from bot.space_settings import SpaceSettings
from bot.spaces import Spaces
from bot.tokens import count_tokens
from bot.types import (
    Conversation,
    IncomingCommand,
    IncomingMessage,
    PendingTurn,
    Reach,
    ReplyEnd,
    ReplyPrompt,
    ToolRound,
    TurnId,
    Usage,
)

log = logging.getLogger(__name__)

DRAIN_SECONDS = 10
"""How long running turns may go on when Ellie stops."""
_URGENT = re.compile(r"\W*(please\W+)?remember\b", re.IGNORECASE)


@dataclass(slots=True)
class _Underway:
    """A turn that is not over. `images` are its message's, `shown` what its reply is posted as."""

    images: tuple[str, ...] = ()
    shown: list[str] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Turns(Spaces, AbstractAsyncContextManager["Turns"]):
    """The core that adapters call (`bot.ports.Core`); `async with` owns its tasks."""

    def __init__(
        self,
        *,
        store: Store,
        model: ChatModel,
        recall: Recall,
        commands: Commands,
        privacy: Privacy,
        consolidation: Consolidation,
        settings: Settings,
        clock: Clock,
        platforms: dict[str, Platform],
    ) -> None:
        """`platforms` by name; each delivers the replies to its own messages."""
        super().__init__(store, privacy, Replies(), settings, clock)
        self._model = model
        self._recall = recall
        self._commands = commands
        self._consolidation = consolidation
        self._platforms = platforms
        self._budgets = Budgets(store, settings, clock)
        self._prompting = Prompting(store, recall, settings, clock, model.name)
        self._tasks = asyncio.TaskGroup()
        self._slots = asyncio.Semaphore(settings.ellie_max_concurrent_turns)
        self._locks: WeakValueDictionary[Conversation, asyncio.Lock] = WeakValueDictionary()
        self._underway: dict[TurnId, _Underway] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._anew: set[TurnId] = set()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._worker = self._tasks.create_task(self._consolidation.run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._worker.cancel()
        try:
            async with asyncio.timeout(DRAIN_SECONDS):
                for turn in list(self._underway.values()):
                    await turn.over.wait()
        except TimeoutError:
            for task in list(self._running):
                task.cancel()  # its message is written down: it is answered after the next start
        await self._tasks.__aexit__(kind, error, trace)

    # --- hearing

    async def receive(self, message: IncomingMessage) -> TurnId | None:
        """See `bot.ports.Core`."""
        admitted = await self._privacy.admit(message)
        if admitted is None:
            return None
        turn = await self._store.record(
            admitted,
            count_tokens(admitted.text),
            urgent=bool(_URGENT.match(admitted.text)),
            pause_keep=timedelta(minutes=self._settings.ellie_pause_keep_minutes),
        )
        if turn is None:
            return None
        self._start(turn, message)
        return turn.id

    async def unanswered(self, platform: str) -> list[Conversation]:
        """See `bot.ports.Core`."""
        waiting = await self._store.unanswered(platform)
        return list(dict.fromkeys(place for turn, place in waiting if turn not in self._underway))

    async def resume(self, conversation: Conversation, reach: Reach = Reach.ALL) -> list[TurnId]:
        """See `bot.ports.Core`."""
        await self._store.narrow(conversation, reach)
        ours = await self._store.take_over(conversation)
        left = [turn for turn in ours if turn.id not in self._underway]
        for turn in left:
            self._start(turn)
        return [turn.id for turn in left]

    async def command(self, command: IncomingCommand) -> CommandResult:
        """See `bot.ports.Core`."""
        erasures = self._store.erasures
        result = await self._commands.run(command)
        if self._store.erasures != erasures:
            erased = result.erased if isinstance(result, OptedOut) else result
            where = erased.where if isinstance(erased, Receipt) else ()
            self._replies.stop_stale(
                self._store.erasures, {command.conversation, *where}, command.scope
            )
        self._consolidation.wake()
        return result

    async def edited(self, message: IncomingMessage) -> Revised | None:
        """See `bot.ports.Core`."""
        admitted = await self._privacy.admit(message)
        if admitted is None:
            return None
        keep = timedelta(minutes=self._settings.ellie_pause_keep_minutes)
        resaid = await self._store.resay(admitted, count_tokens(admitted.text), pause_keep=keep)
        if resaid is None:
            return None
        pending = resaid.pending
        if pending is not None and pending.id not in self._underway:  # left by another process
            ours = await self._store.take_over(pending.conversation, pending.id)
            pending = next(iter(ours), None)
        if pending is not None and pending.id in self._underway:
            self._anew.add(pending.id)
            self._underway[pending.id].images = self._seen(message)
        elif pending is not None:
            self._start(pending, message)
        where = {message.conversation, *resaid.receipt.where}
        self._replies.stop_stale(self._store.erasures, where, message.scope)
        self._consolidation.wake()
        return Revised(resaid.receipt, pending.id if pending else None)

    async def answered(self, turn: TurnId) -> None:
        """See `bot.ports.Core`."""
        if turn in self._underway:
            await self._underway[turn].over.wait()

    async def shown(self, turn: TurnId, event_id: str) -> None:
        """See `bot.ports.Core`."""
        if turn in self._underway:
            self._underway[turn].shown.append(event_id)
        await self._store.note_shown(turn, event_id, self._clock())

    async def cancel(self, conversation: Conversation) -> None:
        """See `bot.ports.Core`."""
        self._replies.stop(conversation)

    async def settle(self) -> tuple[int, int]:
        """See `bot.ports.Core`."""
        for turn in list(self._underway.values()):
            await turn.over.wait()
        return await self._consolidation.step(everything=True)

    # --- answering

    def _seen(self, message: IncomingMessage) -> tuple[str, ...]:
        """The images of a message that the model gets: they are kept until its turn is over."""
        return message.images if self._settings.ellie_model_sees else ()

    def _start(self, turn: PendingTurn, message: IncomingMessage | None = None) -> None:
        images = self._seen(message) if message else ()
        self._underway[turn.id] = _Underway(images, list(turn.shown))
        task = self._tasks.create_task(self._take_turn(turn, self._store.erasures))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _take_turn(self, turn: PendingTurn, erasures: int) -> None:
        """One turn in its conversation's order, bounded in number and time; never raises.

        If anything was erased since `erasures`, it is read again: its message may be gone by now.
        """
        lock = self._locks.setdefault(turn.conversation, asyncio.Lock())
        try:
            async with lock, self._slots:
                try:
                    if self._store.erasures == erasures:
                        await self._answer(turn)
                    while (turn.id in self._anew or self._store.erasures != erasures) and (
                        again := await self._waiting(turn)
                    ):
                        erasures = self._store.erasures
                        self._anew.discard(turn.id)
                        await self._answer(again)
                except Exception as error:  # the one place: no turn ends Ellie
                    await self._apologise(turn, sentence(log, f"turn {turn.id}", error))
        finally:
            self._anew.discard(turn.id)
            self._underway.pop(turn.id).over.set()
            self._consolidation.wake()

    async def _waiting(self, turn: PendingTurn) -> PendingTurn | None:
        """The turn as it is now; None: it is answered or taken back."""
        left = await self._store.pending(turn.conversation)
        return next((one for one in left if one.id == turn.id), None)

    async def _answer(self, turn: PendingTurn) -> None:
        own = await self.space_settings(turn.scope.platform, turn.scope.space)
        if refusal := await self._budgets.refusal(turn.scope, own):
            await self._say(turn, refusal)
            return
        try:
            await self._reply(turn, own, self._settings.ellie_context_budget_tokens)
        except ContextTooLong:
            await self._reply(turn, own, self._settings.ellie_context_budget_tokens // 2)

    async def _reply(self, turn: PendingTurn, own: SpaceSettings, budget_tokens: int) -> None:
        """Recall, prompt, stream, record. Raises ModelError if no piece of a reply came."""
        answer = Answer()
        end = End.DONE
        try:
            async with asyncio.timeout(self._settings.ellie_turn_timeout_seconds):
                work = self._compose(turn, own, budget_tokens, answer)
                end = await self._replies.give(turn, work)
        except TimeoutError:
            if not answer.pieces:
                raise
            answer.cut = True
        if end is End.OVERTAKEN:  # the platform took back what it showed
            self._underway[turn.id].shown.clear()
            await self._store.drop_shown(turn.id)
        if turn.id in self._anew:
            return  # its message says something else by now
        text = answer.closed(end)
        usage = answer.usage
        if not usage.tokens_in and self._model.name != NOTEBOOK:
            usage = Usage(answer.asked_tokens, count_tokens(text))
        used = answer.lookup.used(answer.used) if answer.lookup else answer.used
        await self._store.finish(turn, text, count_tokens(text), used, usage, self._clock())

    async def _compose(
        self, turn: PendingTurn, own: SpaceSettings, budget_tokens: int, answer: Answer
    ) -> None:
        paused = await self._store.paused(turn.scope)
        if self._model.name == NOTEBOOK:  # it learns at once: that costs nothing
            await self._consolidation.step()
        elif self._settings.ellie_model_tools and turn.recalls and not paused:
            answer.lookup = TurnLookup(
                self._store, self._recall, turn, self._model.name, budget_tokens
            )
            budget_tokens -= answer.lookup.room_tokens
        prompt, answer.used = await self._prompting.build(turn, own, budget_tokens, paused=paused)
        while answer.used.erasures != self._store.erasures:  # what it holds may be gone by now
            now = await self._waiting(turn)
            if now is None or now.message != turn.message:
                return
            prompt, answer.used = await self._prompting.build(
                turn, own, budget_tokens, paused=paused
            )
        prompt = replace(prompt, images=self._underway[turn.id].images)
        self._replies.begin(turn, answer.used.erasures)
        answer.asked_tokens = prompt.tokens
        async with aclosing(self._stream(turn, prompt, answer)) as pieces:
            await self._deliver(turn, pieces)

    async def _stream(
        self, turn: PendingTurn, prompt: ReplyPrompt, answer: Answer
    ) -> AsyncGenerator[str, None]:
        """The reply's pieces as they come, each kept in `answer`; marks and notices at the end."""
        async with aclosing(self._model.reply(prompt, answer.lookup)) as reply:
            async for piece in reply:
                if isinstance(piece, ToolRound):
                    await self._store.count_round(turn.scope, piece, self._clock())
                elif isinstance(piece, ReplyEnd):
                    answer.usage, answer.cut = piece.usage, piece.cut
                else:
                    answer.pieces.append(piece)
                    yield piece
        if answer.cut:
            yield CUT
        async for notice in notices(self._store, turn, self._model.name):
            yield notice

    # --- delivering

    def _deliver(
        self, turn: PendingTurn, pieces: AsyncIterator[str]
    ) -> Coroutine[None, None, None]:
        """What shows the pieces, and knows what was shown before."""
        known = self._underway[turn.id]
        turn = replace(turn, images=known.images, shown=tuple(dict.fromkeys(known.shown)))
        return self._platforms[turn.conversation.platform].deliver(turn, pieces)

    async def _say(self, turn: PendingTurn, text: str) -> None:
        """Say something that is no reply: it enters no history, and the turn is over."""

        async def pieces() -> AsyncIterator[str]:
            yield text
            for line in taken_out(turn):
                yield line

        await self._replies.give(turn, self._deliver(turn, pieces()))
        await self._store.finish(turn, "", 0, Used(), Usage(), self._clock())

    async def _apologise(self, turn: PendingTurn, apology: str) -> None:
        """Say what went wrong. Where even that fails, the turn waits for the next start."""
        try:
            await self._say(turn, apology)
        except PlaceGone:
            await self._store.finish(turn, "", 0, Used(), Usage(), self._clock())
        except Exception as error:  # belongs to the one place
            sentence(log, f"turn {turn.id}", error)
