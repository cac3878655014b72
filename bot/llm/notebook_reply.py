"""How the notebook answers: it confirms what it noted, and quotes what it kept, with dates."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.llm.notebook_rules import ADVERBS, THIRD, is_question
from bot.text import fold_name, one_line, terms
from bot.types import Memory, Message, ReplyPrompt, Slot, Statement

QUOTES = 5  # recalled items in one answer
QUOTE_LIMIT = 200  # characters of a quoted message
_HI = r"(?:hi|hello|hey|hiya|good (?:morning|evening|afternoon))\b[ ,]*(?:there|ellie|again)?"
_HOW_ARE_YOU = r"how(?: are|'re|'s) (?:you|it going)(?: doing)?(?: today)?"
_GREETING = re.compile(rf"(?:{_HI}[ !.,]*(?:{_HOW_ARE_YOU})?|{_HOW_ARE_YOU})[ !.?]*", re.I)
_THANKS = re.compile(r"(?:ok(?:ay)?,? )?(?:thanks|thank you|thx|cheers|ty)\b.{0,60}", re.I)
_NAME = re.compile(r"\bmy name\b|\bwho am i\b|\bcall me\b|\bwho i am\b", re.I)
_ABOUT_ME = re.compile(r"\babout me\b|\bwho am i\b|\bknow me\b|\bremember me\b", re.I)
_PAST = re.compile(
    r"\b(?:used to|before|previous(?:ly)?|former(?:ly)?|did|was|were|past|ago|earlier)\b", re.I
)
# Words of a question that ask for what the rules note under another word (both as stems).
_ALSO = {
    "prefer": "like love hate dislik",
    "travel": "trip plan",
    "job": "work",
    "employ": "work",
    "home": "live",
    "old": "ag",
}


def _second_person(text: str, who: str) -> str:
    """A statement about `who`, said to them."""
    lead = re.match(rf"{re.escape(who)} (?P<adverbs>(?:no longer )?{ADVERBS})(?P<verb>\S+)", text)
    if lead:
        verb = {third: base for base, third in THIRD.items() if base != "am"}.get(lead["verb"])
        base = verb or lead["verb"].removesuffix("s")
        text = f"you {lead['adverbs']}{base}{text[lead.end() :]}"
    return re.sub(rf"(?<!\w){re.escape(who)}'s(?!\w)", "your", text)


@dataclass(frozen=True, slots=True)
class _Note:
    """Something that can be quoted; `slot` None also for a message."""

    text: str
    said_at: datetime
    slot: Slot | None = None
    until: datetime | None = None
    raw: bool = False

    def __str__(self) -> str:
        day = f"{self.said_at:%Y-%m-%d}"
        if self.raw:
            text = one_line(self.text)
            short = text if len(text) <= QUOTE_LIMIT else text[: QUOTE_LIMIT - 1] + "…"
            return f'On {day} you said: "{short}"'
        ended = f" (until {self.until:%Y-%m-%d})" if self.until else ""
        return f'You told me on {day}{ended}: "{self.text}"'

    def about(self) -> set[str]:
        """The stems it could be asked by."""
        slot = self.slot
        named = f" {slot.entity or ''} {slot.attribute}" if slot else ""
        return set(terms(self.text + named))


def own_messages(prompt: ReplyPrompt) -> tuple[Message, ...]:
    """What the person being answered said in this conversation, oldest first, the question last."""
    said = [exchange.said for exchange in prompt.history]
    return (*(m for m in said if m.speaker == prompt.question.speaker), prompt.question)


def answer(prompt: ReplyPrompt, said: Sequence[Message], heard: Sequence[Statement]) -> str:
    """The reply. `heard` is what the rules read in `said`, whose last message is the question."""
    text = one_line(prompt.question.text)
    notes = [_Note(s.text, said[s.sources[0] - 1].sent_at, s.slot) for s in heard]
    names = [
        n for n in (*notes, *_memories(prompt)) if n.slot and _is_own_name(n.slot) and not n.until
    ]
    names.sort(key=lambda note: note.said_at)
    name = names[-1].slot.value if names and names[-1].slot else None
    new = [statement for statement in heard if statement.sources == (len(said),)]
    if len(text) < QUOTE_LIMIT and _GREETING.fullmatch(text):
        return f"Hello, {name}." if name else "Hello."
    if is_question(prompt.question.text):
        return _quote(prompt, said, heard, names)
    if new:
        return _confirm(new, [prompt.question.speaker, *([name] if name else [])])
    return "You're welcome." if _THANKS.fullmatch(text) else "I wrote that down as you said it."


def _is_own_name(slot: Slot) -> bool:
    return slot.entity is None and slot.attribute == "name"


def _memories(prompt: ReplyPrompt) -> list[_Note]:
    items = [*prompt.profile, *(recalled.item for recalled in prompt.recalled)]
    return [_Note(m.text, m.said_at, m.slot, m.valid_to) for m in items if isinstance(m, Memory)]


def _confirm(new: Sequence[Statement], called: Sequence[str]) -> str:
    lines = [f"Nice to meet you, {s.slot.value}." for s in new if s.slot and _is_own_name(s.slot)]
    noted = []
    for statement in new:
        text = statement.text
        if not (statement.slot and _is_own_name(statement.slot)):
            for who in called:
                text = _second_person(text, who)
            noted.append(text if statement.slot else f'"{text}"')
    return " ".join([*lines, *([f"Noted: {'; '.join(noted)}."] if noted else [])])


def _quote(
    prompt: ReplyPrompt, said: Sequence[Message], heard: Sequence[Statement], names: Sequence[_Note]
) -> str:
    """The notes that answer a question, or that there are none."""
    text, kept = prompt.question.text, [recalled.item for recalled in prompt.recalled]
    asked = set(terms(text))
    asked |= {also for word in asked for also in _ALSO.get(word, "").split()}
    about_me, past, asks_name = (bool(p.search(text)) for p in (_ABOUT_ME, _PAST, _NAME))
    profile = [
        note
        for note in (_Note(m.text, m.said_at, m.slot) for m in prompt.profile)
        if about_me or (note.about() & asked and not (note.slot and _is_own_name(note.slot)))
    ]
    quoted = {source for m in kept if isinstance(m, Memory) for source in m.sources}
    recalled = [
        _Note(item.text, item.said_at, item.slot, item.valid_to)
        if isinstance(item, Memory)
        else _Note(item.text, item.sent_at, raw=True)
        for item in kept
        if isinstance(item, Memory) or not (item.id in quoted or is_question(item.text))
    ]
    recalled = sorted(
        (n for n in recalled if past or not n.until), key=lambda n: n.until is not None
    )
    lately = _lately(said, heard, None if about_me else asked)
    notes = _distinct([*profile, *recalled[:QUOTES], *lately], past)
    notes.sort(key=lambda note: not (about_me or note.about() & asked))  # stable: best first
    lines = (
        [f"Your name is {names[-1].slot.value}."] if asks_name and names and names[-1].slot else []
    )
    if asks_name and names and not about_me:
        notes = [names[-1]]
    elif notes and not (about_me or notes[0].about() & asked):
        lines.append("Nothing in my notebook says so outright; this comes nearest:")
    return "\n".join([*lines, *map(str, notes)]) or (
        "I don't know that yet: I find nothing about it in my notebook."
    )


def _lately(
    said: Sequence[Message], heard: Sequence[Statement], asked: set[str] | None
) -> list[_Note]:
    """What was just said that shares a word with `asked` (None: anything), newest first."""
    found: list[list[_Note]] = []
    for place in range(len(said), 0, -1):
        message = said[place - 1]
        notes = [_Note(s.text, message.sent_at, s.slot) for s in heard if s.sources == (place,)]
        if not notes and asked and place < len(said) and not is_question(message.text):
            notes = [_Note(message.text, message.sent_at, raw=True)]
        if asked is None or any(note.about() & asked for note in notes):
            found.append(notes)
    return [note for notes in (found if asked is None else found[:2]) for note in notes]


def _distinct(notes: Iterable[_Note], past: bool) -> list[_Note]:
    """No text twice, and of a slot that holds one value only the newest (all, for the past)."""
    kept: dict[str, _Note] = {}
    newest: dict[tuple[str, str], datetime] = {}
    for note in notes:
        kept.setdefault(one_line(note.text).casefold(), note)
        if note.slot and note.slot.exclusive:
            key = fold_name(note.slot.entity or ""), note.slot.attribute
            newest[key] = max(newest.get(key, note.said_at), note.said_at)
    return [
        note
        for note in kept.values()
        if past
        or not (note.slot and note.slot.exclusive)
        or note.said_at == newest[fold_name(note.slot.entity or ""), note.slot.attribute]
    ]
