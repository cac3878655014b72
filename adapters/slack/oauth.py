"""Installing Ellie in a workspace: the pages under /slack/install and /slack/oauth_redirect."""

import logging
import re
from html import escape
from typing import Any

import aiohttp
from slack_bolt.error import BoltError
from slack_bolt.oauth.async_callback_options import (
    AsyncCallbackOptions,
    AsyncFailureArgs,
    AsyncSuccessArgs,
)
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackClientError
from slack_sdk.oauth.installation_store import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.installations import Installations
from adapters.slack.manifest import INSTALL_PATH, REDIRECT_PATH
from adapters.slack.normalise import PLATFORM
from adapters.slack.registry import SCOPES
from bot.errors import BotError
from bot.ports import Core

log = logging.getLogger(__name__)

STATE_SECONDS = 600
AUTHORIZE = "https://slack.com/oauth/v2/authorize"
ABOUT = (
    "Ellie answers in direct messages, channels and threads, and remembers what people tell her: "
    "each person sees, corrects and erases it in her Home tab. Her answers come from a language "
    "model and may be wrong. Messages are erased after a time; nothing is used to train a model."
)
AGAIN = '<a href="install">Begin again</a>'
REASONS = {
    "access_denied": "You did not allow it, so nothing was installed and nothing is kept.",
    "invalid_browser": "This page was not opened from the browser that began, or began too long "
    "ago. Nothing was installed.",
    "invalid_state": "This link was used before, or is older than ten minutes. Nothing was "
    "installed.",
    "missing_code": "Slack sent no code along. Nothing was installed.",
    "invalid_code": "Slack did not take the code: it was used before, is too old, or the redirect "
    "address is not the app's. Nothing was installed.",
    "storage_error": "Ellie could not keep the installation; her log says why.",
}
PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:16px/1.5 sans-serif;max-width:36em;margin:4em auto;padding:0 1em}}</style></head>
<body><h1>{title}</h1><p>{says}</p><p>{then}</p></body></html>
"""
HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
_TEAM = re.compile(r"[TE][A-Z0-9]{1,30}")


class States(AsyncOAuthStateStore):
    """The secrets that go to Slack and come back: each once, within ten minutes."""

    def __init__(self, core: Core) -> None:
        self._core = core

    @property
    def logger(self) -> logging.Logger:
        """The SDK asks for it."""
        return log

    async def async_issue(self, *args: Any, **kwargs: Any) -> str:  # noqa: ANN401 - the SDK's own
        """A new one."""
        return await self._core.issue_state(PLATFORM)

    async def async_consume(self, state: str) -> bool:
        """Whether it is good; from then on it is not."""
        return await self._core.consume_state(PLATFORM, state)


class Flow(AsyncOAuthFlow):
    """Bolt's flow, with pages of ours, and with an answer also where Slack or the store fails."""

    async def build_authorize_url(self, state: str, request: AsyncBoltRequest) -> str:
        """Where Slack asks the person. `team` is handed on only if it is one."""
        team = (request.query.get("team") or [""])[0]
        return self.settings.authorize_url_generator.generate(
            state=state, team=team if _TEAM.fullmatch(team) else None
        )

    async def build_install_page_html(self, url: str, request: AsyncBoltRequest) -> str:
        """What stands under /slack/install."""
        return page("Add Ellie to Slack", ABOUT, f'<a href="{escape(url)}">Add to Slack</a>')

    async def append_set_cookie_headers(
        self, headers: dict[str, Any], set_cookie_value: str | None
    ) -> dict[str, Any]:
        """The headers of that page, with its cookie."""
        cookie = {} if set_cookie_value is None else {"Set-Cookie": [set_cookie_value]}
        return {**headers, **HEADERS, **cookie}

    async def run_installation(self, code: str) -> Installation | None:
        """What Slack gives for the code; None: it does not take it, or cannot be reached."""
        try:
            return await super().run_installation(code)
        except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("installing failed: %s", type(error).__name__)
            return None

    async def store_installation(
        self, request: AsyncBoltRequest, installation: Installation
    ) -> None:
        """Keep it. Raises BoltError, which becomes a page."""
        try:
            await super().store_installation(request, installation)
        except BotError as error:
            log.error("an installation could not be kept: %s", error)  # noqa: TRY400 - one line
            raise BoltError(str(error)) from None


def oauth_flow(
    core: Core,
    installations: Installations,
    client: AsyncWebClient,
    *,
    client_id: str,
    client_secret: str,
    public_url: str,
    authorize: str = AUTHORIZE,
) -> Flow:
    """The flow, at this public address. `authorize` is Slack's page that asks the person."""
    settings = AsyncOAuthSettings(
        client_id=client_id,
        client_secret=client_secret,
        scopes=list(SCOPES),
        user_scopes=[],
        redirect_uri=f"{public_url}{REDIRECT_PATH}",
        install_path=INSTALL_PATH,
        redirect_uri_path=REDIRECT_PATH,
        authorization_url=authorize,
        installation_store=installations,
        installation_store_bot_only=True,
        state_store=States(core),
        state_expiration_seconds=STATE_SECONDS,
        callback_options=AsyncCallbackOptions(success=_succeeded, failure=_failed),
        logger=log,
    )
    return Flow(client=client, logger=log, settings=settings)


def page(title: str, says: str, then: str) -> str:
    """A page; `then` is HTML."""
    return PAGE.format(title=escape(title), says=escape(says), then=then)


async def _succeeded(args: AsyncSuccessArgs) -> BoltResponse:
    told = args.installation
    where = told.enterprise_name if told.is_enterprise_install else told.team_name
    space = told.enterprise_id if told.is_enterprise_install else told.team_id
    link = f"slack://app?team={escape(space or '')}&amp;id={escape(told.app_id or '')}"
    return _response(
        200,
        page(
            f"Ellie is in {where or 'your workspace'}",
            "Invite her into a channel with /invite @Ellie, or write to her directly. "
            "She posts nothing unasked.",
            f'<a href="{link}">Open Slack</a>',
        ),
        args.settings,
    )


async def _failed(args: AsyncFailureArgs) -> BoltResponse:
    says = REASONS.get(args.reason, f"Slack says: {args.reason}. Nothing was installed.")
    body = page("Ellie was not installed", says, AGAIN)
    return _response(args.suggested_status_code, body, args.settings)


def _response(status: int, body: str, settings: AsyncOAuthSettings) -> BoltResponse:
    cookie = settings.state_utils.build_set_cookie_for_deletion()
    return BoltResponse(status=status, body=body, headers={**HEADERS, "Set-Cookie": cookie})
