"""The line that confirms what a message of Ellie's offers, where it names somebody."""

import re

_NAMED = re.compile(r"(`?)( ?/forget about [^\n]+ yes)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")


def named_line(shown: str) -> str | None:
    """The `/forget about NAME yes` at the end of a message, as it was before it was drawn.

    So the name stands in the message alone, which goes when its reader closes it, and in no
    custom id. None: there is no such line, or more than one.
    """
    found = _NAMED.findall(shown)
    if len(found) != 1:
        return None
    ((code, line),) = found
    return line.strip() if code else _ESCAPED.sub(r"\1", line).strip()
