"""People and channels as Slack tells of them, remembered for a while."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from adapters.slack.guests import Guests
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.workspaces import Workspace
from bot.types import Audience, Channel, Private, Space

log = logging.getLogger(__name__)

KEPT_SECONDS = 300
MOST_KEPT = 10_000
SLACKBOT = "USLACKBOT"
Kept = TypeVar("Kept")


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is. `guest`: does not see all that is public in the workspace. `outsider`: is
    of another organisation.

    `bot`: is no person. `team`: of which workspace they are.
    """

    user: str
    name: str
    guest: bool = False
    admin: bool = False
    outsider: bool = False
    bot: bool = False
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A channel, a group DM or a DM (`im`), and who can read it.

    `guests`: people who cannot read all that is public in the workspace do. `outsiders`: people of
    other organisations do. `name` is without "#"; empty where it has none. `heard`: Ellie is in it,
    so that she is told of what happens there.
    """

    channel: str
    name: str
    audience: Audience
    guests: bool = False
    outsiders: bool = False
    im: bool = False
    heard: bool = False

    @property
    def words(self) -> str:
        """Where something was said, in a person's words."""
        if self.im:
            return "a private conversation"
        if not self.name:
            return "a channel"
        return self.name if self.name.startswith("a ") else f"#{self.name}"


class _Remembered(Generic[Kept]):
    """The newest answers, each for some minutes."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[float, Kept]] = {}

    async def get(self, key: tuple[str, str], ask: Callable[[], Awaitable[Kept]]) -> Kept:
        found = self._kept.get(key)
        if found is not None and time.monotonic() - found[0] < KEPT_SECONDS:
            return found[1]
        answer = await ask()
        self._kept.pop(key, None)
        self._kept[key] = (time.monotonic(), answer)
        while len(self._kept) > MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        return answer

    def forget(self, key: tuple[str, str]) -> None:
        self._kept.pop(key, None)

    def forget_all(self, space: str) -> None:
        for key in [key for key in self._kept if key[0] == space]:
            del self._kept[key]


class Places:
    """Asks Slack about people and channels; what cannot be known is taken for the narrower."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests
        self._people: _Remembered[Person] = _Remembered()
        self._places: _Remembered[Place] = _Remembered()
        self._dms: dict[tuple[str, str], str] = {}

    async def person(
        self,
        workspace: Workspace,
        user: str,
        *,
        home: str | None = None,
        may_be_outside: bool = False,
    ) -> Person:
        """Who a user is; who cannot be known is a guest without a name.

        `home`: the team that they are said to be of. `may_be_outside`: outsiders are where they
        spoke. Both count where Slack does not say more.
        """

        async def ask() -> Person:
            told = await workspace.client.users_info(user=user)
            return person_of(workspace, told["user"])

        try:
            return await self._people.get((workspace.space, user), ask)
        except UNREACHABLE as error:
            log.warning("users.info: %s", why(error))
            elsewhere = home not in {None, workspace.space} and workspace.enterprise is None
            outside = may_be_outside or elsewhere
            return Person(user, "someone", guest=True, outsider=outside, bot=user == SLACKBOT)

    async def place(self, workspace: Workspace, channel: str) -> Place:
        """What a channel is; one that cannot be known is closed, and guests read it.

        Only of a DM ("D…") it is known by its id that two people read it.
        """

        async def ask() -> Place:
            told = await workspace.client.conversations_info(channel=channel)
            place = place_of(told["channel"])
            if place.im or place.guests or place.outsiders:
                return place
            return replace(place, guests=await self._guests.among(workspace, channel))

        try:
            return await self._places.get((workspace.space, channel), ask)
        except UNREACHABLE as error:
            log.warning("conversations.info: %s", why(error))
            if channel.startswith("D"):
                return Place(channel, "", Private(), im=True)
            return Place(channel, "", Channel(channel), guests=True)

    async def dm(self, workspace: Workspace, user: str) -> str:
        """The channel of the private conversation with a person. Raises SlackClientError."""
        key = (workspace.space, user)
        if key not in self._dms:
            told = await workspace.client.conversations_open(users=[user])
            self._dms[key] = told["channel"]["id"]
        return self._dms[key]

    def channel_changed(self, space: str, channel: str) -> None:
        """Something was told of a channel, or somebody joined it: it is asked about anew."""
        self._places.forget((space, channel))

    def person_changed(self, space: str, user: Mapping[str, Any]) -> None:
        """A person was told of, as in `users.info`."""
        self.ask_anew(space, user["id"])
        self._guests.told(space, user)
        if is_guest(user):  # they may have been none, in any channel
            self._places.forget_all(space)

    def ask_anew(self, space: str, user: str) -> None:
        """What is known of a person is not enough any more."""
        self._people.forget((space, user))


def person_of(workspace: Workspace, told: Mapping[str, Any]) -> Person:
    """A person from a user object of Slack's."""
    profile = told.get("profile") or {}
    name = profile.get("display_name") or profile.get("real_name") or told.get("real_name")
    return Person(
        user=told["id"],
        name=name or told.get("name") or "someone",
        guest=is_guest(told) or _is_of_another(workspace, told),
        admin=bool(told.get("is_admin") or told.get("is_owner")),
        outsider=_is_outsider(workspace, told),
        bot=bool(told.get("is_bot")) or told["id"] == SLACKBOT,
        team=told.get("team_id"),
    )


def is_guest(told: Mapping[str, Any]) -> bool:
    """Whether a user object is of a guest, who sees only the channels they were asked into."""
    return bool(told.get("is_restricted") or told.get("is_ultra_restricted"))


def place_of(told: Mapping[str, Any]) -> Place:
    """A place from a conversation object of Slack's, as if no guest were in it.

    A channel that several workspaces of an organisation share is closed, and its readers do not
    all see what is public in this one.
    """
    channel = told["id"]
    outsiders = bool(told.get("is_ext_shared") or told.get("is_pending_ext_shared"))
    if told.get("is_im"):
        return Place(channel, "", Private(), outsiders=outsiders, im=True, heard=True)
    shared = bool(outsiders or told.get("is_org_shared") or told.get("is_shared"))
    closed = bool(shared or told.get("is_private") or told.get("is_mpim"))
    name = "a group conversation" if told.get("is_mpim") else told.get("name") or ""
    audience = Channel(channel) if closed else Space()
    return Place(
        channel,
        name,
        audience,
        guests=shared and not outsiders,
        outsiders=outsiders,
        heard=bool(told.get("is_member") or told.get("is_private") or told.get("is_mpim")),
    )


def _is_of_another(workspace: Workspace, told: Mapping[str, Any]) -> bool:
    """Whether somebody of the same organisation is not in this workspace: they see less of it."""
    teams = {told.get("team_id"), *((told.get("enterprise_user") or {}).get("teams") or ())}
    return workspace.enterprise is not None and workspace.space not in teams


def _is_outsider(workspace: Workspace, told: Mapping[str, Any]) -> bool:
    if told.get("is_stranger"):
        return True
    if told.get("team_id") in {None, "", workspace.space}:
        return False
    organisation = (told.get("enterprise_user") or {}).get("enterprise_id")
    return workspace.enterprise is None or organisation != workspace.enterprise
