"""An export to be read by people: Markdown, each text on one line that it cannot break out of."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from bot.portable import (
    Portable,
    PortableEntity,
    PortableMemory,
    PortableMessage,
    PortableSummary,
    PortableVersion,
)
from bot.types import Audience, Channel, Private, Slot

_SIGNS = re.compile(r"[\\`*_\[\]<>#|~&$]")
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def markdown(portables: Sequence[Portable], now: datetime, ellie: str) -> str:
    """The whole text, which ends with a line end."""
    lines = [
        f"# What Ellie keeps about {escape(portables[0].name)}",
        "",
        f"Made on {_day(now)} by Ellie {ellie}. Times are UTC. The JSON file beside this one holds "
        "the same for another Ellie to take in. Nothing that other people said is here.",
    ]
    for portable in portables:
        lines += ["", *_scope(portable)]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """`text` as Markdown that shows it: on one line, and nothing in it marks anything up."""
    shown = "".join(
        one if one.isprintable() or one in _JOINERS or unicodedata.category(one) == "Cn" else " "
        for one in text
    )
    return _SIGNS.sub(r"\\\g<0>", " ".join(shown.split()))


def _scope(portable: Portable) -> Iterator[str]:
    scope = portable.scope
    yield f"## In {escape(scope.space)} on {escape(scope.platform)}, as {escape(scope.user)}"
    current = [memory for memory in portable.memories if memory.valid_to is None]
    before = [memory for memory in portable.memories if memory.valid_to is not None]
    messages = {message.id: message for message in portable.messages}
    parts: tuple[tuple[str, Iterable[str]], ...] = (
        ("What I know now", (line for memory in current for line in _memory(memory, messages))),
        (
            "What held before",
            (line for memory in before for line in _memory(memory, messages)),
        ),
        ("People, places and things", map(_entity, portable.entities)),
        ("What was said", _said(portable)),
        ("Summaries of what was said", map(_summary, portable.summaries)),
    )
    for heading, lines in parts:
        yield from ("", f"### {heading}", "")
        yield from list(lines) or ["Nothing."]


def _memory(memory: PortableMemory, messages: dict[int, PortableMessage]) -> Iterator[str]:
    until = "" if memory.valid_to is None else f" until {_day(memory.valid_to)}"
    where = f"in {escape(memory.place)}" if memory.place else "place not kept"
    yield (
        f"- m{memory.number}: “{escape(memory.text)}” (said on {_day(memory.said_at)}, {where}; "
        f"holds since {_day(memory.valid_from)}{until}; {_use(memory.audience)})"
    )
    if memory.slot is not None:
        yield f"    - about {_slot(memory.slot)}"
    for version in memory.versions:
        yield f"    - {_version(version)}"
    for number in memory.sources:
        source = messages[number]
        how = "a command of yours" if source.role == "note" else "what you said"
        yield f"    - from {how} on {_minute(source.sent_at)}"


def _version(version: PortableVersion) -> str:
    who = "edited by you" if version.author == "person" else f"changed by {escape(version.author)}"
    about = "" if version.slot is None else f", about {_slot(version.slot)}"
    return f"until {_minute(version.replaced_at)}: “{escape(version.text)}”{about} ({who})"


def _slot(slot: Slot) -> str:
    whose = "you" if slot.entity is None else f"“{escape(slot.entity)}”"
    return f"{whose}, “{escape(slot.attribute)}”: “{escape(slot.value)}”"


def _entity(entity: PortableEntity) -> str:
    also = "; also ".join(f"“{escape(alias)}”" for alias in entity.aliases)
    named = f"“{escape(entity.name)}” ({escape(entity.kind)}{'; also ' * bool(also)}{also})"
    count = len(entity.memories)
    return f"- {named}: in {count} {'memory' if count == 1 else 'memories'}"


def _said(portable: Portable) -> Iterator[str]:
    """Conversation by conversation, in the order in which they began."""
    for number, conversation in enumerate(portable.conversations, 1):
        here = [one for one in portable.messages if one.conversation == conversation.key]
        places = dict.fromkeys(escape(message.place) for message in here)
        heading = f"#### {number}. In {', '.join(filter(None, places)) or 'a place not kept'}"
        yield from ("",) * (number > 1)
        yield from (heading, "", *map(_message, here))


def _message(message: PortableMessage) -> str:
    who = {"person": "you", "note": "you, in a command", "ellie": "Ellie"}[message.role]
    text = "(no longer kept)"
    if message.held is not None and message.held.others:
        text = "(left out: it may repeat what other people said)"
    elif message.text is not None:
        text = f"“{escape(message.text)}”"
    return f"- {_minute(message.sent_at)}, {who}: {text}"


def _summary(summary: PortableSummary) -> str:
    text = "(left out: it tells of other people's messages too)"
    if summary.text is not None:
        text = f"“{escape(summary.text)}”"
    count = len(summary.covers)
    messages = "1 message" if count == 1 else f"{count} messages"
    return f"- {_minute(summary.made_at)}, of {messages} in this file: {text}"


def _use(audience: Audience) -> str:
    match audience:
        case Private():
            return "used only in private with you"
        case Channel(channel):
            return f"used in the closed channel “{escape(channel)}” and in private with you"
        case _:
            return "used anywhere in this space"


def _day(moment: datetime) -> str:
    return moment.date().isoformat()


def _minute(moment: datetime) -> str:
    return f"{_day(moment)} {moment:%H:%M}"
