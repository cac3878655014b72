"""The evidence of a prompt: what was recalled, a line each, as much as fits."""

import html
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile, zip_longest

from bot.quotes import mark_quotes
from bot.tokens import count_tokens, shorten
from bot.types import Memory, Message, Recalled, memory_name

NAME_TOKENS = 24
MEMORIES_SHARE = 1 / 3
"""So much of a prompt may be evidence, so that it pushes nothing else out."""
FEWEST_ITEMS = 12
SHORTEST_TOKENS = 12
"""No line of evidence is shorter: its id or speaker and its date alone are as long."""
ITEM_TOKENS = 60
"""An item of evidence costs about 40 tokens; the rest is for what was said around it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a prompt may hold: `prompt_tokens` in all, `recall_tokens` of it as evidence."""

    prompt_tokens: int
    recall_tokens: int

    @property
    def evidence_tokens(self) -> int:
        """What recalled items, the profile among them, may fill."""
        return min(self.recall_tokens, int(self.prompt_tokens * MEMORIES_SHARE))

    @property
    def items(self) -> int:
        """So many items are worth recalling."""
        return max(FEWEST_ITEMS, self.evidence_tokens // ITEM_TOKENS)


def escape(text: str) -> str:
    """Remembered text on one line, unable to end the fence it stands in."""
    return html.escape(" ".join(text.split()), quote=False)


def short_name(speaker: str) -> str:
    """A speaker's name on one line, of at most `NAME_TOKENS`."""
    return shorten(" ".join(speaker.split()), NAME_TOKENS)


def describe(item: Memory | Message) -> str:
    """One item of evidence on one line: its id, date, words, and until when it held.

    What a message only quotes or forwards is marked: on one line it could not be told apart.
    """
    if isinstance(item, Message):
        speaker = escape(short_name(item.speaker))
        return f'- {item.sent_at:%Y-%m-%d}, {speaker} said: "{escape(mark_quotes(item.text))}"'
    until = f" (until {item.valid_to:%Y-%m-%d})" if item.valid_to else ""
    whose = ", shared with everybody here" if item.number < 0 else ""
    name = memory_name(item.number)
    return f"- {name}, {item.said_at:%Y-%m-%d}{whose}: {escape(item.text)}{until}"


def line_tokens(item: Memory | Message) -> int:
    """What an item's line costs, or a few tokens more.

    A message's own count is known already: counting a hundred lines anew takes ten milliseconds.
    """
    if isinstance(item, Message) and mark_quotes(item.text) == item.text == escape(item.text):
        return (
            item.tokens + count_tokens(f'  - 2026-12-31, {short_name(item.speaker)} said: ""') + 2
        )
    return count_tokens(f"  {describe(item)}") + 1


def describe_around(message: Message) -> str:
    """What was said around an item, or is its source: one line that stands below the item's."""
    return f"  {describe(message)}"


def fit_evidence(
    profile: Sequence[Memory], recalled: Sequence[Recalled], limit_tokens: int
) -> tuple[list[Memory], list[Recalled]]:
    """The profile and the best of what was recalled that fit, each item once and whole.

    Each item keeps as much of its `around` as there is room for when all items are in: first
    everybody's nearest, then the next; in the order it was said, and nothing twice.
    """
    room = _Room(limit_tokens)
    pinned = list(takewhile(room.takes, profile))
    numbers = {item.number for item in pinned}
    chosen = [
        found
        for found in recalled
        if not (isinstance(found.item, Memory) and found.item.number in numbers)
        and room.takes(found.item)
    ]
    shown = {found.item.id for found in chosen if isinstance(found.item, Message)}
    beside: list[list[Message]] = [[] for _ in chosen]
    for nearest in zip_longest(*(found.around for found in chosen)):
        for place, message in enumerate(nearest):
            if message and message.id not in shown and room.takes(message):
                shown.add(message.id)
                beside[place].append(message)
    return pinned, [
        replace(found, around=tuple(sorted(kept, key=lambda m: (m.sent_at, m.id))))
        for found, kept in zip(chosen, beside, strict=True)
    ]


@dataclass(slots=True)
class _Room:
    """The tokens that are left."""

    tokens: int

    def takes(self, item: Memory | Message) -> bool:
        """Whether an item's line fits; if so, it is in."""
        if self.tokens < SHORTEST_TOKENS:
            return False
        cost = line_tokens(item)
        if cost > self.tokens:
            return False
        self.tokens -= cost
        return True
