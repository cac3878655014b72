"""The door to openai: the client, made on first use, and its errors as Ellie's own."""

import asyncio
import gc
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.errors import (
    ContentFiltered,
    ContextTooLong,
    MalformedOutput,
    ModelError,
    ModelRefused,
    ModelUnavailable,
)
from bot.types import PromptMessage

if TYPE_CHECKING:  # the import takes 0.7 s and 50 MB, and the notebook never needs it
    import openai
    from openai import AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_SECONDS = 10.0

# How OpenAI, Azure, llama.cpp, vLLM and Ollama say that a prompt is too long.
_TOO_LONG = re.compile(
    r"context_length_exceeded|exceed_context_size|string_above_max_length|context[ _]length"
    r"|(available|maximum) context|context (size|window)|context shift|prompt is too long"
    r"|input is too (large|long)|reduce the length of"
)
_FILTERED = re.compile(
    r"content_filter|content_policy|content management policy|responsibleaipolicy"
    r"|moderation_blocked"
)
_NO_QUOTA = re.compile(r"insufficient_quota|exceeded your current quota|billing_hard_limit")
_NO_MODEL = re.compile(
    r"model_not_found|unknown_model|invalid model\b|\bmodels?\b[^.]{0,120}"
    r"(not found|does not exist|not exist|not loaded|not available)"
)

# "does not support tools", "tools param requires --jinja flag", "tool choice requires --enable-…"
_NO_TOOLS = re.compile(r"\b(tools?|tool_\w+|functions?|function_call)\b")
_NO_TOOLS_STATUS = {400, 404, 422, 500, 501}
"""llama.cpp answers 500 (LLMKube#126), OpenRouter 404."""


@dataclass(frozen=True, slots=True)
class ModelSetting:
    """A model's name and the setting it came from, to be named in errors."""

    setting: str
    model: str


class OpenAIClient:
    """One `openai.AsyncOpenAI`, made off the event loop the first time it is asked for.

    `api_key` None is sent as "none", for servers that want none; `base_url` None is OpenAI's own.
    `timeout_seconds` is how long the server may stay silent; `retries` how often the library
    repeats a failed request (it obeys Retry-After up to two minutes).
    """

    def __init__(
        self, *, api_key: str | None, base_url: str | None, timeout_seconds: float, retries: int
    ) -> None:
        self._api_key = (api_key or "").strip() or "none"
        self._base_url = (base_url or "").strip() or OPENAI_URL
        self._timeout_seconds = timeout_seconds
        self._retries = retries
        self._lock = asyncio.Lock()
        self._client: AsyncOpenAI | None = None

    async def get(self) -> "AsyncOpenAI":
        """The client. Raises ModelRefused where the address is none."""
        async with self._lock:
            if self._client is None:
                self._client = await asyncio.to_thread(self._make)
        return self._client

    def _make(self) -> "AsyncOpenAI":
        import httpx2
        import openai

        try:
            client = openai.AsyncOpenAI(
                api_key=self._api_key,
                base_url=self._base_url,
                max_retries=self._retries,
                timeout=openai.Timeout(
                    self._timeout_seconds, connect=min(CONNECT_SECONDS, self._timeout_seconds)
                ),
            )
        except httpx2.InvalidURL as error:
            raise ModelRefused("OPENAI_BASE_URL is not an address: check it.") from error
        gc.freeze()  # a collection that looks through what was just imported takes 75 ms
        return client

    async def close(self) -> None:
        """Close the connections; harmless where there are none."""
        async with self._lock:
            client, self._client = self._client, None
        if client is not None:
            await client.close()


def wire_errors() -> tuple[type[Exception], ...]:
    """Everything the client lets through when a request fails; only once it has been made.

    Besides its own errors these are the transport's, unwrapped, when a stream breaks, and
    ValueError for an answer that is not JSON or a key that is not ASCII.
    """
    import httpcore2
    import httpx2
    import openai

    return (
        openai.OpenAIError,
        httpx2.HTTPError,
        httpx2.StreamError,
        httpcore2.ProtocolError,
        httpcore2.NetworkError,
        httpcore2.TimeoutException,
        OSError,
        ValueError,
    )


def translate(error: Exception, asked: ModelSetting) -> ModelError:
    """What one of `wire_errors` means to the person: one sentence, without key, prompt or body."""
    import openai

    if isinstance(error, openai.APITimeoutError):
        return ModelUnavailable(
            "The language model's server did not answer in time: try again in a moment."
        )
    if isinstance(error, openai.APIConnectionError):
        return ModelUnavailable(
            "The language model's server cannot be reached: check the network and OPENAI_BASE_URL, "
            "and try again."
        )
    if isinstance(error, UnicodeEncodeError):
        return ModelRefused("OPENAI_API_KEY holds characters that no key has: check it.")
    if isinstance(error, openai.APIResponseValidationError | ValueError):
        return not_openai()
    if isinstance(error, openai.APIError):
        return _translate_answer(error, asked)
    return ModelUnavailable("The connection to the language model's server broke: try again.")


def not_openai() -> MalformedOutput:
    """The server answered, but not as an OpenAI server does."""
    return MalformedOutput(
        "The language model's server did not answer as an OpenAI-compatible server does: "
        "check OPENAI_BASE_URL (it ends in /v1)."
    )


def _translate_answer(error: "openai.APIError", asked: ModelSetting) -> ModelError:
    import openai

    status = error.status_code if isinstance(error, openai.APIStatusError) else None
    said = wording(error)
    if _TOO_LONG.search(said) or status == 413:
        return ContextTooLong(
            "The conversation is longer than the language model can read at once."
        )
    if _FILTERED.search(said):
        return ContentFiltered("The language model's provider declined to answer this message.")
    if _NO_QUOTA.search(said):
        return ModelRefused(
            "The account of OPENAI_API_KEY has no credit left: check its plan and billing."
        )
    if status == 404 or (status != 429 and _NO_MODEL.search(said)):
        return ModelRefused(
            f"The server has no model {asked.model!r}: check {asked.setting} and OPENAI_BASE_URL."
        )
    if status in {401, 403}:
        return ModelRefused(
            f"The language model's server refused access (HTTP {status}): check OPENAI_API_KEY."
        )
    if status is None:
        return ModelUnavailable("The language model's server broke off its answer: try again.")
    if status in {408, 409, 429} or status >= 500:
        return ModelUnavailable(
            f"The language model's server is overloaded or has a fault (HTTP {status}): "
            "try again in a moment."
        )
    code = f", {error.code}" if re.fullmatch(r"[a-z_]{3,40}", error.code or "") else ""
    return ModelRefused(f"The language model's server refused the request (HTTP {status}{code}).")


def wording(error: "openai.APIError") -> str:
    """What a server's error says, in lower case: to be searched, never to be shown."""
    parts = (error.code, error.type, error.message, error.param)
    return " ".join(part for part in parts if isinstance(part, str)).casefold()


def refuses(error: Exception, *features: str) -> bool:
    """Whether it is a 400 or 422 that names one of `features` (none given: any 400 or 422)."""
    import openai

    if not isinstance(error, openai.BadRequestError | openai.UnprocessableEntityError):
        return False
    said = wording(error)
    return not features or any(feature in said for feature in features)


def refuses_tools(error: Exception) -> bool:
    """Whether a server says that it does not take tools, or messages with calls.

    That a prompt is too long with its "functions" (OpenAI's words) says nothing of the kind.
    """
    import openai

    if not isinstance(error, openai.APIStatusError) or error.status_code not in _NO_TOOLS_STATUS:
        return False
    said = wording(error)
    other = _TOO_LONG.search(said) or _FILTERED.search(said)
    return other is None and _NO_TOOLS.search(said) is not None


def wire(messages: Sequence[PromptMessage], images: Sequence[str] = ()) -> list[dict[str, Any]]:
    """The messages as they are sent; `images` (data: URLs) go with the last one."""
    sent: list[dict[str, Any]] = [{"role": one.role, "content": one.content} for one in messages]
    if images:
        seen = [{"type": "image_url", "image_url": {"url": image}} for image in images]
        sent[-1]["content"] = [{"type": "text", "text": sent[-1]["content"]}, *seen]
    return sent


def whole(text: str) -> str:
    """`text` without the lone surrogates that some servers make of a split emoji."""
    return text.encode("utf-8", "replace").decode()
