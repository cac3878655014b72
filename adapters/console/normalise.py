"""A typed line becomes an `IncomingMessage` or an `IncomingCommand`."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime

from bot.errors import CommandError, ConfigError
from bot.types import (
    Audience,
    Channel,
    Conversation,
    IncomingCommand,
    IncomingMessage,
    Private,
    Scope,
    Space,
)

PLATFORM = "console"
LONGEST_NAME = 100


OWN_FORMS = (
    ("/unsay", "take your last message here back, as deleting it does on a platform"),
    ("/resay TEXT", "correct your last message here, as editing it does"),
)
"""Lines that only the console knows: they play what a platform tells by itself."""


@dataclass(frozen=True, slots=True)
class Unsay:
    """The last message is deleted."""


@dataclass(frozen=True, slots=True)
class Resay:
    """The last message is edited to say this."""

    text: str


@dataclass(frozen=True, slots=True)
class Session:
    """Who speaks and where: the same for every line of one run. `place` is in a person's words."""

    scope: Scope
    conversation: Conversation
    audience: Audience
    place: str


def open_session(user: str, space: str, place: str) -> Session:
    """The session that the options name; `place` is "dm", "open:NAME" or "closed:NAME".

    Raises ConfigError with one line for an empty or malformed value.
    """
    user, space = _name("--as", user), _name("--space", space)
    key, audience, words = _place(place, user)
    return Session(
        scope=Scope(PLATFORM, space, user),
        conversation=Conversation(PLATFORM, space, key),
        audience=audience,
        place=words,
    )


def is_name(text: str) -> bool:
    """Whether `text` can name a person, a space or a channel."""
    return 0 < len(text.strip()) <= LONGEST_NAME and text.isprintable()


def clean(line: str) -> str:
    """`line` without control characters and outer white space; empty: there is nothing in it.

    Tabs and line ends stay, other white space becomes a blank. What was no text (undecodable
    bytes, as lone surrogates) becomes U+FFFD.
    """
    return "".join(map(_clean_character, line)).strip()


def is_command(line: str) -> bool:
    """Whether a clean line is for `Core.command`."""
    return line.startswith("/")


def taken_back(line: str) -> Unsay | Resay | None:
    """What a clean line does to the last message; None: nothing. Raises CommandError."""
    word, _, rest = line.partition(" ")
    match word.casefold(), rest.strip():
        case "/unsay", "":
            return Unsay()
        case "/unsay", _:
            raise CommandError("/unsay takes nothing after it: it takes back your last message.")
        case "/resay", "":
            raise CommandError("What did you mean to say? For example: /resay I live in Oslo")
        case "/resay", text:
            return Resay(text)
    return None


def normalise_message(
    session: Session, line: str, event_id: str, sent_at: datetime
) -> IncomingMessage:
    """The message that a clean line is. `event_id` is unique, `sent_at` aware, UTC."""
    return IncomingMessage(
        scope=session.scope,
        conversation=session.conversation,
        audience=session.audience,
        event_id=event_id,
        speaker=session.scope.user,
        text=line,
        sent_at=sent_at,
        place=session.place,
    )


def normalise_command(session: Session, line: str, sent_at: datetime) -> IncomingCommand:
    """The command that a clean line is: nobody else reads it, and its person manages the space."""
    return IncomingCommand(
        scope=session.scope,
        conversation=session.conversation,
        audience=session.audience,
        speaker=session.scope.user,
        text=line,
        sent_at=sent_at,
        place=session.place,
        manages=True,
    )


def _clean_character(character: str) -> str:
    if character in "\n\t" or character.isprintable():
        return character
    if character.isspace():
        return " "
    match unicodedata.category(character):
        case "Cc":
            return ""
        case "Cs":
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return character


def _name(option: str, value: str) -> str:
    name = value.strip()
    if not is_name(name):
        raise ConfigError(f"{option} needs a name of 1 to {LONGEST_NAME} printable characters.")
    return name


def _place(place: str, user: str) -> tuple[str, Audience, str]:
    kind, colon, name = place.strip().partition(":")
    if kind == "dm" and not colon:
        return f"dm:{user}", Private(), "a private conversation"
    if kind == "open" and name.strip():
        name = _name("--place", name)
        return f"open:{name}", Space(), f"the open channel {name}"
    if kind == "closed" and name.strip():
        name = _name("--place", name)
        return f"closed:{name}", Channel(name), f"the closed channel {name}"
    shown = repr(place) if len(place) <= LONGEST_NAME else "This"
    raise ConfigError(f"--place: {shown} is no place; dm, open:NAME or closed:NAME is.")
