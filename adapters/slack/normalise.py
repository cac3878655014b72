"""What Slack tells becomes the core's values: who, where, when, and who can read it."""

from datetime import UTC, datetime

from adapters.slack.places import Person, Place
from bot.types import Conversation, Reach, Scope

PLATFORM = "slack"


def scope_of(space: str, user: str) -> Scope:
    """A person in a workspace; in Enterprise Grid too it is the workspace that counts."""
    return Scope(PLATFORM, space, user)


def conversation_of(space: str, channel: str, thread: str | None) -> Conversation:
    """The thread of a channel or of a DM ("C1/1700.01"), else the DM itself ("D1")."""
    return Conversation(PLATFORM, space, channel if thread is None else f"{channel}/{thread}")


def thread_of(conversation: Conversation) -> str | None:
    """The `thread_ts` of a conversation; None: it is a DM as a whole."""
    return conversation.key.partition("/")[2] or None


def moment(ts: str) -> datetime:
    """When a message was posted: Slack's `ts` is seconds since 1970, with a serial number."""
    return datetime.fromtimestamp(float(ts), UTC)


def reach_of(person: Person, place: Place | None) -> Reach:
    """What may be used where the person and the readers of the place see it.

    None: only the person sees it.
    """
    if place is None or place.im:
        return Reach.OWN if person.guest else Reach.ALL
    return reach_in(place)


def reach_in(place: Place) -> Reach:
    """What may be used where the readers of a place see it, whoever is answered."""
    if place.outsiders:
        return Reach.NOTHING
    return Reach.HERE if place.guests else Reach.ALL
