"""Socket Mode: Slack is listened to over a socket that Ellie opens herself."""

import asyncio
import logging
from collections.abc import Callable

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError

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


async def listen_on_socket(
    app: AsyncApp, token: str, opened: Callable[[], None], pace: float = 1.0
) -> None:
    """Listen until cancelled; `opened` is called when Slack is heard for the first time.

    Slack's client opens a new socket when one ends or is to be renewed. Raises PlatformRefused
    where Slack does not accept the token.
    """
    library = logging.getLogger("slack_sdk")
    library.setLevel(max(library.level, logging.WARNING))  # below, it logs what people wrote
    handler = AsyncSocketModeHandler(app, token, logger=library, ping_interval=PING_SECONDS * pace)
    try:
        handler.client.wss_uri = await _address(handler, pace)
        await handler.connect_async()  # type: ignore[no-untyped-call]
        opened()
        await asyncio.Event().wait()
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]


async def _address(handler: AsyncSocketModeHandler, pace: float) -> str:
    """Where the first socket is to be opened. Slack's client would ask for ever without a word."""
    while True:
        try:
            told = await handler.app.client.apps_connections_open(app_token=handler.app_token)
            return str(told["url"])
        except SlackApiError as error:
            if why(error) in _REFUSED:
                raise PlatformRefused(BAD_APP_TOKEN) from None
            log.warning("Slack opens no socket yet: %s", why(error))
        except NOT_CONNECTED as error:
            log.warning("Slack cannot be reached yet (%s)", type(error).__name__)
        await asyncio.sleep(WAIT_SECONDS * pace)
