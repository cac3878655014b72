"""What Slack tells of messages, cut down to what Ellie needs, as it is written down."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from adapters.slack.blocks import text_of
from bot.redaction import redact

_SPOKEN = {None, "file_share", "thread_broadcast", "me_message"}
_GONE = {"channel_deleted", "group_deleted"}
_TURNED = {"channel_convert_to_private", "channel_convert_to_public"}


class Kind(StrEnum):
    """What happened: a message was posted, changed or deleted, or a channel was deleted."""

    SAID = "said"
    EDITED = "edited"
    DELETED = "deleted"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message. `size` in bytes; `url` needs the bot's token.

    `url` "": what is shared from another organisation is told by its id alone.
    """

    id: str
    name: str
    kind: str
    size: int
    url: str


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A message that was shared into another one. `author` "": Slack does not say."""

    author: str
    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """Something that happened in a channel.

    `ts` names the message, `thread` is its `thread_ts` as Slack gave it (None: none), `at` when
    it happened. `text` is as Slack writes it, without its secrets. `home`: the team of who wrote
    it, where Slack tells. `closed`: Slack says that the channel is not public; `outside`: that
    another organisation shares it.
    """

    kind: Kind
    space: str
    channel: str
    ts: str
    at: str
    enterprise: str | None = None
    thread: str | None = None
    user: str = ""
    home: str | None = None
    text: str = ""
    files: tuple[File, ...] = ()
    forwarded: tuple[Forwarded, ...] = ()
    closed: bool = False
    outside: bool = False

    @property
    def im(self) -> bool:
        """Whether it happened in a DM: their ids begin with D."""
        return self.channel.startswith("D")

    @property
    def key(self) -> str:
        """The same for everything that tells of the same: a mention comes as two events."""
        when = f":{self.at}" if self.kind is Kind.EDITED else ""
        return f"{self.kind}:{self.channel}:{self.ts}{when}"

    def dump(self) -> str:
        """As one line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False)


def load(payload: str) -> Heard:
    """What `dump` gave. Raises ValueError and TypeError for anything else."""
    told = json.loads(payload)
    files = tuple(File(**file) for file in told.pop("files"))
    forwarded = tuple(Forwarded(**one) for one in told.pop("forwarded"))
    return Heard(**{**told, "kind": Kind(told["kind"])}, files=files, forwarded=forwarded)


def read(body: Mapping[str, Any]) -> Heard | None:
    """What an event tells; None: nothing that matters, or nobody's words.

    What bots write (Ellie too), joins and other notices, and changes that changed no words, such as
    looking at a link, are nothing.
    """
    event = body["event"]
    where: dict[str, Any] = {
        "space": space_of(body),
        "enterprise": enterprise_of(body),
        "closed": event.get("channel_type") in {"group", "mpim", "im"},
        "outside": body.get("is_ext_shared_channel") is True,
    }
    if event["type"] in _GONE:
        channel = event["channel"]
        ts = str(event.get("event_ts", ""))
        return Heard(Kind.GONE, channel=channel, ts=ts, at=ts, **where)
    subtype = event.get("subtype")
    if subtype == "message_deleted":
        return _deleted(event, event.get("previous_message") or {}, where)
    if subtype == "message_changed":
        return _changed(event, where)
    if subtype not in _SPOKEN or not _is_persons(event):
        return None
    return _said(Kind.SAID, event["channel"], event, event["ts"], where)


def enterprise_of(body: Mapping[str, Any]) -> str | None:
    """The organisation whose installation hears an event; None: it is of none."""
    by: Mapping[str, Any] = next(iter(body.get("authorizations") or ()), {})
    found = (
        by.get("enterprise_id"), body.get("enterprise_id"), body.get("context_enterprise_id"),
    )  # fmt: skip
    return next((str(one) for one in found if one), None)


def is_turned(body: Mapping[str, Any]) -> bool:
    """Whether a channel became private, or public."""
    return body["event"].get("subtype") in _TURNED


def space_of(body: Mapping[str, Any]) -> str:
    """The workspace in which Ellie hears an event.

    That is the one of her installation; where she is installed in a whole organisation, the one in
    which it happened. An organisation's id is never taken for a workspace.
    """
    by: Mapping[str, Any] = next(iter(body.get("authorizations") or ()), {})
    event = body.get("event") or {}
    found: Iterable[Any] = (
        by.get("team_id"), body.get("team_id"), body.get("context_team_id"), event.get("team"),
    )  # fmt: skip
    return next((one for one in found if one and not one.startswith("E")), "")


def _is_persons(message: Mapping[str, Any]) -> bool:
    return bool(message.get("user")) and not message.get("bot_id") and not message.get("app_id")


def _deleted(
    event: Mapping[str, Any], before: Mapping[str, Any], where: Mapping[str, Any]
) -> Heard | None:
    ts = event.get("deleted_ts") or before.get("ts")
    if ts is None:
        return None
    at = str(event.get("event_ts") or event.get("ts") or ts)
    return Heard(
        Kind.DELETED,
        channel=event["channel"],
        ts=ts,
        at=at,
        thread=before.get("thread_ts"),
        **where,
    )


def _changed(event: Mapping[str, Any], where: Mapping[str, Any]) -> Heard | None:
    message, before = event["message"], event.get("previous_message") or {}
    if message.get("subtype") == "tombstone":  # deleted, and its thread goes on
        return _deleted(event, message, where)
    edited = message.get("edited")
    if not edited or not _is_persons(message) or message.get("subtype") not in _SPOKEN:
        return None
    same = message.get("text") == before.get("text")
    if before and same and message.get("files") == before.get("files"):
        return None
    at = event.get("event_ts") or event.get("ts") or edited["ts"]
    return _said(Kind.EDITED, event["channel"], message, str(at), where)


def _said(
    kind: Kind, channel: str, message: Mapping[str, Any], at: str, where: Mapping[str, Any]
) -> Heard:
    return Heard(
        kind,
        channel=channel,
        ts=message["ts"],
        at=at,
        thread=message.get("thread_ts"),
        user=message["user"],
        home=message.get("user_team") or message.get("source_team") or message.get("team"),
        text=_words(message.get("text") or text_of(message.get("blocks") or ())),
        files=tuple(file_of(file) for file in message.get("files") or ()),
        forwarded=tuple(_forwarded(message.get("attachments") or ())),
        **where,
    )


def file_of(file: Mapping[str, Any]) -> File:
    """A file from a file object of Slack's."""
    return File(
        id=file.get("id") or "",
        name=file.get("name") or file.get("title") or "file",
        kind=file.get("mimetype") or "",
        size=int(file.get("size") or 0),
        url=file.get("url_private_download") or file.get("url_private") or "",
    )


def _forwarded(attachments: Iterable[Mapping[str, Any]]) -> Iterable[Forwarded]:
    """Messages that were shared into this one; what a link looks like is not among them."""
    for one in attachments:
        if one.get("is_share") or one.get("is_msg_unfurl"):
            yield Forwarded(
                one.get("author_id") or "", _words(one.get("text") or one.get("fallback"))
            )


def _words(text: str | None) -> str:
    """A text without its secrets, and without halves of signs, which no file could hold."""
    return redact((text or "").encode(errors="replace").decode()).text
