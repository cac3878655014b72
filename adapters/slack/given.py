"""The replies that are being given, and how they are stopped."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from adapters.slack.events import space_of
from adapters.slack.normalise import conversation_of, thread_of
from adapters.slack.office import Asked
from adapters.slack.status import Status
from bot.ports import Core
from bot.types import PendingTurn, TurnId

STOPS_KNOWN = 1000
NOT_YOURS = "Only whom I answer, or who manages this workspace, can stop me."


class Given:
    """Knows what is being shown right now."""

    def __init__(self, core: Core, status: Status) -> None:
        self._core = core
        self._status = status
        self._turns: dict[TurnId, PendingTurn] = {}
        self._stops: OrderedDict[tuple[str, str, str], str] = OrderedDict()

    def begin(self, turn: PendingTurn) -> None:
        """A turn's reply is being shown from now on."""
        self._turns[turn.id] = turn

    async def end(self, turn: PendingTurn) -> None:
        """It is no longer: Ellie is not at work there any more."""
        self._turns.pop(turn.id, None)
        where = turn.conversation
        thread = thread_of(where) or turn.event_id
        await self._status.show(where.space, where.channel, thread, at_work=False)

    async def stop(self, space: str, channel: str, thread: str, at: str = "") -> None:
        """Stop the reply in a thread, or in a DM that one to a message of that `ts`.

        A DM's own messages are one conversation, in which one reply is given at a time. `at`: the
        `ts` of the stop; what was said there before it, and is not being answered yet, is not
        answered.
        """
        self._stops[space, channel, thread] = at
        while len(self._stops) > STOPS_KNOWN:
            self._stops.popitem(last=False)
        await self._core.cancel(conversation_of(space, channel, thread))
        if channel.startswith("D"):
            await self._core.cancel(conversation_of(space, channel, None))
        await self._status.show(space, channel, thread, at_work=False)

    def was_stopped(self, space: str, channel: str, thread: str, ts: str) -> bool:
        """Whether somebody stopped her there after a message was said."""
        at = self._stops.get((space, channel, thread))
        return bool(at) and float(at or 0) > float(ts)

    async def press(self, asked: Asked, number: str) -> None:
        """The button under a reply was pressed: by whom it is for, or who manages here."""
        turn = self._turns.get(TurnId(int(number))) if number.isdecimal() else None
        if turn is None:
            return
        if asked.person.user == turn.scope.user or asked.manages:
            await self._core.cancel(turn.conversation)
            return
        await asked.workspace.client.chat_postEphemeral(
            channel=turn.conversation.channel,
            user=asked.person.user,
            text=NOT_YOURS,
            thread_ts=thread_of(turn.conversation),
        )


def stopped_by(body: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """Where somebody stopped Ellie, and when: space, channel, thread, `ts`."""
    event = body["event"]
    at = str(event.get("event_ts") or "")
    return space_of(body), event["channel"], event.get("thread_ts") or "", at
