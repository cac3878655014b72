"""What `OpenAIServer.fail` can be given: answers that a server gives on a bad day."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Status:
    """An HTTP error with OpenAI's body."""

    status: int
    message: str = "No."
    code: str | None = None
    kind: str = "invalid_request_error"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stall:
    """Send `after` pieces (a stream) or nothing (anything else), then wait for `release`."""

    after: int = 0


@dataclass(frozen=True, slots=True)
class Trickle:
    """Send the pieces of a stream so far apart, until `release`."""

    seconds: float

    async def wait(self, release: asyncio.Event) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self.seconds):
                await release.wait()


@dataclass(frozen=True, slots=True)
class Cut:
    """Send `after` pieces, then drop the connection; `clean`: end the body without its end."""

    after: int
    clean: bool = False


@dataclass(frozen=True, slots=True)
class ErrorEvent:
    """Send `after` pieces of a stream, then an error as an event of the stream."""

    after: int
    code: str = "server_error"


@dataclass(frozen=True, slots=True)
class Finish:
    """Answer with this `finish_reason` (None: never one) and, unless None, with this text."""

    reason: str | None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Raw:
    """Answer 200 with exactly this."""

    text: str
    content_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Vectors:
    """Answer an embeddings request with exactly these vectors (None is sent as NaN)."""

    vectors: tuple[tuple[float | None, ...], ...]


Fault = Status | Stall | Trickle | Cut | ErrorEvent | Finish | Raw | Vectors


def rate_limited(retry_after: str = "0.02") -> Status:
    """429 with Retry-After, in seconds."""
    message = "Rate limit reached."
    return Status(429, message, "rate_limit_exceeded", "requests", {"Retry-After": retry_after})


def insufficient_quota() -> Status:
    """429 because the account is empty."""
    message = "You exceeded your current quota, please check your plan and billing details."
    headers = {"Retry-After": "0.02"}
    return Status(429, message, "insufficient_quota", "insufficient_quota", headers)


def server_error(status: int = 500) -> Status:
    """A fault of the server's own, to be retried at once."""
    return Status(status, "Internal error.", None, "server_error", {"Retry-After": "0.02"})


def bad_key() -> Status:
    """401, with the key in the body as some servers do."""
    return Status(401, "Incorrect API key provided: sk-secret.", "invalid_api_key")


def model_not_found() -> Status:
    """404 as OpenAI words it."""
    return Status(404, "The model `x` does not exist.", "model_not_found")


def context_too_long() -> Status:
    """400 as OpenAI words it."""
    message = "This model's maximum context length is 8192 tokens."
    return Status(400, message, "context_length_exceeded")


def content_filtered() -> Status:
    """400 as Azure words it."""
    return Status(400, "The response was filtered.", "content_filter")
