"""What the core asks of models."""

from collections.abc import AsyncGenerator, Sequence
from typing import Protocol

from bot.types import (
    Extraction,
    ExtractionPrompt,
    ReplyEnd,
    ReplyPrompt,
    SummaryPrompt,
    ToolRound,
    Usage,
)

Reply = AsyncGenerator[str | ToolRound | ReplyEnd, None]


class Lookup(Protocol):
    """What a model may do itself while it answers one turn; what it gets is text for the model.

    It reads and writes for that turn's person and audience alone. Raises StoreError.
    """

    async def search_memory(self, query: str, since: str | None, until: str | None) -> str:
        """What is remembered about `query`, fenced, or what is wrong with the arguments.

        `since` and `until` are ISO dates, both included; None: no bound.
        """
        ...

    async def remember(self, text: str) -> str:
        """Keep a statement of the message being answered; says what became of it."""
        ...


class ChatModel(Protocol):
    """A language model, or the built-in notebook."""

    name: str
    """Recorded as the extractor of what it consolidates."""
    summarises: bool
    """False: no summaries are made, and `summarise` is never called."""

    def reply(self, prompt: ReplyPrompt, lookup: Lookup | None = None) -> Reply:
        """The reply in pieces as they come, then one `ReplyEnd`.

        `lookup`: offered to the model as tools, where it can use them; a `ToolRound` stands between
        the pieces where it did. A stream that breaks after its first piece ends with
        `ReplyEnd(cut=True)`. Raises ModelError only before the first piece, and what `lookup`
        raises. Closing the iterator ends the request.
        """
        ...

    async def extract(self, prompt: ExtractionPrompt) -> Extraction:
        """The memories in what was said. Raises ModelError; MalformedOutput if no schema fits."""
        ...

    async def summarise(self, prompt: SummaryPrompt) -> tuple[str, Usage]:
        """One text, never empty, for the previous summary and the exchanges. Raises ModelError."""
        ...


class Embedder(Protocol):
    """Turns texts into vectors."""

    name: str
    """With `dimension`, the identity of a vector: two names never mix."""
    dimension: int

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """One vector of `dimension` floats, length 1, for each text in order; raises ModelError.

        The zero vector stands for a text with nothing to embed (empty, or unknown words only).
        """
        ...
