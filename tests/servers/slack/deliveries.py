"""Handing parcels to the app: by a socket or by signed HTTP, again where nobody acknowledged."""

import time
from collections.abc import Callable
from typing import Protocol

from tests.servers.slack.ground import Ground
from tests.servers.slack.parcels import ANSWER_WITHIN, RETRY_AFTER, Kind, Parcel, State


class Carrier(Protocol):
    """A way to the app. `late` is its word for an acknowledgement that did not come."""

    late: str

    def carry(self, parcel: Parcel) -> bool:
        """Send it; False: there is no way now, it waits."""


class Deliveries:
    """Every parcel from the first attempt to the acknowledgement, or to its loss.

    An event that nobody acknowledges within 3 s of the clock is sent again: at once, a minute
    later, five minutes later. Without a way to the app events wait, and go out when there is one.
    """

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self.carrier: Carrier | None = None
        self.parcels: list[Parcel] = []
        self.holding = False
        """True: events are kept back until `release`."""

    def send(self, parcel: Parcel) -> None:
        """Deliver it for the first time. `holding` keeps events back, commands never."""
        self.parcels.append(parcel)
        if not (self.holding and parcel.kind is Kind.EVENT):
            self._attempt(parcel)

    def release(self, order: Callable[[list[Parcel]], list[Parcel]] = list) -> None:
        """Send what was kept back, in this order."""
        self.holding = False
        for parcel in order(self.waiting):
            self._attempt(parcel)

    @property
    def waiting(self) -> list[Parcel]:
        return [p for p in self.parcels if p.state is State.WAITING]

    def flush(self) -> None:
        """There is a way to the app (again): what was never sent goes out."""
        if not self.holding:
            for parcel in self.waiting:
                if parcel.timer is None:
                    self._attempt(parcel)

    def again(self, parcel: Parcel) -> None:
        """Deliver it once more, as Slack does although it was acknowledged. Same event_id."""
        parcel.reason = "timeout"
        self._attempt(parcel)

    def acked(self, parcel: Parcel, answer: object) -> None:
        """The app has taken it."""
        if parcel.state is State.SENT:
            parcel.state = State.ACKED
            parcel.acked_at = parcel.acked_at or time.monotonic()
            parcel.answer = answer if isinstance(answer, dict | str) else None
            self._end(parcel)

    def failed(self, parcel: Parcel, reason: str, *, at_once: bool = False) -> None:
        """It was not acknowledged. `at_once`: its socket is gone, the next one gets it."""
        if parcel.state is not State.SENT:
            return
        self._stop(parcel)
        parcel.reason = reason
        if parcel.kind is not Kind.EVENT or parcel.attempts > len(RETRY_AFTER) or parcel.final:
            self.lose(parcel)
            return
        parcel.state = State.WAITING
        delay = 0.0 if at_once else RETRY_AFTER[parcel.attempts - 1]
        if delay:
            parcel.timer = self._ground.clock.after(delay, lambda: self._attempt(parcel))
        else:
            self._attempt(parcel)

    def lose(self, parcel: Parcel) -> None:
        """Nobody will get it any more."""
        parcel.state = State.LOST
        self._end(parcel)

    def _attempt(self, parcel: Parcel) -> None:
        self._stop(parcel)
        before = parcel.state
        parcel.state = State.SENT
        parcel.attempts += 1
        if self.carrier is None or not self.carrier.carry(parcel):
            parcel.attempts -= 1
            parcel.state = before if before is State.ACKED else State.WAITING
            if parcel.kind is not Kind.EVENT:
                parcel.reason = "no way to the app"
                self.lose(parcel)
        elif before is State.ACKED:
            parcel.state = State.ACKED
        else:
            self._expect(parcel, self.carrier.late)
        self._ground.changed()

    def _expect(self, parcel: Parcel, late: str) -> None:
        clock = self._ground.clock
        parcel.timer = clock.after(ANSWER_WITHIN, lambda: self.failed(parcel, late))

    def _stop(self, parcel: Parcel) -> None:
        if parcel.timer is not None:
            parcel.timer.cancel()
            parcel.timer = None

    def _end(self, parcel: Parcel) -> None:
        self._stop(parcel)
        if parcel.done is not None:
            parcel.done(parcel)
        self._ground.changed()
