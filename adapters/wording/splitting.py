"""A long text is cut into messages."""

from collections.abc import Iterator
from dataclasses import dataclass

import regex

from adapters.wording.fences import Fence

LIMIT = 2000
"""Characters of a message. Discord counts code points (discord-api-docs, issue 1315).

Its reference does not say so. Here UTF-16 units are counted: of them a text never has fewer, so
what fits by them fits either way.
"""
LEAST = 12
"""A fence, one sign in it, and its end."""

# What is not torn. A partial match is one that more text could complete.
_WHOLE = regex.compile(
    r"""
      \\[!-/:-@\[-`{-~]                                                # an escaped sign
    | (?<!`)`(?!`) (?:[^`\n]++|``++)*+ `(?!`)                          # inline code
    | (?<!`)``(?!`) (?:[^`\n]++|`(?!`)|```++)*+ ``(?!`)
    | !?\[ (?:[^\[\]\n\\]++|\\.|\[[^\[\]\n]*+\])*+ \]                  # [text](link "title")
      \( (?:[^\s()\\]++|\\.|\([^\s()]*+\))*+ (?:[ ]++(?:"[^"\n]*+"|'[^'\n]*+'))?+ \)
    | < (?: @[!&]?\d+ | \#\d+ | a?:\w+:\d+ | t:-?\d+(?::[a-zA-Z])? | id:\w+(?::\d+)?
          | /[^\n<>:]{1,100}:\d+ | https?://[^\s<>]++ ) >              # mention, emoji, time, link
    | https?://[^\s<>]++
    """,
    regex.VERBOSE | regex.IGNORECASE,
)
_SIGN = regex.compile(r"\X")
_SPACE = regex.compile(r"\s*+")
_CLOSING = regex.compile(r"\s*+(```|~~~)")
_STOPS = frozenset("。！？｡、，")  # word ends, where no blanks are written


@dataclass(frozen=True, slots=True)
class _Spot:
    """A place between two signs: how much of the text stands before it, in a piece of this size."""

    end: int
    size: int
    before: str
    fence: Fence


@dataclass(frozen=True, slots=True)
class _Window:
    """What of a text could go into a piece. Where it is cut depends on nothing behind `stop`."""

    text: str
    start: int
    stop: int
    spots: list[_Spot]
    limit: int

    @property
    def last(self) -> bool:
        """All that is left fits."""
        return self.spots[-1].end == len(self.text)


def split(text: str, limit: int = LIMIT) -> list[str]:
    """`text` as messages of at most `limit` UTF-16 units, none of them blank; [] for a blank text.

    Cut at a paragraph if that leaves half a piece or more, else likewise at a line, else at a
    word. Not torn are graphemes, links, mentions, emoji and `inline code`, unless one is longer
    than a piece. A code fence that is cut, or that the text leaves open, is closed, and opened
    again in the next piece. Nothing else is added; white space is left out where it is cut.

    Where more text comes, all pieces but the last stay as they are:
    `split(text + more)[:n] == split(text)[:n]` for `n = len(split(text)) - 1`.
    Raises ValueError for a limit below LEAST.
    """
    if limit < LEAST:
        raise ValueError(f"a limit of {limit} leaves no room for code")
    text = text.rstrip()
    start, fence, pieces = _past_space(text, 0), Fence(), list[str]()
    while start < len(text):
        closing = _CLOSING.match(text, start) if fence.mark else None
        if closing and closing[1] == fence.mark:  # the piece before has closed it
            start, fence = _past_space(text, closing.end()), Fence()
            continue
        head = fence.head(limit // 3)
        window = _window(text, start, fence, limit, len(head))
        cut = window.spots[-1] if window.last else _cut(window)
        body = text[start : cut.end]
        pieces.append(f"{head}{body if cut.fence.mark else body.rstrip()}{cut.fence.tail()}")
        fence = cut.fence.reopened()
        start = _past_line_end(text, cut.end) if fence.mark else _past_space(text, cut.end)
    return pieces


def signs(text: str, start: int = 0) -> Iterator[tuple[str, int]]:
    """What a reader takes for one sign each (graphemes), and where it ends."""
    for sign in _SIGN.finditer(text, start):
        yield sign[0], sign.end()


def _window(text: str, start: int, fence: Fence, limit: int, head: int) -> _Window:
    size, spots = head, list[_Spot]()
    for sign in _SIGN.finditer(text, start):
        size += _units(sign[0])
        fence = fence.after(sign[0])
        if size + len(fence.tail()) > limit:
            if not spots:
                spots = [_torn(text, start, fence, limit - head)]
            # One character of the sign that did not fit: more of it may still come.
            return _Window(text, start, sign.start() + 1, spots, limit)
        spots.append(_Spot(sign.end(), size, sign[0], fence))
    return _Window(text, start, len(text), spots, limit)


def _torn(text: str, start: int, fence: Fence, room: int) -> _Spot:
    """As much of a sign that is longer than a piece as fits."""
    end, left = start, room - len(fence.tail())
    while (left := left - _units(text[end])) >= 0:
        end += 1
    return _Spot(end, room, "", fence)


def _cut(window: _Window) -> _Spot:
    """The best place to end a piece that cannot hold the rest of the text."""
    free = _between_tokens(window)
    half = [spot for spot in free if 2 * spot.size >= window.limit]
    outside = [(spot, _line_ends(window, spot)) for spot in half if not spot.fence.mark]
    choices = (
        [spot for spot, ends in outside if ends > 1],
        [spot for spot, ends in outside if ends],
        [spot for spot in free if spot.fence.mark and _line_ends(window, spot)],
        [spot for spot in free if _ends_word(window, spot)],
        free,
        [spot for spot in window.spots if not _begins_closing(spot)],
        window.spots,
    )
    return next(spots[-1] for spots in choices if spots)


def _between_tokens(window: _Window) -> list[_Spot]:
    """The spots inside nothing that has to stay whole."""
    free, whole = [], window.start
    for spot, before in zip(window.spots, [None, *window.spots], strict=False):
        if before is None or not before.fence.mark:
            begin = window.start if before is None else before.end
            if begin >= whole:
                whole = max(whole, _whole_until(window, begin))
        if spot.end >= whole and _is_free(window, spot):
            free.append(spot)
    return free


def _whole_until(window: _Window, begin: int) -> int:
    """Where the token ends that begins here; `begin` if none does."""
    found = _WHOLE.match(window.text, begin, window.stop, partial=True)
    if found is None:
        return begin
    if found.end() < window.stop:
        return int(found.end())
    # It may go on behind the window. One that began the piece is too long to stay whole.
    return begin if begin == window.start else window.stop


def _is_free(window: _Window, spot: _Spot) -> bool:
    """Whether no line of a fence is torn here, and no fence is left without content."""
    if spot.before in {"`", "~"} and window.text[spot.end] == spot.before:
        return False
    if not spot.fence.mark:
        return True
    if _begins_closing(spot):
        return False
    ready = spot.fence.filled and not spot.fence.opening
    space = _SPACE.match(window.text, spot.end, window.stop)
    return ready and not (space and window.text.startswith(spot.fence.mark[0], space.end()))


def _begins_closing(spot: _Spot) -> bool:
    """Whether a line of code begins with a backtick or two: they would go into what closes it."""
    return bool(spot.fence.mark and spot.fence.run and spot.fence.indent)


def _line_ends(window: _Window, spot: _Spot) -> int:
    """How many lines end here, up to the next word; 0 also after white space, but in code."""
    if spot.fence.mark:
        return int(window.text.startswith(("\n", "\r\n"), spot.end))
    space = _SPACE.match(window.text, spot.end, window.stop)
    return 0 if space is None or spot.before.isspace() else space[0].count("\n")


def _ends_word(window: _Window, spot: _Spot) -> bool:
    """In code the blank stays, at the end of its line."""
    if spot.fence.mark:
        return spot.before.isspace()
    return window.text[spot.end].isspace() or spot.before in _STOPS


def _past_space(text: str, start: int) -> int:
    while (sign := _SIGN.match(text, start)) and sign[0].isspace():
        start = sign.end()
    return start


def _past_line_end(text: str, start: int) -> int:
    sign = _SIGN.match(text, start)
    return sign.end() if sign and sign[0] in {"\n", "\r\n"} else start


def _units(text: str) -> int:
    return len(text) + sum(character > "\uffff" for character in text)
