"""The whole core on a real file and a loopback model, with a platform that collects replies."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any, Generic, TypeVar

from bot.commands import Commands
from bot.config import Settings
from bot.consolidation import Consolidation
from bot.llm.notebook import Notebook
from bot.llm.openai_chat import OpenAIChat
from bot.notices import WELCOME
from bot.ports import ChatModel, Core, Embedder, Platform
from bot.privacy import Privacy
from bot.recall import Recall
from bot.results import CommandResult, MemoryPage
from bot.store.sqlite.erasure import SqliteStore
from bot.turns import Turns
from bot.types import (
    Audience,
    Channel,
    Conversation,
    IncomingCommand,
    IncomingMessage,
    Memory,
    PendingTurn,
    Private,
    Scope,
    Space,
    TurnId,
)
from tests.conftest import TurnedClock
from tests.servers.openai_server import Body, OpenAIServer

T = TypeVar("T")
LATER = 100_000  # turns or seconds that no test reaches: consolidation comes only when asked for


class Screen:
    """A platform that keeps what is delivered; `begun` is set by the first piece of a reply."""

    name = "test"

    def __init__(self, *, welcomes: bool = False) -> None:
        """`welcomes`: keep the line that a new person's first answer carries too."""
        self.replies: list[str] = []
        self.welcomes = welcomes
        self.begun = asyncio.Event()
        self.fault: Callable[[], Exception | None] = lambda: None

    async def run(self, core: Core) -> None:
        """Hear nothing: the tests speak to the core themselves."""

    async def deliver(self, turn: PendingTurn, pieces: AsyncIterator[str]) -> None:
        """Collect one reply."""
        place = len(self.replies)
        self.replies.append("")
        async for piece in pieces:
            if piece != f"\n{WELCOME}" or self.welcomes:
                self.replies[place] += piece
            self.begun.set()
            if error := self.fault():
                raise error


def place(where: str, user: str, space: str = "home") -> tuple[Conversation, Audience]:
    """The conversation and the audience of "dm", "open:NAME" or "closed:NAME".

    The same NAME is the same conversation: a channel can be closed and opened again.
    """
    kind, _, name = where.partition(":")
    audience: Audience = Private() if kind == "dm" else Channel(name)
    if kind == "open":
        audience = Space()
    return Conversation("test", space, f"dm:{user}" if kind == "dm" else name), audience


class Stage:
    """One opened core. What is said is at the clock's time; events are numbered."""

    def __init__(
        self,
        core: Turns,
        store: SqliteStore,
        consolidation: Consolidation,
        screen: Screen,
        clock: TurnedClock,
        recall: Recall,
    ) -> None:
        self.core = core
        self.store = store
        self.consolidation = consolidation
        self.screen = screen
        self.clock = clock
        self.recall = recall
        self._events = count(1)

    def message(
        self, text: str, user: str = "alice", where: str = "dm", space: str = "home",
        event: str | None = None,
    ) -> IncomingMessage:  # fmt: skip
        conversation, audience = place(where, user, space)
        return IncomingMessage(
            Scope("test", space, user), conversation, audience,
            event or f"{self.clock():%s}-{next(self._events)}-{id(self)}",
            user.capitalize(), text, self.clock(), where,
        )  # fmt: skip

    async def start(
        self, text: str, user: str = "alice", where: str = "dm", space: str = "home"
    ) -> TurnId:
        turn = await self.core.receive(self.message(text, user, where, space))
        assert turn is not None
        return turn

    async def say(
        self, text: str, user: str = "alice", where: str = "dm", space: str = "home"
    ) -> str:
        """Say something, wait for the end of the turn, and give what was delivered last."""
        await self.core.answered(await self.start(text, user, where, space))
        return self.screen.replies[-1] if self.screen.replies else ""

    async def type(
        self, line: str, user: str = "alice", where: str = "dm", space: str = "home", *,
        visible: bool = False, manages: bool = False, quoting: IncomingMessage | None = None,
        about: str | None = None,
    ) -> CommandResult:  # fmt: skip
        typed = self.typed(line, user, where, space)
        return await self.core.command(
            replace(typed, visible=visible, manages=manages, quoting=quoting, about=about)
        )

    def typed(
        self, line: str, user: str = "alice", where: str = "dm", space: str = "home", *,
        manages: bool = False,
    ) -> IncomingCommand:  # fmt: skip
        """A command line as it comes from a platform."""
        conversation, audience = place(where, user, space)
        return IncomingCommand(
            Scope("test", space, user), conversation, audience, user.capitalize(),
            line, self.clock(), where, manages=manages,
        )  # fmt: skip

    async def kept(self, user: str = "alice", where: str = "dm") -> list[tuple[str, str]]:
        """The history of a place: (what was said, the reply or "")."""
        conversation, audience = place(where, user)
        scope = Scope("test", "home", user)
        past = await self.store.history(conversation, audience, scope, TurnId(2**62), None)
        return [(e.said.text, e.reply.text if e.reply else "") for _, e in past]

    async def known(self, user: str = "alice") -> list[Memory]:
        """Everything that is known about a person, newest first."""
        result = await self.type("/memories", user)
        assert isinstance(result, MemoryPage)
        return list(result.memories)

    async def texts(self, user: str = "alice") -> list[str]:
        return [memory.text for memory in await self.known(user)]


@asynccontextmanager
async def opened(
    file: Path,
    clock: TurnedClock,
    server: OpenAIServer | None = None,
    embedder: Embedder | None = None,
    screen: Platform | None = None,
    **settings: object,
) -> AsyncIterator[Stage]:
    """The core on `file`; without a server it is in notebook mode."""
    values: dict[str, Any] = {
        "ellie_consolidate_after_turns": LATER,
        "ellie_consolidate_idle_seconds": LATER,
    }
    chosen = Settings(**values | settings)
    screen = screen or Screen()
    async with AsyncExitStack() as stack:
        store = await SqliteStore.open(file)
        stack.push_async_callback(store.close)
        model: ChatModel = Notebook()
        if server is not None:
            chat = OpenAIChat(
                chat_model="talker", memory_model="rememberer", api_key="k",
                base_url=server.base_url, timeout_seconds=chosen.ellie_model_timeout_seconds,
                retries=0,
            )  # fmt: skip
            stack.push_async_callback(chat.close)
            model = chat
        if embedder is not None:
            await store.use_vectors_of(embedder.name, embedder.dimension)
        recall = Recall(store, embedder, clock)
        privacy = Privacy(store, chosen, clock)
        consolidation = Consolidation(
            store=store, model=model, embedder=embedder, recall=recall, settings=chosen,
            clock=clock,
        )  # fmt: skip
        core = await stack.enter_async_context(
            Turns(
                store=store, model=model, recall=recall,
                commands=Commands(store, recall, privacy), privacy=privacy,
                consolidation=consolidation, settings=chosen, clock=clock,
                platforms={screen.name: screen},
            )
        )  # fmt: skip
        shown = screen if isinstance(screen, Screen) else Screen()
        yield Stage(core, store, consolidation, shown, clock, recall)


def sent(body: Body) -> str:
    """All text of a request that the server got."""
    return "\n".join(str(message["content"]) for message in body["messages"])


def last_prompt(server: OpenAIServer) -> str:
    """All text of the newest request for a reply."""
    return sent(server.asked("chat")[-1].body)


def memory(text: str, *sources: int, **more: object) -> Body:
    """One memory as a model writes it."""
    entity = more.pop("entity", None)
    return {
        "text": text, "sources": list(sources or (1,)),
        "entity": entity if entity is None else {"name": entity, "kind": "person", "aliases": []},
        "attribute": None, "value": None, "single_value": False, "since": None,
        "duplicates": [], "superseded": [],
    } | more  # fmt: skip


def memories(*written: Body) -> Callable[[Body], Body]:
    """An `on_extract` that always answers so."""
    return lambda body: {"memories": list(written)}


class Called(Generic[T]):
    """Wraps a server's `on_...`: `happened` is set when it was asked `times` times."""

    def __init__(self, answer: Callable[[Body], T], times: int = 1) -> None:
        self.answer = answer
        self.left = times
        self.happened = asyncio.Event()

    def __call__(self, body: Body) -> T:
        self.left -= 1
        if self.left == 0:
            self.happened.set()
        return self.answer(body)


def day(text: str) -> datetime:
    """A UTC midnight."""
    return datetime.fromisoformat(f"{text}T00:00:00+00:00")
