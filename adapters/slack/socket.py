"""Socket Mode: Slack is listened to over a socket that Ellie opens herself."""

import asyncio
import logging
import time
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest

from adapters.slack.refusals import DEAD_TOKEN, NOT_CONNECTED, why
from bot.errors import PlatformRefused

log = logging.getLogger(__name__)

PING_SECONDS = 5.0
WAIT_SECONDS = 5.0
BAD_APP_TOKEN = (
    "Slack does not accept SLACK_APP_TOKEN: make a new one on your app's page under "
    "Basic Information > App-Level Tokens, with the scope connections:write (it begins with xapp-)."
)
_REFUSED = DEAD_TOKEN | {"not_allowed_token_type", "missing_scope"}


class _Client(SocketModeClient):
    """Slack's client, which opens a new socket when one ends. `refused`: it never will again."""

    refused: asyncio.Event

    async def issue_new_wss_url(self) -> str:
        """Where the next socket is to be opened. Raises what the client raises."""
        try:
            told = await self.web_client.apps_connections_open(app_token=self.app_token)
        except SlackApiError as error:
            if why(error) in _REFUSED:
                self.auto_reconnect_enabled = self.default_auto_reconnect_enabled = False
                self.refused.set()
            raise
        return str(told["url"])


async def listen_on_socket(
    app: AsyncApp, token: str, opened: Callable[[], None], pace: float = 1.0
) -> None:
    """Listen until cancelled; `opened` is called when Slack is heard for the first time.

    Raises PlatformRefused when Slack does not accept the token, or not any more.
    """
    library = logging.getLogger("slack_sdk")
    library.setLevel(max(library.level, logging.WARNING))  # below, it logs what people wrote

    async def hand_on(client: AsyncBaseSocketModeClient, request: SocketModeRequest) -> None:
        start = time.time()
        answer = await run_async_bolt_app(app, request)
        await send_async_response(client, request, answer, start)

    client = _Client(
        token, logger=library, web_client=app.client, ping_interval=PING_SECONDS * pace
    )
    client.refused = asyncio.Event()
    client.socket_mode_request_listeners.append(hand_on)
    try:
        client.wss_uri = await _address(client, pace)
        await client.connect()  # type: ignore[no-untyped-call]
        opened()
        await client.refused.wait()
        raise PlatformRefused(BAD_APP_TOKEN)
    finally:
        await client.close()  # type: ignore[no-untyped-call]


async def _address(client: _Client, pace: float) -> str:
    """Where the first socket is to be opened. Slack's client would ask for ever without a word."""
    while True:
        try:
            return await client.issue_new_wss_url()
        except SlackApiError as error:
            if client.refused.is_set():
                raise PlatformRefused(BAD_APP_TOKEN) from None
            log.warning("Slack opens no socket yet: %s", why(error))
        except NOT_CONNECTED as error:
            log.warning("Slack cannot be reached yet (%s)", type(error).__name__)
        await asyncio.sleep(WAIT_SECONDS * pace)
