"""An answer's parts, and how a platform draws them."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import groupby

from adapters.wording.plain import line
from bot.types import MemoryNumber, memory_name

# Private-use characters, which `plain` leaves in no text of a person: a part cannot be forged.
_WRITTEN, _NAMED, _TYPED, _END = "\ue000", "\ue001", "\ue002", "\ue003"
_ITEM, _UNDER, _GAP, _COLUMN, _PLACE = "\ue004", "\ue005", "\ue006", "\ue007", "\ue008"
_PART = re.compile(f"([{_WRITTEN}{_NAMED}{_TYPED}{_PLACE}])([^{_END}]*){_END}")


def written(text: str) -> str:
    """What people wrote or named, on one line; each platform makes it inert in its own way."""
    return f"{_WRITTEN}{line(text)}{_END}"


def named(number: MemoryNumber) -> str:
    """A memory's name, such as m42."""
    return f"{_NAMED}{memory_name(number)}{_END}"


def placed(channel: str) -> str:
    """A channel, by the name or id that its platform has for it."""
    return f"{_PLACE}{line(channel)}{_END}"


def typed(form: str) -> str:
    """A line that one can type."""
    return f"{_TYPED}{line(form)}{_END}"


def item(*texts: str) -> str:
    """A line of a list: texts with a gap between them."""
    return _ITEM + _GAP.join(texts)


def under(text: str) -> str:
    """A line that belongs to the item above it."""
    return _UNDER + text


def without_item(text: str) -> str:
    """A line of a list as a line of its own."""
    return text.removeprefix(_ITEM)


def columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    """A list of what one can type, and of what it does."""
    return [f"{_ITEM}{typed(form)}{_COLUMN}{purpose}" for form, purpose in rows]


@dataclass(frozen=True, slots=True)
class Style:
    """How a platform draws parts. `wide`: it has columns, because its letters are of one width."""

    written: Callable[[str], str]
    named: Callable[[str], str]
    typed: Callable[[str], str]
    placed: Callable[[str], str]
    item: str
    under: str
    gap: str
    wide: bool = False

    def draw(self, lines: Iterable[str]) -> str:
        """Lines of parts as one text, without a line end at its end."""
        shown = [_PART.sub(self._part, text) for text in lines]
        if self.wide:
            shown = _aligned(shown)
        text = "\n".join(shown).replace(_ITEM, self.item).replace(_UNDER, self.under)
        return text.replace(_GAP, self.gap).replace(_COLUMN, self.gap)

    def _part(self, part: re.Match[str]) -> str:
        drawn = {
            _WRITTEN: self.written, _NAMED: self.named, _TYPED: self.typed, _PLACE: self.placed,
        }  # fmt: skip
        return drawn[part[1]](part[2])


def _aligned(lines: list[str]) -> list[str]:
    """The lines with their first column as wide as its widest cell."""
    shown: list[str] = []
    for in_columns, group in groupby(lines, lambda text: _COLUMN in text):
        rows = [text.partition(_COLUMN) for text in group]
        width = max(len(first) for first, _, _ in rows) if in_columns else 0
        shown += [first.ljust(width) + mark + rest for first, mark, rest in rows]
    return shown
