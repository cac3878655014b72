"""Hears what happens on Slack: written down first, then dealt with in each conversation's order."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import aiohttp

from adapters.slack.addressing import For, for_whom
from adapters.slack.desk import Desk
from adapters.slack.events import Heard, Kind, load, read, space_of
from adapters.slack.files import attachments, whole
from adapters.slack.mrkdwn import plain, users_in, without_call
from adapters.slack.normalise import PLATFORM, conversation_of, moment, reach_of, scope_of
from adapters.slack.office import Office
from adapters.slack.places import Person, Place
from adapters.slack.postbox import Postbox
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.status import Status
from adapters.slack.workspaces import Workspace
from adapters.wording.attachments import FileRules, read_files
from bot.errors import BotError, report
from bot.ports import TakenIn
from bot.quotes import attached
from bot.types import Conversation, IncomingMessage

log = logging.getLogger(__name__)

THREADS_KNOWN = 10_000
PAUSES = (1, 10, 60)
"""Seconds before it is tried again where Slack could not be asked."""


class Hearing:
    """`take_in` is what events are given to; what is taken in is dealt with in `office.do`."""

    def __init__(
        self,
        office: Office,
        desk: Desk,
        postbox: Postbox,
        status: Status,
        session: aiohttp.ClientSession,
        rules: FileRules,
        pace: float = 1.0,
    ) -> None:
        """`pace` 1: what has to wait for Slack is tried again after a second."""
        self._office = office
        self._core = office.core
        self._desk = desk
        self._postbox = postbox
        self._status = status
        self._session = session
        self._rules = rules
        self._pace = pace
        self._locks: WeakValueDictionary[Conversation, asyncio.Lock] = WeakValueDictionary()
        self._called: OrderedDict[Conversation, None] = OrderedDict()

    # --- written down

    async def take_in(self, body: Mapping[str, Any]) -> None:
        """Write down what an event tells; when this returns, it will be dealt with.

        Raises StoreError where it cannot be: Slack must not be told that it was.
        """
        heard = read(body)
        if heard is None or not heard.space:
            return
        if heard.kind is Kind.DELETED and self._postbox.deleted_it(heard.channel, heard.ts):
            return
        if await self._core.take_in(PLATFORM, heard.space, heard.key, heard.user, heard.dump()):
            self._later(heard, heard.key)

    async def go_on(self) -> None:
        """Deal with what an earlier process had taken in and not dealt with."""
        for waiting in await self._core.taken_in(PLATFORM):
            heard = _loaded(waiting)
            if heard is None:
                await self._core.dealt_with(PLATFORM, waiting.space, waiting.event_id)
            else:
                self._later(heard, waiting.event_id)

    def _later(self, heard: Heard, key: str) -> None:
        """In the order in which it was heard, each conversation for itself (locks are fair)."""
        lock = self._locks.setdefault(_conversation(heard), asyncio.Lock())

        async def deal() -> None:
            async with lock:
                if await self._is_dealt_with(heard):
                    await self._core.dealt_with(PLATFORM, heard.space, key)

        self._office.do(deal)

    async def _is_dealt_with(self, heard: Heard) -> bool:
        """Deal with it; False: Slack could not be asked, and it waits for the next start."""
        for pause in PAUSES:
            try:
                await self._deal(heard)
            except UNREACHABLE as error:
                log.warning("an event of Slack has to wait: %s", why(error))
                await asyncio.sleep(pause * self._pace)
                continue
            except BotError as error:
                log.warning("an event of Slack: %s", error)
            except Exception as error:  # one event that cannot be understood ends nothing
                report(log, "an event of Slack", error)
            return True
        return False

    # --- dealt with

    async def _deal(self, heard: Heard) -> None:
        core = self._core
        if heard.kind is Kind.GONE:
            await core.channel_gone(PLATFORM, heard.space, heard.channel)
            return
        if heard.kind is Kind.DELETED:
            await core.deleted(_conversation(heard), [heard.ts])
            return
        workspace = await self._office.workspaces.of(heard.space, heard.enterprise)
        if workspace is None or heard.user == workspace.me:
            return
        if await core.ignores(scope_of(heard.space, heard.user)):
            return
        place = await self._office.places.place(workspace, heard.channel)
        person = await self._office.places.person(
            workspace, heard.user, home=heard.home, may_be_outside=place.outsiders
        )
        if person.bot:  # two bots would answer each other for ever
            return
        where = _conversation(heard)
        if heard.kind is Kind.EDITED:
            await core.edited(await self._message(workspace, heard, place, person, where))
            return
        meant = await self._meant(workspace, heard, place, where)
        if meant is For.OTHERS:
            message = await self._message(workspace, heard, place, person, where, files=False)
            await core.overhear(message)
        elif meant is For.ELLIE and not await self._is_command(workspace, heard, place, person):
            await self._answer(workspace, heard, place, person, where)

    async def _answer(
        self,
        workspace: Workspace,
        heard: Heard,
        place: Place,
        person: Person,
        where: Conversation,
    ) -> None:
        thread = heard.thread or heard.ts
        show = partial(self._status.show, heard.space, heard.channel, thread)
        self._office.do(partial(show, at_work=True))
        self._note_called(where)
        message = await self._message(workspace, heard, place, person, where)
        if await self._core.receive(message) is None:  # it was answered before a crash
            await show(at_work=False)

    async def _is_command(
        self, workspace: Workspace, heard: Heard, place: Place, person: Person
    ) -> bool:
        """Whether it is a command in words: then it is carried out and is no conversation.

        In private they need no call.
        """
        called = heard.im or workspace.me in users_in(heard.text)
        if not called or heard.files or heard.forwarded:
            return False
        line = self._desk.line_in(await self._own_words(workspace, heard))
        if line is None:
            return False
        asked = await self._office.seat(
            workspace,
            heard.user,
            heard.channel,
            asked_at=moment(heard.ts),
            home=heard.home,
            thread=_thread(heard),
            visible=not heard.im,
        )
        message = await self._message(workspace, heard, place, person, _conversation(heard))
        await self._desk.typed(asked, line, message)
        return True

    async def _own_words(self, workspace: Workspace, heard: Heard) -> str:
        own = without_call(heard.text, workspace.me)
        people = self._office.places.person
        return plain(own, {user: (await people(workspace, user)).name for user in users_in(own)})

    async def _meant(
        self, workspace: Workspace, heard: Heard, place: Place, where: Conversation
    ) -> For:
        """Who it is for; `OTHERS` only where bystanders may be heard."""
        settings = await self._core.space_settings(PLATFORM, heard.space)
        follows = heard.thread not in {None, heard.ts}
        takes_part = follows and (where in self._called or await self._core.takes_part(where))
        meant = for_whom(heard, workspace.me, settings, im=place.im, takes_part=takes_part)
        if meant is For.OTHERS and heard.channel not in settings.ambient:
            return For.NOBODY
        return meant

    async def _message(
        self,
        workspace: Workspace,
        heard: Heard,
        place: Place,
        person: Person,
        where: Conversation,
        *,
        files: bool = True,
    ) -> IncomingMessage:
        """All that a message says: own words, files, forwarded text."""
        text = await self._own_words(workspace, heard)
        held = await whole(workspace, heard.files) if files else []
        most = max(self._rules.text_bytes, self._rules.image_bytes)
        token = workspace.client.token or ""
        found = await read_files(attachments(held, self._session, token, most), self._rules)
        text += found.text
        for forwarded in heard.forwarded:
            text += attached("forwarded message", plain(forwarded, {}))
        edited = heard.kind is Kind.EDITED
        return IncomingMessage(
            scope=scope_of(heard.space, heard.user),
            conversation=where,
            audience=place.audience,
            event_id=heard.ts,
            speaker=person.name,
            text=text.strip() or "@Ellie",  # called, and nothing more said
            sent_at=moment(heard.at if edited else heard.ts),
            place=place.words,
            images=found.images,
            reach=reach_of(person, place),
            outsider=person.outsider,
        )

    def _note_called(self, where: Conversation) -> None:
        """She takes part in a thread from the call on, not from her answer on."""
        self._called[where] = None
        while len(self._called) > THREADS_KNOWN:
            self._called.popitem(last=False)

    # --- what changes who can read

    def learn(self, body: Mapping[str, Any]) -> None:
        """Something was told of a person or a channel."""
        event, space = body["event"], space_of(body)
        user, channel = event.get("user"), event.get("channel")
        if isinstance(user, Mapping):
            self._office.places.person_changed(space, user)
        if channel is not None:
            self._office.places.channel_changed(
                space, channel["id"] if isinstance(channel, Mapping) else channel
            )


def _thread(heard: Heard) -> str | None:
    """What the thread of its conversation is called: a DM's own messages are in none."""
    if heard.im:
        return None if heard.thread in {None, heard.ts} else heard.thread
    return heard.thread or heard.ts


def _conversation(heard: Heard) -> Conversation:
    return conversation_of(heard.space, heard.channel, _thread(heard))


def _loaded(waiting: TakenIn) -> Heard | None:
    try:
        return load(waiting.payload)
    except (ValueError, TypeError, KeyError, AttributeError):  # of another version of Ellie
        log.warning("an event that was taken in before cannot be read any more")
        return None
