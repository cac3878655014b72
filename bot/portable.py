"""What is kept about one person in one space, as it leaves Ellie and comes back."""

from bisect import bisect_left, insort
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bot.types import Audience, Scope, Slot

Said = Literal["person", "ellie", "note"]
"""Who said a message: the person, Ellie, or the person in a command (a note)."""


@dataclass(frozen=True, slots=True)
class PortableConversation:
    """Where messages were said. `fresh_after`: the last turn before its history began anew."""

    key: str
    fresh_after: int | None


@dataclass(frozen=True, slots=True)
class PromptHeld:
    """What the prompt of a reply held: forgetting any of it takes the reply along.

    `memories` by uid, `messages` and `summary` by id, `history_from` the oldest turn in it word for
    word. `others`: other people's words were in it, too, so the reply's text stays behind.
    """

    memories: tuple[str, ...] = ()
    messages: tuple[int, ...] = ()
    summary: int | None = None
    history_from: int | None = None
    others: bool = False


@dataclass(frozen=True, slots=True)
class PortableMessage:
    """One message; `id` counts from 1 within the scope. `text` None: it was erased or is withheld.

    `turn` counts the person's turns from 1 in their order; None: it is in no history. `reply_to`
    and `held` are of Ellie's replies alone.
    """

    id: int
    conversation: str
    event_id: str
    role: Said
    speaker: str
    text: str | None
    audience: Audience
    place: str
    sent_at: datetime
    turn: int | None = None
    reply_to: int | None = None
    held: PromptHeld | None = None


@dataclass(frozen=True, slots=True)
class PortableVersion:
    """What a memory was until `replaced_at`. `author`: who replaced it; "person" or a model."""

    text: str
    audience: Audience
    place: str
    valid_from: datetime
    slot: Slot | None
    author: str
    replaced_at: datetime


@dataclass(frozen=True, slots=True)
class PortableMemory:
    """One memory; `uid` is its name everywhere, `number` the one it has in the file it is from.

    `entity` is the id of what it speaks of, `slot.entity` the name it uses, `aliases` other names.
    `sources` are ids of messages, `closed_by` uids of memories. `valid_to` follows from those.
    """

    uid: str
    number: int
    text: str
    audience: Audience
    place: str
    said_at: datetime
    valid_from: datetime
    valid_to: datetime | None
    slot: Slot | None
    entity: int | None
    aliases: tuple[str, ...]
    extractor: str
    sources: tuple[int, ...]
    versions: tuple[PortableVersion, ...]
    closed_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PortableEntity:
    """Whom or what memories (uids) speak of; `id` counts from 1. Names are its memories' own."""

    id: int
    kind: str
    name: str
    aliases: tuple[str, ...]
    memories: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PortableSummary:
    """A summary of some of the person's messages; `id` counts from 1.

    `covers` are ids of messages, `through` is the last turn it stands for. `covers_others`: it was
    made of other people's words, too, so its text (then None) stays behind.
    """

    id: int
    conversation: str
    audience: Audience
    text: str | None
    covers: tuple[int, ...]
    covers_others: bool
    through: int | None
    previous: int | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Portable:
    """All that is kept about a person in a space, and nothing that another person said.

    Messages stand in the order of their turns, each reply behind what it answers; memories in the
    order in which they were kept.
    """

    scope: Scope
    name: str
    conversations: tuple[PortableConversation, ...] = ()
    messages: tuple[PortableMessage, ...] = ()
    memories: tuple[PortableMemory, ...] = ()
    entities: tuple[PortableEntity, ...] = ()
    summaries: tuple[PortableSummary, ...] = ()


@dataclass(frozen=True, slots=True)
class BroughtIn:
    """What came of an import, in numbers.

    `known` was there already; `forgotten` was forgotten here, and stays so; `left_out` has no place
    here. `opted_out`: the person wants nothing kept, so nothing was taken in.
    """

    messages: int = 0
    memories: int = 0
    summaries: int = 0
    known: int = 0
    forgotten: int = 0
    left_out: int = 0
    opted_out: bool = False


@dataclass(slots=True)
class Forgotten:
    """Of a `Portable`, what is not to come back: ids of messages and summaries, uids."""

    messages: set[int] = field(default_factory=set)
    memories: set[str] = field(default_factory=set)
    summaries: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.messages) + len(self.memories) + len(self.summaries)


def spread(portable: Portable, gone: Forgotten) -> None:
    """Add what goes with what is forgotten, as erasing does (`docs/architecture.md`).

    A memory takes its sources, and goes where all of them do. A message or memory takes the
    summaries and the replies that held it, a summary what was built on it.
    """
    turns = {m.id: m.turn for m in portable.messages}
    before = -1
    while before != len(gone):
        before = len(gone)
        for memory in portable.memories:
            if memory.uid in gone.memories:
                gone.messages.update(memory.sources)
            elif memory.sources and gone.messages.issuperset(memory.sources):
                gone.memories.add(memory.uid)
        for summary in portable.summaries:
            if summary.previous in gone.summaries or not gone.messages.isdisjoint(summary.covers):
                gone.summaries.add(summary.id)
        lost: dict[str, list[int]] = {}
        for message in portable.messages:
            turn = turns[message.reply_to or message.id]
            if message.id in gone.messages and turn is not None:
                lost.setdefault(message.conversation, []).append(turn)
        for message in portable.messages:
            if message.reply_to is not None and _goes_with(message, turns, gone, lost):
                gone.messages.add(message.id)
                insort(lost.setdefault(message.conversation, []), turns[message.reply_to] or 0)


def _goes_with(
    reply: PortableMessage,
    turns: dict[int, int | None],
    gone: Forgotten,
    lost: dict[str, list[int]],
) -> bool:
    """Whether a reply answers, or was made from, something that is gone."""
    if reply.reply_to in gone.messages:
        return True
    held = reply.held
    if held is None:
        return False
    heard = False
    if held.history_from is not None and (here := lost.get(reply.conversation)):
        first = bisect_left(here, held.history_from)
        heard = first < len(here) and here[first] < (turns.get(reply.reply_to or 0) or 0)
    return (
        heard
        or held.summary in gone.summaries
        or not gone.messages.isdisjoint(held.messages)
        or not gone.memories.isdisjoint(held.memories)
    )
