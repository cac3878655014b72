"""Prompts as the core asks them, and what comes of a reply."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from bot.llm.openai_chat import OpenAIChat
from bot.ports import Lookup
from bot.types import (
    ExtractionPrompt,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Private,
    PromptMessage,
    ReplyEnd,
    ReplyPrompt,
    Role,
    SummaryPrompt,
    ToolRound,
)
from tests.servers.openai_calls import Calling, results
from tests.servers.openai_server import Body, OpenAIServer

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = "sk-secret"
SECRET = "my prompt about marmalade"

Connect = Callable[..., OpenAIChat]


def said(text: str, number: int = 1) -> Message:
    return Message(MessageId(number), Role.PERSON, "Alice", text, NOON, 5, Private())


def asking(text: str = SECRET) -> ReplyPrompt:
    messages = (PromptMessage("system", "Be kind."), PromptMessage("user", text))
    return ReplyPrompt(said(text), (), (), None, (), messages, tokens=17)


def learning(messages: int = 2, known: int = 2) -> ExtractionPrompt:
    memory = Memory(
        MemoryNumber(7), "Alice lives in Lyon.", Private(), "DM", NOON, NOON, None, None, ()
    )
    return ExtractionPrompt(
        person="Alice",
        said=tuple(said(SECRET, n + 1) for n in range(messages)),
        replies=(None,) * messages,
        known=(memory,) * known,
        messages=(PromptMessage("user", SECRET),),
    )


def folding() -> SummaryPrompt:
    return SummaryPrompt(None, (), (PromptMessage("user", SECRET),))


async def heard(model: OpenAIChat, prompt: ReplyPrompt | None = None) -> tuple[str, ReplyEnd]:
    parts = [part async for part in model.reply(prompt or asking())]
    assert isinstance(parts[-1], ReplyEnd)
    return "".join(part for part in parts[:-1] if isinstance(part, str)), parts[-1]


class Noting:
    """A `Lookup` that notes what is asked of it; `waiting` stands for a slow store."""

    def __init__(self) -> None:
        self.asked: list[tuple[str | None, ...]] = []
        self.waiting: asyncio.Event | None = None
        self.reached = asyncio.Event()

    async def search_memory(self, query: str, since: str | None, until: str | None) -> str:
        self.reached.set()
        if self.waiting:
            await self.waiting.wait()
        self.asked.append((query, since, until))
        return f"found {query}"

    async def remember(self, text: str) -> str:
        self.asked.append((text,))
        return f"kept {text}"


async def parts(model: OpenAIChat, lookup: Lookup | None) -> list[str | ToolRound | ReplyEnd]:
    return [part async for part in model.reply(asking(), lookup)]


def text_of(heard: list[str | ToolRound | ReplyEnd]) -> str:
    return "".join(part for part in heard if isinstance(part, str))


def first(answer: Calling) -> Callable[[Body], str | Calling]:
    """An `on_chat` that calls once, and answers with what came of it."""
    return lambda body: " and ".join(results(body)) or answer


def tools_sent(server: OpenAIServer) -> list[bool]:
    return ["tools" in request.body for request in server.asked("chat")]
