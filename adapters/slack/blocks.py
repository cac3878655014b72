"""The text of a message that has blocks and nothing else."""

from collections.abc import Iterable, Mapping
from typing import Any

from adapters.slack.mrkdwn import escaped


def text_of(blocks: Iterable[Mapping[str, Any]]) -> str:
    """What blocks say, as Slack would write it in a message's text; a line for each block."""
    return "\n".join(filter(None, map(_said, blocks)))


def _said(block: Mapping[str, Any]) -> str:
    if block.get("type") == "rich_text":
        return "".join(map(_rich, block.get("elements") or ())).strip()
    if block.get("type") == "markdown":
        return escaped(str(block.get("text") or ""))
    texts = [block.get("text"), *(block.get("fields") or ()), *(block.get("elements") or ())]
    return " ".join(_plain(text) for text in texts if isinstance(text, Mapping)).strip()


def _plain(text: Mapping[str, Any]) -> str:
    """The text of a text object; buttons and pictures say nothing."""
    said = text.get("text")
    if text.get("type") == "plain_text" and isinstance(said, str):
        return escaped(said)
    return said if text.get("type") == "mrkdwn" and isinstance(said, str) else ""


def _rich(element: Mapping[str, Any]) -> str:
    """An element of rich text, with what is in it; lists and quotes have lines of their own."""
    match element.get("type"):
        case "text":
            return escaped(str(element.get("text") or ""))
        case "user":
            return f"<@{element.get('user_id')}>"
        case "channel":
            return f"<#{element.get('channel_id')}>"
        case "broadcast":
            return f"<!{element.get('range')}>"
        case "emoji":
            return f":{element.get('name')}:"
        case "link":
            url, text = element.get("url"), element.get("text")
            return f"<{url}|{escaped(text)}>" if text else f"<{url}>"
    inner = "".join(map(_rich, element.get("elements") or ()))
    quote = "&gt; " if element.get("type") == "rich_text_quote" else ""
    return f"{quote}{inner}\n"
