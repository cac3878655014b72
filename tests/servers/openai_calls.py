"""What `OpenAIServer.on_chat` can return instead of a text: calls of tools, streamed in pieces."""

import json
from dataclasses import dataclass
from itertools import count
from typing import Any

Body = dict[str, Any]
_ids = count(1)


@dataclass(frozen=True, slots=True)
class Calling:
    """First the text in its pieces, then a chunk for each delta of `tool_calls`."""

    deltas: tuple[Body, ...]
    text: str = ""


def calling(*calls: tuple[str, str | Body], text: str = "") -> Calling:
    """Calls as OpenAI streams them: (name, arguments as a body, or as the raw text)."""
    deltas: list[Body] = []
    for index, (name, given) in enumerate(calls):
        arguments = given if isinstance(given, str) else json.dumps(given)
        function = {"name": name, "arguments": ""}
        first = {"index": index, "id": f"call_x{next(_ids)}", "type": "function"}
        deltas.append(first | {"function": function})
        deltas += [
            {"index": index, "function": {"arguments": arguments[start : start + 7]}}
            for start in range(0, len(arguments), 7)
        ]
    return Calling(tuple(deltas), text)


def search(query: str, **dates: str | None) -> tuple[str, Body]:
    """One call of `search_memory`."""
    return "search_memory", {"query": query, **dates}


def note(text: str) -> tuple[str, Body]:
    """One call of `remember`."""
    return "remember", {"text": text}


def results(body: Body) -> list[str]:
    """What a request says that its calls brought, oldest first."""
    return [message["content"] for message in body["messages"] if message["role"] == "tool"]
