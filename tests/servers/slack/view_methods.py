"""views.*: open, push, update, publish."""

from tests.servers.slack.errors import SlackError, invalid
from tests.servers.slack.ground import Json
from tests.servers.slack.opening import Opening
from tests.servers.slack.views import View, check
from tests.servers.slack.webapi import Asking, Method


class ViewMethods:
    """A view that is not good is refused before its trigger is used up."""

    def __init__(self, world: Opening) -> None:
        self._world = world

    def table(self) -> dict[str, Method]:
        return {
            "views.open": self.open, "views.push": self.push, "views.update": self.update,
            "views.publish": self.publish,
        }  # fmt: skip

    def open(self, asking: Asking) -> Json:
        world = self._world
        view = self._made(asking)
        world.stack(view.user).views.clear()
        world.stack(view.user).push(view)
        return self._shown(view)

    def push(self, asking: Asking) -> Json:
        world = self._world
        view = self._made(asking)
        if world.modal(view.user) is None:
            raise SlackError("not_found")
        world.stack(view.user).push(view)
        return self._shown(view)

    def _made(self, asking: Asking) -> View:
        world = self._world
        check(asking.args["view"], home=False)
        if not asking.text("trigger_id"):
            raise invalid("missing required field: trigger_id")
        trigger = world.exchange(asking.installation, asking.text("trigger_id"))
        view = asking.args["view"]
        return world.make_view(asking.installation, trigger.user, trigger.team, view)

    def update(self, asking: Asking) -> Json:
        ids = asking.text("view_id"), asking.text("external_id")
        if not any(ids):
            raise invalid("missing required field: view_id or external_id")
        old = self._world.view_of(asking.installation, *ids)
        check(asking.args["view"], home=old.given["type"] == "home")
        _same(asking, old)
        return self._shown(self._world.update_view(old, asking.args["view"]))

    def publish(self, asking: Asking) -> Json:
        world, user, by = self._world, asking.text("user_id"), asking.installation
        check(asking.args["view"], home=True)
        if not world.home_tab:
            raise SlackError("not_enabled")
        person = world.people.get(user)
        if person is None or not person.teams & {*by.teams}:
            raise SlackError("user_not_found")
        old = world.home(user, by.at)
        if old is not None:
            _same(asking, old)
        team = person.team if person.team in by.teams else by.teams[0]
        view = world.make_view(by, user, team, asking.args["view"])
        world.publish(view)
        return self._shown(view)

    def _shown(self, view: View) -> Json:
        self._world.changed()
        return {"view": view.json(self._world.app_id)}


def _same(asking: Asking, old: View) -> None:
    """A `hash` that is given has to be the one that is kept."""
    if asking.text("hash") not in ("", old.hash):
        raise SlackError("hash_conflict")
