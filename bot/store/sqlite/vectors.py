"""Vectors as they are stored: int8, and their signs."""

import math
import struct
from collections.abc import Sequence

from bot.errors import StoreError


def int8(vector: Sequence[float]) -> bytes:
    """A vector as int8, its longest component 127: 0.988 of the true top ten (storage.md).

    Raises StoreError for the zero vector and for what is not finite: SQLite would sort it first.
    """
    longest = max(map(abs, vector), default=0.0)
    if not longest or not math.isfinite(math.fsum(map(abs, vector))):
        raise StoreError("A vector must be finite and not zero.")
    scale = 127 / longest
    return struct.pack(f"{len(vector)}b", *[round(value * scale) for value in vector])


def bits(vector: Sequence[float]) -> bytes:
    """The signs of a vector, one bit a dimension (padded with zeros to whole bytes)."""
    packed = bytearray((len(vector) + 7) // 8)
    for position, value in enumerate(vector):
        if value > 0:
            packed[position // 8] |= 1 << position % 8
    return bytes(packed)
