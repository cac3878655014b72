"""Shows that Ellie is at work: the session's status where Slack has sessions, else a thread's."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from weakref import WeakValueDictionary

from slack_sdk.errors import SlackApiError

from adapters.slack.refusals import NOT_HERE, UNREACHABLE, why
from adapters.slack.workspaces import Workspace, Workspaces

log = logging.getLogger(__name__)

AT_WORK = "is thinking…"
MOST_KNOWN = 10_000
Way = Callable[[Workspace, str, str, bool], Awaitable[object]]


class Status:
    """What is shown is only shown: nothing here raises."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._ways: tuple[Way, ...] = (_session, _thread)
        self._first: dict[str, int] = {}
        self._shown: OrderedDict[tuple[str, str, str], Way] = OrderedDict()
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def show(self, space: str, channel: str, thread: str, *, at_work: bool) -> None:
        """Show it in a thread (or for a message that begins none). In order, each thread.

        That she is at work no longer is shown where it was, and in the way in which it was.
        """
        lock = self._locks.setdefault((channel, thread), asyncio.Lock())
        async with lock:
            way = self._shown.pop((space, channel, thread), None)
            if not at_work and way is None:
                return
            try:
                workspace = await self._workspaces.of(space)
                if workspace is None:
                    return
                if at_work:
                    await self._begin(workspace, channel, thread)
                elif way is not None:
                    await way(workspace, channel, thread, False)
            except UNREACHABLE as error:
                log.debug("status: %s", why(error))

    async def _begin(self, workspace: Workspace, channel: str, thread: str) -> None:
        """The newer way, then the older, then none: what a workspace has not is not tried again."""
        space = workspace.space
        for level in range(self._first.get(space, 0), len(self._ways)):
            self._note(space, channel, thread, self._ways[level])
            try:
                await self._ways[level](workspace, channel, thread, True)
            except SlackApiError as error:
                del self._shown[space, channel, thread]
                if why(error) not in NOT_HERE:
                    raise
                log.info("status: %s", why(error))
                self._first[space] = max(self._first.get(space, 0), level + 1)
            else:
                return

    def _note(self, space: str, channel: str, thread: str, way: Way) -> None:
        self._shown[space, channel, thread] = way
        while len(self._shown) > MOST_KNOWN:
            self._shown.popitem(last=False)


async def _session(workspace: Workspace, channel: str, thread: str, at_work: bool) -> None:
    await workspace.client.agents_sessions_setStatus(
        channel_id=channel, thread_ts=thread, status="processing" if at_work else "active"
    )


async def _thread(workspace: Workspace, channel: str, thread: str, at_work: bool) -> None:
    await workspace.client.assistant_threads_setStatus(
        channel_id=channel, thread_ts=thread, status=AT_WORK if at_work else ""
    )
