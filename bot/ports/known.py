"""The store, as far as it keeps what is known."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.ports.values import PassageId, Survey
from bot.results import EntityPage, MemoryVersions, Undone
from bot.types import (
    Audience,
    Conversation,
    IncomingMessage,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Scope,
)


class KnownStore(Protocol):
    """Memories, what they were before, and how they are found.

    `channel`, where a method has it: only messages that were said in this channel and its threads,
    where the reader could read them, and memories all of whose sources are such messages.
    """

    async def survey(
        self,
        scope: Scope,
        reader: Audience,
        terms: Sequence[str],
        names: Sequence[str],
        here: Conversation | None,
        *,
        shared: bool = True,
        channel: str | None = None,
    ) -> Survey:
        """All passages of the scope, and what matches the terms and the (folded) names.

        `shared`: what was shared with everybody in the space is there too. `channel`: see
        `KnownStore`; then nothing that was shared is.

        A term is an entry of `bot.text.forms`: it matches where any of its stems stands.
        `here`: the conversation that is being answered, whose newest messages of other people,
        where the reader may see them, are there too.
        """
        ...

    async def nearest(
        self, survey: Survey, scope: Scope, reader: Audience, vector: Sequence[float]
    ) -> dict[PassageId, float]:
        """Cosines of the survey's passages; in a large scope, of the nearest.

        By the current model only; empty where there is none or no vectors can be compared.
        """
        ...

    async def candidates(
        self,
        scope: Scope,
        reader: Audience,
        ids: Sequence[PassageId],
        *,
        channel: str | None = None,
    ) -> dict[PassageId, Memory | Message]:
        """The contents of the scope's and its space's passages.

        What is gone, or not for these eyes, is left out.
        """
        ...

    async def memories(
        self, scope: Scope, reader: Audience, numbers: Sequence[MemoryNumber]
    ) -> list[Memory]:
        """Those of the numbers that exist, in the order asked; below zero: the space's."""
        ...

    async def page(
        self,
        scope: Scope,
        reader: Audience,
        offset: int,
        limit: int,
        *,
        channel: str | None = None,
    ) -> tuple[list[Memory], int]:
        """Memories newest first, superseded ones too, and how many there are in all.

        Those of the scope alone. Of `shared_scope` it is what was shared with the space.
        """
        ...

    async def profile(
        self,
        scope: Scope,
        reader: Audience,
        attributes: Sequence[str],
        *,
        channel: str | None = None,
    ) -> list[Memory]:
        """The current memories in these slots of the person themselves, newest first."""
        ...

    async def distilled_from(
        self,
        scope: Scope,
        reader: Audience,
        messages: Sequence[MessageId],
        *,
        channel: str | None = None,
    ) -> list[Memory]:
        """The scope's memories that have one of these messages as a source."""
        ...

    async def keep_verbatim(self, scope: Scope, message: MessageId) -> MemoryNumber | None:
        """A memory with the words of one of the scope's messages, so that it has an id to forget.

        None: the message is erased, or another's.
        """
        ...

    async def about(
        self, scope: Scope, reader: Audience, name: str, limit: int
    ) -> EntityPage | None:
        """The newest `limit` memories of the entities with this name. None: it is nobody's."""
        ...

    async def entity_names(self, scope: Scope, reader: Audience, limit: int) -> list[str]:
        """The names of the entities with most memories, each by its newest name."""
        ...

    async def names_with(
        self, scope: Scope, reader: Audience, beginning: str, limit: int
    ) -> list[str]:
        """The scope's entity names, aliases too, of which a word begins so; the most used first."""
        ...

    async def memories_with(
        self, scope: Scope, reader: Audience, number: str, parts: Sequence[str], limit: int
    ) -> list[Memory]:
        """The scope's newest memories whose number begins so and whose text has all these parts."""
        ...

    async def versions(
        self, scope: Scope, reader: Audience, number: MemoryNumber
    ) -> MemoryVersions | None:
        """The memory with its versions. None: it does not exist.

        One that is the space's has neither versions nor sources: they are their authors'.
        """
        ...

    async def said_before(
        self, scope: Scope, reader: Audience, terms: Sequence[str]
    ) -> list[MemoryNumber]:
        """The memories with an earlier version that holds all of these terms, newest first."""
        ...

    async def edit(
        self, number: MemoryNumber, note: IncomingMessage, tokens: int
    ) -> MemoryNumber | None:
        """Let a memory of the note's scope say what the note says, which becomes a source of it.

        Its audience becomes what could read both. The old text is kept as a version, and what the
        older sources had to teach is settled: they are not consolidated again. Returns `number`;
        another's if that one says it already, and nothing is changed; None if it does not exist.
        One that is the space's stays so, keeps no version, and is not consolidated.
        """
        ...

    async def share(self, note: IncomingMessage, tokens: int) -> tuple[MemoryNumber, bool]:
        """Keep a text for everybody in the note's space, verbatim. (its number, was it known).

        The note stays its author's own, who takes the memory along by forgetting it.
        """
        ...

    async def promote(self, scope: Scope, number: MemoryNumber, now: datetime) -> Audience | None:
        """Let a memory of the scope be used anywhere in the space; the audience it had before.

        Its sources stay as private as they were. What they alone told of its slot and its entity's
        names is dropped; the memory as it was is kept as a version. None: it does not exist, or is
        what somebody else said.
        """
        ...

    async def undo(self, scope: Scope, now: datetime) -> Undone | None:
        """Take back Ellie's newest change to the scope's memories. None: there is none left.

        The turns it came from count as consolidated, so that it is not learnt again from them.
        The newest 20 changes can be undone, one after the other.
        """
        ...
