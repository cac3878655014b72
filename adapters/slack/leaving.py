"""Ellie is removed from a workspace, or from an organisation: tokens go at once."""

import logging
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncApp

from adapters.slack.installations import Installations
from adapters.slack.normalise import PLATFORM
from adapters.slack.workspaces import Workspaces
from bot.ports import Core

log = logging.getLogger(__name__)


class Leaving:
    """Hears of removals and returns. All of it may be told again, late, and in any order."""

    def __init__(
        self, core: Core, workspaces: Workspaces, installations: Installations | None
    ) -> None:
        """`installations` None: the one token is in the settings."""
        self._core = core
        self._workspaces = workspaces
        self._installations = installations

    def register(self, app: AsyncApp) -> None:
        """Listen to the events that tell of it."""
        app.event("app_uninstalled")(self.uninstalled)
        app.event("tokens_revoked")(self.revoked)
        app.event("team_access_revoked")(self.shut_out)
        app.event("team_access_granted")(self.let_in)

    async def uninstalled(self, body: Mapping[str, Any]) -> None:
        """The app was removed."""
        space, enterprise, org_wide = where_of(body)
        key = enterprise if org_wide else space
        if key is None or await self._works_still(key, enterprise, body):
            return
        if org_wide:
            await self.leave_organisation(key)
        else:
            await self.leave(key, enterprise)

    async def revoked(self, body: Mapping[str, Any]) -> None:
        """Tokens were taken back; those of people are none of Ellie's."""
        if (_event(body).get("tokens") or {}).get("bot"):
            await self.uninstalled(body)

    async def shut_out(self, body: Mapping[str, Any]) -> None:
        """An organisation took workspaces away from the app."""
        enterprise = where_of(body)[1]
        spaces = _event(body).get("team_ids") or []
        if enterprise is not None and self._installations is not None:
            await self._installations.note_teams(enterprise, spaces, granted=False)
        for space in spaces:
            await self.leave(space, enterprise)

    async def let_in(self, body: Mapping[str, Any]) -> None:
        """An organisation gave the app workspaces."""
        enterprise = where_of(body)[1]
        spaces = _event(body).get("team_ids") or []
        if enterprise is not None and self._installations is not None:
            await self._installations.note_teams(enterprise, spaces, granted=True)
        for space in spaces:
            await self._core.joined(PLATFORM, space)

    async def leave(self, space: str, enterprise: str | None = None) -> None:
        """Forget the workspace's token; start the delay of its purge, unless Ellie is there still.

        She is where the app is installed in the whole organisation too.
        """
        if self._installations is not None:
            await self._installations.drop(space)
            if await self._installations.covers(space, enterprise):
                return
        self._workspaces.forget(space)
        await self._core.left(PLATFORM, space)
        log.info("removed from %s: its token is erased, the rest goes after the purge delay", space)

    async def leave_organisation(self, enterprise: str) -> None:
        """The same for all workspaces of an organisation that were heard of."""
        if self._installations is not None:
            await self._installations.drop(enterprise)
            for space in await self._installations.teams(enterprise):
                await self.leave(space, enterprise)

    async def _works_still(self, key: str, enterprise: str | None, body: Mapping[str, Any]) -> bool:
        """Whether it tells of an installation before the one that works now."""
        if self._installations is None:
            self._workspaces.forget(key)
            return await self._workspaces.of(key, enterprise) is not None
        since = await self._installations.installed_at(key)
        told_at = body.get("event_time")
        if since is None or not isinstance(told_at, int | float) or told_at > since:
            return False
        return await self._installations.works(key)


def where_of(body: Mapping[str, Any]) -> tuple[str | None, str | None, bool]:
    """The team id, the enterprise id, and whether the app was in the whole organisation."""
    given: Mapping[str, Any] = next(iter(body.get("authorizations") or []), {})
    space, enterprise = body.get("team_id"), body.get("enterprise_id")
    space = space or given.get("team_id")
    enterprise = enterprise or given.get("enterprise_id") or _event(body).get("enterprise_id")
    told = given.get("is_enterprise_install", body.get("is_enterprise_install"))
    if space is not None and str(space).startswith("E"):
        return None, space, True
    return space, enterprise, bool(told and told != "false") or (space is None)


def _event(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event; Slack's reference shows some of these one layer deeper."""
    event: Mapping[str, Any] = body.get("event") or {}
    inner = event.get("event")
    return inner if isinstance(inner, Mapping) else event
