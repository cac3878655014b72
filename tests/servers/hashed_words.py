"""Vectors without a model: the same words give the same vector, shared words a higher cosine."""

import hashlib
import re


def words(text: str) -> list[str]:
    """Its words, in lower case."""
    return re.findall(r"\w+", text.lower())


def embed(text: str, dimension: int) -> list[float]:
    """The hashed bag of words of `text`: counts, of length 1 unless there are no words."""
    vector = [0.0] * dimension
    for word in words(text):
        digest = hashlib.sha256(word.encode()).digest()
        vector[int.from_bytes(digest[:8], "big") % dimension] += 1.0
    norm = sum(x * x for x in vector) ** 0.5 or 1.0
    return [x / norm for x in vector]
