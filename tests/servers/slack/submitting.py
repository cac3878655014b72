"""Acting as people with modals: submit, close; and what the acknowledgement does to them."""

from collections.abc import Mapping

from tests.servers.slack.acts import Act
from tests.servers.slack.errors import SlackError
from tests.servers.slack.ground import Json, Wire
from tests.servers.slack.interacting import Interacting
from tests.servers.slack.parcels import Kind as Way
from tests.servers.slack.parcels import Parcel
from tests.servers.slack.views import View, filled

KEYS = {
    "errors": {"errors"}, "update": {"view"}, "push": {"view"}, "clear": set[str](),
}  # fmt: skip


class Submitting(Interacting):
    """Modals, and the tabs of the app's Home."""

    async def submit(
        self,
        user: str,
        view: View | None = None,
        values: Mapping[str, Wire] | None = None,
        *,
        wait: bool = True,
    ) -> Act:
        """Fill in and submit the modal (the uppermost by default).

        `values` by action_id or block_id: what is typed, an option's value or text, a list of
        them. What is not named stays as the app preset it. The act's `errors` are what the app
        found wrong; else the modal is gone, or what the app made of it.
        """
        modal = view or self.modal(user)
        assert modal is not None, f"{user} has no modal before them"
        assert "submit" in modal.given, "there is nothing to submit"
        names = {b["block_id"]: e["action_id"] for b, e in _inputs(modal)}
        for name, value in (values or {}).items():
            action_id = names.get(name, name)
            modal.state[action_id] = filled(modal.action(action_id), value)
        for block, element in _inputs(modal):
            held = modal.values()[block["block_id"]][element["action_id"]]
            empty = not any(v for k, v in held.items() if k != "type")
            assert block.get("optional") or not empty, f"{block['block_id']} must be filled in"
        payload = self._view_payload("view_submission", modal)
        trigger = self.trigger(modal.installation, user, modal.team)
        payload |= {"trigger_id": trigger.id, "response_urls": []}
        parcel = Parcel(self.ids.fresh("A"), Way.INTERACTIVE, payload, accepts_answer=True)
        act = Act(parcel, trigger)
        parcel.done = lambda _: self._submitted(act, modal)
        return await self._send(act, wait)

    def _view_payload(self, kind: str, modal: View) -> Json:
        """`team` is null where the app is installed in an organisation."""
        payload = self._base(kind, modal.installation, modal.user, None)
        payload["team"] = None if modal.installation.org else payload["team"]
        return payload | {"view": modal.json(self.app_id)}

    def _submitted(self, act: Act, modal: View) -> None:
        """The app has answered: close the modal, or do what it says."""
        if not act.acked:
            return
        stack, answer = self.stack(modal.user), act.answer
        if modal not in stack.views:
            return
        if not answer:
            stack.views.remove(modal)
        else:
            self._complain(act, lambda: self._obey(act, modal, answer))
        self.changed()

    def _obey(self, act: Act, modal: View, answer: Wire) -> None:
        stack = self.stack(modal.user)
        what = answer.get("response_action") if isinstance(answer, dict) else None
        if what not in KEYS or answer.keys() - KEYS[what] - {"response_action"}:
            raise SlackError("invalid_response_action")
        if what == "errors":
            ids = {block["block_id"] for block, _ in _inputs(modal)}
            if not answer["errors"] or answer["errors"].keys() - ids:
                raise SlackError("invalid_response_action", blocks=sorted(answer["errors"]))
            act.errors = modal.errors = dict(answer["errors"])
        elif what == "clear":
            stack.views.clear()
        elif what == "update":
            self.update_view(modal, answer["view"])
        else:
            by, user, team = modal.installation, modal.user, modal.team
            stack.push(self.make_view(by, user, team, answer["view"]))

    async def close(self, user: str, *, all_: bool = False) -> Act | None:
        """Close the uppermost modal, or all. None: the app does not want to be told."""
        modal = self.modal(user)
        assert modal is not None, f"{user} has no modal before them"
        stack = self.stack(user)
        if all_ or modal.given.get("clear_on_close"):
            stack.views.clear()
        else:
            stack.views.pop()
        self.changed()
        if not modal.given.get("notify_on_close"):
            return None
        payload = self._view_payload("view_closed", modal) | {"is_cleared": all_}
        trigger = self.trigger(modal.installation, user, modal.team)
        parcel = Parcel(self.ids.fresh("A"), Way.INTERACTIVE, payload)
        return await self._send(Act(parcel, trigger), wait=True)

    async def open_home(self, user: str, tab: str = "home", team: str | None = None) -> None:
        """The person opens the app's Home or Messages tab; `team`: in which workspace."""
        where = team or self.people[user].team
        by = self.installed(where)
        assert by is not None, f"the app is not installed in {where}"
        event: Json = {
            "type": "app_home_opened", "user": user, "channel": self.dm_of(by, user).id,
            "tab": tab, "event_ts": self.ids.ts(),
        }  # fmt: skip
        view = self.home(user, by.at)
        if tab == "home" and view is not None:
            event["view"] = view.json(self.app_id)
        if by.hears("app_home_opened"):
            self.notify(by, event, channel=None, team=where)
        await self.flush()

    async def look_at(self, user: str, *channels: str) -> None:
        """`app_context_changed`: the person, with the app open, looks at these channels."""
        person = self.people[user]
        by = self._installation(user, None)
        kind = "slack#/types/channel_id"
        seen = [{"type": kind, "value": c, "team_id": person.team} for c in channels]
        event: Json = {
            "type": "app_context_changed", "user": user, "channel": self.dm_of(by, user).id,
            "context": {"entities": seen} if seen else {}, "event_ts": self.ids.ts(),
        }  # fmt: skip
        if self.agent and by.hears("app_context_changed"):
            self.notify(by, event, channel=None, team=person.team)
        await self.flush()


def _inputs(modal: View) -> list[tuple[Json, Json]]:
    return [(b, b["element"]) for b in modal.blocks if b["type"] == "input"]
