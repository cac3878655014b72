"""A reply while it grows: as messages that are changed, or as a stream."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from adapters.slack.markdown import LIMIT
from adapters.slack.postbox import MessageSealed, Postbox
from adapters.slack.stop_button import stop_button
from adapters.wording.fences import Fence
from adapters.wording.splitting import signs, split
from bot.types import PendingTurn

ENOUGH = 8000
"""From so many characters on, a streamed message ends where a paragraph or a line does."""

Posted = Callable[[str], Awaitable[None]]


@dataclass(slots=True)
class Post:
    """One message as Slack has it. `content` None: it is not known what it says."""

    ts: str
    content: str | None
    button: bool = True


class Edited:
    """Messages that are posted, and changed as the text grows. What is said twice is said once."""

    def __init__(
        self,
        postbox: Postbox,
        turn: PendingTurn,
        posted: Posted,
        posts: Sequence[str] = (),
        *,
        before: Sequence[str] = (),
        start: int = 0,
        head: str = "",
        sealed_at: int | None = None,
    ) -> None:
        """It begins with `posts`, which say the text from `start` on, behind `head`.

        `before` are finished messages of the same reply. Up to `sealed_at` the text is shown even
        where the first of `posts` cannot be changed any more.
        """
        self._postbox = postbox
        self._turn = turn
        self._posted = posted
        self._posts = [Post(ts, None) for ts in posts]
        self._before = tuple(before)
        self._start = start
        self._head = head
        self._sealed_at = sealed_at

    @property
    def messages(self) -> tuple[str, ...]:
        """All messages of the reply, oldest first."""
        return (*self._before, *(post.ts for post in self._posts))

    async def write(self, text: str, *, last: bool) -> None:
        """Let the messages say `text`: change what differs, post what is new."""
        try:
            await self._write(text, last=last)
        except MessageSealed:
            if self._sealed_at is None:
                raise
            self._before = self.messages
            self._posts, self._start, self._head = [], self._sealed_at, ""
            self._sealed_at = None
            await self._write(text, last=last)

    async def _write(self, text: str, *, last: bool) -> None:
        parts = split(self._head + text[self._start :], LIMIT)
        where, turn = self._turn.conversation, self._turn
        for index, part in enumerate(parts):
            button = not last and index == len(parts) - 1
            controls = [stop_button(turn.id)] if button else []
            if index == len(self._posts):
                ts = await self._postbox.post(turn, part, controls, known=self.messages)
                self._posts.append(Post(ts, part, button))
                await self._posted(ts)
            post = self._posts[index]
            if (post.content, post.button) != (part, button):
                await self._postbox.edit(where, post.ts, part, turn.id, controls)
                post.content, post.button = part, button
        if parts:
            for post in self._posts[len(parts) :]:
                await self._postbox.take_back(where, post.ts)
            del self._posts[len(parts) :]


class Streamed:
    """Messages that grow in place. Where Slack has ended one, `edited` goes on with it."""

    def __init__(
        self, postbox: Postbox, turn: PendingTurn, thread: str, home: str, posted: Posted
    ) -> None:
        """`home`: the team of whom the reply answers."""
        self._postbox = postbox
        self._turn = turn
        self._thread = thread
        self._home = home
        self._posted = posted
        self._before: list[str] = []
        self._ts: str | None = None
        self._start = self._sent = 0
        self._head = ""

    @property
    def messages(self) -> tuple[str, ...]:
        """All messages of the reply, oldest first."""
        return (*self._before, *((self._ts,) if self._ts else ()))

    def adopt(self, ts: str) -> None:
        """The message that was to begin is there, though Slack did not answer."""
        self._ts = ts

    def edited(self) -> Edited:
        """The same reply from here on as messages that are changed."""
        return Edited(
            self._postbox,
            self._turn,
            self._posted,
            (self._ts,) if self._ts else (),
            before=self._before,
            start=self._start,
            head=self._head,
            sealed_at=self._sent,
        )

    async def write(self, text: str, *, last: bool) -> None:
        """Append what is new of `text`, which begins with all that was written before.

        Raises NotStreaming and Unclear: then `edited` is to be asked. What `Postbox.start_stream`
        refuses it raises, with nothing shown of the message that was to begin.
        """
        while True:
            fence, end, full = self._until(text)
            if end > self._sent:
                await self._grow(text[self._sent : end])
                self._sent = end
            if not full and not (last and self._ts):
                return
            await self._finish(fence, full=full)
            if not full:
                return
            while self._start < len(text) and text[self._start].isspace() and not self._head:
                self._start = self._sent = self._start + 1

    def _until(self, text: str) -> tuple[Fence, int, bool]:
        """What stands open there, where the message ends or the text does, and whether it is full.

        Full is one that has enough and ends a line outside code, or has no room for more.
        """
        fence = Fence()
        for sign, _ in signs(self._head):
            fence = fence.after(sign)
        for sign, end in signs(text, self._start):
            fence = fence.after(sign)
            length = end - self._start
            ends_line = sign.endswith("\n") and not fence.mark
            if end >= self._sent and length >= (ENOUGH if ends_line else LIMIT):
                return fence, end, end < len(text)
        return fence, len(text), False

    async def _grow(self, text: str) -> None:
        if self._ts is None:
            self._ts = await self._postbox.start_stream(
                self._turn, self._thread, self._home, self._head + text
            )
            await self._posted(self._ts)
        else:
            await self._postbox.append(self._turn.conversation, self._ts, text)

    async def _finish(self, fence: Fence, *, full: bool) -> None:
        """End the message. A code fence that is open is closed, and opened again in the next."""
        where, ts = self._turn.conversation, self._ts
        assert ts is not None  # something was written
        if tail := fence.tail():
            await self._postbox.append(where, ts, tail)
        await self._postbox.stop_stream(where, ts, self._turn.id)
        if full:
            self._before.append(ts)
            self._ts, self._start = None, self._sent
            self._head = fence.reopened().head(LIMIT)
