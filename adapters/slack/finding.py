"""Finds a reply that was posted before a crash: Slack itself would take it a second time."""

from collections.abc import Mapping
from typing import Any

from adapters.slack.normalise import thread_of
from adapters.slack.workspaces import Workspace
from bot.types import PendingTurn, TurnId

SEARCHED = 100
"""So many messages behind the person's own are looked at."""
EVENT_TYPE = "ellie_reply"


def metadata_of(turn: TurnId) -> dict[str, Any]:
    """What a post is found by: it names the turn and nothing else."""
    return {"event_type": EVENT_TYPE, "event_payload": {"turn": str(turn)}}


async def find_reply(workspace: Workspace, turn: PendingTurn) -> list[str]:
    """The messages of a turn's reply, oldest first: those that name it.

    A stream bears its number only when it has ended, so in a thread one of Ellie's without any that
    stands right behind the person's message is taken too. Raises what the client raises.
    """
    where, asked = turn.conversation, turn.event_id
    thread = thread_of(where)
    if thread is not None:
        told = await workspace.client.conversations_replies(
            channel=where.channel, ts=thread, oldest=asked, limit=SEARCHED,
            include_all_metadata=True,
        )  # fmt: skip
    else:
        told = await workspace.client.conversations_history(
            channel=where.channel, oldest=asked, limit=SEARCHED, include_all_metadata=True
        )
    messages = sorted(
        (message for message in told["messages"] if float(message["ts"]) > float(asked)),
        key=lambda message: float(message["ts"]),
    )
    mine = [one for one in messages if one.get("user") == workspace.me]
    named = [one["ts"] for one in mine if _turn_of(one) == str(turn.id)]
    first = messages[0] if messages else None
    if named or thread is None or first is None or first not in mine:
        return named
    return [first["ts"]] if _turn_of(first) is None else []


def _turn_of(message: Mapping[str, Any]) -> str | None:
    """The turn that a message's metadata names; None: none."""
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return str((metadata.get("event_payload") or {}).get("turn"))
