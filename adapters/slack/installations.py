"""Where Ellie is installed: a bot's token for each workspace, or for a whole organisation."""

import asyncio
import json
import logging
from collections.abc import Callable, Collection
from time import time
from typing import Any
from weakref import WeakValueDictionary

from slack_bolt.error import BoltError
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store import Bot, Installation
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.token_rotation.async_rotator import AsyncTokenRotator
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.normalise import PLATFORM
from adapters.slack.refusals import DEAD_TOKEN, why
from adapters.slack.rotation import RENEW_SECONDS, Rotation
from adapters.slack.workspaces import Token
from bot.ports import Core

log = logging.getLogger(__name__)

KEPT = (
    "app_id", "enterprise_id", "enterprise_name", "enterprise_url", "team_id", "team_name",
    "bot_token", "bot_id", "bot_user_id", "bot_scopes", "bot_refresh_token",
    "bot_token_expires_at", "is_enterprise_install", "token_type", "installed_at",
)  # fmt: skip
"""Who installed Ellie is not kept, and no token of theirs is asked for."""
SOON_SECONDS = 30
"""After so long a token that could not be renewed is tried again."""


class Installations(AsyncInstallationStore):
    """Keeps installations by the core, sealed: by team id, org-wide ones by enterprise id.

    Its own names serve the adapter; those in `async_` are the SDK's, for Bolt.
    """

    def __init__(
        self,
        core: Core,
        client: AsyncWebClient,
        client_id: str,
        client_secret: str,
        *,
        changed: Callable[[str | None], None] = lambda space: None,
        clock: Callable[[], float] = time,
    ) -> None:
        """`client` asks Slack for new tokens. `changed` is told whose token is another one now.

        None: that of every workspace. `clock`: now, in seconds since 1970.
        """
        self._core = core
        self._client = client
        self._changed = changed
        self._clock = clock
        rotator = AsyncTokenRotator(client_id=client_id, client_secret=client_secret, client=client)
        self._rotation = Rotation(core, rotator, clock)
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @property
    def logger(self) -> logging.Logger:
        """The SDK asks for it."""
        return log

    # --- for the adapter

    async def token(self, space: str, enterprise: str | None) -> Token | None:
        """The token for a workspace, renewed where it ends soon; None: not installed there.

        Raises ConfigError where the token cannot be opened.
        """
        found = await self._find(space, enterprise, org_wide=False)
        if found is None or found.bot_token is None:
            return None
        ends_at = found.bot_token_expires_at
        if ends_at is None:
            return Token(found.bot_token)
        now = self._clock()
        renewed = ends_at - RENEW_SECONDS
        return Token(found.bot_token, renewed if renewed > now else now + SOON_SECONDS)

    async def covers(self, space: str, enterprise: str | None) -> bool:
        """Whether an installation is kept that holds for this workspace."""
        return await self._find(space, enterprise, org_wide=False) is not None

    async def works(self, key: str) -> bool:
        """Whether Slack takes the token that is kept for this team or enterprise id.

        Raises what the client raises where Slack cannot be asked.
        """
        held = await self._read(key)
        if held is None:
            return False
        try:
            await self._client.auth_test(token=held.bot_token)
        except SlackApiError as error:
            if why(error) in DEAD_TOKEN:
                return False
            raise
        return True

    async def installed_at(self, key: str) -> float | None:
        """Since when, in seconds since 1970; None: it is not installed by this id."""
        held = await self._read(key)
        return None if held is None else held.installed_at

    async def drop(self, key: str) -> None:
        """Erase the token that is kept for this team or enterprise id, if there is one."""
        async with self._lock(key):
            await self._core.drop_token(PLATFORM, key)
        self._changed(None if key.startswith("E") else key)

    async def teams(self, enterprise: str) -> dict[str, bool]:
        """The workspaces of an organisation that were heard of, and whether Ellie may be there."""
        noted = await self._core.noted(PLATFORM, enterprise, "teams")
        return dict(json.loads(noted)) if noted else {}

    async def note_teams(self, enterprise: str, spaces: Collection[str], *, granted: bool) -> None:
        """Ellie may be in these workspaces of an organisation, or may not any more."""
        known = await self.teams(enterprise)
        now = known | dict.fromkeys(spaces, granted)
        if now != known:
            await self._core.note(PLATFORM, enterprise, "teams", json.dumps(now, sort_keys=True))
            for space in spaces:
                self._changed(space)

    # --- for Bolt

    async def async_save(self, installation: Installation) -> None:
        """Keep an installation in place of an older one; Ellie is there again, if she had left.

        Raises BoltError where there is no bot's token, ConfigError where none can be kept.
        """
        key = _key_of(installation)
        if key is None or not installation.bot_token:
            raise BoltError("Slack gave no bot token.")
        async with self._lock(key):
            await self._keep(key, installation)
        if not installation.is_enterprise_install:
            await self._core.joined(PLATFORM, key)
            self._changed(key)
            return
        for space, granted in (await self.teams(key)).items():
            if granted:
                await self._core.joined(PLATFORM, space)
        self._changed(None)

    async def async_save_bot(self, bot: Bot) -> None:
        """Not needed: what Bolt would save here is saved by `token`."""

    async def async_find_bot(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        is_enterprise_install: bool | None = False,
    ) -> Bot | None:
        """The bot of a workspace or an organisation; its token is renewed already."""
        found = await self._find(team_id, enterprise_id, org_wide=bool(is_enterprise_install))
        if found is None:
            return None
        bot = found.to_bot()
        bot.bot_refresh_token = None  # so that nobody but `Rotation` renews it
        return bot

    async def async_find_installation(
        self,
        *,
        enterprise_id: str | None,
        team_id: str | None,
        user_id: str | None = None,
        is_enterprise_install: bool | None = False,
    ) -> Installation | None:
        """The same, as an installation; people's own tokens are not kept."""
        found = await self._find(team_id, enterprise_id, org_wide=bool(is_enterprise_install))
        if found is not None:
            found.bot_refresh_token = None
        return found

    async def async_delete_bot(self, *, enterprise_id: str | None, team_id: str | None) -> None:
        """Erase the token of the workspace; without a team id of the organisation."""
        if key := team_id or enterprise_id:
            await self.drop(key)

    async def async_delete_installation(
        self, *, enterprise_id: str | None, team_id: str | None, user_id: str | None = None
    ) -> None:
        """The same; of one person nothing is kept that could go."""
        if user_id is None:
            await self.async_delete_bot(enterprise_id=enterprise_id, team_id=team_id)

    # --- what is kept

    def _lock(self, key: str) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())

    async def _find(
        self, space: str | None, enterprise: str | None, *, org_wide: bool
    ) -> Installation | None:
        """The workspace's own installation, else that of the organisation."""
        if space and not org_wide and (own := await self._fresh(space)):
            return own
        if not enterprise and space:  # an event tells it, a turn of an earlier process does not
            enterprise = await self._core.noted(PLATFORM, space, "enterprise")
        if not enterprise:
            return None
        inside = space and space != enterprise
        if inside and not (await self.teams(enterprise)).get(str(space), True):
            return None
        found = await self._fresh(enterprise)
        if found is not None and inside:
            await self.note_teams(enterprise, [str(space)], granted=True)
            await self._core.note(PLATFORM, str(space), "enterprise", enterprise)
        return found

    async def _fresh(self, key: str) -> Installation | None:
        """What is kept by this id, with a token that is good for some time if one can be had."""
        held = await self._read(key)
        if held is None or not self._rotation.is_due(held):
            return held
        async with self._lock(key):
            held = await self._read(key)
            if held is None or not self._rotation.is_due(held):
                return held
            if bot := await self._rotation.renew(key, held):
                return await self._renewed(key, held, bot)
            if (held.bot_token_expires_at or 0) > self._clock():
                return held
            return await self._rotation.wait(held, lambda: self._read(key))

    async def _renewed(self, key: str, held: Installation, bot: Bot) -> Installation | None:
        """Keep a renewed token, unless Ellie was removed or installed anew meanwhile."""
        now = await self._read(key)
        if now is None or now.bot_refresh_token != held.bot_refresh_token:
            return now
        now.bot_token = bot.bot_token
        now.bot_refresh_token = bot.bot_refresh_token
        now.bot_token_expires_at = bot.bot_token_expires_at
        await self._keep(key, now)
        return now

    async def _read(self, key: str) -> Installation | None:
        kept = await self._core.token(PLATFORM, key)
        return None if kept is None else Installation(user_id="", **json.loads(kept))

    async def _keep(self, key: str, installation: Installation) -> None:
        values: dict[str, Any] = {name: getattr(installation, name) for name in KEPT}
        await self._core.keep_token(PLATFORM, key, json.dumps(values))


def _key_of(installation: Installation) -> str | None:
    if installation.is_enterprise_install:
        return installation.enterprise_id
    return installation.team_id
