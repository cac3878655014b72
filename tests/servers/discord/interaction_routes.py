"""REST of interactions: the callback, and the webhook of its token."""

from tests.servers.discord import errors, fields
from tests.servers.discord import permissions as may
from tests.servers.discord.command_limits import check_choices
from tests.servers.discord.errors import invalid
from tests.servers.discord.ground import Json
from tests.servers.discord.interactions import (
    USER_INSTALL_FOLLOWUPS,
    Callback,
    Interaction,
    Kind,
)
from tests.servers.discord.limits import check_modal
from tests.servers.discord.messages import (
    CHAT_INPUT_COMMAND,
    CONTEXT_MENU_COMMAND,
    DEFAULT,
    REPLY,
    Message,
)
from tests.servers.discord.posting import edit, post
from tests.servers.discord.rest import Call, Route
from tests.servers.discord.world import World

ALLOWED = {
    Kind.COMMAND: {Callback.MESSAGE, Callback.DEFER, Callback.MODAL},
    Kind.COMPONENT: set(Callback) - {Callback.CHOICES},
    Kind.AUTOCOMPLETE: {Callback.CHOICES},
    Kind.MODAL: set(Callback) - {Callback.CHOICES, Callback.MODAL},
}
KNOWN = {
    Callback.MESSAGE: fields.CALLBACK_MESSAGE, Callback.UPDATE: fields.CALLBACK_MESSAGE,
    Callback.DEFER: frozenset(["flags"]), Callback.DEFER_UPDATE: frozenset[str](),
    Callback.CHOICES: frozenset(["choices"]), Callback.MODAL: fields.MODAL,
}  # fmt: skip


class InteractionRoutes:
    """Its `table` is what the server's route table holds of it."""

    def __init__(self, world: World, interactions: dict[int, Interaction]) -> None:
        self._world = world
        self._interactions = interactions

    def table(self) -> dict[str, Route]:
        webhook = "/webhooks/{application}/{token}"
        return {
            "POST /interactions/{interaction}/{token}/callback": self.callback,
            f"POST {webhook}": self.follow_up,
            f"GET {webhook}/messages/{{message}}": lambda call: self._message(call).json(),
            f"PATCH {webhook}/messages/{{message}}": self.edit,
            f"DELETE {webhook}/messages/{{message}}": self.delete,
        }

    def callback(self, call: Call) -> Json | None:
        """The first answer. A refused one does not use the interaction up."""
        found = self._interactions.get(call.id("interaction"))
        if found is None or found.token != call.ids["token"] or found.dead:
            raise errors.unknown_interaction()
        if found.answered:
            raise errors.already_acknowledged()
        if found.late:
            raise errors.unknown_interaction()
        body = call.body(frozenset(["type", "data"]))
        callback = Callback(body["type"]) if body.get("type") in set(Callback) else None
        if callback not in ALLOWED[found.kind]:
            raise invalid("type", "This answer does not fit the interaction.", "BASE_TYPE_CHOICES")
        if callback in (Callback.UPDATE, Callback.DEFER_UPDATE) and found.source is None:
            raise invalid("type", "There is no message to update.", "BASE_TYPE_CHOICES")
        given: Json = body.get("data") or {}
        call.report(fields.unknown(given, KNOWN[callback], "data."))
        message = self._first(found, callback, given, call)
        found.answer(callback, message)
        if "with_response" not in call.request.query:
            return None
        return _response(found, callback, message)

    def _first(
        self, found: Interaction, callback: Callback, given: Json, call: Call
    ) -> Message | None:
        """Do what the callback says; the message that is `@original` from then on."""
        match callback:
            case Callback.MESSAGE:
                return self._post(found, given, call, first=True)
            case Callback.DEFER:
                if int(given.get("flags") or 0) & ~may.EPHEMERAL:
                    raise invalid("data.flags", "Only EPHEMERAL can be set on a defer.")
                return self._post(found, given, call, first=True, flags=may.LOADING)
            case Callback.UPDATE if found.source is not None:
                return edit(self._world, found.source, given, call.uploads)
            case Callback.CHOICES:
                check_choices(given.get("choices") or [])
                found.choices = given.get("choices") or []
            case Callback.MODAL:
                check_modal(given)
                found.modal = given
            case _:
                return found.source
        return None

    def _post(
        self, found: Interaction, given: Json, call: Call, *, first: bool = False, flags: int = 0
    ) -> Message:
        kind = DEFAULT
        if found.kind is Kind.COMMAND and first:
            kind = CHAT_INPUT_COMMAND if found.action["type"] == 1 else CONTEXT_MENU_COMMAND
        before = found.original() if not first else found.source
        message = post(
            self._world, found.channel, given, call.uploads,
            type=kind, flags=flags, interaction=found.metadata(), silent=True,
        )  # fmt: skip
        if before is not None:
            message.type = REPLY if kind == DEFAULT else kind
            message.replied_to = before
            message.reference = {
                "type": 0, "channel_id": str(found.channel.id), "message_id": str(before.id),
            }  # fmt: skip
        message.only_for = found.user if message.ephemeral else None
        self._world.place(message)
        return message

    def _found(self, call: Call) -> Interaction:
        """The interaction of a token that is alive and was answered."""
        held = [i for i in self._interactions.values() if i.token == call.ids["token"]]
        if call.id("application") != self._world.application_id or not held:
            raise errors.unknown_webhook()
        if held[0].dead:
            raise errors.dead_token()
        if not held[0].answered:
            raise errors.unknown_webhook()
        return held[0]

    def follow_up(self, call: Call) -> Json:
        """A further message; where the answer is still deferred, it fills that instead."""
        found, body = self._found(call), call.body(fields.WEBHOOK)
        original = found.original()
        if found.type is Callback.DEFER and original is not None and original.loading:
            flags = int(body.get("flags") or 0) & ~may.EPHEMERAL
            filled = edit(self._world, original, body | {"flags": flags}, call.uploads)
            return filled.json()
        if set(found.owners) == {"1"} and len(found.followups) == USER_INSTALL_FOLLOWUPS:
            raise errors.too_many_followups()
        message = self._post(found, body, call)
        found.followups.append(message)
        return message.json()

    def _message(self, call: Call) -> Message:
        found, wanted = self._found(call), call.ids["message"]
        own = [found.original(), *found.followups]
        for message in own[:1] if wanted == "@original" else own:
            if message is None or message.deleted:
                continue
            if wanted in ("@original", str(message.id)):
                return message
        raise errors.unknown_message()

    def edit(self, call: Call) -> Json:
        message = self._message(call)
        return edit(self._world, message, call.body(fields.EDIT), call.uploads).json()

    def delete(self, call: Call) -> None:
        self._world.remove(self._message(call))


def _response(found: Interaction, callback: Callback, message: Message | None) -> Json:
    about: Json = {"id": str(found.id), "type": int(found.kind)}
    if message is not None:
        about |= {
            "response_message_id": str(message.id),
            "response_message_loading": message.loading,
            "response_message_ephemeral": message.ephemeral,
        }
    if message is None or callback not in (Callback.MESSAGE, Callback.UPDATE):
        return {"interaction": about}
    return {"interaction": about, "resource": {"type": int(callback), "message": message.json()}}
