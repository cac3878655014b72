"""A message of the loopback Slack, and how it looks on the wire."""

import re
from dataclasses import dataclass, field

from tests.servers.slack.ground import Json
from tests.servers.slack.surfaces import Shown

USER_MENTION = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


@dataclass(slots=True, eq=False)
class File:
    """A file that is kept; `shared_in` are the channels where it was shared."""

    id: str
    name: str
    title: str
    kind: str
    content: bytes
    user: str
    team: str
    url: str
    created: int
    shared_in: list[str] = field(default_factory=list)
    alt_text: str | None = None
    deleted: bool = False

    def json(self) -> Json:
        ending = self.name.rpartition(".")[2]
        return {
            "id": self.id, "created": self.created, "timestamp": self.created, "name": self.name,
            "title": self.title, "mimetype": self.kind, "filetype": ending,
            "pretty_type": ending.upper(), "user": self.user, "user_team": self.team,
            "editable": False, "size": len(self.content), "mode": "hosted", "is_external": False,
            "external_type": "", "is_public": False, "public_url_shared": False,
            "display_as_bot": False, "username": "", "url_private": self.url,
            "url_private_download": f"{self.url}?download=1", "permalink": self.url,
            "has_rich_preview": False, "file_access": "visible", "channels": self.shared_in,
        }  # fmt: skip

    def stub(self) -> Json:
        """As Slack Connect shows it: `files.info` has the rest."""
        return {"id": self.id, "mode": "file_access", "file_access": "check_file_info"}


@dataclass(slots=True, eq=False)
class Message(Shown):
    """What stands in a channel. `only_for`: it is ephemeral, seen by this person alone.

    `text` is as it was given, in Slack's escapes; what came as `markdown_text` is unchanged.
    `streaming`: a stream that is not stopped yet. `deleted` ones stand in no channel any more.
    """

    channel: str
    ts: str
    team: str
    user: str | None
    text: str
    blocks: list[Json] = field(default_factory=list)
    thread_ts: str | None = None
    subtype: str | None = None
    broadcast: bool = False
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    client_msg_id: str | None = None
    files: list[File] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    metadata: Json | None = None
    edited: Json | None = None
    only_for: str | None = None
    streaming: bool = False
    deleted: bool = False
    parent_user: str | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    more: Json = field(default_factory=dict)

    @property
    def mentions(self) -> list[str]:
        return USER_MENTION.findall(self.text)

    def json(self, *, metadata: bool = False) -> Json:
        """As history and events show it. `metadata` only where it is asked for."""
        shown: Json = {"type": "message", "ts": self.ts, "text": self.text, "team": self.team}
        optional = {
            "subtype": self.subtype, "user": self.user, "bot_id": self.bot_id,
            "app_id": self.app_id, "username": self.username, "thread_ts": self.thread_ts,
            "client_msg_id": self.client_msg_id, "edited": self.edited,
            "parent_user_id": self.parent_user, "blocks": self.blocks or None,
            "attachments": self.attachments or None, "files": [f.json() for f in self.files],
            "metadata": self.metadata if metadata else None,
            "reactions": [
                {"name": name, "users": users, "count": len(users)}
                for name, users in self.reactions.items()
            ],
        }  # fmt: skip
        return shown | {name: value for name, value in optional.items() if value} | self.more


def rich_text(text: str, block_id: str) -> Json:
    """The block that Slack puts beside what a person typed."""
    parts: list[Json] = []
    end = 0
    for found in USER_MENTION.finditer(text):
        parts += [{"type": "text", "text": text[end : found.start()]}]
        parts += [{"type": "user", "user_id": found[1]}]
        end = found.end()
    parts += [{"type": "text", "text": text[end:]}]
    section = {
        "type": "rich_text_section",
        "elements": [p for p in parts if p.get("text") != ""],
    }
    return {"type": "rich_text", "block_id": block_id, "elements": [section]}
