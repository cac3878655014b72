"""Vectors from OpenAI's embeddings endpoint, or a server that speaks it."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.errors import MalformedOutput, ModelRefused
from bot.llm.openai_client import (
    ModelSetting,
    OpenAIClient,
    not_openai,
    refuses,
    translate,
    wire_errors,
)

if TYPE_CHECKING:  # see openai_client
    from openai.types import CreateEmbeddingResponse

BATCH_TEXTS = 128
# An embedding says little about more, and OpenAI's models take 8,192 tokens a text.
TEXT_CHARS = 8_000


class OpenAIEmbedder:
    """An `Embedder`. The other arguments are those of `OpenAIClient`.

    `dimension` is asked of the server; where it sends longer vectors they are cut, as Matryoshka
    embeddings allow (https://openai.com/index/new-embedding-models-and-api-updates/). Of a text
    longer than `TEXT_CHARS` only the beginning is embedded.
    """

    def __init__(
        self,
        *,
        model: str,
        dimension: int,
        api_key: str | None,
        base_url: str | None,
        timeout_seconds: float,
        retries: int,
    ) -> None:
        self.name = f"openai:{model}"
        self.dimension = dimension
        self._model = ModelSetting("ELLIE_EMBEDDING_MODEL", model)
        self._client = OpenAIClient(
            api_key=api_key, base_url=base_url, timeout_seconds=timeout_seconds, retries=retries
        )
        self._options: dict[str, Any] = {"dimensions": dimension}

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """See `Embedder.embed`. One request for every `BATCH_TEXTS` texts, one after the other.

        MalformedOutput: the answer holds other than one vector of numbers a text. ModelRefused:
        the model's vectors are shorter than `dimension`.
        """
        vectors = [[0.0] * self.dimension for _ in texts]
        full = [number for number, text in enumerate(texts) if text.strip()]
        for start in range(0, len(full), BATCH_TEXTS):
            batch = full[start : start + BATCH_TEXTS]
            answer = await self._request([texts[number][:TEXT_CHARS] for number in batch])
            for number, vector in zip(batch, _vectors(answer, len(batch)), strict=True):
                vectors[number] = self._fitted(vector)
        return vectors

    async def _request(self, texts: list[str]) -> "CreateEmbeddingResponse":
        client = await self._client.get()
        sent: dict[str, Any] = {
            "model": self._model.model,
            "input": texts,
            "encoding_format": "float",
        }
        try:
            try:
                return await client.embeddings.create(**sent, **self._options)
            except wire_errors() as error:
                if not self._options or not refuses(error, "dimension", "matryoshka"):
                    raise
            self._options = {}
            return await client.embeddings.create(**sent)
        except wire_errors() as error:
            raise translate(error, self._model) from error

    def _fitted(self, vector: list[float]) -> list[float]:
        if len(vector) < self.dimension:
            raise ModelRefused(
                f"The model {self._model.model!r} makes vectors of {len(vector)} numbers, not "
                f"{self.dimension}: set ELLIE_EMBEDDING_DIMENSIONS={len(vector)}."
            )
        kept = vector[: self.dimension]
        length = math.hypot(*kept)
        return [number / length for number in kept] if length else kept


def _vectors(answer: "CreateEmbeddingResponse", expected: int) -> list[list[float]]:
    """The vectors in the order of the texts, each of finite numbers."""
    entries = getattr(answer, "data", None)
    if not isinstance(entries, list):
        raise not_openai()
    vectors = {
        getattr(entry, "index", None): getattr(entry, "embedding", None) for entry in entries
    }
    if len(entries) != expected or set(vectors) != set(range(expected)):
        raise MalformedOutput(
            f"The embedding model's server sent {len(entries)} vectors for {expected} texts."
        )
    return [_finite(vectors[number]) for number in range(expected)]


def _finite(vector: object) -> list[float]:
    if not isinstance(vector, list) or not vector:
        raise not_openai()
    if not all(isinstance(number, int | float) and math.isfinite(number) for number in vector):
        raise MalformedOutput("The embedding model's server sent a vector that is not of numbers.")
    return [float(number) for number in vector]
