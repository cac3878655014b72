"""What Slack hands to the app: an event, a slash command, an interaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from tests.servers.slack.ground import Json, Timer

ANSWER_WITHIN = 3.0
RETRY_AFTER = (0.0, 60.0, 300.0)
"""Seconds of the clock after each failed delivery of an event; then it is lost."""


class Kind(StrEnum):
    """The envelope's type in Socket Mode."""

    EVENT = "events_api"
    COMMAND = "slash_commands"
    INTERACTIVE = "interactive"


class State(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    ACKED = "acked"
    LOST = "lost"


@dataclass(slots=True, eq=False)
class Parcel:
    """One thing to deliver. `answer` is what the acknowledgement carried, None where nothing.

    `attempts` counts the deliveries, `reason` says why there was more than one. A command or an
    interaction is never delivered again: the person sees an error, which is `lost` here.
    """

    id: str
    kind: Kind
    payload: Json
    accepts_answer: bool = False
    state: State = State.WAITING
    attempts: int = 0
    reason: str = ""
    answer: Json | str | None = None
    done: Callable[["Parcel"], None] | None = None
    timer: Timer | None = None
    final: bool = False
    """The app asked not to be told again (X-Slack-No-Retry)."""
    socket: object = None
    ack_sockets: list[object] = field(default_factory=list)
    acked_at: float | None = None
    """When it was acknowledged first, on the machine's monotonic clock."""

    @property
    def acked(self) -> bool:
        return self.state is State.ACKED

    @property
    def lost(self) -> bool:
        return self.state is State.LOST

    @property
    def event_id(self) -> str:
        return str(self.payload.get("event_id", ""))

    @property
    def event(self) -> Json:
        """The inner event; empty for a command or an interaction."""
        found: Json = self.payload.get("event", {})
        return found
