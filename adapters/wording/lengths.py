"""Texts as long as platforms count them, and cut where they would be too long."""


def units(text: str) -> int:
    """The length of a text in UTF-16 units: of them it never has fewer than of anything else."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, limit: int) -> str:
    """`text` on at most so many units, with a mark where it was cut."""
    if units(text) <= limit:
        return text
    text = text[: limit - 1]
    while units(text) >= limit:
        text = text[:-1]
    return f"{text.rstrip()}…"
