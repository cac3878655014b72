"""Whom a message is for: Ellie, whoever else reads along, or nobody."""

from enum import Enum, auto

from adapters.slack.events import Heard
from adapters.slack.mrkdwn import users_in
from bot.space_settings import SpaceSettings


class For(Enum):
    """What is done with a message."""

    ELLIE = auto()
    """It is answered."""
    OTHERS = auto()
    """It is history where bystanders may be heard, and else nothing."""
    NOBODY = auto()
    """It is ignored."""


def for_whom(heard: Heard, me: str, settings: SpaceSettings, *, im: bool, takes_part: bool) -> For:
    """Who is spoken to. `takes_part`: Ellie was called or has answered in this thread.

    In her threads and in free channels she answers without being called, unless somebody else is.
    """
    if im:
        return For.ELLIE
    if not settings.admits(heard.channel, ()):
        return For.NOBODY
    called = users_in(heard.text)
    if me in called:
        return For.ELLIE
    listens = takes_part or heard.channel in settings.free
    return For.ELLIE if listens and not called else For.OTHERS
