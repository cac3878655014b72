"""The marks that stand in a text in place of secrets."""

import re

MARK = re.compile(r"\[redacted: ([a-zA-Z ]{1,30})\]")


def redacted_kinds(text: str) -> tuple[str, ...]:
    """What the marks in a text say was taken out of it, each once, in order."""
    return tuple(dict.fromkeys(MARK.findall(text)))


def tell(kinds: tuple[str, ...]) -> str:
    """The one sentence that a person is told of what was taken out; `kinds` is not empty."""
    *most, last = (f"your {kind}" for kind in kinds)
    what = f"{', '.join(most)} and {last}" if most else last
    return f"(I did not keep {what}: I put a mark in its place before I wrote anything down.)"
