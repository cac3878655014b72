"""A core on a file with what keeps installations, before a part of Slack that gives out tokens."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from slack_sdk.oauth.installation_store import Installation

from adapters.slack.installations import Installations
from adapters.slack.leaving import Leaving
from adapters.slack.workspaces import Token, Workspaces
from bot.ports import Core
from tests.adapters.slack.registrar import CLIENT_ID, CLIENT_SECRET, Registrar
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened

KEY = "an old tree by the river"


@dataclass(slots=True)
class House:
    """One process of Ellie's."""

    stage: Stage
    slack: Registrar
    installations: Installations
    workspaces: Workspaces
    leaving: Leaving
    changed: list[str | None]
    file: Path

    @property
    def core(self) -> Core:
        return self.stage.core

    async def token(self, space: str, enterprise: str | None = None) -> str | None:
        """The token's text."""
        found: Token | None = await self.installations.token(space, enterprise)
        return None if found is None else found.text

    async def leaves(self) -> dict[str, bool]:
        """Each space that is known, and whether it will be purged."""
        return await self.stage.store.spaces("slack")


@asynccontextmanager
async def house(
    file: Path,
    slack: Registrar,
    *,
    one_token: str | None = None,
    **settings: Any,  # noqa: ANN401
) -> AsyncIterator[House]:
    """`one_token`: it is in the settings, and nothing is installed by OAuth."""
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        clock = TurnedClock()
        given = {"ellie_secret_key": KEY} | settings
        stage = await stack.enter_async_context(opened(file, clock, **given))
        changed: list[str | None] = []

        async def tokens(space: str, enterprise: str | None) -> Token | None:
            if one_token is not None:
                return Token(one_token)
            return await installations.token(space, enterprise)

        def forget(space: str | None) -> None:
            changed.append(space)
            workspaces.forget(space)

        workspaces = Workspaces(slack.api, session, tokens, time.time)
        installations = Installations(
            stage.core, workspaces.client(), CLIENT_ID, CLIENT_SECRET, changed=forget
        )
        leaving = Leaving(stage.core, workspaces, None if one_token else installations)
        yield House(stage, slack, installations, workspaces, leaving, changed, file)


def installed(at: str, token: str, **more: Any) -> Installation:  # noqa: ANN401 - its arguments
    """An installation in a workspace (T…) or an organisation (E…), as the OAuth flow saves it."""
    org = at.startswith("E")
    given: dict[str, Any] = {
        "app_id": "A1", "team_id": None if org else at, "enterprise_id": at if org else None,
        "is_enterprise_install": org, "bot_token": token, "bot_id": "B1", "bot_user_id": "U0",
        "bot_scopes": "chat:write,commands", "user_id": "UINSTALLER", "user_token": "xoxp-person",
    }  # fmt: skip
    return Installation(**given | more)
