"""response_url, and what an acknowledgement says: messages that answer an interaction."""

import json

from aiohttp import web

from tests.servers.slack.acts import RESPONDS_FOR, RESPONSES, ResponseUrl
from tests.servers.slack.content import checked, metadata
from tests.servers.slack.errors import SlackError
from tests.servers.slack.ground import Clock, Json
from tests.servers.slack.installs import Installation
from tests.servers.slack.messages import Message
from tests.servers.slack.opening import Opening

KEYS = frozenset(
    [
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "unfurl_links",
        "unfurl_media",
        "thread_ts",
        "metadata",
        "mrkdwn",
        "username",
        "icon_emoji",
        "icon_url",
    ]
)


class Responding(Opening):
    """Answers without a token."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.response_urls: dict[str, ResponseUrl] = {}

    def response_url(
        self,
        installation: Installation,
        user: str,
        channel: str,
        original: Message | None = None,
    ) -> ResponseUrl:
        id_ = self.ids.fresh("r")
        url = f"{self.base}/actions/{installation.at}/{id_}"
        made = ResponseUrl(url, installation, user, channel, self.clock.time(), original)
        self.response_urls[id_] = made
        return made

    async def serve_response(self, request: web.Request) -> web.StreamResponse:
        """POST with JSON; "ok", or Slack's error as JSON with a 4xx status."""
        method = "response_url"
        await self.faults.pause(method)
        fault = self.faults.take(method)
        if fault is not None and not fault.status and request.transport is not None:
            request.transport.abort()
        if fault is not None and not fault.after_commit:
            status = 404 if fault.status in (0, 200) else fault.status
            return web.json_response(fault.json(), status=status, headers=fault.headers())
        try:
            response = self._usable(request.match_info["id"])
            self.respond(response, _parsed(await request.text()))
        except SlackError as refusal:
            gone = refusal.error in ("expired_url", "used_url", "invalid_url")
            return web.json_response(refusal.json(), status=404 if gone else 400)
        finally:
            self.changed()
        return web.Response(text="ok")

    def _usable(self, id_: str) -> ResponseUrl:
        """Counted as used, also where what is posted is refused then."""
        response = self.response_urls.get(id_)
        if response is None:
            raise SlackError("invalid_url")
        if self.clock.time() - response.at >= RESPONDS_FOR:
            raise SlackError("expired_url")
        if response.uses >= RESPONSES:
            raise SlackError("used_url")
        response.uses += 1
        return response

    def respond(self, response: ResponseUrl, given: Json) -> None:
        """A message, or a change of the original."""
        unknown = given.keys() - KEYS
        kind = given.get("response_type", "ephemeral")
        if unknown or kind not in ("ephemeral", "in_channel"):
            raise SlackError("invalid_payload")
        original = response.original or (response.messages[-1] if response.messages else None)
        if given.get("delete_original"):
            if original is not None:
                self._delete(original)
            return
        text, blocks = str(given.get("text") or ""), given.get("blocks")
        blocks = checked(blocks, self.ids) if blocks else []
        if not text.strip() and not blocks and not given.get("attachments"):
            raise SlackError("no_text")
        if given.get("replace_original") and original is not None:
            before = original.json()
            original.text, original.blocks = text, blocks
            if original.only_for is None:
                self.tell_changed(original, before)
            return
        message = self.by_bot(response.installation, self.channels[response.channel], text, blocks)
        message.metadata = metadata(given.get("metadata"))
        message.thread_ts = given.get("thread_ts")
        response.messages.append(message)
        if kind == "in_channel":
            self.place(message)
        else:
            message.only_for = response.user
            self.whisper(message)

    def _delete(self, message: Message) -> None:
        if message.only_for is None:
            self.remove(message)
        message.deleted = True
        self.changed()


def _parsed(body: str) -> Json:
    try:
        given = json.loads(body)
    except ValueError:
        raise SlackError("invalid_payload") from None
    if not isinstance(given, dict):
        raise SlackError("invalid_payload")
    return given
