"""The person's commands: one grammar for every platform, parsed here and nowhere else."""

import re
from dataclasses import dataclass
from typing import assert_never
from uuid import uuid4

from bot.errors import CommandError
from bot.forgetting import Forgetting
from bot.ports import Store
from bot.recall import Recall
from bot.redaction import redact
from bot.text import one_line
from bot.tokens import count_tokens
from bot.types import (
    CommandResult,
    ForgetPreview,
    FreshHistory,
    Help,
    IncomingCommand,
    IncomingMessage,
    MemoryNumber,
    MemoryPage,
    Private,
    Recalled,
    RecallResult,
    Receipt,
    Remembered,
    TurnId,
    Why,
)

PAGE_MEMORIES = 10
RECALLED = 10
_ID = re.compile(r"m([1-9][0-9]*)", re.IGNORECASE)

FORMS = (
    ("/remember TEXT", "keep this; it is used where it was said"),
    ("/remember --private TEXT", "keep this; it is used only in private with you"),
    ("/recall [QUERY]", "what I know about something, or the newest"),
    ("/forget ID…", "erase these memories and everything that holds them, e.g. /forget m3 m5"),
    ("/forget QUERY", "show what that would be; nothing goes until you name ids"),
    ("/memories [PAGE]", "everything I know about you here, newest first"),
    ("/why", "what my last reply was made from"),
    ("/new", "start a fresh conversation; memories are kept"),
    ("/help", "this list"),
)


@dataclass(frozen=True, slots=True)
class Remember:
    """Keep a text."""

    text: str
    private: bool


@dataclass(frozen=True, slots=True)
class RecallAbout:
    """Show what is known; None: the newest."""

    query: str | None


@dataclass(frozen=True, slots=True)
class ForgetIds:
    """Erase these."""

    numbers: tuple[MemoryNumber, ...]


@dataclass(frozen=True, slots=True)
class ForgetQuery:
    """Show what matches, to be forgotten."""

    query: str


@dataclass(frozen=True, slots=True)
class ListMemories:
    """Show one page; pages count from 1."""

    page: int


@dataclass(frozen=True, slots=True)
class ExplainReply:
    """Show what the last reply used."""


@dataclass(frozen=True, slots=True)
class StartFresh:
    """Begin a fresh history."""


@dataclass(frozen=True, slots=True)
class ShowHelp:
    """Show the forms."""


Command = (
    Remember
    | RecallAbout
    | ForgetIds
    | ForgetQuery
    | ListMemories
    | ExplainReply
    | StartFresh
    | ShowHelp
)


def parse(line: str) -> Command:
    """The command in a line that begins with "/". Raises CommandError saying what would work.

    A keyword form (ids, a page, --private) counts only where the whole argument has that form.
    """
    name, argument = _first_word(line)
    match name.casefold():
        case "/remember":
            return _remember(argument)
        case "/recall":
            return RecallAbout(argument or None)
        case "/forget":
            return _forget(argument)
        case "/memories":
            return _memories(argument)
        case "/why" | "/new" | "/help" if argument:
            raise CommandError(f"{name} takes nothing after it.")
        case "/why":
            return ExplainReply()
        case "/new":
            return StartFresh()
        case "/help":
            return ShowHelp()
        case _:
            raise CommandError("There is no such command. /help lists those there are.")


def _first_word(text: str) -> tuple[str, str]:
    """The first word and what follows it, each "" if there is none."""
    word, *rest = text.split(None, 1) or [""]
    return word, rest[0].rstrip() if rest else ""


def _remember(argument: str) -> Remember:
    word, rest = _first_word(argument)
    private = word.casefold() in {"--private", "—private", "–private"}  # phones write a dash
    if word.startswith(("--", "—", "–")) and not private:
        raise CommandError("The only option is --private: /remember --private TEXT")
    text = one_line(rest if private else argument)
    if not text:
        raise CommandError("What shall I remember? For example: /remember I am allergic to nuts")
    return Remember(text, private)


def _forget(argument: str) -> ForgetIds | ForgetQuery:
    if not argument:
        raise CommandError(
            "What shall I forget? Name ids (/forget m3 m5) or words (/forget the trip)."
        )
    ids = [_ID.fullmatch(word) for word in argument.replace(",", " ").split()]
    numbers = [MemoryNumber(int(found[1])) for found in ids if found]
    if ids and len(numbers) == len(ids):
        return ForgetIds(tuple(numbers))
    return ForgetQuery(argument)


def _memories(argument: str) -> ListMemories:
    if not argument:
        return ListMemories(1)
    if not re.fullmatch(r"[1-9][0-9]{0,5}", argument):
        raise CommandError("A page is a number from 1 on, for example: /memories 2")
    return ListMemories(int(argument))


class Commands:
    """Carries commands out. Every answer is for the person alone, so it reads as PRIVATE."""

    def __init__(self, store: Store, recall: Recall) -> None:
        self._store = store
        self._recall = recall
        self._forgetting = Forgetting(store, recall)

    async def run(self, incoming: IncomingCommand) -> CommandResult:
        """The answer to a command line. Raises CommandError, and StoreError."""
        command = parse(incoming.text)
        match command:
            case Remember():
                return await self._remember(incoming, command)
            case RecallAbout():
                return await self._recall_about(incoming, command.query)
            case ForgetIds():
                return await self._forget(incoming, command.numbers)
            case ForgetQuery():
                return await self._preview(incoming, command.query)
            case ListMemories():
                return await self._page(incoming, command.page)
            case ExplainReply():
                return await self._why(incoming)
            case StartFresh():
                await self._store.start_fresh(incoming.conversation)
                return FreshHistory()
            case ShowHelp():
                return Help(FORMS)
        assert_never(command)

    async def _remember(self, incoming: IncomingCommand, command: Remember) -> Remembered:
        clean = redact(command.text)
        note = IncomingMessage(
            scope=incoming.scope,
            conversation=incoming.conversation,
            audience=Private() if command.private else incoming.audience,
            event_id=f"note:{uuid4().hex}",
            speaker=incoming.speaker,
            text=clean.text,
            sent_at=incoming.sent_at,
            place=incoming.place,
        )
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
            named = ", ".join(f"m{number}" for number in receipt.missing)
            raise CommandError(f"You have no memory {named} here. /memories shows their ids.")
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
        )
