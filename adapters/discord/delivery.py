"""One reply, streamed into messages: first words at once, edits at a pace, the last one always."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import discord

from adapters.discord.normalise import DM_SPACE
from adapters.discord.postbox import MessageGone, Postbox
from adapters.discord.stop_button import stop_view
from adapters.wording.splitting import split
from bot.errors import PlatformError
from bot.ports import ERASED
from bot.types import PendingTurn

EDIT_SECONDS = 1.0
FIRST_SECONDS = 0.5
FIRST_TYPING_SECONDS = 2.0
TYPING_SECONDS = 8.0
CLEAN_UP_SECONDS = 10
NO_ANSWER = "(no answer)"
STOPPED = "\n-# stopped"
_NONCE_LENGTH = 25


@dataclass(slots=True)
class Post:
    """One message as Discord has it."""

    id: int
    content: str
    button: bool


class Delivery:
    """A reply on its way into a channel. `pace` 1: edits a second apart."""

    def __init__(
        self,
        postbox: Postbox,
        turn: PendingTurn,
        posted: Callable[[int], Awaitable[None]],
        *,
        pace: float = 1.0,
        ending: str = "",
        tries: int = 0,
    ) -> None:
        """`posted` is told each new message. `ending` follows the reply. `tries` before this."""
        self._postbox = postbox
        self._turn = turn
        self._posted = posted
        self._pace = pace
        self._ending = ending
        self._tries = tries
        self._posts = [Post(int(event_id), "", True) for event_id in turn.shown]
        self._under_way: int | None = None
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
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._type())
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
            await self._write(self._text.strip() + self._ending, streaming=False)
        except asyncio.CancelledError as error:
            await self._clean_up(forgotten=ERASED in error.args)
            raise
        except PlatformError:
            raise
        except Exception:
            if self._text.strip():
                with suppress(PlatformError, MessageGone):
                    await self._write(self._text.strip(), streaming=False)
            raise

    async def _type(self) -> None:
        """Typing, shown since the message came, goes on until there is something to read."""
        await _wait(self._begun, FIRST_TYPING_SECONDS)
        while not self._begun.is_set():
            await self._postbox.show_typing(self._turn.conversation)
            await _wait(self._begun, TYPING_SECONDS)

    async def _show_at_a_pace(self) -> None:
        await self._begun.wait()
        await _wait(self._over, FIRST_SECONDS * self._pace)
        while not self._over.is_set():
            self._changed.clear()
            await self._write(self._text.strip(), streaming=True)
            await asyncio.sleep(EDIT_SECONDS * self._pace)
            await self._changed.wait()

    async def _write(self, text: str, *, streaming: bool) -> None:
        """Make the messages say `text`: edit what differs, post what is new."""
        parts = split(_closed(text) if streaming else text)
        if not parts:
            if streaming:
                return
            parts = [NO_ANSWER]
        for index, part in enumerate(parts):
            button = streaming and index == len(parts) - 1
            if index == len(self._posts):
                await self._post(index, part, button=button)
            post = self._posts[index]
            if (post.content, post.button) != (part, button):
                await self._postbox.edit(self._turn.conversation, post.id, part, self._view(button))
                post.content, post.button = part, button
        for post in self._posts[len(parts) :]:
            await self._postbox.take_back(self._turn.conversation, post.id)
        del self._posts[len(parts) :]

    async def _post(self, index: int, part: str, *, button: bool) -> None:
        turn = self._turn
        self._under_way = index
        replies = index == 0 and turn.conversation.space != DM_SPACE and turn.event_id.isdecimal()
        identity, content = await self._postbox.post(
            turn.conversation,
            part,
            nonce=self._nonce(index),
            reply_to=int(turn.event_id) if replies else None,
            view=self._view(button),
        )
        self._posts.append(Post(identity, content, button))
        self._under_way = None
        await self._posted(identity)

    def _nonce(self, index: int) -> str:
        """The same for the same message of the same try, so that Discord posts it once."""
        turn = self._turn
        named = f"{turn.conversation.key}:{turn.event_id}:{turn.id}:{self._tries}:{index}"
        return hashlib.sha256(named.encode()).hexdigest()[:_NONCE_LENGTH]

    def _view(self, button: bool) -> discord.ui.View | None:
        return stop_view(self._turn) if button else None

    async def _clean_up(self, *, forgotten: bool) -> None:
        """After a stop. Where a post was under way, its nonce finds it."""
        with suppress(PlatformError, MessageGone, TimeoutError):
            async with asyncio.timeout(CLEAN_UP_SECONDS):
                if forgotten:
                    await self._take_back()
                elif self._text.strip():
                    await self._write(self._text.strip() + STOPPED, streaming=False)

    async def _take_back(self) -> None:
        """Delete all of it; what cannot be deleted now is tried again until it can."""
        where = self._turn.conversation
        self._postbox.owe(where, [post.id for post in self._posts])
        if self._under_way is not None:
            await self._post(self._under_way, "…", button=False)
            self._postbox.owe(where, [self._posts[-1].id])
        await self._postbox.pay()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


def _closed(text: str) -> str:
    """`text` with its last code fence closed, as long as it is being written."""
    return f"{text}\n```" if text.count("```") % 2 else text
