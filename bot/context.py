"""The prompt: everything a model reads, under one budget of tokens."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib import resources
from string import Template

from bot.evidence import Limits, describe, describe_around, escape, fit_evidence, short_name
from bot.ports import Used
from bot.tokens import count_tokens, shorten
from bot.types import (
    Exchange,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Parts,
    PendingTurn,
    PromptMessage,
    Recalled,
    ReplyPrompt,
    Summary,
    TurnId,
)

MESSAGE_OVERHEAD = 4
"""Tokens that a chat template adds to each message (OpenAI's own counting guide says 3 to 4)."""

# Shares of the budget: none may push another out. What they leave unused goes to the history.
PERSONA_SHARE = 0.2
QUESTION_SHARE = 0.35
SUMMARY_SHARE = 0.12
OLD_MESSAGE_SHARE = 0.15
"""One old message is shortened to that, so that it pushes no other out of the history."""
FRAME_TOKENS = 300
"""Room for the template of a reply, its fences, and the names in it."""

PAUSED = (
    "- Whom you answer has paused your memory: you recall nothing beyond this conversation, and "
    "keep nothing of it. Never say that you will remember something."
)
OUTSIDER = (
    "- Whom you answer is of another organisation: you recall nothing beyond this conversation, "
    "and keep nothing of it. Never say that you will remember something."
)
OUTSIDE = (
    "- People of other organisations read this conversation: you recall nothing beyond it here."
)


@cache
def template(name: str) -> Template:
    """The model-facing prose of that name, from `bot/prompts/`."""
    text = (resources.files("bot") / "prompts" / f"{name}.md").read_text("utf-8")
    return Template(text.strip())


def prompt_tokens(messages: Sequence[PromptMessage]) -> int:
    """What a list of messages costs: each content and the template around it."""
    return sum(count_tokens(message.content) + MESSAGE_OVERHEAD for message in messages)


def build_reply_prompt(
    persona: str,
    question: Message,
    profile: Sequence[Memory],
    recalled: Sequence[Recalled],
    summary: Summary | None,
    history: Sequence[Exchange],
    limits: Limits,
    now: datetime,
    rule: str | None = None,
) -> ReplyPrompt:
    """The prompt for one reply within its limits (counted by `prompt_tokens`).

    Kept first: the question (shortened past its share), then the best evidence, the summary, and
    as many of the newest exchanges as still fit, each whole. `rule`: for this reply alone.
    """
    budget_tokens = limits.prompt_tokens
    system = _system(shorten(persona, int(budget_tokens * PERSONA_SHARE)), now, rule)
    old_message = int(budget_tokens * OLD_MESSAGE_SHARE)
    pinned, chosen = fit_evidence(profile, recalled, limits.evidence_tokens)
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
    draft.history = _fit_history(history, spare, old_message)
    while True:
        messages = _messages(system, draft.history, draft.last(question.speaker), old_message)
        tokens = prompt_tokens(messages)
        if tokens <= budget_tokens or not draft.shrink(tokens - budget_tokens):
            break
    if draft.drop_repeats():
        messages = _messages(system, draft.history, draft.last(question.speaker), old_message)
    return ReplyPrompt(
        question=question,
        profile=tuple(draft.profile),
        recalled=tuple(draft.recalled),
        summary=summary if draft.summary else None,
        history=tuple(draft.history),
        messages=messages,
        tokens=prompt_tokens(messages),
    )


def rule_of(turn: PendingTurn, *, paused: bool) -> str | None:
    """What a model is told of a turn where nothing is recalled, and so that it does not promise."""
    if turn.outsider:
        return OUTSIDER
    return PAUSED if paused else None if turn.recalls else OUTSIDE


def _system(persona: str, now: datetime, rule: str | None) -> str:
    system = template("reply").safe_substitute(persona=persona, today=f"{now:%A, %d %B %Y}")
    return f"{system}\n{rule}" if rule else system


def used_by(prompt: ReplyPrompt, history_from: TurnId | None, erasures: int) -> Used:
    """What a prompt held, to be recorded with its turn; see `bot.ports.Used`."""
    items = [found.item for found in prompt.recalled]
    beside = [message for found in prompt.recalled for message in found.around]
    parts: dict[MemoryNumber, Parts] = {memory.number: {"pinned": 0.0} for memory in prompt.profile}
    recalled_parts: dict[MessageId, Parts] = {}
    for found in prompt.recalled:
        if isinstance(found.item, Memory):
            parts[found.item.number] = found.parts
        else:
            recalled_parts[found.item.id] = found.parts
    return Used(
        memories=tuple(parts),
        messages=tuple(m.id for m in [*items, *beside] if isinstance(m, Message)),
        summary=prompt.summary.id if prompt.summary else None,
        history_from=history_from,
        erasures=erasures,
        memory_parts=parts,
        message_parts=recalled_parts,
    )


def sure_history(
    question: Message, summary: Summary | None, history: Sequence[Exchange], limits: Limits
) -> list[Exchange]:
    """The newest exchanges that `build_reply_prompt` has room for, whatever is recalled."""
    budget_tokens = limits.prompt_tokens
    shares = PERSONA_SHARE + (SUMMARY_SHARE if summary else 0)
    spare = int(budget_tokens * (1 - shares)) - limits.evidence_tokens - FRAME_TOKENS
    spare -= min(question.tokens, int(budget_tokens * QUESTION_SHARE))
    return _fit_history(history, spare, int(budget_tokens * OLD_MESSAGE_SHARE))


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

    def drop_repeats(self) -> bool:
        """Take out the recalled messages that stand in the history; False: there were none."""
        shown = {exchange.said.id for exchange in self.history}
        once = [
            replace(r, around=tuple(message for message in r.around if message.id not in shown))
            for r in self.recalled
            if isinstance(r.item, Memory) or r.item.id not in shown
        ]
        repeats = once != self.recalled
        self.recalled = once
        return repeats

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
    return f"{short_name(message.speaker)}: {shorten(message.text, limit_tokens)}"


def _fit_history(
    history: Sequence[Exchange], limit_tokens: int, message_tokens: int
) -> list[Exchange]:
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
    lines = [describe(memory) for memory in profile]
    for found in recalled:
        lines += [describe(found.item), *map(describe_around, found.around)]
    if not lines:
        lines = [f"Nothing about this is remembered of {escape(short_name(person))}."]
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
