"""The guests of each workspace: people who cannot read all that is public in it."""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.refusals import UNREACHABLE
from adapters.slack.workspaces import Workspace

log = logging.getLogger(__name__)

LISTED_SECONDS = 3600
"""So long a list of a workspace's guests counts; each change is told of besides."""
WAIT_SECONDS = 2.0
"""So long a message waits for the list; until it is there, guests may be anywhere."""
PAGE = 1000


@dataclass(slots=True)
class _List:
    """`guests` None: not known (yet)."""

    guests: set[str] | None = None
    listed_at: float = 0
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
            log.warning("conversations.members: %s", type(error).__name__)
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
        known = self._lists.get(workspace.space)
        if known is None or time.monotonic() - known.listed_at > LISTED_SECONDS:
            known = self._lists[workspace.space] = _List(listed_at=time.monotonic())
            self._start(self._list(workspace, known))
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                await known.over.wait()
        except TimeoutError:
            return None
        return known.guests

    async def _list(self, workspace: Workspace, known: _List) -> None:
        found: set[str] = set()
        try:
            pages = await workspace.client.users_list(limit=PAGE, team_id=workspace.space)
            async for page in pages:
                found |= {
                    user["id"]
                    for user in page["members"]
                    if user.get("is_restricted") or user.get("is_ultra_restricted")
                }
            known.guests = found
        except UNREACHABLE as error:
            log.warning("users.list: %s", type(error).__name__)
        finally:
            known.over.set()
