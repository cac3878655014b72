"""chat.startStream, appendStream, stopStream: answers that grow before the reader's eyes."""

from tests.servers.slack.blocks import MARKDOWN, MESSAGE_BLOCKS
from tests.servers.slack.chat_methods import ChatMethods
from tests.servers.slack.content import checked, metadata
from tests.servers.slack.errors import SlackError, invalid
from tests.servers.slack.ground import Json
from tests.servers.slack.places import Channel, Kind
from tests.servers.slack.sessions import End, Mode, Sessions, Stream
from tests.servers.slack.webapi import Asking, Method

CHUNKS = {
    "markdown_text": {"text"},
    "task_update": {"id", "title", "status", "details", "output", "sources"},
    "plan_update": {"title"},
    "blocks": {"blocks"},
}
STATUSES = frozenset({"active", "processing", "suspended", "closed"})


class StreamMethods:
    """Of apps that are agents, in workspaces that pay."""

    def __init__(self, world: Sessions, chat: ChatMethods) -> None:
        self._world = world
        self._chat = chat

    def table(self) -> dict[str, Method]:
        return {
            "chat.startStream": self.start, "chat.appendStream": self.append,
            "chat.stopStream": self.stop,
        }  # fmt: skip

    def start(self, asking: Asking) -> Json:
        world, channel = self._world, self._chat.place(asking)
        need_agent(world, asking, channel)
        thread = asking.text("thread_ts")
        if channel.kind is Kind.IM:
            if not thread:
                raise invalid("missing required field: thread_ts")
        else:
            self._recipient(asking)
        if asking.args.get("task_display_mode", "timeline") not in ("timeline", "plan", "dense"):
            raise invalid("task_display_mode must be timeline, plan or dense")
        if asking.args.keys() & {"icon_emoji", "icon_url", "username"}:
            asking.need("chat:write.customize")
        text, mode = self._given(asking)
        message = world.by_bot(asking.installation, channel, text, [])
        if thread:
            self._chat.reply(channel, message, thread, broadcast=False)
        world.place(message)
        world.begin_stream(message, mode)
        return {"channel": channel.id, "ts": message.ts}

    def _recipient(self, asking: Asking) -> None:
        user, team = asking.text("recipient_user_id"), asking.text("recipient_team_id")
        if not team:
            raise SlackError("missing_recipient_team_id")
        if not user:
            raise SlackError("missing_recipient_user_id")
        if team not in self._world.teams:
            raise SlackError("team_not_found")
        person = self._world.people.get(user)
        if person is None or team not in person.teams:
            raise SlackError("user_not_found")

    def _given(self, asking: Asking) -> tuple[str, Mode | None]:
        """The text to append, and how it came; None: nothing came."""
        markdown, chunks = asking.args.get("markdown_text"), asking.args.get("chunks")
        if markdown is not None and chunks is not None:
            raise SlackError("cannot_provide_both_markdown_text_and_chunks")
        if markdown is not None:
            return _within(markdown), Mode.MARKDOWN
        if not chunks:
            return "", None if chunks is None else Mode.CHUNKS
        if not isinstance(chunks, list):
            raise SlackError("invalid_chunks")
        for chunk in chunks:
            known = CHUNKS.get(str(chunk.get("type"))) if isinstance(chunk, dict) else None
            if known is None or chunk.keys() - known - {"type"}:
                raise SlackError("invalid_chunks")
        texts = [c["text"] for c in chunks if c["type"] == "markdown_text"]
        return "".join(_within(text) for text in texts), Mode.CHUNKS

    def append(self, asking: Asking) -> Json:
        stream = self._stream(asking)
        text, mode = self._given(asking)
        if mode is None:
            raise SlackError("markdown_text_or_chunks_required")
        if stream.end is End.BY_USER:
            raise SlackError("stopped_by_user")
        self._take(stream, text, mode)
        self._world.changed()
        return {"channel": stream.message.channel, "ts": stream.message.ts}

    def _take(self, stream: Stream, text: str, mode: Mode | None) -> None:
        if stream.end is not None:
            raise SlackError("message_not_in_streaming_state")
        if mode is not None and stream.mode not in (None, mode):
            raise SlackError("streaming_mode_mismatch")
        stream.mode = stream.mode or mode
        stream.message.text += text

    def _stream(self, asking: Asking) -> Stream:
        """The stream of this message, whether it takes more or not."""
        world, channel = self._world, self._chat.place(asking)
        message = world.message(channel.id, asking.text("ts"))
        if message.bot_id != asking.installation.bot_id:
            raise SlackError("message_not_owned_by_app")
        stream = world.streams.get((channel.id, message.ts))
        if stream is None:
            raise SlackError("message_not_in_streaming_state")
        return stream

    def stop(self, asking: Asking) -> Json:
        """Also of a stream that the user stopped: nothing is added, and its session goes on."""
        world, stream = self._world, self._stream(asking)
        message, before = stream.message, stream.message.json()
        status = asking.text("session_status") or "active"
        if status not in STATUSES:
            raise invalid("session_status must be active, processing, suspended or closed")
        text, mode = self._given(asking)
        blocks = asking.args.get("blocks") or []
        blocks = checked(blocks, world.ids, most=MESSAGE_BLOCKS) if blocks else []
        meta = metadata(asking.args.get("metadata"))
        if stream.end is not End.BY_USER:
            self._take(stream, text, mode)
            if not message.text.strip() and not blocks:
                message.text = ""
            if blocks:
                whole = {"type": "markdown", "text": message.text, "block_id": world.ids.fresh("b")}
                message.blocks = [whole, *blocks] if message.text else blocks
        message.metadata = meta or message.metadata
        world.end_stream(stream, End.STOPPED)
        stream.end = End.STOPPED
        if message.thread_ts:
            world.set_session(message.channel, message.thread_ts, status)
        world.tell_changed(message, before)
        return {
            "channel": message.channel, "ts": message.ts, "message": message.json(metadata=True),
        }  # fmt: skip


def _within(text: object) -> str:
    if not isinstance(text, str):
        raise invalid("markdown_text must be a string")
    if len(text) > MARKDOWN:
        raise SlackError("msg_too_long")
    return text


def need_agent(world: Sessions, asking: Asking, channel: Channel) -> None:
    """`feature_disabled` where the app is no agent, or the workspace does not pay."""
    team = world.context_team(asking.installation, channel, channel.team)
    if not world.agent or not world.teams[team].paid:
        raise SlackError("feature_disabled")
