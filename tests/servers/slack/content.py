"""What a message may carry: text, Markdown, blocks, metadata, checked as Slack checks them."""

from dataclasses import dataclass

from tests.servers.slack import blocks as kit
from tests.servers.slack.errors import SlackError, invalid
from tests.servers.slack.ground import Ids, Json, Wire
from tests.servers.slack.surfaces import elements
from tests.servers.slack.webapi import Asking

TEXT = 40_000
"""Slack cuts a longer `text` of chat.postMessage off here."""
UPDATE_TEXT = 4_000
BLOCKS_TEXT = 13_200
"""Characters in all blocks together; seen, and not documented."""


@dataclass(frozen=True, slots=True)
class Content:
    """`markdown`: the text came as `markdown_text`."""

    text: str
    blocks: list[Json]
    attachments: list[Json]
    metadata: Json | None


def content(asking: Asking, ids: Ids, *, most: int = TEXT, cut: bool = True) -> Content:
    """The content of a call. `no_text` where there is none; `text` over `most` is cut off, or
    refused; Markdown has its own limit."""
    args = asking.args
    text, markdown = args.get("text"), args.get("markdown_text")
    blocks, attachments = args.get("blocks"), args.get("attachments") or []
    for name, value in (("text", text), ("markdown_text", markdown)):
        if value is not None and not isinstance(value, str):
            raise invalid(f"{name} must be a string")
    if markdown is not None:
        if text is not None or blocks is not None:
            raise SlackError("markdown_text_conflict")
        if len(markdown) > kit.MARKDOWN:
            raise SlackError("msg_too_long")
        text = markdown
    if blocks is not None:
        blocks = checked(blocks, ids)
    if not (text or "").strip() and not blocks and not attachments:
        raise SlackError("no_text")
    if text and markdown is None and len(text) > most:
        if not cut:
            raise SlackError("msg_too_long")
        text = text[:most]
        asking.warnings.append("message_truncated")
    return Content(text or "", blocks or [], attachments, metadata(args.get("metadata")))


def checked(blocks: Wire, ids: Ids, *, most: int = kit.MESSAGE_BLOCKS) -> list[Json]:
    """Good blocks, with the ids that Slack gives where there are none."""
    if not isinstance(blocks, list):
        raise SlackError("invalid_blocks_format")
    if wrong := kit.problems(blocks, most=most):
        raise invalid(*wrong, error="invalid_blocks")
    if sum(len(text) for text in _strings(blocks)) > BLOCKS_TEXT:
        raise SlackError("msg_blocks_too_long")
    return named(blocks, ids)


def named(blocks: list[Json], ids: Ids) -> list[Json]:
    """With a block_id and action_ids everywhere."""
    shown = [{"block_id": ids.fresh("b")} | block for block in blocks]
    for block in shown:
        held = [*block.get("elements", []), block.get("accessory"), block.get("element")]
        for element in held:
            if isinstance(element, dict) and element.get("type") in kit.IN_ACTIONS | kit.INPUTS:
                element.setdefault("action_id", ids.fresh("a"))
        assert all(e["action_id"] for e in elements(block))
    return shown


def _strings(value: Wire) -> list[str]:
    if isinstance(value, dict):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for held in value.values() for text in _strings(held)]
    return [text for one in value for text in _strings(one)] if isinstance(value, list) else []


def metadata(given: Wire) -> Json | None:
    """{} means: take it away."""
    if given is None:
        return None
    if not isinstance(given, dict):
        raise SlackError("invalid_metadata_format")
    unknown = given.keys() - {"event_type", "event_payload", "entities"}
    both = isinstance(given.get("event_type"), str) and isinstance(given.get("event_payload"), dict)
    if given and (unknown or not (both or "entities" in given)):
        raise SlackError("invalid_metadata_schema")
    if len(str(given)) > 8000:
        raise SlackError("metadata_too_large")
    return given
