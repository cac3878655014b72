"""What a call to Slack fails of."""

from collections.abc import Mapping

import aiohttp
from slack_sdk.errors import SlackClientError

UNREACHABLE = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError)
"""What a call raises where Slack refuses it or cannot be reached."""
NOT_CONNECTED = (aiohttp.ClientError, OSError, TimeoutError)
"""What it raises where there was no whole answer: it may have been carried out."""
DEAD_TOKEN = {"account_inactive", "invalid_auth", "not_authed", "token_revoked", "token_expired"}
"""Slack's words for a token that is of no use any more."""
LATER = {"ratelimited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
"""Slack's words for what may go well another time."""


def why(error: BaseException) -> str:
    """Slack's word for its refusal; "HTTP 500" where it has none, the error's kind where no answer
    came.
    """
    response = getattr(error, "response", None)
    told = getattr(response, "data", response)
    if isinstance(told, Mapping) and told.get("error"):
        return str(told["error"])
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return type(error).__name__ if status is None else f"HTTP {status}"


def is_for_later(error: BaseException) -> bool:
    """Whether Slack is not well, or asked too often, and may take it another time."""
    said = why(error)
    return said in LATER or said.startswith("HTTP 5") or said == "HTTP 429"
