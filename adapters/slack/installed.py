"""Where Ellie is: in the one workspace of the settings' token, or wherever she was installed."""

from collections.abc import Callable
from dataclasses import dataclass

import aiohttp

from adapters.slack.installations import Installations
from adapters.slack.manifest import INSTALL_PATH
from adapters.slack.normalise import PLATFORM
from adapters.slack.settings import SlackSettings
from adapters.slack.workspaces import Token, Tokens, Workspaces, asked_until_told, make_client
from bot.ports import Core


@dataclass(frozen=True, slots=True)
class Installed:
    """`installations` None: there is one token, in the settings. `greeting`: what to say of it."""

    workspaces: Workspaces
    installations: Installations | None
    greeting: str


async def installed(
    settings: SlackSettings,
    core: Core,
    session: aiohttp.ClientSession,
    clock: Callable[[], float],
) -> Installed:
    """Raises PlatformRefused where Slack does not accept the settings' token."""
    if settings.bot_token is not None:
        tokens, greeting = await _one_workspace(settings, core, session, settings.bot_token)
        workspaces = Workspaces(settings.api, session, tokens, clock, may_return=True)
        return Installed(workspaces, None, greeting)
    assert settings.client_id is not None
    assert settings.client_secret is not None
    installations = Installations(
        core,
        make_client(settings.api, session),
        settings.client_id,
        settings.client_secret,
        changed=lambda space: workspaces.forget(space),
        clock=clock,
    )
    workspaces = Workspaces(settings.api, session, installations.token, clock)
    greeting = f"Slack: workspaces can add me at {settings.public_url}{INSTALL_PATH}"
    return Installed(workspaces, installations, greeting)


async def _one_workspace(
    settings: SlackSettings, core: Core, session: aiohttp.ClientSession, token: str
) -> tuple[Tokens, str]:
    """The one token, for its workspace alone, and what to say of it.

    Of an app that is installed in a whole organisation it is for all workspaces of that.
    """
    told = await asked_until_told(make_client(settings.api, session), token, settings.pace)
    home, everywhere = told["team_id"], bool(told.get("is_enterprise_install"))
    await core.joined(PLATFORM, home)  # she may have been removed before, and come back

    async def tokens(space: str, _: str | None) -> Token | None:
        return Token(token) if everywhere or space == home else None

    return tokens, f"Slack: connected as {told.get('user')} in {told.get('team')}."
