"""What Ellie says, as Slack takes it: Markdown in blocks, in which nobody is called."""

import re
from collections.abc import Sequence
from typing import Any

from adapters.slack.mrkdwn import escaped

LIMIT = 11_000
"""Characters of one message. A block takes 12,000; whole messages were seen to fail at some 13,200
(`platform-rules.md`, S15)."""
FALLBACK = 3000
"""So much of a message is in its plain text, which notifications show."""
_TORN = re.compile(r"&[a-z]*\Z")
_CALL = re.compile(r"<(?=[!@#])")


def neutral(text: str) -> str:
    """Markdown in which no `<!channel>`, `<@U1>` or the like calls anybody."""
    return _CALL.sub("&lt;", text)


def settled(text: str) -> str:
    """As much of a text that goes on as can be made neutral by now."""
    return text[:-1] if text.endswith("<") else text


def blocks_of(text: str, controls: Sequence[dict[str, Any]] = ()) -> list[dict[str, Any]]:
    """A message of (neutral) Markdown, with these blocks below it."""
    return [{"type": "markdown", "text": text}, *controls]


def fallback(text: str) -> str:
    """The same for notifications, in which every sign is only itself."""
    whole = escaped(text.replace("&lt;", "<"))
    return whole if len(whole) <= FALLBACK else f"{_TORN.sub('', whole[:FALLBACK])}…"
