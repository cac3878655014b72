"""How a command that is being typed could go on: from what is the person's own."""

import re

from bot.grammar import FORMS
from bot.ports import Store
from bot.results import Suggestion
from bot.types import IncomingCommand, Memory, Private, Reach, Space, memory_name

LONGEST = 100
"""So many characters platforms show of a suggestion, and take of what it stands for."""
NEWEST = 10
"""So many memories are offered where nothing is typed yet."""
NAMES = 5
EVERYWHERE = "everywhere"
SHARED = "shared"
_IDS = re.compile(r"(?i)((?:m[1-9][0-9]*[\s,]+)*)(.*)", re.DOTALL)
_NUMBER = re.compile(r"(?i)m([0-9]*)")
_FORGET = (
    ("last", "erase the last exchange here"),
    ("since today", "show what that would be"),
    ("since yesterday", "show what that would be"),
    ("everything", "show what that would be"),
)
_MEMORIES = (
    (SHARED, "what was shared with everybody in the space"),
    ("undo", "take back the last change that I made to my memories"),
    (EVERYWHERE, "what I know about you in every space"),
)
_PRIVACY = (
    *((form.removeprefix("/privacy "), what) for form, what in FORMS if "/privacy " in form),
    ("opt-in", "let me hear you again"),
    *((f"{word} {EVERYWHERE}", "in every space") for word in ("export", "opt-out", "opt-in")),
)


class Suggesting:
    """Suggests what a person may type next; all of it is for their eyes alone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def suggest(self, incoming: IncomingCommand, limit: int) -> list[Suggestion]:
        """See `bot.ports.Core`. An argument of more than `LONGEST` characters is left out."""
        name, _, typed = incoming.text.lstrip().partition(" ")
        typed = typed.lstrip()
        out = await self._store.opted_out(incoming.scope)
        own = not out and not incoming.outsider
        match name.casefold():
            case "/privacy":
                found = await self._privacy(incoming, typed, out=out)
            case "/forget" if not out:
                found = await self._forget(incoming, typed)
            case "/memories" if own:
                found = await self._memories(incoming, typed)
            case "/recall" if own:
                names = await self._names(incoming, typed)
                found = [Suggestion(one, one) for one in names]
            case _:
                found = []
        once = {one.argument: one for one in reversed(found) if len(one.argument) <= LONGEST}
        return [_shown(one) for one in list(once.values())[::-1]][:limit]

    async def _privacy(
        self, incoming: IncomingCommand, typed: str, *, out: bool
    ) -> list[Suggestion]:
        paused = not out and await self._store.paused(incoming.scope)
        left_out = {"pause"} if paused else {"resume"}
        left_out |= {"pause", "export", f"export {EVERYWHERE}", "opt-out"} if out else set()
        return [
            one
            for one in _beginning(_PRIVACY, typed, incoming)
            if one.argument not in left_out and (out or not one.argument.startswith("opt-in"))
        ]

    async def _forget(self, incoming: IncomingCommand, typed: str) -> list[Suggestion]:
        words = _beginning(_FORGET, typed, incoming)
        abouts = await self._abouts(incoming, typed)
        before, rest = _ids(typed)
        memories = await self._found(incoming, rest)
        chosen = [
            Suggestion(f"{before}{memory_name(memory.number)}", _label(memory, before))
            for memory in memories
        ]
        return [*words, *chosen, *abouts] if typed else [*chosen[:NEWEST], *words, *abouts]

    async def _memories(self, incoming: IncomingCommand, typed: str) -> list[Suggestion]:
        word, blank, rest = typed.partition(" ")
        word = word.casefold()
        if word == "edit" and blank:
            return [
                Suggestion(f"edit {memory_name(one.number)} {one.text}", f"edit {_label(one)}")
                for one in await self._found(incoming, rest)
                if not one.quoted
            ]
        if word == "promote" and blank:
            return [
                Suggestion(f"promote {memory_name(one.number)}", f"promote {_label(one)}")
                for one in await self._found(incoming, rest)
                if not (one.quoted or isinstance(one.audience, Space))
            ]
        shown = [
            Suggestion(memory_name(one.number), _label(one))
            for one in await self._found(incoming, typed)
        ]
        words = _beginning(_MEMORIES, typed, incoming)
        abouts = await self._abouts(incoming, typed)
        return [*words, *shown, *abouts] if typed else [*shown[:NEWEST], *words, *abouts]

    async def _abouts(self, incoming: IncomingCommand, typed: str) -> list[Suggestion]:
        """ "about NAME" of the names that what is typed begins, also behind the word "about"."""
        word, blank, rest = typed.partition(" ")
        behind = "about".startswith(word.casefold())
        name = (rest if blank else "") if behind else typed
        names = await self._names(incoming, name)
        return [Suggestion(f"about {one}", f"about {one}") for one in names[:NAMES]]

    async def _names(self, incoming: IncomingCommand, typed: str) -> list[str]:
        return await self._store.names_with(incoming.scope, Private(), typed, 4 * NAMES)

    async def _found(self, incoming: IncomingCommand, typed: str) -> list[Memory]:
        """The newest memories that have this id, or all these parts of words."""
        number = _NUMBER.fullmatch(typed.strip())
        parts = [] if number else typed.split()
        return await self._store.memories_with(
            incoming.scope, Private(), number[1] if number else "", parts, 4 * NEWEST
        )


def _beginning(
    words: tuple[tuple[str, str], ...], typed: str, incoming: IncomingCommand
) -> list[Suggestion]:
    """Those of the words that begin so; what is everywhere only where nobody else reads."""
    return [
        Suggestion(word, f"{word} · {what}")
        for word, what in words
        if word.startswith(typed.casefold())
        and (isinstance(incoming.audience, Private) or EVERYWHERE not in word)
        and (incoming.reach is Reach.ALL or word != SHARED)
    ]


def _ids(typed: str) -> tuple[str, str]:
    """The whole ids that were typed, as they are to stand before another, and what follows."""
    found = _IDS.fullmatch(typed)
    before = found[1].replace(",", " ").split() if found else []
    return "".join(f"{one} " for one in before), found[2] if found else typed


def _label(memory: Memory, before: str = "") -> str:
    return f"{before}{memory_name(memory.number)} · {memory.text}"


def _shown(suggestion: Suggestion) -> Suggestion:
    label = " ".join(suggestion.label.split())
    short = label if len(label) <= LONGEST else f"{label[: LONGEST - 1]}…"
    return Suggestion(suggestion.argument, short)
