"""The workspaces that Ellie is installed in, each with a client that holds its token."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from weakref import WeakValueDictionary

import aiohttp
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.slack.refusals import DEAD_TOKEN, why
from bot.errors import PlatformRefused

log = logging.getLogger(__name__)

RATE_LIMIT_TRIES = 20
WAIT_SECONDS = 5.0
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
    ) -> None:
        """`api` ends in "/api/". `tokens` is asked again when a token has ended. `clock`: now."""
        self._api = api
        self._session = session
        self._tokens = tokens
        self._clock = clock
        self._known: dict[str, tuple[Workspace, float | None]] = {}
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
            token = await self._tokens(space, enterprise)
            if token is None:
                return None
            client = self.client(token.text)
            try:
                told = await client.auth_test()
            except SlackApiError as error:
                if why(error) in DEAD_TOKEN:
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
        if space is None:
            self._known.clear()
        else:
            self._known.pop(space, None)

    async def authorize(
        self, enterprise_id: str | None, team_id: str | None
    ) -> AuthorizeResult | None:
        """What Bolt asks before it hands on anything."""
        workspace = await self.of(team_id or enterprise_id or "", enterprise_id)
        if workspace is None:
            return None
        return AuthorizeResult(
            enterprise_id=enterprise_id,
            team_id=team_id,
            bot_user_id=workspace.me,
            bot_id=workspace.bot_id,
            bot_token=workspace.client.token,
        )


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
