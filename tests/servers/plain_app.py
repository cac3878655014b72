"""A plain Bolt app for the tests of the loopback Slack: it writes down what it hears."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.servers.slack import SlackServer

Json = dict[str, Any]
QUIET = logging.getLogger("tests.slack")
QUIET.setLevel(logging.CRITICAL)


class PlainApp:
    """Unmodified Bolt with a bot token. `heard` are events, `bodies` the whole requests."""

    def __init__(self, slack: SlackServer, token: str = "xoxb-1") -> None:
        self.client = AsyncWebClient(token, base_url=slack.api, logger=QUIET)
        self.app = AsyncApp(
            client=self.client,
            signing_secret=slack.signing_secret,
            logger=QUIET,
            ignoring_self_events_enabled=False,
            process_before_response=True,
        )
        self.heard: list[Json] = []
        self.bodies: list[Json] = []
        for kind in ("message", "app_mention"):
            self.app.event(kind)(self._hear)

    async def _hear(self, event: Json, body: Json) -> None:
        self.heard.append(event)
        self.bodies.append(body)

    def hear(self, *kinds: str) -> None:
        """Events of these kinds as well."""
        for kind in kinds:
            self.app.event(kind)(self._hear)

    @property
    def said(self) -> list[str]:
        return [event.get("text", "") for event in self.heard]


@asynccontextmanager
async def connected(
    slack: SlackServer, app: PlainApp, ping_interval: float = 60
) -> AsyncIterator[AsyncSocketModeHandler]:
    """The app in Socket Mode, with one more open socket than before; closed at the end.

    It notices a cut socket after `ping_interval`.
    """
    handler = AsyncSocketModeHandler(
        app.app, slack.app_token, logger=QUIET, web_client=app.client, ping_interval=ping_interval
    )
    before = len(slack.sockets.open)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    try:
        await slack.until(lambda: len(slack.sockets.open) > before)
        yield handler
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call]
