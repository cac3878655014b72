"""Where in a message a code fence is open."""

import re
from dataclasses import dataclass, replace

TICKS, TILDES = "```", "~~~"
_LANGUAGE = re.compile(r"[\w+\-.#]+")


@dataclass(frozen=True, slots=True)
class Fence:
    """What stands open after some part of a text, read sign by sign from its beginning.

    Three backticks open and close a fence wherever they stand, as on Discord, but not inside
    `inline code`, which ends with its line. Three tildes do so at the beginning of a line.
    """

    mark: str = ""
    """What opened the fence; empty: none is open."""
    info: str = ""
    opening: bool = False
    """Still on the line that opened it."""
    filled: bool = False
    """Something stands in it."""
    run: str = ""
    """The backticks or tildes just read."""
    span: int = 0
    """How many backticks opened the inline code that is open."""
    indent: bool = True
    """Nothing but white space stands before the run on its line."""

    def reopened(self) -> "Fence":
        """The same fence, just opened again at the beginning of a message."""
        return Fence(self.mark, "" if self.opening else self.info)

    def head(self, longest: int) -> str:
        """What opens it again. An info string counts where it names a language, if there is room.

        Otherwise Discord would show it as a line of the code.
        """
        if not self.mark:
            return ""
        info = self.info.strip()
        named = _LANGUAGE.fullmatch(info) and len(info) + 4 <= longest
        return f"{self.mark}{info if named else ''}\n"

    def tail(self) -> str:
        """What closes it."""
        if not self.mark:
            return ""
        if self.indent and self.run and self.run[0] == self.mark[0] and not self.opening:
            return self.mark[len(self.run) :]  # the line that closes it is not yet all there
        fresh = self.indent and not self.run and not self.opening
        return self.mark if fresh else f"\n{self.mark}"

    def after(self, sign: str) -> "Fence":
        """What stands open after one more sign (a grapheme)."""
        if sign in {"`", "~"}:
            return self._marked(sign)
        if self._settled and not sign.isspace():
            return self
        ended = self._ended()
        if "\n" in sign or sign == "\r":
            return replace(ended, opening=False, span=0, indent=True)
        if sign.isspace() and not ended.opening:
            return ended
        if ended.opening:
            return replace(ended, info=ended.info + sign, indent=False)
        return replace(ended, filled=bool(ended.mark), indent=False)

    @property
    def _settled(self) -> bool:
        """A further letter changes nothing."""
        return not (self.run or self.opening or self.indent) and self.filled == bool(self.mark)

    def _marked(self, sign: str) -> "Fence":
        if self.run and self.run[0] != sign:
            return self._ended()._marked(sign)
        now = replace(self, run=self.run + sign)
        if len(now.run) != 3 or self.mark not in {"", now.run}:
            return now
        if now.run == TILDES and not (self.indent and not self.opening):
            return now
        if now.run == TICKS and self.span:
            return now
        if self.mark:
            return Fence(run=now.run, indent=False)
        return Fence(mark=now.run, opening=True, run=now.run, indent=False)

    def _ended(self) -> "Fence":
        """The run is over: it was inline code's if it was short."""
        if not self.run:
            return self
        span = self.span
        if not self.mark and self.run[0] == "`" and len(self.run) < 3:
            span = 0 if span == len(self.run) else span or len(self.run)
        filled = bool(self.mark) and not self.opening
        return replace(self, run="", span=span, indent=False, filled=filled)
