"""Posts to Slack, and says in our own errors what Slack refused."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.finding import find_reply, metadata_of
from adapters.slack.markdown import blocks_of, fallback
from adapters.slack.normalise import PLATFORM, thread_of
from adapters.slack.refusals import (
    DEAD_TOKEN,
    NOT_CONNECTED,
    UNREACHABLE,
    is_for_later,
    needed,
    why,
)
from adapters.slack.workspaces import Workspace, Workspaces
from bot.errors import PlaceGone, PlatformError, PlatformRefused, PlatformUnavailable
from bot.types import Conversation, PendingTurn, TurnId

log = logging.getLogger(__name__)

TRIES = 3
PAY_SECONDS = 30
OWN_DELETIONS = 1000
_PLACE_GONE = {
    "channel_not_found", "not_in_channel", "is_archived", "restricted_action",
    "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
    "user_not_found", "cannot_dm_bot", "thread_not_found", "messages_tab_disabled",
    "restricted_action_non_threadable_channel", "restricted_action_thread_locked",
}  # fmt: skip
_SEALED = {"cant_update_message", "cant_delete_message", "edit_window_closed"}
Answer = TypeVar("Answer")


class MessageGone(Exception):
    """The message that was to be changed was deleted."""


class MessageSealed(Exception):
    """Slack does not let a message be changed any more; what it says stays."""


class NotStreaming(Exception):
    """Slack has closed the stream, or knows of none."""


class Unclear(Exception):
    """The connection broke: it may be done, or not."""


class Postbox:
    """The one place that posts, changes and deletes messages in conversations."""

    def __init__(self, workspaces: Workspaces, pace: float = 1.0) -> None:
        """`pace` 1: what failed is tried again after one second, then three."""
        self._workspaces = workspaces
        self._pace = pace
        self._owed: list[tuple[Conversation, str]] = []
        self._deleted: OrderedDict[tuple[str, str], None] = OrderedDict()

    # --- one message

    async def post(
        self,
        turn: PendingTurn,
        text: str,
        controls: Sequence[dict[str, Any]] = (),
        *,
        known: Sequence[str] = (),
    ) -> str:
        """Post Markdown as a message with these blocks below it; its `ts`.

        Where the connection breaks, it is looked for before it is posted again; `known` are the
        turn's other messages. Raises PlaceGone, PlatformRefused and PlatformUnavailable.
        """
        where = turn.conversation

        async def send(client: AsyncWebClient) -> str:
            told = await client.chat_postMessage(
                channel=where.channel,
                thread_ts=thread_of(where),
                blocks=blocks_of(text, controls),
                text=fallback(text),
                metadata=metadata_of(turn.id),
                unfurl_links=False,
                unfurl_media=False,
            )
            return str(told["ts"])

        for left in reversed(range(TRIES)):
            try:
                return await self._once(where, send)
            except (Unclear, PlatformUnavailable):
                await asyncio.sleep(3 ** (TRIES - 1 - left) * self._pace)
                posted = await self.find(turn)
                if posted and (new := [ts for ts in posted if ts not in known]):
                    return new[0]
                if posted is None or not left:
                    continue  # not known: what cannot be asked cannot be posted either
        raise PlatformUnavailable("Slack cannot be reached.")

    async def edit(
        self,
        where: Conversation,
        ts: str,
        text: str,
        turn: TurnId,
        controls: Sequence[dict[str, Any]] = (),
    ) -> None:
        """Let a message say this; doing it twice changes nothing.

        Raises MessageGone and MessageSealed as well.
        """

        async def change(client: AsyncWebClient) -> None:
            await client.chat_update(
                channel=where.channel,
                ts=ts,
                blocks=blocks_of(text, controls),
                text=fallback(text),
                metadata=metadata_of(turn),
            )

        await self._again(where, change)

    async def take_back(self, where: Conversation, ts: str) -> None:
        """Delete a message of Ellie's; nothing if it is gone."""

        async def delete(client: AsyncWebClient) -> None:
            self._note_deleted(where.channel, ts)
            await client.chat_delete(channel=where.channel, ts=ts)

        with suppress(MessageGone, MessageSealed):
            await self._again(where, delete)

    def deleted_it(self, channel: str, ts: str) -> bool:
        """Whether it was Ellie who deleted a message: then nobody took back what it says."""
        return (channel, ts) in self._deleted

    # --- a stream

    async def start_stream(self, turn: PendingTurn, thread: str, home: str, text: str) -> str:
        """Begin a message that grows; its `ts`. `home`: the team of whom it answers.

        Raises SlackApiError where Slack refuses it, and Unclear where the connection broke.
        """
        where = turn.conversation

        client = (await self._workspace(where)).client
        try:
            told = await client.chat_startStream(
                channel=where.channel,
                thread_ts=thread,
                recipient_team_id=home,
                recipient_user_id=turn.scope.user,
                markdown_text=text,
            )
        except NOT_CONNECTED as error:
            raise Unclear from error
        return str(told["ts"])

    async def append(self, where: Conversation, ts: str, text: str) -> None:
        """Let it grow by `text`. Raises NotStreaming, and Unclear where the connection broke."""

        async def grow(client: AsyncWebClient) -> None:
            await client.chat_appendStream(channel=where.channel, ts=ts, markdown_text=text)

        await self._once(where, grow)

    async def stop_stream(self, where: Conversation, ts: str, turn: TurnId) -> None:
        """End a stream. Raises as `append`."""

        async def stop(client: AsyncWebClient) -> None:
            await client.chat_stopStream(channel=where.channel, ts=ts, metadata=metadata_of(turn))

        await self._once(where, stop)

    async def find(self, turn: PendingTurn) -> list[str] | None:
        """What of a turn's reply was posted, though nobody told Ellie; None: it is not known."""
        try:
            return await find_reply(await self._workspace(turn.conversation), turn)
        except (*UNREACHABLE, PlatformError) as error:
            log.warning("looking for a reply that was posted before: %s", why(error))
            return None

    # --- what was forgotten

    def owe(self, where: Conversation, messages: Sequence[str]) -> None:
        """Messages are to be taken back: what they say was forgotten."""
        self._owed += [(where, ts) for ts in messages]

    async def pay(self) -> None:
        """Take back what is owed; what cannot be now stays owed."""
        for debt in list(self._owed):
            try:
                await self.take_back(*debt)
            except PlatformRefused:
                pass  # with all that stood there, or nothing can be done
            except PlatformUnavailable as error:
                log.warning("a message that was forgotten could not be taken back yet: %s", error)
                continue
            if debt in self._owed:
                self._owed.remove(debt)

    async def keep_paying(self) -> None:
        """Try again what is owed, until cancelled."""
        while True:
            await asyncio.sleep(PAY_SECONDS * self._pace)
            await self.pay()

    # --- trying

    async def _workspace(self, where: Conversation) -> Workspace:
        try:
            workspace = await self._workspaces.of(where.space)
        except UNREACHABLE as error:
            raise PlatformUnavailable("Slack cannot be reached.") from error
        if workspace is None:
            raise PlaceGone
        return workspace

    async def _once(
        self, where: Conversation, act: Callable[[AsyncWebClient], Awaitable[Answer]]
    ) -> Answer:
        """Do it; a token that has ended meanwhile is asked for anew."""
        try:
            try:
                return await act((await self._workspace(where)).client)
            except SlackApiError as error:
                if why(error) not in DEAD_TOKEN:
                    raise
                self._workspaces.forget(where.space)
                return await act((await self._workspace(where)).client)
        except SlackApiError as error:
            raise self._refused(where, error) from error
        except NOT_CONNECTED as error:
            raise Unclear from error

    async def _again(
        self, where: Conversation, act: Callable[[AsyncWebClient], Awaitable[Answer]]
    ) -> Answer:
        """What may be done twice is tried again."""
        for left in reversed(range(TRIES)):
            try:
                return await self._once(where, act)
            except (Unclear, PlatformUnavailable):
                if not left:
                    raise PlatformUnavailable("Slack cannot be reached.") from None
                await asyncio.sleep(3 ** (TRIES - 1 - left) * self._pace)
        raise AssertionError  # the last try returned or raised

    def _note_deleted(self, channel: str, ts: str) -> None:
        self._deleted[channel, ts] = None
        while len(self._deleted) > OWN_DELETIONS:
            self._deleted.popitem(last=False)

    def _refused(self, where: Conversation, error: SlackApiError) -> Exception:
        """What a refusal means for whoever posts."""
        said = why(error)
        if said in {"message_not_in_streaming_state", "streaming_state_conflict"}:
            return NotStreaming()
        if said == "message_not_found":
            return MessageGone()
        if said in _SEALED:
            return MessageSealed()
        if said in DEAD_TOKEN:
            self._workspaces.forget(where.space)
            log.warning("%s: Slack does not accept the token any more (%s)", PLATFORM, said)
            return PlaceGone()
        if said in _PLACE_GONE:
            log.warning("channel %s takes no messages (%s)", where.channel, said)
            return PlaceGone()
        if is_for_later(error):
            return PlatformUnavailable(f"Slack is not well ({said}).")
        if said == "missing_scope":
            said = f"{said}: {needed(error)}"
        log.warning("channel %s: Slack refused a message (%s)", where.channel, said)
        return PlatformRefused(f"Slack refused a message ({said}).")
