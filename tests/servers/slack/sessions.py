"""Agent sessions and streams: what a thread shows while the app is at work."""

from dataclasses import dataclass
from enum import StrEnum

from tests.servers.slack.ground import Clock, Timer
from tests.servers.slack.messages import Message
from tests.servers.slack.telling import Telling

STREAM_LIVES = 300.0
"""Seconds of the clock from its start; appends do not lengthen it. Seen, and not documented."""
STATUS_LIVES = 120.0


class Mode(StrEnum):
    """A stream keeps to the way its text came first."""

    MARKDOWN = "markdown_text"
    CHUNKS = "chunks"


class End(StrEnum):
    """Why a stream takes nothing more."""

    STOPPED = "stopped"
    BY_USER = "stopped by the user"
    OLD = "five minutes old"


@dataclass(slots=True, eq=False)
class Stream:
    """A message that is being streamed. `end` None: it takes more."""

    message: Message
    mode: Mode | None = None
    end: End | None = None
    timer: Timer | None = None


@dataclass(slots=True, eq=False)
class Session:
    """An agent session of a thread. `status` is one of the enum's four."""

    status: str
    title: str = ""


class Sessions(Telling):
    """What the threads show. A thread is (channel, thread_ts)."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.agent_sessions: dict[tuple[str, str], Session] = {}
        self.statuses: list[tuple[str, str, str]] = []
        """Every status that was set, oldest first: (channel, thread, status)."""
        self.prompts: dict[tuple[str, str], list[dict[str, str]]] = {}
        """Suggested prompts by (channel, thread); thread "": of the Messages tab."""
        self.titles: dict[tuple[str, str], str] = {}
        self.streams: dict[tuple[str, str], Stream] = {}
        self._free_text: dict[tuple[str, str], tuple[str, Timer]] = {}

    def status(self, channel: str, thread: str) -> str:
        """What the thread shows now: "processing", "active", … or the text that
        assistant.threads.setStatus gave, until it is cleared; "" for nothing."""
        free = self._free_text.get((channel, thread))
        session = self.agent_sessions.get((channel, thread))
        return free[0] if free else session.status if session else ""

    def show_status(self, channel: str, thread: str, text: str) -> None:
        """Free text: it goes when the app posts there, and after two minutes."""
        self.statuses.append((channel, thread, text))
        self.clear_status(channel, thread)
        if text:
            timer = self.clock.after(STATUS_LIVES, lambda: self.clear_status(channel, thread))
            self._free_text[(channel, thread)] = (text, timer)
        self.changed()

    def clear_status(self, channel: str, thread: str) -> None:
        if (shown := self._free_text.pop((channel, thread), None)) is not None:
            shown[1].cancel()
            self.changed()

    def set_session(self, channel: str, thread: str, status: str, title: str = "") -> Session:
        """Set it, or begin it: only then the title counts."""
        session = self.agent_sessions.setdefault((channel, thread), Session(status, title))
        session.status = status
        self.statuses.append((channel, thread, status))
        self.changed()
        return session

    def place(self, message: Message, *, mention: bool = True) -> None:
        super().place(message, mention=mention)
        if message.bot_id is not None and message.thread_ts:
            self.clear_status(message.channel, message.thread_ts)

    def begin_stream(self, message: Message, mode: Mode | None) -> None:
        stream = Stream(message, mode)
        message.streaming = True
        stream.timer = self.clock.after(STREAM_LIVES, lambda: self.end_stream(stream, End.OLD))
        self.streams[(message.channel, message.ts)] = stream
        if message.thread_ts:
            self.set_session(message.channel, message.thread_ts, "processing")

    def end_stream(self, stream: Stream, end: End) -> None:
        """It takes nothing more; what was appended stays."""
        if stream.end is None:
            stream.end = end
            stream.message.streaming = False
            if stream.timer is not None:
                stream.timer.cancel()
            self.changed()

    def open_streams(self, channel: str, thread: str) -> list[Stream]:
        held = [s for s in self.streams.values() if s.end is None]
        return [s for s in held if (s.message.channel, s.message.thread_ts) == (channel, thread)]
