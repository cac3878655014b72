"""Shows that Ellie is at work: the session's status where Slack has sessions, else a thread's."""

import asyncio
import logging
from weakref import WeakValueDictionary

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

from adapters.slack.refusals import is_for_later, why
from adapters.slack.workspaces import Workspace, Workspaces

log = logging.getLogger(__name__)

AT_WORK = "is thinking…"
_NOT_HERE = {"channel_not_found", "thread_not_found", "not_in_channel", "invalid_thread_ts"}


class Status:
    """What is shown is only shown: nothing here raises."""

    def __init__(self, workspaces: Workspaces) -> None:
        self._workspaces = workspaces
        self._refused: dict[str, int] = {}
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def show(self, space: str, channel: str, thread: str, *, at_work: bool) -> None:
        """Show it in a thread (or for a message that begins none). In order, each thread."""
        lock = self._locks.setdefault((channel, thread), asyncio.Lock())
        async with lock:
            try:
                workspace = await self._workspaces.of(space)
                if workspace is not None:
                    await self._show(workspace, channel, thread, at_work=at_work)
            except (SlackClientError, aiohttp.ClientError, OSError, TimeoutError) as error:
                log.debug("status: %s", why(error))

    async def _show(
        self, workspace: Workspace, channel: str, thread: str, *, at_work: bool
    ) -> None:
        """The newer way, then the older, then none: what a workspace refuses is not tried again."""
        ways = (self._session, self._thread)
        for way in ways[self._refused.get(workspace.space, 0) :]:
            try:
                await way(workspace, channel, thread, at_work=at_work)
            except SlackApiError as error:
                said = why(error)
                if is_for_later(error) or said in _NOT_HERE:
                    return
                log.info("status: %s", said)
                self._refused[workspace.space] = self._refused.get(workspace.space, 0) + 1
            else:
                return

    @staticmethod
    async def _session(workspace: Workspace, channel: str, thread: str, *, at_work: bool) -> None:
        await workspace.client.agents_sessions_setStatus(
            channel_id=channel, thread_ts=thread, status="processing" if at_work else "active"
        )

    @staticmethod
    async def _thread(workspace: Workspace, channel: str, thread: str, *, at_work: bool) -> None:
        await workspace.client.assistant_threads_setStatus(
            channel_id=channel, thread_ts=thread, status=AT_WORK if at_work else ""
        )
