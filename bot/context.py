"""The prompt: everything a model reads, under one budget of tokens."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib import resources
from string import Template

from bot.tokens import count_tokens, shorten
from bot.types import (
    Exchange,
    ExtractionPrompt,
    Memory,
    Message,
    PromptMessage,
    Recalled,
    ReplyPrompt,
    Role,
    Summary,
    SummaryPrompt,
)

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template adds to each message (OpenAI's own counting guide says 3 to 4)."""

# Shares of the budget: none may push another out. What they leave unused goes to the history.
PERSONA_SHARE = 0.2
QUESTION_SHARE = 0.35
MEMORIES_SHARE = 0.2
SUMMARY_SHARE = 0.12
OLD_MESSAGE_SHARE = 0.15
"""One old message is shortened to that, so that it pushes no other out of the history."""


@cache
def _template(name: str) -> Template:
    text = (resources.files("bot") / "prompts" / f"{name}.md").read_text("utf-8")
    return Template(text.strip())


def prompt_tokens(messages: Sequence[PromptMessage]) -> int:
    """What a list of messages costs: each content and the template around it."""
    return sum(count_tokens(message.content) + MESSAGE_OVERHEAD for message in messages)


def escape(text: str) -> str:
    """Remembered text on one line, unable to end the fence it stands in."""
    return html.escape(" ".join(text.split()), quote=False)


def describe(item: Memory | Message) -> str:
    """One item of evidence: its id, date, words, and until when it held."""
    if isinstance(item, Message):
        return f'- {item.sent_at:%Y-%m-%d}, {escape(item.speaker)} said: "{escape(item.text)}"'
    until = f" (until {item.valid_to:%Y-%m-%d})" if item.valid_to else ""
    return f"- m{item.number}, {item.said_at:%Y-%m-%d}: {escape(item.text)}{until}"


def build_reply_prompt(
    persona: str,
    question: Message,
    profile: Sequence[Memory],
    recalled: Sequence[Recalled],
    summary: Summary | None,
    history: Sequence[Exchange],
    budget_tokens: int,
    now: datetime,
) -> ReplyPrompt:
    """The prompt for one reply, in at most `budget_tokens` (counted by `prompt_tokens`).

    Kept first: the question (shortened past its share), then the best evidence, the summary, and
    as many of the newest exchanges as still fit, each whole.
    """
    persona = shorten(persona, int(budget_tokens * PERSONA_SHARE))
    system = _template("reply").safe_substitute(persona=persona, today=f"{now:%A, %d %B %Y}")
    old_message = int(budget_tokens * OLD_MESSAGE_SHARE)
    pinned, chosen = _fit_evidence(profile, recalled, int(budget_tokens * MEMORIES_SHARE))
    draft = _Draft(
        asked=_line(question, int(budget_tokens * QUESTION_SHARE)),
        profile=pinned,
        recalled=chosen,
        summary=shorten(escape(summary.text), int(budget_tokens * SUMMARY_SHARE))
        if summary
        else "",
        history=[],
    )
    messages = _messages(system, (), draft.last(question.speaker), old_message)
    spare = budget_tokens - prompt_tokens(messages)
    draft.history = _fit_history(list(history), spare, old_message)
    while True:
        messages = _messages(system, draft.history, draft.last(question.speaker), old_message)
        tokens = prompt_tokens(messages)
        if tokens <= budget_tokens or not draft.shrink(tokens - budget_tokens):
            break
    return ReplyPrompt(
        question=question,
        profile=tuple(draft.profile),
        recalled=tuple(draft.recalled),
        summary=summary if draft.summary else None,
        history=tuple(draft.history),
        messages=messages,
        tokens=tokens,
    )


@dataclass(slots=True)
class _Draft:
    """The parts of a prompt while they are cut to size."""

    asked: str
    profile: list[Memory]
    recalled: list[Recalled]
    summary: str
    history: list[Exchange]

    def last(self, person: str) -> str:
        """The last message: the evidence in its fences, then the question."""
        evidence = _evidence(person, self.profile, self.recalled, self.summary)
        return f"{evidence}\n\n{self.asked}"

    def shrink(self, excess_tokens: int) -> bool:
        """Drop the least needed part; False when nothing is left to drop."""
        if self.history:
            self.history.pop(0)
        elif self.recalled:
            self.recalled.pop()
        elif self.profile:
            self.profile.pop()
        elif self.summary:
            self.summary = ""
        elif self.asked:
            self.asked = shorten(self.asked, count_tokens(self.asked) - excess_tokens - 1)
        else:
            return False
        return True


def _line(message: Message, limit_tokens: int) -> str:
    return f"{' '.join(message.speaker.split())}: {shorten(message.text, limit_tokens)}"


def _fit_evidence(
    profile: Sequence[Memory], recalled: Sequence[Recalled], limit_tokens: int
) -> tuple[list[Memory], list[Recalled]]:
    """The profile and the best of what was recalled that fit, each item once and whole."""
    pinned: list[Memory] = []
    chosen: list[Recalled] = []
    numbers = set()
    for item in profile:
        limit_tokens -= count_tokens(describe(item)) + 1
        if limit_tokens < 0:
            break
        pinned.append(item)
        numbers.add(item.number)
    for found in recalled:
        if isinstance(found.item, Memory) and found.item.number in numbers:
            continue
        cost = count_tokens(describe(found.item)) + 1
        if cost <= limit_tokens:
            limit_tokens -= cost
            chosen.append(found)
    return pinned, chosen


def _fit_history(history: list[Exchange], limit_tokens: int, message_tokens: int) -> list[Exchange]:
    """The newest exchanges that fit; none is split."""
    kept: list[Exchange] = []
    for exchange in reversed(history):
        for message in (exchange.said, exchange.reply):
            if message is not None:
                limit_tokens -= min(message.tokens, message_tokens) + MESSAGE_OVERHEAD + 6
        if limit_tokens < 0:
            break
        kept.append(exchange)
    return kept[::-1]


def _evidence(
    person: str, profile: Sequence[Memory], recalled: Sequence[Recalled], summary: str
) -> str:
    lines = [describe(memory) for memory in profile] + [describe(r.item) for r in recalled]
    if not lines:
        lines = [f"Nothing about this is remembered of {escape(person)}."]
    block = "<memories>\n" + "\n".join(lines) + "\n</memories>"
    return f"<summary>\n{summary}\n</summary>\n\n{block}" if summary else block


def _messages(
    system: str, history: Sequence[Exchange], last: str, message_tokens: int
) -> tuple[PromptMessage, ...]:
    """System, then strictly alternating user and assistant: some servers' templates demand it."""
    messages = [PromptMessage("system", system)]

    def add(role: str, content: str) -> None:
        if messages[-1].role == role:
            content = f"{messages.pop().content}\n\n{content}"
        messages.append(PromptMessage(role, content))

    for exchange in history:
        add("user", _line(exchange.said, message_tokens))
        if exchange.reply is not None:
            add("assistant", shorten(exchange.reply.text, message_tokens))
    add("user", last)
    return tuple(messages)


def build_extraction_prompt(
    person: str,
    exchanges: Sequence[Exchange],
    known: Sequence[Memory],
    budget_tokens: int,
) -> ExtractionPrompt:
    """The prompt for one batch: numbered messages with dates, and numbered known memories.

    Each message is shortened so that all fit; known memories are left out from the end.
    """
    system = _template("extract").safe_substitute(person=escape(person))
    spare = budget_tokens - count_tokens(system) - 2 * MESSAGE_OVERHEAD - 60
    share = max(40, spare * 2 // 3 // (2 * max(1, len(exchanges))))
    lines = []
    for number, exchange in enumerate(exchanges, 1):
        said = exchange.said
        text = escape(shorten(said.text, share))
        lines.append(f"{number}. [{said.sent_at:%A %Y-%m-%d}] {escape(said.speaker)}: {text}")
        if exchange.reply is not None:
            reply = escape(shorten(exchange.reply.text, share // 2))
            lines.append(f"   (Ellie answered: {reply})")
    spare -= sum(count_tokens(line) + 1 for line in lines)
    shown: list[Memory] = []
    for memory in known:
        line = _known_line(len(shown) + 1, memory)
        spare -= count_tokens(line) + 1
        if spare < 0:
            break
        shown.append(memory)
    memories = [_known_line(number, memory) for number, memory in enumerate(shown, 1)]
    content = "\n".join(
        [
            "<known>",
            *(memories or ["nothing yet"]),
            "</known>\n\n<messages>",
            *lines,
            "</messages>",
        ]
    )
    return ExtractionPrompt(
        person=person,
        said=tuple(exchange.said for exchange in exchanges),
        replies=tuple(e.reply.text if e.reply else None for e in exchanges),
        known=tuple(shown),
        messages=(PromptMessage("system", system), PromptMessage("user", content)),
    )


def _known_line(number: int, memory: Memory) -> str:
    slot = ""
    if memory.slot is not None:
        entity = memory.slot.entity or "the person"
        slot = escape(f" ({entity} · {memory.slot.attribute} · {memory.slot.value})")
    return f"{number}. [{memory.valid_from:%Y-%m-%d}] {escape(memory.text)}{slot}"


def build_summary_prompt(
    previous: Summary | None, exchanges: Sequence[Exchange], budget_tokens: int
) -> SummaryPrompt:
    """The prompt for one fold; each message is shortened so that all fit."""
    system = _template("summarise").safe_substitute(limit=max(60, budget_tokens // 16))
    before = shorten(escape(previous.text), budget_tokens // 4) if previous else "none"
    spare = budget_tokens - count_tokens(system) - count_tokens(before) - 60
    share = max(20, spare // (2 * max(1, len(exchanges))) - 12)
    lines = [
        f"[{message.sent_at:%Y-%m-%d}] {_speaker(message)}: {escape(shorten(message.text, share))}"
        for exchange in exchanges
        for message in (exchange.said, exchange.reply)
        if message is not None
    ]
    content = "\n".join(
        ["<summary>", before, "</summary>", "", "<messages>", *lines, "</messages>"]
    )
    return SummaryPrompt(
        previous=previous,
        exchanges=tuple(exchanges),
        messages=(PromptMessage("system", system), PromptMessage("user", content)),
    )


def _speaker(message: Message) -> str:
    return "Ellie" if message.role is Role.ELLIE else escape(message.speaker)
