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
LATER = {
    "ratelimited", "rate_limited", "message_limit_exceeded", "internal_error", "fatal_error",
    "service_unavailable", "request_timeout", "team_added_to_org",
}  # fmt: skip
"""Slack's words for what may go well another time."""
NOT_HERE = {
    "feature_disabled", "feature_not_enabled", "missing_scope", "unknown_method", "not_allowed",
    "not_allowed_token_type", "paid_teams_only", "team_access_not_granted", "no_permission",
    "access_denied", "method_deprecated", "invalid_status",
}  # fmt: skip
"""Slack's words for what a workspace's plan, or the app's scopes, do not give."""


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


def needed(error: BaseException) -> str:
    """The scopes that Slack says are missing."""
    told = getattr(getattr(error, "response", None), "data", None)
    return str(told.get("needed") or "unknown") if isinstance(told, Mapping) else "unknown"
