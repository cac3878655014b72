"""What would be forgotten, and how to say yes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, tzinfo

from adapters.wording.parts import item, named, typed, written
from adapters.wording.words import count, date, ids, listed, memory_line
from bot.receipts import (
    EverythingPreview,
    Losses,
    NamePreview,
    Period,
    PeriodPreview,
    Receipt,
)

SHOWN_IDS = 10
"""More ids than so many are not read by anybody."""


def period_preview(result: PeriodPreview) -> list[str]:
    """The period with its exact days, what would go, and the line that erases it."""
    when = f"{_when(result.period)} ({written(str(result.period.zone))})"
    if _is_empty(result.losses):
        return [f"You said nothing in this space {when}. Nothing was forgotten."]
    head = f"Nothing is forgotten yet. What you said in this space {when}:"
    return [head, *_losses(result.losses, result.period.zone), _how(result.confirm)]


def name_preview(result: NamePreview) -> list[str]:
    """The names, what would go, and the line that erases it."""
    name, *others = map(written, result.names)
    also = f" (also {listed(others)})" if others else ""
    head = f"Nothing is forgotten yet. What names or concerns {name}{also} in this space:"
    return [head, *_losses(result.losses, UTC), _how(result.confirm)]


def everything_preview(result: EverythingPreview) -> list[str]:
    """How much is kept, where, since when, and the line that erases it."""
    noun = "the spaces" if len(result.spaces) > 1 else "the space"
    where = f"{noun} {listed(map(written, result.spaces))}" if result.spaces else "any space"
    if result.since is None:
        return [f"I keep nothing of you in {where}."]
    return [
        f"Nothing is forgotten yet. All that I keep of you in {where}, since {date(result.since)}:",
        item(_counted(result.memories, result.messages, result.summaries)),
        _how(result.confirm),
    ]


def _losses(losses: Losses, zone: tzinfo) -> list[str]:
    shown = [
        memory_line(replace(memory, said_at=memory.said_at.astimezone(zone)))
        for memory in losses.memories
    ]
    if losses.total > len(shown):
        shown.append(item(f"and {count(losses.total - len(shown), 'more memory')}"))
    counted = _counted(losses.total, losses.messages, losses.summaries)
    return [*shown, f"Together that is {counted}."]


def _counted(memories: int, messages: int, summaries: int) -> str:
    numbers = ((memories, "memory"), (messages, "message"), (summaries, "summary"))
    said = [count(number, noun) for number, noun in numbers if number]
    return f"{listed(said) or 'nothing'}{', my replies included' if messages else ''}"


def _is_empty(losses: Losses) -> bool:
    return not (losses.total or losses.messages or losses.summaries)


def _how(confirm: str) -> str:
    return f"To erase it: {typed(confirm)}"


def _when(period: Period) -> str:
    """A period in words; a day is named without its midnight."""
    start = None if period.start is None else period.start.astimezone(period.zone)
    end = None if period.end is None else period.end.astimezone(period.zone)
    if start is None or end is None:
        if end is not None:
            return f"before {_moment(end)}"
        return "at any time" if start is None else f"from {_moment(start)} on"
    last = end - timedelta(days=1)
    if _is_midnight(start, end):
        if start.date() == last.date():
            return f"on {date(start)}"
        return f"from {date(start)} to the end of {date(last)}"
    return f"from {_moment(start)} to {_moment(end)}"


def _moment(moment: datetime) -> str:
    return date(moment) if _is_midnight(moment) else f"{moment:%Y-%m-%d %H:%M}"


def _is_midnight(*moments: datetime) -> bool:
    return all((moment.hour, moment.minute) == (0, 0) for moment in moments)


def receipt(result: Receipt) -> str:
    """What was erased, and what was not found."""
    missing = f"I know no {ids(result.missing, 'or')}." if result.missing else ""
    gone = [
        count(number, noun)
        for number, noun in (
            (result.messages, "message"),
            (result.summaries, "summary"),
            (result.vectors, "vector"),
        )
        if number
    ]
    if not result.memories and not gone:
        return " ".join(filter(None, (missing, "Nothing was forgotten.")))
    if result.memories:
        noun = count(len(result.memories), "memory")
        if len(result.memories) <= SHOWN_IDS:
            noun += f" ({', '.join(map(named, result.memories))})"
        gone.insert(0, noun)
    return " ".join(filter(None, (f"Forgotten and erased: {listed(gone)}.", missing)))
