"""What the core answers, as text of Slack's: nothing in it that people wrote can be markup."""

import re
from typing import Any

from adapters.slack.mrkdwn import escaped
from adapters.wording.answers import answer
from adapters.wording.lengths import units
from adapters.wording.parts import Style
from adapters.wording.plain import plain
from bot.results import CommandResult

Block = dict[str, Any]
BLOCK_UNITS = 2900
"""So long a block's text may be: Slack refuses 3000."""
LONGEST_TEXT = 39_000
"""So long the plain text beside blocks may be: Slack cuts it at 40,000."""
# Private-use characters, which `plain` leaves in no text of a person: a mark cannot be forged.
_BOLD, _CODE, _CHANNEL, _END = "\ue010", "\ue011", "\ue012", "\ue013"
_MARKED = re.compile(f"([{_BOLD}{_CODE}{_CHANNEL}])([^{_END}]*){_END}")
_STYLE_OF = {_BOLD: {"bold": True}, _CODE: {"code": True}}
_TOKEN = re.compile(r"<(?=[!@#])")
_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]+")
_JOINER = "\N{WORD JOINER}"


def render(result: CommandResult) -> str:
    """The answer to a command, of any length, marked for `rich` and `fallback`."""
    return _STYLE.draw(answer(result))


def drawn(*lines: str) -> str:
    """Lines of `adapters.wording`, marked in the same way."""
    return _STYLE.draw(lines)


def inert(text: str) -> str:
    """`text`, which may be anybody's, with nothing that Slack could take for a mention."""
    return _TOKEN.sub(f"<{_JOINER}", plain(text))


def bold(text: str) -> str:
    """A text of ours that stands out."""
    return f"{_BOLD}{text}{_END}"


def split(text: str, limit: int) -> list[str]:
    """A marked text in pieces of at most so many units, cut at a line's end where there is one."""
    pieces: list[str] = []
    while units(text) > limit:
        cut = _cut(text, limit)
        head, text = text[:cut].rstrip(), text[cut:].lstrip()
        if mark := _left_open(head):
            head, text = head + _END, mark + text
        pieces.append(head)
    return [*pieces, text]


def _cut(text: str, limit: int) -> int:
    """Where to cut: one unit is left for the end of a mark that is cut in two."""
    most = limit - 1
    while units(text[:most]) > limit - 1:
        most -= 1
    at = max(text.rfind("\n", 1, most), 0) or max(text.rfind(" ", most // 2, most), 0)
    return at or most


def _left_open(text: str) -> str:
    """The mark that is not ended in a text; empty: there is none."""
    start = max(map(text.rfind, (_BOLD, _CODE, _CHANNEL)))
    return text[start] if start > text.rfind(_END) else ""


def rich(text: str) -> list[Block]:
    """Blocks of rich text, in which every letter is itself: links, mentions and signs too."""
    return [
        {
            "type": "rich_text",
            "elements": [{"type": "rich_text_section", "elements": _elements(piece)}],
        }
        for piece in split(text, BLOCK_UNITS)
        if piece
    ]


def _elements(text: str) -> list[Block]:
    found: list[Block] = []
    done = 0
    for part in _MARKED.finditer(text):
        found.append({"type": "text", "text": text[done : part.start()]})
        mark, held = part.groups()
        if mark == _CHANNEL:
            found.append({"type": "channel", "channel_id": held})
        else:
            found.append({"type": "text", "text": held, "style": _STYLE_OF[mark]})
        done = part.end()
    found.append({"type": "text", "text": text[done:]})
    return [one for one in found if one.get("text") != ""]


def fallback(text: str) -> str:
    """What notifications and screen readers get of a marked text: escaped, without the marks."""
    bare = _MARKED.sub(r"\2", text)
    while units(escaped(bare)) > LONGEST_TEXT:
        bare = bare[: len(bare) // 2]
    return escaped(bare)


def bare(text: str) -> str:
    """A marked text without its marks."""
    return _MARKED.sub(r"\2", text)


def _placed(channel: str) -> str:
    """A channel by its id, which Slack shows as its name; by another's name as it is."""
    return f"{_CHANNEL}{channel}{_END}" if _CHANNEL_ID.fullmatch(channel) else inert(channel)


_STYLE = Style(
    written=inert, named=bold, typed=lambda form: f"{_CODE}{inert(form)}{_END}", placed=_placed,
    item="• ", under="      ◦ ", gap=" ",
)  # fmt: skip
