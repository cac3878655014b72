"""Text with nothing in it that could control where it is shown."""

import unicodedata

# These join what belongs together in emoji and in Persian; they can do nothing to a terminal.
_JOINERS = "\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}"


def plain(text: str) -> str:
    """`text` with nothing in it that could control a terminal; characters are judged one by one.

    Line ends and tabs stay; other white space becomes a blank or a line end; control, format and
    private-use characters are removed.
    """
    return "".join(map(_plain_character, text))


def line(text: str) -> str:
    """The same on one line."""
    return " ".join(plain(text).split())


def _plain_character(character: str) -> str:
    if character in "\n\t" or character.isprintable() or character in _JOINERS:
        return character
    match unicodedata.category(character):
        case "Zs":
            return " "
        case "Zl" | "Zp":
            return "\n"
        case "Cn":  # newer than this Python's Unicode, mostly emoji
            return character
        case _:
            return ""
