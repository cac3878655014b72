"""What a memory model reads: the prompts for one batch and for one fold."""

from collections.abc import Sequence

from bot.context import MESSAGE_OVERHEAD, template
from bot.evidence import escape, short_name
from bot.quotes import mark_quotes
from bot.tokens import count_tokens, shorten
from bot.types import (
    Exchange,
    ExtractionPrompt,
    Memory,
    PromptMessage,
    Summary,
    SummaryPrompt,
)


def build_extraction_prompt(
    person: str,
    exchanges: Sequence[Exchange],
    known: Sequence[Memory],
    budget_tokens: int,
) -> ExtractionPrompt:
    """The prompt for one batch: numbered messages with dates, and numbered known memories.

    `said` are as many of the oldest messages as fit, at least one; overlong ones are shortened.
    Known memories are left out from the end.
    """
    called = escape(short_name(person))
    system = template("extract").safe_substitute(person=called)
    if count_tokens(system) > budget_tokens // 2:
        system = template("extract_short").safe_substitute(person=called)
    spare = budget_tokens - count_tokens(system) - 2 * MESSAGE_OVERHEAD - 30
    lines, taken = _fit_lines(exchanges, spare * 2 // 3, numbered=True)
    spare -= sum(count_tokens(line) + 1 for line in lines)
    shown: list[str] = []
    for memory in known:
        line = _known_line(len(shown) + 1, memory)
        spare -= count_tokens(line) + 1
        if spare < 0:
            break
        shown.append(line)
    blocks = ["<known>", *(shown or ["nothing yet"]), "</known>", ""]
    content = "\n".join([*blocks, "<messages>", *lines, "</messages>"])
    return ExtractionPrompt(
        person=person,
        said=tuple(exchange.said for exchange in taken),
        replies=tuple(e.reply.text if e.reply else None for e in taken),
        known=tuple(known[: len(shown)]),
        messages=(PromptMessage("system", system), PromptMessage("user", content)),
    )


def _fit_lines(
    exchanges: Sequence[Exchange], limit_tokens: int, *, numbered: bool
) -> tuple[list[str], list[Exchange]]:
    """The lines of as many of the oldest exchanges as fit, at least of one, and those exchanges."""
    lines: list[str] = []
    taken: list[Exchange] = []
    said_tokens, reply_tokens = limit_tokens // 3, limit_tokens // 6
    for exchange in exchanges:
        said = exchange.said
        words = mark_quotes(said.text) if numbered else said.text
        text = shorten(escape(words), said_tokens)
        number = f"{len(taken) + 1}. " if numbered else ""
        added = [f"{number}[{said.sent_at:%A %Y-%m-%d}] {escape(short_name(said.speaker))}: {text}"]
        if exchange.reply is not None:
            reply = shorten(escape(exchange.reply.text), reply_tokens)
            added.append(f"   (Ellie answered: {reply})")
        cost = sum(count_tokens(line) + 1 for line in added)
        if taken and cost > limit_tokens:
            break
        limit_tokens -= cost
        lines += added
        taken.append(exchange)
    return lines, taken


def _known_line(number: int, memory: Memory) -> str:
    slot = ""
    if memory.slot is not None:
        entity = memory.slot.entity or "the person"
        slot = " " + escape(f"({entity} · {memory.slot.attribute} · {memory.slot.value})")
    return f"{number}. [{memory.valid_from:%Y-%m-%d}] {escape(memory.text)}{slot}"


def build_summary_prompt(
    previous: Summary | None, exchanges: Sequence[Exchange], budget_tokens: int
) -> SummaryPrompt:
    """The prompt for one fold: as many of the oldest exchanges as fit, at least one."""
    system = template("summarise").safe_substitute(limit=max(60, budget_tokens // 16))
    before = shorten(escape(previous.text), budget_tokens // 4) if previous else "none"
    spare = budget_tokens - count_tokens(system) - count_tokens(before) - 2 * MESSAGE_OVERHEAD - 30
    lines, taken = _fit_lines(exchanges, spare, numbered=False)
    content = "\n".join(
        ["<summary>", before, "</summary>", "", "<messages>", *lines, "</messages>"]
    )
    return SummaryPrompt(
        previous=previous,
        exchanges=tuple(taken),
        messages=(PromptMessage("system", system), PromptMessage("user", content)),
    )
