"""What every part of the Slack adapter works with, and who asks it for something."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from adapters.slack.mrkdwn import plain, users_in
from adapters.slack.normalise import conversation_of, reach_in, reach_of, scope_of
from adapters.slack.places import Person, Place, Places
from adapters.slack.refusals import UNREACHABLE
from adapters.slack.workspaces import Workspace, Workspaces
from bot.names import SOMEONE
from bot.ports import Core
from bot.types import Conversation, IncomingCommand, IncomingMessage, Private, Reach, Scope


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for something, where, and how the answer reaches them.

    `place` None: the Home tab or a shortcut, which only the person sees. `thread`: the `thread_ts`
    where it was asked. `visible`: it was typed as a message, which the others there can read.
    """

    workspace: Workspace
    person: Person
    place: Place | None
    manages: bool
    asked_at: datetime
    thread: str | None = None
    response_url: str | None = None
    trigger_id: str | None = None
    visible: bool = False

    @property
    def in_private(self) -> bool:
        """Whether nobody else reads the place."""
        return self.place is None or self.place.im

    def command(
        self, line: str, *, quoting: IncomingMessage | None = None, about: str | None = None
    ) -> IncomingCommand:
        """A command line of this person's, given here; only they see its answer."""
        space, place = self.workspace.space, self.place
        where = f"home:{self.person.user}" if place is None else place.channel
        return IncomingCommand(
            scope=scope_of(space, self.person.user),
            conversation=conversation_of(space, where, self.thread),
            audience=Private() if place is None else place.audience,
            speaker=self.person.name,
            text=line,
            sent_at=self.asked_at,
            place="a private conversation" if place is None else place.words,
            visible=self.visible,
            manages=self.manages,
            quoting=quoting,
            about=about,
            reach=reach_of(self.person, None),
            outsider=self.person.outsider,
        )


@dataclass(frozen=True, slots=True)
class Office:
    """`admins`: user ids that may manage beside the workspace's own. `models`: to choose from.

    `do` runs something later, in the adapter's tasks: what it raises is logged, without any text.
    """

    core: Core
    workspaces: Workspaces
    places: Places
    admins: frozenset[str]
    models: tuple[str, ...]
    do: Callable[[Callable[[], Awaitable[object]]], None]

    async def asked(self, body: Mapping[str, Any], *, anew: bool = False) -> Asked | None:
        """Who sent a slash command, a press, a shortcut or a form; None: not from where she is.

        `anew`: Slack is asked again who they are, for what only those who manage may do.
        """
        told = told_of(body)
        if anew:
            self.places.ask_anew(told.space, told.user)
        workspace = await self.workspaces.of(told.space, told.enterprise)
        if workspace is None:
            return None
        return await self.seat(
            workspace, told.user, told.channel,
            thread=told.thread, response_url=told.response_url, trigger_id=told.trigger_id,
        )  # fmt: skip

    async def reach_now(self, conversation: Conversation) -> Reach:
        """What may be used in a conversation before those who read it by now."""
        try:
            workspace = await self.workspaces.of(conversation.space)
        except UNREACHABLE:
            workspace = None
        if workspace is None:
            return Reach.NOTHING
        return reach_in(await self.places.place(workspace, conversation.channel))

    async def home_of(self, scope: Scope) -> str | None:
        """The team that a person is of, elsewhere perhaps; None: it is not known."""
        try:
            workspace = await self.workspaces.of(scope.space)
        except UNREACHABLE:
            return None
        return None if workspace is None else (await self.places.person(workspace, scope.user)).team

    async def words(self, workspace: Workspace, text: str) -> str:
        """A text of Slack's as its readers see it; who wants to be ignored has no name in it."""
        names = {}
        for user in users_in(text):
            hidden = await self.core.ignores(scope_of(workspace.space, user))
            names[user] = SOMEONE if hidden else (await self.places.person(workspace, user)).name
        return plain(text, names).replace(f"@{SOMEONE}", SOMEONE)

    async def seat(
        self,
        workspace: Workspace,
        user: str,
        channel: str | None,
        *,
        asked_at: datetime | None = None,
        home: str | None = None,
        thread: str | None = None,
        response_url: str | None = None,
        trigger_id: str | None = None,
        visible: bool = False,
    ) -> Asked:
        """Who asks, with what is known of them and of the place; None: of no place."""
        place = None if channel is None else await self.places.place(workspace, channel)
        outside = place is not None and place.outsiders
        person = await self.places.person(workspace, user, home=home, may_be_outside=outside)
        return Asked(
            workspace=workspace,
            person=person,
            place=place,
            manages=not person.outsider and (person.admin or user in self.admins),
            asked_at=asked_at or datetime.now(UTC),
            thread=thread,
            response_url=response_url,
            trigger_id=trigger_id,
            visible=visible,
        )


@dataclass(frozen=True, slots=True)
class Told:
    """The ids in a body that Slack sends for what a person did."""

    space: str
    enterprise: str | None
    user: str
    channel: str | None
    thread: str | None
    response_url: str | None
    trigger_id: str | None


def told_of(body: Mapping[str, Any]) -> Told:
    """The ids of a slash command (flat), or of a press, a shortcut or a form (nested).

    An app that is installed in a whole organisation is told the person's workspace, by `team_id` of
    the person where `team` is empty.
    """
    user = body.get("user") or {}
    team = body.get("team") or {}
    channel = body.get("channel") or {}
    container = body.get("container") or {}
    message = body.get("message") or {}
    enterprise = body.get("enterprise") or team.get("enterprise_id") or {}
    return Told(
        space=body.get("team_id") or team.get("id") or user.get("team_id") or "",
        enterprise=body.get("enterprise_id")
        or (enterprise.get("id") if isinstance(enterprise, Mapping) else enterprise),
        user=body.get("user_id") or user.get("id") or "",
        channel=body.get("channel_id") or channel.get("id") or container.get("channel_id"),
        thread=message.get("thread_ts") or container.get("thread_ts"),
        response_url=body.get("response_url"),
        trigger_id=body.get("trigger_id"),
    )
