"""Tokens that end after hours, renewed in time, by one process only."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable

import aiohttp
from slack_sdk.errors import SlackClientError, SlackTokenRotationError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator

from adapters.slack.normalise import PLATFORM
from bot.ports import Core

log = logging.getLogger(__name__)

RENEW_SECONDS = 2 * 3600
"""So long before its end a token is renewed (Slack's expire after 12 hours)."""
LEASE_SECONDS = 30
"""So long one process may take to renew a token, until another one tries."""
LOOK_SECONDS = 0.25
ANY_TIME = 10**9
"""In minutes: whether it is time is decided here, not by the rotator."""
FAILURES = (
    SlackTokenRotationError, SlackClientError, aiohttp.ClientError, OSError, TimeoutError,
)  # fmt: skip

Read = Callable[[], Awaitable[Installation | None]]


class Rotation:
    """Renews an installation's token.

    Slack takes a refresh token once. So whoever renews it says so first, in the core's notes: of
    the processes that note the same attempt, one is told that it was first.
    """

    def __init__(self, core: Core, rotator: AsyncTokenRotator, clock: Callable[[], float]) -> None:
        self._core = core
        self._rotator = rotator
        self._clock = clock

    def is_due(self, installation: Installation) -> bool:
        """Whether its token ends soon, or has ended."""
        ends_at = installation.bot_token_expires_at
        if ends_at is None or installation.bot_refresh_token is None:
            return False
        return ends_at - RENEW_SECONDS <= self._clock()

    async def renew(self, key: str, installation: Installation) -> Bot | None:
        """The bot with its new token. None: another process is at it, or it did not work."""
        if not await self._is_first(key, installation):
            return None
        try:
            async with asyncio.timeout(LEASE_SECONDS):
                return await self._rotator.perform_bot_token_rotation(
                    bot=installation.to_bot(), minutes_before_expiration=ANY_TIME
                )
        except FAILURES as error:
            log.warning("the token of %s was not renewed: %s", key, _why(error))
            return None

    async def wait(self, installation: Installation, read: Read) -> Installation | None:
        """What is kept once another process has renewed it, or has had its time for that."""
        try:
            async with asyncio.timeout(LEASE_SECONDS):
                while True:
                    now = await read()
                    if now is None or now.bot_refresh_token != installation.bot_refresh_token:
                        return now
                    await asyncio.sleep(LOOK_SECONDS)
        except TimeoutError:
            return installation

    async def _is_first(self, key: str, installation: Installation) -> bool:
        token = str(installation.bot_refresh_token)
        lot = hashlib.sha256(token.encode()).hexdigest()[:16]
        noted, _, attempt = (await self._core.noted(PLATFORM, key, "renewing") or "").partition(":")
        tries = int(attempt) if noted == lot else 0
        since = await self._core.noted(PLATFORM, key, "renewing since")
        if tries and since and self._clock() - float(since) < LEASE_SECONDS:
            return False
        await self._core.note(PLATFORM, key, "renewing since", str(self._clock()))
        return await self._core.note(PLATFORM, key, "renewing", f"{lot}:{tries + 1}")


def _why(error: Exception) -> str:
    """Slack's word for it, or the error's kind; never a token."""
    cause = error.args[0] if isinstance(error, SlackTokenRotationError) and error.args else error
    response = getattr(cause, "response", None)
    told = response.get("error") if response is not None and hasattr(response, "get") else None
    return str(told or type(cause).__name__)
