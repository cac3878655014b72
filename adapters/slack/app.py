"""Bolt's app: what Slack sends is checked, and handed to whoever deals with it."""

import logging
import re
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.async_app import AsyncAck
from slack_bolt.authorization import AuthorizeResult
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.given import Given, stopped_by
from adapters.slack.hearing import Hearing
from adapters.slack.office import Office
from adapters.slack.stop_button import ACTION
from bot.errors import report

log = logging.getLogger(__name__)

SAID = ("message", "app_mention", "channel_deleted", "group_deleted")
TOLD = ("channel_shared", "channel_unshared", "member_joined_channel", "team_join", "user_change")
ANYTHING = re.compile(r"\w+")
Body = dict[str, Any]


def make_app(client: AsyncWebClient, signing_secret: str | None) -> AsyncApp:
    """An app without listeners. Requests by HTTP are refused without the secret's signature.

    A listener runs before its event is acknowledged: what it writes down will be done.
    """

    async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        """Slack has signed it, or sent it by our socket; whose token serves is asked later."""
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token="later")

    library = logging.getLogger("slack_bolt")
    library.setLevel(max(library.level, logging.ERROR))  # below, it logs what people wrote
    app = AsyncApp(
        logger=library,
        process_before_response=True,
        signing_secret=signing_secret or "none",
        authorize=authorize,
        client=client,
        # It would drop as well that somebody deleted what Ellie said.
        ignoring_self_events_enabled=False,
    )

    @app.error
    async def failed(error: Exception) -> None:
        """What failed is not acknowledged, and Slack sends it again."""
        report(log, "what Slack sent", error)

    return app


def listen(app: AsyncApp, hearing: Hearing, office: Office, given: Given) -> None:
    """Hear messages, what changes who can read, and what stops replies."""

    async def take_in(body: Body) -> None:
        await hearing.take_in(body)

    async def learn(body: Body) -> None:
        hearing.learn(body)

    async def look_away(body: Body) -> None:
        """What somebody is looking at is theirs: it is neither read nor kept (S26)."""

    async def stopped(body: Body) -> None:
        office.do(lambda: given.stop(*stopped_by(body)))

    async def pressed(ack: AsyncAck, body: Body, action: Body) -> None:
        await ack()

        async def stop() -> None:
            asked = await office.asked(body)
            if asked is not None:
                await given.press(asked, action.get("value") or "")

        office.do(stop)

    for name in SAID:
        app.event(name)(take_in)
    for name in TOLD:
        app.event(name)(learn)
    app.event("app_context_changed")(look_away)
    app.event("agent_session_stopped")(stopped)
    app.action(ACTION)(pressed)


def listen_to_the_rest(app: AsyncApp) -> None:
    """Acknowledge events that nothing listens to: Slack would tell of them again. To come last."""

    async def look_away(body: Body) -> None:
        log.debug("an event that nobody waits for")

    app.event(ANYTHING)(look_away)
