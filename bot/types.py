"""The words of the sentence as frozen values (`docs/glossary.md`)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NewType

MemoryNumber = NewType("MemoryNumber", int)
"""The 42 of `m42`: per scope, from 1, never reused. Below zero it is the space's: `s42` is -42."""
MessageId = NewType("MessageId", int)
TurnId = NewType("TurnId", int)
SummaryId = NewType("SummaryId", int)


@dataclass(frozen=True, slots=True)
class Scope:
    """(platform, space, user): the key of everything that is remembered."""

    platform: str
    space: str
    user: str


def shared_scope(scope: Scope) -> Scope:
    """The scope of what was shared with everybody in a space: it has no user."""
    return Scope(scope.platform, scope.space, "")


def memory_name(number: MemoryNumber) -> str:
    """What people call a memory: m42, or s42 for one that is the space's."""
    return f"m{number}" if number > 0 else f"s{-number}"


@dataclass(frozen=True, slots=True)
class Private:
    """One person alone reads it: a DM, or what is shown to that person only."""

    def __str__(self) -> str:
        return "private"


@dataclass(frozen=True, slots=True)
class Channel:
    """The members of one closed channel or private thread read it."""

    channel: str

    def __str__(self) -> str:
        return f"channel:{self.channel}"


@dataclass(frozen=True, slots=True)
class Space:
    """Everybody in the space reads it."""

    def __str__(self) -> str:
        return "space"


Audience = Private | Channel | Space


def parse_audience(text: str) -> Audience:
    """The audience that `str(audience)` gave; raises ValueError for anything else."""
    if text == "private":
        return Private()
    if text == "space":
        return Space()
    kind, _, channel = text.partition(":")
    if kind == "channel" and channel:
        return Channel(channel)
    raise ValueError(f"not an audience: {text!r}")


def narrower(one: Audience, other: Audience) -> Audience:
    """Who could read both: of two different closed channels, only the person themselves."""
    if one == other or isinstance(other, Space):
        return one
    return other if isinstance(one, Space) else Private()


@dataclass(frozen=True, slots=True)
class Conversation:
    """A DM, a thread or a channel: its turns are answered in order."""

    platform: str
    space: str
    key: str

    @property
    def channel(self) -> str:
        """The channel that it is or is a thread of ("C" and "C/T"): settings are per channel."""
        return self.key.partition("/")[0]


class Reach(StrEnum):
    """What of all that is kept may be used before the eyes of a place.

    The audience says who could read what; who reads here may be people for whom that is too much.
    """

    ALL = "all"
    """As the audience says."""
    OWN = "own"
    """Only the person's own, nothing that was shared with the space: a guest reads alone."""
    HERE = "here"
    """Only what was said in this very channel and its threads: guests read along."""
    NOTHING = "nothing"
    """The conversation alone: people from outside read along."""


def narrower_reach(one: Reach, other: Reach) -> Reach:
    """What may be used where both hold: NOTHING, else HERE, else OWN, else ALL."""
    return min(one, other, key=(Reach.NOTHING, Reach.HERE, Reach.OWN, Reach.ALL).index)


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """What a person said, as an adapter normalised it.

    `event_id` is the platform's own id, unique inside the channel and its threads: the same one
    twice in a conversation is one message. `sent_at` is aware, UTC. `place` is where it was said,
    in a person's words. `reply_to`: the event of the message there that it replies to, anybody's,
    or one that Ellie posted. `images`: data: URLs, for this turn alone; they are never written
    down. `outsider`: the person is of another organisation, so that nothing is recalled for them,
    learnt from them, or kept. `waiting`: the event under which it waits in the inbox, if it was
    taken in; never written down.
    """

    scope: Scope
    conversation: Conversation
    audience: Audience
    event_id: str
    speaker: str
    text: str
    sent_at: datetime
    place: str
    reply_to: str | None = None
    images: tuple[str, ...] = field(default=(), repr=False)
    reach: Reach = Reach.ALL
    outsider: bool = False
    waiting: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class IncomingCommand:
    """A command line ("/recall tea") and where it was typed; only the person sees its answer.

    `audience` and `place` are those of the place. `visible`: everybody there could read the line;
    otherwise it was private. `manages`: the person has the platform's permission to manage the
    space. `quoting`: the message that the command is about, which may be another person's. `about`:
    the event of a message that Ellie posted, which a /why is about. `reach`: but for ALL, nothing
    that was shared is shown; the rest is the person's own, for their eyes alone. `outsider`: as of
    a message.
    """

    scope: Scope
    conversation: Conversation
    audience: Audience
    speaker: str
    text: str
    sent_at: datetime
    place: str
    visible: bool = False
    manages: bool = False
    quoting: IncomingMessage | None = None
    about: str | None = None
    reach: Reach = Reach.ALL
    outsider: bool = False


class Role(StrEnum):
    """Who said a message."""

    PERSON = "person"
    ELLIE = "ellie"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is kept. `tokens` counts `text` alone (o200k)."""

    id: MessageId
    role: Role
    speaker: str
    text: str
    sent_at: datetime
    tokens: int
    audience: Audience


@dataclass(frozen=True, slots=True)
class Exchange:
    """One turn of a history: what a person said, what Ellie answered (None: not yet, or never)."""

    said: Message
    reply: Message | None


@dataclass(frozen=True, slots=True)
class PendingTurn:
    """A turn that is written down and waits for its answer.

    `event_id`: of its message, as the platform named it. `reply_to`: the turn whose message or
    reply it replies to. `images`, `reach`, `outsider`: as its message's. `shown`: the events of the
    messages that an earlier try of its reply was posted as, oldest first.
    """

    id: TurnId
    scope: Scope
    conversation: Conversation
    message: Message
    place: str
    event_id: str
    reply_to: TurnId | None = None
    images: tuple[str, ...] = field(default=(), repr=False)
    shown: tuple[str, ...] = ()
    reach: Reach = Reach.ALL
    outsider: bool = False

    @property
    def recalls(self) -> bool:
        """Whether anything beyond the conversation may be used in its reply."""
        return self.reach is not Reach.NOTHING and not self.outsider

    @property
    def only_in(self) -> str | None:
        """The channel in which must have been said whatever is recalled; None: anywhere."""
        return self.conversation.channel if self.reach is Reach.HERE else None


@dataclass(frozen=True, slots=True)
class Slot:
    """Where an attribute of an entity is kept: ("Sarah", "works at").

    `entity` None is the person of the scope. `exclusive`: the slot holds one value at a time (lives
    in, works at), so a newer statement supersedes the older; otherwise values add up (likes).
    """

    entity: str | None
    attribute: str
    value: str
    exclusive: bool


@dataclass(frozen=True, slots=True)
class Memory:
    """One durable statement about a scope's person or their world.

    `text` stands on its own and is in the third person or the person's own words. `said_at` is when
    its newest source was said, `valid_from` since when it holds. `valid_to` None: it still holds
    (for the reader it was fetched for). `sources` are message ids and may be empty once retention
    removed the messages. `place` is where it was said. `days`: on so many different days (UTC) was
    it said, as far as its reader could hear: said ten times in an evening, it is one source.
    `noted`: the person asked for it to be kept in these words. `quoted`: somebody else said it.
    """

    number: MemoryNumber
    text: str
    audience: Audience
    place: str
    said_at: datetime
    valid_from: datetime
    valid_to: datetime | None
    slot: Slot | None
    sources: tuple[MessageId, ...]
    days: int = 1
    noted: bool = False
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Summary:
    """The rolling text that stands for the oldest turns of one conversation, up to `through`."""

    id: SummaryId
    text: str
    audience: Audience
    through: TurnId
    made_at: datetime


Parts = dict[str, float]
"""The parts of a score by name: see `bot.ranking`, and `boosts` of `bot.recall`."""
OWN_EVIDENCE = frozenset({"words", "meaning", "entity", "linked", "then", "newest", "pinned"})
"""The parts that make an item evidence by itself."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """A memory, or a message of the person's own, that recall chose, with the parts of its score.

    `score` is the sum of `parts`; higher is better. `around` are its sources and what the person
    said before and after: what the prompt shows with it as far as there is room, nearest first.
    """

    item: Memory | Message
    score: float
    parts: Parts = field(default_factory=dict)
    around: tuple[Message, ...] = ()

    @property
    def lent(self) -> bool:
        """Whether it is here for the sake of its neighbours alone, and nothing of its own."""
        return not self.parts.keys() & OWN_EVIDENCE


# --- what models read and write --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PromptMessage:
    """One entry of a chat completion: role is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class ReplyPrompt:
    """What Ellie answers from: `messages` is the text for a language model, the rest its items.

    `tokens` counts all of `messages`. `recalled` are the items the text holds, best first;
    `history` oldest first, without the message being answered. `images` go with the last message.
    `model` answers it; None: the one that the settings name.
    """

    question: Message
    profile: tuple[Memory, ...]
    recalled: tuple[Recalled, ...]
    summary: Summary | None
    history: tuple[Exchange, ...]
    messages: tuple[PromptMessage, ...]
    tokens: int
    paused: bool = False
    outsider: bool = False
    images: tuple[str, ...] = field(default=(), repr=False)
    model: str | None = None


@dataclass(frozen=True, slots=True)
class ExtractionPrompt:
    """What a memory model reads: new messages and known memories, each numbered from 1.

    `replies[i]` is what Ellie answered to `said[i]`: context, never a source; None if nothing.
    """

    person: str
    said: tuple[Message, ...]
    replies: tuple[str | None, ...]
    known: tuple[Memory, ...]
    messages: tuple[PromptMessage, ...]


@dataclass(frozen=True, slots=True)
class SummaryPrompt:
    """What is to be folded: the previous summary (None: there is none) and the oldest exchanges."""

    previous: Summary | None
    exchanges: tuple[Exchange, ...]
    messages: tuple[PromptMessage, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A memory as a model proposes it.

    `sources` and the two lists count from 1 into the prompt's `said` and `known`. `valid_from`
    None: since it was said. `aliases` are other names of the slot's entity used in the sources.
    `duplicates`: known memories that already say the same. `superseded`: known memories in the
    same slot that no longer hold.
    """

    text: str
    sources: tuple[int, ...]
    slot: Slot | None = None
    entity_kind: str | None = None
    aliases: tuple[str, ...] = ()
    valid_from: datetime | None = None
    duplicates: tuple[int, ...] = ()
    superseded: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call. Where the server does not say, they are counted with o200k."""

    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True, slots=True)
class Extraction:
    """The answer of a memory model. `dropped` counts statements or numbers that did not fit."""

    statements: tuple[Statement, ...]
    usage: Usage = Usage()
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class ToolRound:
    """In a reply's stream: the model called its tools instead of ending, `calls` times at once.

    `usage` is of the request that brought the calls; that of the reply's end is apart from it.
    """

    usage: Usage
    calls: int


@dataclass(frozen=True, slots=True)
class ReplyEnd:
    """The last element of a reply's stream. `cut`: the stream broke off before its end."""

    usage: Usage
    cut: bool = False
