"""One reply, shown as it comes: first words at once, more at a pace, the whole of it at the end."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

from slack_sdk.errors import SlackApiError

from adapters.slack.drafts import Edited, Streamed
from adapters.slack.markdown import neutral, settled
from adapters.slack.normalise import thread_of
from adapters.slack.postbox import MessageGone, MessageSealed, NotStreaming, Postbox, Unclear
from adapters.slack.refusals import is_for_later, why
from adapters.slack.streams import Streams
from bot.errors import PlatformError, PlatformRefused, PlatformUnavailable
from bot.ports import ERASED
from bot.types import PendingTurn

log = logging.getLogger(__name__)

EDIT_SECONDS = 1.2
"""`chat.update` may be called some 50 times a minute in a workspace (S7)."""
FIRST_SECONDS = 0.5
CLEAN_UP_SECONDS = 10
NO_ANSWER = "(no answer)"
STOPPED = "\n\n_stopped_"
Posted = Callable[[str], Awaitable[None]]


class Delivery:
    """A reply on its way into a conversation. `pace` 1: changes 1.2 seconds apart."""

    def __init__(
        self,
        postbox: Postbox,
        streams: Streams,
        turn: PendingTurn,
        posted: Posted,
        *,
        pace: float = 1.0,
        recovered: bool = False,
        home: str | None = None,
    ) -> None:
        """`posted` is told each new message. `recovered`: an earlier process had begun it.

        `home`: the team of whom it answers, where that is not the workspace's.
        """
        self._postbox = postbox
        self._streams = streams
        self._turn = turn
        self._posted = posted
        self._pace = pace
        self._recovered = recovered
        self._home = home or turn.conversation.space
        self._draft: Edited | Streamed = Edited(postbox, turn, posted)
        self._text = ""
        self._begun = asyncio.Event()
        self._changed = asyncio.Event()
        self._over = asyncio.Event()

    async def show(self, pieces: AsyncIterator[str]) -> None:
        """Post the reply as its pieces come. Raises PlatformError and what `pieces` raise.

        Stopped, it shows what came; stopped because something was forgotten, it is taken back.
        Raises MessageGone where somebody deleted it meanwhile.
        """
        try:
            self._draft = await self._begin()
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._show_at_a_pace())
                    async for piece in pieces:
                        self._text += piece
                        self._changed.set()
                        if self._text.strip():
                            self._begun.set()
                    self._over.set()
                    self._begun.set()
                    self._changed.set()
            except ExceptionGroup as errors:
                raise errors.exceptions[0] from None
            await self._write(self._text.strip() or NO_ANSWER, last=True)
        except asyncio.CancelledError as error:
            await self._clean_up(forgotten=ERASED in error.args)
            raise
        except PlatformError:
            raise
        except Exception:
            if self._text.strip():
                with suppress(PlatformError, MessageGone):
                    await self._write(self._text.strip(), last=True)
            raise

    async def _begin(self) -> Edited | Streamed:
        """How the reply is to be shown: what an earlier try had begun is changed."""
        turn = self._turn
        shown = list(turn.shown)
        if self._recovered and not shown:
            shown = await self._postbox.find(turn) or []
            for ts in shown:
                await self._posted(ts)
        if shown:
            await self._end_stream(shown[-1])
            return Edited(self._postbox, turn, self._posted, shown)
        thread = thread_of(turn.conversation)
        if thread is None or not self._streams.may(turn.conversation):
            return Edited(self._postbox, turn, self._posted)
        return Streamed(self._postbox, turn, thread, self._home, self._posted)

    async def _show_at_a_pace(self) -> None:
        await self._begun.wait()
        await _wait(self._over, FIRST_SECONDS * self._pace)
        while not self._over.is_set():
            self._changed.clear()
            await self._write(settled(self._text.strip()), last=False)
            await asyncio.sleep(EDIT_SECONDS * self._pace)
            await self._changed.wait()

    async def _write(self, text: str, *, last: bool) -> None:
        """Show the text so far, the other way where Slack does not let it grow as a stream."""
        if not text:
            return
        text = neutral(text)
        try:
            await self._try(text, last=last)
        except MessageSealed:
            raise PlatformRefused("Slack does not let me change my message any more.") from None

    async def _try(self, text: str, *, last: bool) -> None:
        draft = self._draft
        if isinstance(draft, Edited):
            await self._change(draft, text, last=last)
            return
        try:
            await draft.write(text, last=last)
        except (NotStreaming, Unclear, PlatformError) as error:
            log.info("a stream was cut (%s): its message is changed instead", type(error).__name__)
            await self._go_on(draft)
        except SlackApiError as error:
            log.info("no stream (%s): a message is changed instead", why(error))
            self._streams.refused(self._turn.conversation, error)
            if is_for_later(error):  # it may have begun all the same
                await self._go_on(draft)
            self._draft = draft.edited()
        else:
            return
        await self._try(text, last=last)

    async def _change(self, draft: Edited, text: str, *, last: bool) -> None:
        """What Slack still takes for a stream is ended first."""
        try:
            await draft.write(text, last=last)
        except NotStreaming:
            for ts in draft.messages:
                await self._end_stream(ts)
            try:
                await draft.write(text, last=last)
            except NotStreaming:
                raise PlatformUnavailable("Slack does not end a message.") from None

    async def _go_on(self, draft: Streamed) -> None:
        """From a stream that was cut to messages that are changed.

        One whose beginning had no answer may be there all the same: then it is found.
        """
        known = draft.messages
        if not known:
            for ts in await self._postbox.find(self._turn) or []:
                draft.adopt(ts)
                await self._posted(ts)
        if draft.messages:
            await self._end_stream(draft.messages[-1])
        self._draft = draft.edited()

    async def _end_stream(self, ts: str) -> None:
        """A message that may still be a stream is none afterwards."""
        with suppress(NotStreaming, Unclear, MessageGone, MessageSealed, PlatformError):
            await self._postbox.stop_stream(self._turn.conversation, ts, self._turn.id)

    async def _clean_up(self, *, forgotten: bool) -> None:
        """After a stop, which may have come in the middle of a call."""
        with suppress(PlatformError, MessageGone, TimeoutError):
            async with asyncio.timeout(CLEAN_UP_SECONDS):
                if isinstance(self._draft, Streamed):
                    await self._go_on(self._draft)
                if forgotten:
                    await self._take_back()
                elif self._text.strip():
                    await self._write(self._text.strip() + STOPPED, last=True)

    async def _take_back(self) -> None:
        """Delete all of it; what cannot be deleted now is tried again until it can."""
        found = await self._postbox.find(self._turn) or []
        self._postbox.owe(
            self._turn.conversation, list(dict.fromkeys([*self._draft.messages, *found]))
        )
        await self._postbox.pay()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
