"""The workspaces that Ellie is installed in, each with a client that holds its token."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.refusals import DEAD_TOKEN, why
from bot.errors import PlatformRefused

log = logging.getLogger(__name__)

RATE_LIMIT_TRIES = 20
WAIT_SECONDS = 5.0
DEAD_SECONDS = 60
"""So long a token that Slack did not accept is not tried again."""
BAD_BOT_TOKEN = (
    "Slack does not accept SLACK_BOT_TOKEN: copy it anew from your app's page under "
    "OAuth & Permissions > Bot User OAuth Token (it begins with xoxb-)."
)


@dataclass(frozen=True, slots=True)
class Workspace:
    """One workspace: `space` is its team id, `me` Ellie's user id there.

    `enterprise` is the organisation of Enterprise Grid that it belongs to.
    """

    space: str
    client: AsyncWebClient
    me: str
    bot_id: str
    enterprise: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A bot's token. `good_until`: seconds since 1970; None: it does not end by itself."""

    text: str
    good_until: float | None = None


Tokens = Callable[[str, str | None], Awaitable[Token | None]]
"""The token for a workspace (its id, its organisation's); None: Ellie is not installed there."""


class Workspaces:
    """Finds each workspace's client, and keeps it as long as its token is good."""

    def __init__(
        self,
        api: str,
        session: aiohttp.ClientSession,
        tokens: Tokens,
        clock: Callable[[], float],
        *,
        may_return: bool = False,
    ) -> None:
        """`api` ends in "/api/". `tokens` is asked again when a token has ended. `clock`: now.

        `may_return`: a token that is dead can be replaced at the next start.
        """
        self.may_return = may_return
        self._api = api
        self._session = session
        self._tokens = tokens
        self._clock = clock
        self._known: dict[str, tuple[Workspace, float | None]] = {}
        self._dead: dict[str, float] = {}
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, space: str, enterprise: str | None = None) -> Workspace | None:
        """The workspace; None: Ellie is not installed there, or its token is dead.

        Raises what the client raises where Slack cannot be asked.
        """
        async with self._locks.setdefault(space, asyncio.Lock()):
            found = self._known.get(space)
            if found is not None and (found[1] is None or found[1] > self._clock()):
                return found[0]
            self._known.pop(space, None)
            if self._dead.get(space, 0) > self._clock():
                return None
            token = await self._tokens(space, enterprise)
            if token is None:
                return None
            client = self.client(token.text)
            try:
                told = await client.auth_test()
            except SlackApiError as error:
                if why(error) in DEAD_TOKEN:
                    log.warning("%s: %s", space, BAD_BOT_TOKEN if self.may_return else why(error))
                    self._dead[space] = self._clock() + DEAD_SECONDS
                    return None
                raise
            workspace = Workspace(
                space=space,
                client=client,
                me=told["user_id"],
                bot_id=told.get("bot_id") or "",
                enterprise=told.get("enterprise_id") or enterprise,
            )
            self._known[space] = (workspace, token.good_until)
            return workspace

    def client(self, token: str | None = None) -> AsyncWebClient:
        """A client with this token."""
        return make_client(self._api, self._session, token)

    def forget(self, space: str | None) -> None:
        """Ask for the token anew the next time; None: of every workspace."""
        for kept in (self._known, self._dead):
            if space is None:
                kept.clear()
            else:
                kept.pop(space, None)


def make_client(
    api: str, session: aiohttp.ClientSession, token: str | None = None
) -> AsyncWebClient:
    """A client that waits where Slack says so.

    It repeats nothing by itself else: a message that was posted before the connection broke would
    be posted twice.
    """
    return AsyncWebClient(
        token=token,
        base_url=api,
        session=session,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=RATE_LIMIT_TRIES)],
    )


async def asked_until_told(client: AsyncWebClient, token: str, pace: float) -> AsyncSlackResponse:
    """What `auth.test` says of the token, as soon as Slack can be reached.

    Raises PlatformRefused where Slack does not accept it.
    """
    while True:
        try:
            return await client.auth_test(token=token)
        except SlackApiError as error:
            if why(error) in DEAD_TOKEN:
                raise PlatformRefused(BAD_BOT_TOKEN) from None
            log.warning("Slack does not answer yet: %s", why(error))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("Slack cannot be reached yet (%s)", type(error).__name__)
        await asyncio.sleep(WAIT_SECONDS * pace)
