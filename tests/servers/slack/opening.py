"""Triggers, and the views they open: what stands before whom."""

from dataclasses import dataclass

from tests.servers.slack.content import named
from tests.servers.slack.errors import SlackError
from tests.servers.slack.ground import Clock, Json
from tests.servers.slack.installs import Installation
from tests.servers.slack.sessions import Sessions
from tests.servers.slack.views import Stack, View, check, fresh_hash

TRIGGER_LIVES = 3.0


@dataclass(slots=True, eq=False)
class Trigger:
    """What an interaction gives; it opens one view within 3 s of the clock."""

    id: str
    user: str
    team: str
    installation: Installation
    at: float
    used: bool = False


class Opening(Sessions):
    """Views of people. A person has one Home tab of each installation, and one stack of modals."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.home_tab = True
        self._triggers: dict[str, Trigger] = {}
        self._homes: dict[tuple[str, str], View] = {}
        self._stacks: dict[str, Stack] = {}

    def home(self, user: str, at: str | None = None) -> View | None:
        """The Home tab that was published last for this person; `at`: of the app in T… or E…."""
        held = [v for (where, who), v in self._homes.items() if who == user and at in (None, where)]
        return held[-1] if held else None

    def modal(self, user: str) -> View | None:
        """The modal before this person, the uppermost."""
        return self.stack(user).top

    def stack(self, user: str) -> Stack:
        return self._stacks.setdefault(user, Stack())

    def trigger(self, installation: Installation, user: str, team: str) -> Trigger:
        ids = self.ids.fresh("").lstrip("0")
        id_ = f"{ids}.{int(self.clock.time())}.{ids:0>32}"
        trigger = Trigger(id_, user, team, installation, self.clock.time())
        self._triggers[id_] = trigger
        return trigger

    def exchange(self, installation: Installation, id_: str) -> Trigger:
        """The trigger, which is used up by that."""
        trigger = self._triggers.get(id_)
        if trigger is None or trigger.installation is not installation:
            raise SlackError("invalid_trigger_id")
        if trigger.used:
            raise SlackError("exchanged_trigger_id")
        if self.clock.time() - trigger.at > TRIGGER_LIVES:
            raise SlackError("expired_trigger_id")
        trigger.used = True
        return trigger

    def make_view(self, installation: Installation, user: str, team: str, given: Json) -> View:
        """A view of what the app gave; refused where it is not good."""
        check(given, home=given.get("type") == "home")
        blocks = named(given["blocks"], self.ids)
        return View(
            self.ids.fresh("V"), installation, user, team, given, blocks, fresh_hash(self.ids)
        )

    def publish(self, view: View) -> None:
        old = self._homes.pop((view.installation.at, view.user), None)
        if old is not None:
            view.id = old.id
        self._homes[(view.installation.at, view.user)] = view
        self.changed()

    def view_of(self, installation: Installation, view_id: str, external_id: str = "") -> View:
        """`not_found` where no person has it before them."""
        shown = [v for stack in self._stacks.values() for v in stack.views]
        for view in [*shown, *self._homes.values()]:
            named_so = view.given.get("external_id") == external_id and external_id
            if view.installation is installation and (view.id == view_id or named_so):
                return view
        raise SlackError("not_found")

    def update_view(self, old: View, given: Json) -> View:
        """In its place; what was filled in stays where the ids are the same."""
        new = self.make_view(old.installation, old.user, old.team, given)
        kept = {e for e in old.state if e in new.actions}
        same = {b["block_id"] for b in old.blocks} & {b["block_id"] for b in new.blocks}
        kept = {e for e in kept if new.found(e)[0]["block_id"] in same}
        new.state = {e: old.state[e] for e in kept}
        if old.given["type"] == "home":
            self.publish(new)
        else:
            self.stack(old.user).replace(old, new)
        self.changed()
        return new
