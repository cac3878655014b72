"""What was heard becomes an `IncomingMessage`: whose, where, before whose eyes, in which words."""

from dataclasses import dataclass

import aiohttp

from adapters.slack.events import Heard, Kind
from adapters.slack.files import attachments, whole
from adapters.slack.mrkdwn import without_call
from adapters.slack.normalise import conversation_of, moment, reach_of, scope_of
from adapters.slack.office import Office
from adapters.slack.places import Person, Place
from adapters.slack.workspaces import Workspace
from adapters.wording.attachments import FileRules, read_files
from bot.names import SOMEONE
from bot.quotes import attached
from bot.types import Conversation, IncomingMessage


@dataclass(frozen=True, slots=True)
class Reading:
    """Something heard, with what is known of who said it and of who reads the place."""

    workspace: Workspace
    heard: Heard
    place: Place
    person: Person

    @property
    def where(self) -> Conversation:
        """Its conversation."""
        return where_of(self.heard)


def thread_in(heard: Heard) -> str | None:
    """What the thread of its conversation is called: a DM's own messages are in none."""
    if heard.im:
        return None if heard.thread in {None, heard.ts} else heard.thread
    return heard.thread or heard.ts


def where_of(heard: Heard) -> Conversation:
    """The conversation in which something was said."""
    return conversation_of(heard.space, heard.channel, thread_in(heard))


class Reader:
    """Reads messages whole: names, files, what was forwarded."""

    def __init__(self, office: Office, session: aiohttp.ClientSession, rules: FileRules) -> None:
        self._office = office
        self._session = session
        self._rules = rules

    async def own_words(self, workspace: Workspace, heard: Heard) -> str:
        """The person's own text, with names for ids and without the mention that calls Ellie."""
        return await self._office.words(workspace, without_call(heard.text, workspace.me))

    async def message(self, told: Reading, *, files: bool = True) -> IncomingMessage:
        """All that a message says; it is written down only while it still waits in the inbox."""
        workspace, heard = told.workspace, told.heard
        text = await self.own_words(workspace, heard)
        held = await whole(workspace, heard.files) if files else []
        most = max(self._rules.text_bytes, self._rules.image_bytes)
        token = workspace.client.token or ""
        found = await read_files(attachments(held, self._session, token, most), self._rules)
        text += found.text
        for forwarded in heard.forwarded:
            scope = scope_of(heard.space, forwarded.author)
            hidden = forwarded.author and await self._office.core.ignores(scope)
            words = SOMEONE if hidden else await self._office.words(workspace, forwarded.text)
            text += attached("forwarded message", words)
        return IncomingMessage(
            scope=scope_of(heard.space, heard.user),
            conversation=told.where,
            audience=told.place.audience,
            event_id=heard.ts,
            speaker=told.person.name,
            text=text.strip() or "@Ellie",  # called, and nothing more said
            sent_at=moment(heard.at if heard.kind is Kind.EDITED else heard.ts),
            place=told.place.words,
            images=found.images,
            reach=reach_of(told.person, told.place),
            outsider=told.person.outsider,
            waiting=heard.key,
        )
