"""Acting as people towards the app: commands, presses, submissions, shortcuts, the Home tab."""

from urllib.parse import urlencode

from tests.servers.slack.acting import Acting
from tests.servers.slack.acts import Act, ResponseUrl, enterprise_json, team_json
from tests.servers.slack.errors import SlackError
from tests.servers.slack.ground import Json, Wire
from tests.servers.slack.installs import Installation
from tests.servers.slack.messages import Message
from tests.servers.slack.parcels import Kind as Way
from tests.servers.slack.parcels import Parcel
from tests.servers.slack.places import Channel, Kind
from tests.servers.slack.views import View, filled

NAMES = {Kind.IM: "directmessage", Kind.GROUP: "privategroup"}
Where = Message | View | str


class Interacting(Acting):
    """Each of these returns an Act once the app has acknowledged it, or did not in time.

    With `wait=False` it returns as soon as it is sent.
    """

    async def slash(
        self, user: str, channel: str, command: str, text: str = "", *, wait: bool = True
    ) -> Act:
        """`/command text`, typed in a channel or DM (never in a thread: Slack forbids that)."""
        place, person = self._in(user, channel), self.people[user]
        by = self._installation(user, place)
        team = self.teams[self.context_team(by, place, person.team)]
        trigger = self.trigger(by, user, team.id)
        response = self.response_url(by, user, channel)
        payload: Json = {
            "token": self.verification_token, "team_id": team.id, "team_domain": team.domain,
            "channel_id": channel, "channel_name": NAMES.get(place.kind, place.name),
            "user_id": user, "user_name": person.name.lower(), "command": command, "text": text,
            "api_app_id": self.app_id, "is_enterprise_install": str(by.org).lower(),
            "response_url": response.url, "trigger_id": trigger.id,
        }  # fmt: skip
        if team.enterprise:
            org = {"enterprise_id": team.enterprise, "enterprise_name": f"Org {team.enterprise}"}
            payload |= org
        parcel = Parcel(self.ids.fresh("A"), Way.COMMAND, payload, accepts_answer=True)
        act = Act(parcel, trigger, response)
        parcel.done = lambda _: self._command_answered(act)
        return await self._send(act, wait)

    def _installation(self, user: str, channel: Channel | None) -> Installation:
        """The app as this person meets it: of their workspace, else of the channel's."""
        person = self.people[user]
        teams = [person.team, *sorted(person.teams), *(channel.teams if channel else [])]
        found = [i for team in teams if (i := self.installed(team)) is not None]
        assert found, f"{user} meets no app there"
        return found[0]

    async def _send(self, act: Act, wait: bool) -> Act:
        self.deliveries.send(act.parcel)
        await self.flush()
        if wait:
            await self.until(lambda: act.acked or act.lost)
        return act

    def _command_answered(self, act: Act) -> None:
        """Text or JSON in the acknowledgement is a message; it uses no turn of response_url."""
        answer = act.answer
        given = {"text": answer} if isinstance(answer, str) else answer
        if act.acked and given and act.response is not None:
            self._complain(act, lambda: self.respond(_there(act.response), given))

    def _complain(self, act: Act, do: "Wire") -> None:
        try:
            do()
        except SlackError as refusal:
            what = act.payload.get("type", act.payload.get("command"))
            self.problems.append(f"acknowledgement of {what}: {refusal.json()}")

    def _base(self, kind: str, by: Installation, user: str, channel: Channel | None) -> Json:
        """What every interaction carries."""
        person = self.people[user]
        team = self.teams[self.context_team(by, channel, person.team)]
        names = {"id": user, "username": person.name.lower(), "name": person.name.lower()}
        return {
            "type": kind, "user": names | {"team_id": person.team}, "api_app_id": self.app_id,
            "token": self.verification_token, "team": team_json(team),
            "enterprise": enterprise_json(team), "is_enterprise_install": by.org,
        }  # fmt: skip

    def _where(self, user: str, where: Where) -> Message | View:
        """ "home" and "modal" name what is before the person."""
        found: Message | View | None = None
        if isinstance(where, str):
            assert where in ("home", "modal"), "where is a message, a view, home or modal"
            found = self.home(user) if where == "home" else self.modal(user)
        else:
            found = where
        assert found is not None, f"{user} has no {where} before them"
        return found

    async def press(
        self, user: str, where: Where, action_id: str, selected: Wire = None, *, wait: bool = True
    ) -> Act:
        """A button, or a menu or an input with `selected`: an option's value or text, or what is
        typed, a list of them where several can be chosen.

        `where`: a Message, a View, "home" or "modal".
        """
        shown = self._where(user, where)
        block, element = shown.found(action_id)
        action: Json = {
            "action_id": action_id, "block_id": block["block_id"], "action_ts": self.ids.ts(),
        } | {k: element[k] for k in ("text", "value", "style") if k in element}  # fmt: skip
        if element["type"] == "overflow":
            action |= filled(element | {"type": "static_select"}, selected) | {"type": "overflow"}
        elif element["type"] != "button":
            action |= filled(element, selected)
            if isinstance(shown, View):
                shown.state[action_id] = filled(element, selected)
        action["type"] = element["type"]
        if block["type"] == "input":
            assert block.get("dispatch_action"), (
                f"{action_id} tells the app nothing when it changes"
            )
        payload, response, trigger = self._source(user, shown, "block_actions")
        payload["actions"] = [action]
        parcel = Parcel(self.ids.fresh("A"), Way.INTERACTIVE, payload, accepts_answer=False)
        return await self._send(Act(parcel, trigger, response), wait)

    def _source(
        self, user: str, shown: Message | View, kind: str
    ) -> tuple[Json, ResponseUrl | None, "Wire"]:
        """The payload of what happens in a message or view, and what answers it."""
        if isinstance(shown, View):
            by = shown.installation
            payload = self._base(kind, by, user, None)
            trigger = self.trigger(by, user, shown.team)
            payload |= {
                "trigger_id": trigger.id, "view": shown.json(self.app_id),
                "container": {"type": "view", "view_id": shown.id},
            }  # fmt: skip
            return payload, None, trigger
        assert not shown.deleted, "the message is gone"
        assert shown.only_for in (None, user), f"{user} does not see the message"
        place = self._in(user, shown.channel)
        by = next(i for i in self.installations if i.bot_id == shown.bot_id)
        payload = self._base(kind, by, user, place)
        trigger = self.trigger(by, user, payload["team"]["id"])
        response = self.response_url(by, user, place.id, shown)
        container = {"type": "message", "message_ts": shown.ts, "channel_id": place.id}
        container |= {"thread_ts": shown.thread_ts} if shown.thread_ts else {}
        payload |= {
            "trigger_id": trigger.id, "response_url": response.url, "state": {"values": {}},
            "channel": {"id": place.id, "name": NAMES.get(place.kind, place.name)},
            "container": container | {"is_ephemeral": shown.only_for is not None},
        }  # fmt: skip
        if shown.only_for is None:
            payload["message"] = shown.json()
        return payload, response, trigger

    async def suggest(self, user: str, where: Where, action_id: str, typed: str) -> list[Json]:
        """The options of an external menu for what is typed so far."""
        shown = self._where(user, where)
        block, element = shown.found(action_id)
        assert element["type"].endswith("external_select")
        payload, _, trigger = self._source(user, shown, "block_suggestion")
        for key in ("trigger_id", "response_url"):
            payload.pop(key, None)
        payload |= {"action_id": action_id, "block_id": block["block_id"], "value": typed}
        parcel = Parcel(self.ids.fresh("A"), Way.INTERACTIVE, payload, accepts_answer=True)
        act = await self._send(Act(parcel, trigger), wait=True)
        found: list[Json] = (act.answer or {}).get("options", [])
        return found

    async def shortcut(
        self, user: str, callback_id: str, message: Message | None = None, *, wait: bool = True
    ) -> Act:
        """A global shortcut, or one of a message's menu."""
        place = self._in(user, message.channel) if message else None
        by = self._installation(user, place)
        payload = self._base("message_action" if message else "shortcut", by, user, place)
        trigger = self.trigger(by, user, payload["team"]["id"])
        payload |= {
            "callback_id": callback_id, "trigger_id": trigger.id, "action_ts": self.ids.ts(),
        }  # fmt: skip
        response = None
        if message is not None and place is not None:
            response = self.response_url(by, user, place.id)
            payload |= {
                "message_ts": message.ts, "message": message.json(), "response_url": response.url,
                "channel": {"id": place.id, "name": NAMES.get(place.kind, place.name)},
            }  # fmt: skip
        parcel = Parcel(self.ids.fresh("A"), Way.INTERACTIVE, payload)
        return await self._send(Act(parcel, trigger, response), wait)


def _there(response: ResponseUrl | None) -> ResponseUrl:
    assert response is not None
    return response


def form(payload: Json) -> str:
    """As Slack posts a slash command."""
    return urlencode(payload)
