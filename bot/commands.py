"""What the person's commands do."""

from collections.abc import Sequence
from uuid import uuid4

from bot.errors import CommandError
from bot.everywhere import Everywhere, require_private
from bot.exporting import export
from bot.forgetting import Forgetting
from bot.grammar import FORMS, parse
from bot.ports import Store
from bot.privacy import Privacy
from bot.recall import Recall
from bot.receipts import Exported, ForgetPreview, Receipt
from bot.results import (
    CommandResult,
    Edited,
    EntityPage,
    FreshHistory,
    Help,
    MemoryPage,
    MemoryVersions,
    RecallResult,
    Remembered,
    Undone,
    Why,
)
from bot.tokens import count_tokens
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
    OptIn,
    OptOut,
    Pause,
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
    Audience,
    IncomingCommand,
    IncomingMessage,
    MemoryNumber,
    Private,
    Recalled,
    TurnId,
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
        self._everywhere = Everywhere(store, recall)

    async def run(self, incoming: IncomingCommand) -> CommandResult:
        """The answer to a command line. Raises CommandError, and StoreError."""
        command = parse(incoming.text)
        await self._privacy.check(incoming, command)
        match command:
            case Remember():
                return await self._remember(incoming, command)
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
                return await self._page(incoming, command.page)
            case ShowMemory():
                return await self._versions(incoming, command.number)
            case ShowEntity():
                return await self._about(incoming, command.name)
            case EditMemory():
                return await self._edit(incoming, command)
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
        raise CommandError("That is not there yet.")

    async def _remember(self, incoming: IncomingCommand, command: Remember) -> Remembered:
        clean = await self._privacy.clean_note(incoming.scope, command.text)
        audience = Private() if command.private else incoming.audience
        note = _note(incoming, clean.text, audience)
        number, known = await self._store.remember(note, count_tokens(note.text))
        memories = await self._store.memories(incoming.scope, Private(), [number])
        return Remembered(memories[0], known, clean.kinds)

    async def _recall_about(self, incoming: IncomingCommand, query: str | None) -> RecallResult:
        if query is None:
            newest, _ = await self._store.page(incoming.scope, Private(), 0, RECALLED)
            return RecallResult(None, tuple(Recalled(memory, 0.0) for memory in newest))
        found = await self._recall.find(
            incoming.scope, Private(), query, limit=RECALLED, alone=True, asked_at=incoming.sent_at
        )
        return RecallResult(query, tuple(found))

    async def _forget(
        self, incoming: IncomingCommand, numbers: tuple[MemoryNumber, ...]
    ) -> Receipt:
        receipt = await self._forgetting.forget(incoming.scope, numbers)
        if not receipt.memories:
            raise _unknown(receipt.missing)
        return receipt

    async def _preview(self, incoming: IncomingCommand, query: str) -> ForgetPreview:
        return await self._forgetting.preview(incoming.scope, query)

    async def _page(self, incoming: IncomingCommand, page: int) -> MemoryPage:
        memories, total = await self._store.page(
            incoming.scope, Private(), (page - 1) * PAGE_MEMORIES, PAGE_MEMORIES
        )
        pages = max(1, -(-total // PAGE_MEMORIES))
        if page > pages:
            raise CommandError(f"There is no page {page}: the last one is {pages}.")
        return MemoryPage(tuple(memories), page, pages, total)

    async def _versions(self, incoming: IncomingCommand, number: MemoryNumber) -> MemoryVersions:
        found = await self._store.versions(incoming.scope, Private(), number)
        if found is None:
            raise _unknown([number])
        return found

    async def _about(self, incoming: IncomingCommand, name: str) -> EntityPage:
        scope = incoming.scope
        found = await self._store.about(scope, Private(), name, ABOUT_MEMORIES)
        if found is None:
            raise await self._forgetting.unknown_name(scope, name)
        return found

    async def _edit(self, incoming: IncomingCommand, command: EditMemory) -> Edited:
        number = command.number
        found = await self._store.memories(incoming.scope, Private(), [number])
        clean = await self._privacy.clean_note(incoming.scope, command.text)
        note = _note(incoming, clean.text, incoming.audience)
        if not found:
            raise _unknown([number])
        if found[0].text == note.text:
            raise CommandError(f"m{number} says exactly that already.")
        done = await self._store.edit(number, note, count_tokens(note.text))
        if done != number:
            raise (
                _unknown([number])
                if done is None
                else CommandError(
                    f"m{done} says that already. To drop the other: /forget m{number}"
                )
            )
        (memory,) = await self._store.memories(incoming.scope, Private(), [number])
        return Edited(memory, found[0].text, clean.kinds)

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
        last = await self._store.last_answer(incoming.conversation, incoming.scope)
        if last is None:
            return Why(None)
        turn, answered_at, used = last
        scope, reader = incoming.scope, Private()
        history = 0
        if used.history_from is not None:
            after = TurnId(used.history_from - 1)
            history = len(
                await self._store.history(
                    incoming.conversation, incoming.audience, scope, turn, after
                )
            )
        return Why(
            answered_at,
            memories=tuple(await self._store.memories(scope, reader, used.memories)),
            messages=tuple(await self._store.messages(scope, reader, used.messages)),
            summary=None
            if used.summary is None
            else await self._store.summary(scope, incoming.audience, used.summary),
            history=history,
            turn=turn,
            memory_parts=used.memory_parts,
            message_parts=used.message_parts,
        )


def _note(incoming: IncomingCommand, text: str, audience: Audience) -> IncomingMessage:
    """What a command asks to be written down, as a note."""
    return IncomingMessage(
        scope=incoming.scope,
        conversation=incoming.conversation,
        audience=audience,
        event_id=f"note:{uuid4().hex}",
        speaker=incoming.speaker,
        text=text,
        sent_at=incoming.sent_at,
        place=incoming.place,
    )


def _unknown(numbers: Sequence[MemoryNumber]) -> CommandError:
    named = ", ".join(f"m{number}" for number in numbers)
    return CommandError(f"You have no memory {named} here. /memories shows their ids.")
