"""The guests of each workspace: people who cannot read all that is public in it."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.workspaces import Workspace

log = logging.getLogger(__name__)

LISTED_SECONDS = 3600
"""So long a list of a workspace's guests counts; each change is told of besides."""
WAIT_SECONDS = 2.0
"""So long a message waits for the list; until it is there, guests may be anywhere."""
PAGE = 1000


AGAIN_SECONDS = 60
"""After so long it is listed again where Slack could not be asked."""


@dataclass(slots=True)
class _List:
    """`guests` None: not known yet. `due`: when it is to be listed again (monotonic)."""

    guests: set[str] | None = None
    due: float = 0
    under_way: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Guests:
    """Lists them once a workspace and hour, and asks who of them is in a channel."""

    def __init__(self, start: Callable[[Coroutine[Any, Any, None]], object]) -> None:
        """`start` runs the listing, which may take minutes in a workspace of many thousands."""
        self._start = start
        self._lists: dict[str, _List] = {}

    async def among(self, workspace: Workspace, channel: str) -> bool:
        """Whether a channel holds guests; where it cannot be known, it does."""
        guests = await self._of(workspace)
        if not guests:
            return guests is None
        try:
            pages = await workspace.client.conversations_members(channel=channel, limit=PAGE)
            async for page in pages:
                if guests.intersection(page["members"]):
                    return True
        except UNREACHABLE as error:
            log.warning("conversations.members: %s", why(error))
            return True
        return False

    def told(self, space: str, user: Mapping[str, Any]) -> None:
        """A user object says whether somebody is a guest now."""
        known = self._lists.get(space)
        if known is None or known.guests is None:
            return
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            known.guests.add(user["id"])
        else:
            known.guests.discard(user["id"])

    async def _of(self, workspace: Workspace) -> set[str] | None:
        """The guests, by the newest whole list; None: there is none yet."""
        known = self._lists.setdefault(workspace.space, _List())
        if time.monotonic() >= known.due and not known.under_way:
            known.under_way = True
            self._start(self._list(workspace, known))
        if known.guests is None and known.under_way:
            known.over.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(WAIT_SECONDS):
                    await known.over.wait()
        return known.guests

    async def _list(self, workspace: Workspace, known: _List) -> None:
        found: set[str] = set()
        wait = AGAIN_SECONDS
        try:
            pages = await workspace.client.users_list(limit=PAGE, team_id=workspace.space)
            async for page in pages:
                found |= {
                    user["id"]
                    for user in page["members"]
                    if user.get("is_restricted") or user.get("is_ultra_restricted")
                }
            known.guests = found
            wait = LISTED_SECONDS
        except UNREACHABLE as error:
            log.warning("users.list: %s", why(error))
        finally:
            known.due = time.monotonic() + wait
            known.under_way = False
            known.over.set()
