"""Hears what happens on Slack: written down first, then dealt with in each conversation's order."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import aiohttp

from adapters.slack.addressing import For, for_whom
from adapters.slack.desk import Desk
from adapters.slack.events import Heard, Kind, is_turned, load, read, space_of
from adapters.slack.mrkdwn import users_in
from adapters.slack.normalise import PLATFORM, moment, scope_of
from adapters.slack.office import Asked, Office
from adapters.slack.places import Place
from adapters.slack.postbox import Postbox
from adapters.slack.reading import Reader, Reading, thread_in, where_of
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.status import Status
from adapters.slack.workspaces import Workspace
from adapters.wording.attachments import FileRules
from bot.errors import BotError, report
from bot.ports import TakenIn
from bot.types import Channel, Conversation, Space, TurnId

log = logging.getLogger(__name__)

THREADS_KNOWN = 10_000
YOUNG = timedelta(minutes=10)
"""So long after a message was said an edit of it can be what is heard first."""
RIGHTS = {"/privacy", "/help"}
PAUSES = (1, 10, 60)
"""Seconds before it is tried again where Slack could not be asked."""


class NotInstalled(Exception):
    """There is no token for the workspace where something was said."""


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
        was_stopped: Callable[[str, str, str, str], bool],
        pace: float = 1.0,
    ) -> None:
        """`was_stopped` (space, channel, thread, ts): a message is not to be answered any more.

        `pace` 1: what has to wait for Slack is tried again after a second.
        """
        self._was_stopped = was_stopped
        self._office = office
        self._core = office.core
        self._desk = desk
        self._postbox = postbox
        self._status = status
        self._reader = Reader(office, session, rules)
        self._pace = pace
        self._locks: WeakValueDictionary[Conversation, asyncio.Lock] = WeakValueDictionary()
        self._in_hand: set[tuple[str, str]] = set()
        self._called: OrderedDict[Conversation, None] = OrderedDict()

    # --- written down

    async def take_in(self, body: Mapping[str, Any]) -> None:
        """Write down what an event tells; when this returns, it will be dealt with.

        Raises StoreError where it cannot be: Slack must not be told that it was.
        """
        try:
            heard = read(body)
            if is_turned(body):
                self.learn(body)
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            log.warning("an event of Slack cannot be read (%s)", type(error).__name__)
            return
        if heard is None or not heard.space:
            return
        if heard.kind is Kind.DELETED and self._postbox.deleted_it(heard.channel, heard.ts):
            return
        if await self._core.take_in(PLATFORM, heard.space, heard.key, heard.user, heard.dump()):
            self._later(heard, heard.key)

    async def go_on(self) -> None:
        """Deal with what an earlier process had taken in, or what could not be dealt with then."""
        for waiting in await self._core.taken_in(PLATFORM):
            if (waiting.space, waiting.event_id) in self._in_hand:
                continue
            heard = _loaded(waiting)
            if heard is None:
                await self._core.dealt_with(PLATFORM, waiting.space, waiting.event_id)
            else:
                self._later(heard, waiting.event_id)

    def _later(self, heard: Heard, key: str) -> None:
        """In the order in which it was heard, each conversation for itself (locks are fair)."""
        lock = self._locks.setdefault(where_of(heard), asyncio.Lock())
        self._in_hand.add((heard.space, key))

        async def deal() -> None:
            try:
                async with lock:
                    if await self._is_dealt_with(heard):
                        await self._core.dealt_with(PLATFORM, heard.space, key)
            finally:
                self._in_hand.discard((heard.space, key))

        self._office.do(deal)

    async def _is_dealt_with(self, heard: Heard) -> bool:
        """Deal with it; False: Slack could not be asked, and it waits until `go_on`."""
        for pause in PAUSES:
            try:
                await self._deal(heard)
            except UNREACHABLE as error:
                log.warning("an event of Slack has to wait: %s", why(error))
                await asyncio.sleep(pause * self._pace)
                continue
            except NotInstalled:
                return not self._office.workspaces.may_return
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
            await core.deleted(where_of(heard), [heard.ts])
            return
        workspace = await self._office.workspaces.of(heard.space, heard.enterprise)
        if workspace is None:
            raise NotInstalled
        if heard.user == workspace.me:
            return
        place = await self._place(workspace, heard)
        if await core.ignores(scope_of(heard.space, heard.user)):
            await self._right(workspace, heard)
            return
        person = await self._office.places.person(
            workspace, heard.user, home=heard.home, may_be_outside=place.outsiders
        )
        if person.bot:  # two bots would answer each other for ever
            return
        told = Reading(workspace, heard, place, person)
        if heard.kind is Kind.SAID or not await self._edit(told):
            await self._hear(told)

    async def _place(self, workspace: Workspace, heard: Heard) -> Place:
        """Where it was said; a channel that has become closed or shared is asked about anew."""
        places = self._office.places
        place = await places.place(workspace, heard.channel)
        closed = heard.closed and isinstance(place.audience, Space)
        if closed or (heard.outside and not place.outsiders):
            places.channel_changed(heard.space, heard.channel)
            place = await places.place(workspace, heard.channel)
        if heard.outside and not place.outsiders:
            audience = place.audience if place.im else Channel(place.channel)
            place = replace(place, outsiders=True, audience=audience)
        return place

    async def _edit(self, told: Reading) -> bool:
        """Whether an edit is dealt with; False: its message is young, and perhaps was never heard.

        Slack may tell of an edit before it tells of its message: then the edit is the message. One
        that was heard is not heard again: the edit does not wait any more.
        """
        heard = told.heard
        if await self._core.edited(await self._reader.message(told)) is not None:
            return True
        return moment(heard.at) - moment(heard.ts) > YOUNG

    async def _hear(self, told: Reading) -> None:
        meant = await self._meant(told)
        if meant is For.OTHERS:
            await self._core.overhear(await self._reader.message(told, files=False))
        elif meant is For.ELLIE and not await self._is_command(told):
            await self._answer(told)

    async def _answer(self, told: Reading) -> None:
        heard = told.heard
        thread = heard.thread or heard.ts
        show = partial(self._status.show, heard.space, heard.channel, thread)
        if heard.kind is Kind.SAID:  # an edit may turn out to be none
            self._office.do(partial(show, at_work=True))
        self._note_called(told.where)
        turn = None
        try:
            message = await self._reader.message(told)
            if self._was_stopped(heard.space, heard.channel, thread, heard.ts):
                await self._core.overhear(message)
            else:
                turn = await self._core.receive(message)
        finally:
            self._office.do(partial(self._until_over, turn, show))

    async def _until_over(self, turn: TurnId | None, show: Callable[..., Awaitable[None]]) -> None:
        """She is at work until the turn is over, however that is; None: there is none."""
        if turn is not None:
            await self._core.answered(turn)
        await show(at_work=False)

    async def _is_command(self, told: Reading) -> bool:
        """Whether it is a command in words: then it is carried out and is no conversation."""
        line = await self._line(told.workspace, told.heard)
        if line is None:
            return False
        message = replace(await self._reader.message(told), waiting=None)
        asked = await self._asked(told.workspace, told.heard)
        if await self._core.claim(PLATFORM, told.heard.space, told.heard.key):  # once, and no more
            await self._desk.typed(asked, line, message)
        return True

    async def _right(self, workspace: Workspace, heard: Heard) -> None:
        """Who wants to be ignored is answered one thing: what they ask of their rights."""
        line = await self._line(workspace, heard) if heard.kind is Kind.SAID else None
        if line is not None and line.partition(" ")[0] in RIGHTS:
            await self._desk.typed(await self._asked(workspace, heard), line, None)

    async def _line(self, workspace: Workspace, heard: Heard) -> str | None:
        """The command that a message is, in words; in private they need no call."""
        called = heard.im or workspace.me in users_in(heard.text)
        if not called or heard.files or heard.forwarded:
            return None
        return self._desk.line_in(await self._reader.own_words(workspace, heard))

    async def _asked(self, workspace: Workspace, heard: Heard) -> Asked:
        return await self._office.seat(
            workspace,
            heard.user,
            heard.channel,
            asked_at=moment(heard.ts),
            home=heard.home,
            thread=thread_in(heard),
            visible=not heard.im,
        )

    async def _meant(self, told: Reading) -> For:
        """Who it is for; `OTHERS` only where bystanders may be heard."""
        heard, where = told.heard, told.where
        settings = await self._core.space_settings(PLATFORM, heard.space)
        follows = heard.thread not in {None, heard.ts}
        takes_part = follows and (where in self._called or await self._core.takes_part(where))
        meant = for_whom(
            heard, told.workspace.me, settings, im=told.place.im, takes_part=takes_part
        )
        if meant is For.OTHERS and heard.channel not in settings.ambient:
            return For.NOBODY
        return meant

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


def _loaded(waiting: TakenIn) -> Heard | None:
    try:
        return load(waiting.payload)
    except (ValueError, TypeError, KeyError, AttributeError):  # of another version of Ellie
        log.warning("an event that was taken in before cannot be read any more")
        return None
