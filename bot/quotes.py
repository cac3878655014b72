"""Which words of a message are the sender's own."""

import re

from bot.text import one_line

NOT_OWN = re.compile(
    r"(?sm)```.*?(?:```|(?=^---- )|\Z)|^[ \t]*>[^\n]*$"
    r"|[\"“«„](?:(?!----)[^\"“”«»„\s]+\s+){3}(?:(?!^---- )[^\"“”«»„]){0,400}[\"”»“]"
    r"|^[ \t]*-{2,} ?(?i:(?:begin )?forwarded message|original message)\b.*\Z"
    r"|^---- attached: [^\n]+ ----$.*\Z"
    r"|^[ \t]*(?i:fwd?|fw):.*\Z|^On [^\n]{4,100} wrote:\s*$.*\Z"
)
"""Code, quoted lines, quotation marks around four words or more, what was forwarded or attached.

No quotation reaches across the line at which an attachment begins."""


def attached(title: str, text: str) -> str:
    """What an adapter appends to a message for a text that came with it.

    `title` is "attached: NAME" or "forwarded message".
    """
    return f"\n\n---- {one_line(title)} ----\n{text}"


def own_words(text: str) -> str:
    """`text` without what the sender only quotes, forwards or attaches."""
    return NOT_OWN.sub(" … ", text)


def mark_quotes(text: str) -> str:
    """`text` with everything that is not the sender's own in brackets that say so."""
    return NOT_OWN.sub(lambda found: f" [quoted, not their own words: {found[0].strip()}] ", text)
