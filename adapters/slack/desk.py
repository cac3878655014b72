"""Where requests come in that are typed, or that need no more than opening a tab."""

import re
from dataclasses import replace

from adapters.slack.carrying import attempt, carry_out
from adapters.slack.home import Home
from adapters.slack.office import Asked, Office
from adapters.slack.prompts import suggest
from adapters.slack.showing import Showing
from adapters.slack.workspaces import Workspace
from bot.errors import CommandError
from bot.grammar import parse
from bot.typed import Remember
from bot.types import IncomingMessage

_FIRST = re.compile(r"\s*(/?)(\w+)\b[,:]?\s*(.*?)\s*", re.DOTALL)
_THAT = re.compile(
    r"that\s+(?=(?:I|my|we|our|you|your|he|she|it|they|his|her|their)\b)", re.IGNORECASE
)
"""As in "remember that I like tea": "that" is no part of what is to be kept."""
_ANYTHING = {"remember", "recall", "forget"}
_WELL_FORMED = {"memories", "privacy"}
_ALONE = {"recall", "forget", "why", "new", "help"}


class Desk:
    """What was heard as a message can turn out to be a command; tabs are opened here too."""

    def __init__(self, office: Office, showing: Showing, home: Home) -> None:
        self._office = office
        self._showing = showing
        self._home = home

    def line_in(self, text: str) -> str | None:
        """The command line in a text that begins with a command's name; None: it is conversation.

        "Remember when we met?" asks something; with a "/" it is a command all the same.
        """
        found = _FIRST.fullmatch(text)
        if found is None:
            return None
        slash, word, rest = found[1], found[2].casefold(), found[3]
        if word == "remember" and not slash:
            rest = _THAT.sub("", rest)
        line = f"/{word} {rest}".rstrip()
        if not rest:
            return line if word in _ALONE | _WELL_FORMED else None
        if word in _ANYTHING:
            asks = word == "remember" and rest.endswith("?") and not slash
            return None if asks else line
        if word in _WELL_FORMED:
            try:
                parse(line)
            except CommandError:
                return None
            return line
        return None

    async def typed(self, asked: Asked, line: str, message: IncomingMessage | None) -> None:
        """Carry out a command that was typed as a message, and answer for its person's eyes.

        What it asks to be kept comes of that message: who deletes it takes it back. None: of that
        person nothing is kept.
        """
        line, quoting = (line, None) if message is None else noted_in(line, message)
        await self._showing.show(
            asked,
            await attempt(lambda: carry_out(self._office.core, asked, line, quoting=quoting)),
        )

    async def home_opened(self, workspace: Workspace, user: str, tab: str) -> None:
        """Show the memory manager, or ways to begin where there is a conversation."""
        asked = await self._office.seat(workspace, user, None)
        if tab == "home":
            await self._home.publish(asked)
        elif tab == "messages":
            await suggest(self._office, asked)


def noted_in(line: str, message: IncomingMessage) -> tuple[str, IncomingMessage | None]:
    """The line about the message as what it asks to be kept for its person.

    (the line as it is, None) where it asks for something else.
    """
    try:
        command = parse(line)
    except CommandError:
        return line, None
    if isinstance(command, Remember) and command.text and not command.shared:
        bare = "/remember --private" if command.private else "/remember"
        return bare, replace(message, text=command.text)
    return line, None
