"""The built-in embedder: wordllama's static vectors, offline."""

import asyncio
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bot.errors import ModelRefused
from bot.text import words

if TYPE_CHECKING:  # numpy and tokenizers take 0.1 s and 20 MB, and only here
    import numpy
    from tokenizers import Tokenizer

WEIGHTS = "l2_supercat_256"
DIMENSION: Final = 256
FIRST_RANKED = 259  # before it: special tokens and bytes
INLINE_TEXTS = 32  # so many take 3 ms: less than a hop to a thread is worth
TEXT_CHARS = 20_000
FIRST_FOREIGN_LETTER = "\u0370"  # Greek; what Vietnamese adds to Latin comes later, and is rare

_WEIGHTS_FILE = f"weights/{WEIGHTS}.safetensors"
_TOKENIZER_FILE = "tokenizers/l2_supercat_tokenizer_config.json"


def _foreign(text: str) -> bool:
    """Whether most letters of `text` are of another script than Latin.

    The model does not know them: in Russian, Chinese, Japanese and Thai 83 to 100 % of the pairs of
    a question and a sentence that has nothing to do with it were as near as evidence (a cosine of
    0.35, unweighted); in English none, in German 5 %, French 7 %, Spanish 21 %
    (tests/core/sayings.py).
    """
    letters = [] if text.isascii() else [letter for letter in text if letter.isalpha()]
    return 2 * sum(letter >= FIRST_FOREIGN_LETTER for letter in letters) > len(letters)


def wordllama_available() -> bool:
    """Whether the package and its weights are installed; imports nothing."""
    return _folder() is not None


def _folder() -> Path | None:
    try:
        needed = [find_spec(name) for name in ("wordllama", "numpy", "tokenizers")]
    except ValueError:  # a module put into sys.modules by hand
        return None
    if None in needed or sys.modules.get("wordllama", needed) is None:
        return None
    for place in (needed[0] and needed[0].submodule_search_locations) or ():
        folder = Path(place)
        if (folder / _WEIGHTS_FILE).is_file() and (folder / _TOKENIZER_FILE).is_file():
            return folder
    return None


@dataclass(frozen=True, slots=True)
class _Model:
    """One row of weights a token, and how much each token counts."""

    tokenizer: "Tokenizer"
    weights: "numpy.ndarray[tuple[int, int], numpy.dtype[numpy.float16]]"
    rarity: "numpy.ndarray[tuple[int], numpy.dtype[numpy.float32]]"

    def embed(self, text: str) -> list[float]:
        """The mean of the rows of the tokens of a text's words, each times its rarity, length 1."""
        import numpy

        said = " ".join(word.removesuffix("'s") for word in words(text[:TEXT_CHARS]))
        tokens = self.tokenizer.encode(said, add_special_tokens=False).ids
        if not said or not tokens or _foreign(said):
            return [0.0] * DIMENSION
        rows = self.weights[tokens].astype(numpy.float32)
        total = self.rarity[tokens] @ rows
        length = float(numpy.linalg.norm(total))
        vector: list[float] = (total / length if length else total).tolist()
        return vector


class WordLlamaEmbedder:
    """An `Embedder` of 256 dimensions, 0.1 ms a text, without network or key.

    A token counts the logarithm of its rank in the tokenizer, which lists frequent tokens first: so
    what chat is full of ("really", "thanks") does not drown what a text is about. Where 1 % of
    questions find one of 20 texts of somebody else's as near, 45 instead of 39 % of the evidence in
    LoCoMo is.

    Only the wordllama package's two files are read, the weights through a memory map: its own code
    costs 60 MB and 0.5 s more, pulls in `requests`, and turns on logging for the whole process.
    """

    name = f"wordllama:{WEIGHTS}:rarity"
    dimension = DIMENSION

    def __init__(self) -> None:
        self._lock = asyncio.Lock()
        self._model: _Model | None = None

    async def close(self) -> None:
        """Let go of the weights."""
        self._model = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See `Embedder.embed`. Loads the weights the first time; ModelRefused if there are none.

        Of a text longer than `TEXT_CHARS` only the beginning is embedded. A text in another script
        than Latin is the zero vector: nothing is known of its meaning.
        """
        model = await self._loaded()
        if len(texts) <= INLINE_TEXTS and sum(map(len, texts)) <= TEXT_CHARS:
            return [model.embed(text) for text in texts]
        return await asyncio.to_thread(lambda: [model.embed(text) for text in texts])

    async def _loaded(self) -> _Model:
        async with self._lock:
            if self._model is None:
                self._model = await asyncio.to_thread(_load)
            return self._model


def _load() -> _Model:
    folder = _folder()
    if folder is None:
        raise ModelRefused(
            "The built-in embedder is not installed: "
            "install wordllama, or set ELLIE_EMBEDDING_MODEL."
        )
    import numpy
    from tokenizers import Tokenizer

    # https://github.com/huggingface/safetensors#format: header length, header, then the tensor.
    with (folder / _WEIGHTS_FILE).open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        tensor = json.loads(file.read(header_bytes))["embedding.weight"]
    if tensor["dtype"] != "F16" or tensor["shape"][1] != DIMENSION:
        raise ModelRefused("This version of wordllama has other weights: install wordllama 0.4.")
    tokens, dimension = tensor["shape"]
    weights = numpy.memmap(
        folder / _WEIGHTS_FILE,
        dtype=numpy.float16,
        mode="r",
        offset=8 + header_bytes + tensor["data_offsets"][0],
        shape=(tokens, dimension),
    )
    tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return _Model(tokenizer, weights, _rarity(tokenizer, tokens))


def _rarity(
    tokenizer: "Tokenizer", tokens: int
) -> "numpy.ndarray[tuple[int], numpy.dtype[numpy.float32]]":
    """How much each token counts: the logarithm of its rank, at least 1.

    Single letters stand at the end of the list, out of the order, and count 1.
    """
    import numpy

    ranks = numpy.arange(tokens) - FIRST_RANKED + 1
    rarity = numpy.log(numpy.maximum(ranks, math.e)).astype(numpy.float32)
    for token, identity in tokenizer.get_vocab().items():
        letter = token.removeprefix("▁")
        if len(letter) < 2 and letter.isascii():
            rarity[identity] = 1.0
    return rarity
