"""Prompts as the core asks them, and what comes of a reply."""

from collections.abc import Callable
from datetime import UTC, datetime

from bot.llm.openai_chat import OpenAIChat
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
)

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
