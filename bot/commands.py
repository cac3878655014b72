"""What the person's commands do."""

from datetime import datetime

from bot.errors import CommandError
from bot.everywhere import Everywhere, require_private
from bot.exporting import export
from bot.forgetting import Forgetting
from bot.grammar import FORMS, parse
from bot.keeping import Keeping, require_managing, unknown
from bot.ports import Store, Used
from bot.privacy import Privacy
from bot.recall import Recall
from bot.receipts import Exported, ForgetPreview, Receipt
from bot.results import (
    CommandResult,
    EntityPage,
    FreshHistory,
    Help,
    MemoryPage,
    MemoryVersions,
    RecallResult,
    Undone,
    Why,
)
from bot.typed import (
    EditMemory,
    ExplainReply,
    ExportAll,
    ForgetAbout,
    ForgetEverything,
    ForgetIds,
    ForgetLast,
    ForgetPeriod,
    ForgetQuery,
    ListMemories,
    ListShared,
    OptIn,
    OptOut,
    Pause,
    PromoteMemory,
    RecallAbout,
    Remember,
    Resume,
    ShowEntity,
    ShowHelp,
    ShowMemory,
    ShowPrivacy,
    StartFresh,
    UndoChange,
)
from bot.types import (
    IncomingCommand,
    MemoryNumber,
    Private,
    Reach,
    Recalled,
    Scope,
    TurnId,
    shared_scope,
)

PAGE_MEMORIES = 10
RECALLED = 10
ABOUT_MEMORIES = 30


class Commands:
    """Carries commands out. Every answer is for the person alone, so it reads as PRIVATE."""

    def __init__(self, store: Store, recall: Recall, privacy: Privacy) -> None:
        self._store = store
        self._privacy = privacy
        self._recall = recall
        self._forgetting = Forgetting(store, recall)
        self._keeping = Keeping(store, privacy)
        self._everywhere = Everywhere(store, recall)

    async def run(self, incoming: IncomingCommand) -> CommandResult:
        """The answer to a command line. Raises CommandError, and StoreError."""
        command = parse(incoming.text, quoting=incoming.quoting is not None)
        await self._privacy.check(incoming, command)
        match command:
            case ShowMemory(number) | PromoteMemory(number) if _hidden(incoming, number):
                raise unknown([number])
            case Remember() | EditMemory() | PromoteMemory():
                return await self._keeping.carry_out(incoming, command)
            case RecallAbout(query, everywhere=True):
                return await self._everywhere.recall(incoming, query, RECALLED)
            case RecallAbout():
                return await self._recall_about(incoming, command.query)
            case ForgetIds():
                return await self._forget(incoming, command.numbers)
            case ForgetQuery():
                return await self._preview(incoming, command.query)
            case ForgetLast() | ForgetPeriod() | ForgetAbout() | ForgetEverything():
                return await self._forgetting.carry_out(incoming, command)
            case ListMemories(page, everywhere=True):
                return await self._everywhere.page(incoming, page, PAGE_MEMORIES)
            case ListMemories():
                return await self._page(incoming.scope, command.page)
            case ListShared():
                return await self._shared(incoming, command.page)
            case ShowMemory():
                return await self._versions(incoming, command.number)
            case ShowEntity():
                return await self._about(incoming, command.name)
            case UndoChange():
                return await self._undo(incoming)
            case ExplainReply():
                return await self._why(incoming)
            case ExportAll():
                return await self._export(incoming, command.everywhere)
            case ShowPrivacy(everywhere):
                return await self._privacy.card(incoming, everywhere=everywhere)
            case Pause():
                return await self._privacy.pause(incoming)
            case Resume():
                return await self._privacy.resume(incoming)
            case OptOut(everywhere):
                return await self._privacy.opt_out(incoming, everywhere=everywhere)
            case OptIn(everywhere):
                return await self._privacy.opt_in(incoming, everywhere=everywhere)
            case StartFresh():
                await self._store.start_fresh(incoming.conversation)
                return FreshHistory()
            case ShowHelp():
                return Help(FORMS)

    async def _recall_about(self, incoming: IncomingCommand, query: str | None) -> RecallResult:
        if query is None:
            newest, _ = await self._store.page(incoming.scope, Private(), 0, RECALLED)
            return RecallResult(None, tuple(Recalled(memory, 0.0) for memory in newest))
        found = await self._recall.find(
            incoming.scope,
            Private(),
            query,
            limit=RECALLED,
            alone=True,
            asked_at=incoming.sent_at,
            shared=incoming.reach is Reach.ALL,
        )
        return RecallResult(query, tuple(found))

    async def _forget(
        self, incoming: IncomingCommand, numbers: tuple[MemoryNumber, ...]
    ) -> Receipt:
        if any(number < 0 for number in numbers):
            require_managing(incoming)
        receipt = await self._forgetting.forget(incoming.scope, numbers)
        if not receipt.memories:
            raise unknown(receipt.missing)
        return receipt

    async def _preview(self, incoming: IncomingCommand, query: str) -> ForgetPreview:
        return await self._forgetting.preview(incoming.scope, query)

    async def _page(self, scope: Scope, page: int, *, shared: bool = False) -> MemoryPage:
        memories, total = await self._store.page(
            scope, Private(), (page - 1) * PAGE_MEMORIES, PAGE_MEMORIES
        )
        pages = max(1, -(-total // PAGE_MEMORIES))
        if page > pages:
            raise CommandError(f"There is no page {page}: the last one is {pages}.")
        return MemoryPage(tuple(memories), page, pages, total, shared)

    async def _shared(self, incoming: IncomingCommand, page: int) -> MemoryPage:
        if incoming.reach is not Reach.ALL:
            return MemoryPage((), 1, 1, 0, shared=True)
        return await self._page(shared_scope(incoming.scope), page, shared=True)

    async def _versions(self, incoming: IncomingCommand, number: MemoryNumber) -> MemoryVersions:
        found = await self._store.versions(incoming.scope, Private(), number)
        if found is None:
            raise unknown([number])
        return found

    async def _about(self, incoming: IncomingCommand, name: str) -> EntityPage:
        scope = incoming.scope
        found = await self._store.about(scope, Private(), name, ABOUT_MEMORIES)
        if found is None:
            raise await self._forgetting.unknown_name(scope, name)
        return found

    async def _undo(self, incoming: IncomingCommand) -> Undone:
        undone = await self._store.undo(incoming.scope, incoming.sent_at)
        if undone is None:
            raise CommandError(
                "There is nothing to undo: I changed no memory of yours lately. "
                "/memories shows them, /forget m3 erases one."
            )
        return undone

    async def _export(self, incoming: IncomingCommand, everywhere: bool) -> Exported:
        scopes = [incoming.scope]
        if everywhere:
            require_private(incoming)
            scopes = await self._store.everywhere(incoming.scope)
        return await export(self._store, scopes, incoming.sent_at)

    async def _why(self, incoming: IncomingCommand) -> Why:
        last = (
            await self._store.last_answer(incoming.conversation, incoming.scope)
            if incoming.about is None
            else await self._answer_shown(incoming, incoming.about)
        )
        if last is None:
            return Why(None)
        turn, answered_at, used = last
        scope, reader = incoming.scope, Private()
        where, place = incoming.conversation, incoming.audience
        history = 0
        if used.chain:
            chain = await self._store.chain(turn, where, place, scope)
            history = sum(exchange.said.id in used.chain for _, exchange in chain)
        elif used.history_from is not None:
            after = TurnId(used.history_from - 1)
            history = len(await self._store.history(where, place, scope, turn, after))
        shown = [number for number in used.memories if not _hidden(incoming, number)]
        return Why(
            answered_at,
            memories=tuple(await self._store.memories(scope, reader, shown)),
            messages=tuple(await self._store.messages(scope, reader, used.messages)),
            summary=None
            if used.summary is None
            else await self._store.summary(scope, place, used.summary),
            history=history,
            turn=turn,
            memory_parts=used.memory_parts,
            message_parts=used.message_parts,
        )

    async def _answer_shown(
        self, incoming: IncomingCommand, event_id: str
    ) -> tuple[TurnId, datetime, Used]:
        """The answer that was posted as this message. Raises CommandError unless it is theirs."""
        posted = await self._store.shown_as(incoming.conversation, event_id)
        if posted is None:
            raise CommandError("I do not know that message as an answer of mine.")
        turn, asker = posted
        if asker != incoming.scope:
            raise CommandError("That was not said to you, so only whom I answered can ask why.")
        found = await self._store.used_by(turn)
        if found is None:
            raise CommandError("I keep nothing of that answer any more.")
        return turn, *found


def _hidden(incoming: IncomingCommand, number: MemoryNumber) -> bool:
    """Whether a memory is the space's where nothing of that may be shown."""
    return number < 0 and incoming.reach is not Reach.ALL
