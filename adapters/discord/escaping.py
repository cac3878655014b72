"""Text of others inside a message: shown as it is."""

import re

_SIGNS = re.compile(r"[\\*_~`|>#\[\]()<@:-]")


def escaped(text: str) -> str:
    """`text` with nothing in it that Discord would draw."""
    return _SIGNS.sub(lambda sign: f"\\{sign[0]}", text)
