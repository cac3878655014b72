"""What the core answers, as Markdown for Discord."""

import re

from adapters.wording.answers import answer
from adapters.wording.parts import Style
from adapters.wording.plain import plain
from bot.results import CommandResult

# What can begin Markdown, a mention, an emoji, a link, or the number of a list. A backslash before
# it makes it the sign itself: in front of any sign Discord hides it.
_SIGN = re.compile(r"[\\`*_~|<>\[\]@]|(?<!\S)[#+-]|:(?=//|\w+:)|(?<=\d)\.(?=\s)")


def render(result: CommandResult) -> str:
    """The answer to a command, of any length: the caller splits it.

    Nothing in it that people wrote is Markdown, a link, an emoji or a mention; still it must be
    sent with `allowed_mentions` of nobody, because Discord looks for pings in the raw text.
    """
    return _STYLE.draw(answer(result))


def inert(text: str) -> str:
    """`text`, which may be anybody's, shown letter by letter: without Markdown and mentions."""
    return _SIGN.sub(r"\\\g<0>", plain(text))


def code(text: str) -> str:
    """A line as inline code, to be copied; inert instead if Discord can show it as none."""
    if "`" not in text:
        return f"`{text}`"
    # Three backticks would be a fence; two are closed by two.
    return f"`` {text} ``" if "``" not in text else inert(text)


def _channel(channel: str) -> str:
    """A channel by its id, which Discord shows as its name; by another's name as it is."""
    return f"<#{channel}>" if channel.isdecimal() else inert(channel)


_STYLE = Style(
    written=inert, named="**{}**".format, typed=code, placed=_channel,
    item="- ", under="  - ", gap=" ",
)  # fmt: skip
