"""Tells somebody who has no model configured of the Ollama server that runs beside Ellie."""

import asyncio
import http.client
import json
import re

ADDRESS = ("127.0.0.1", 11434)
_TIMEOUT_SECONDS = 0.3  # of each of two requests; a local server answers in a few milliseconds
_LARGEST_ANSWER = 1_000_000
_NAME = re.compile(r"[\w./:-]{1,200}")


async def suggest(address: tuple[str, int] = ADDRESS) -> str | None:
    """One line saying how to use the Ollama server at `address`; None: none answers in time."""
    try:
        async with asyncio.timeout(3 * _TIMEOUT_SECONDS):
            return await asyncio.to_thread(_suggest, *address)
    except TimeoutError:
        return None


def _suggest(host: str, port: int) -> str | None:
    version = _get(host, port, "/api/version")
    if not isinstance(version, dict) or "version" not in version:
        return None
    found = "An Ollama server answers on this computer"
    model = _chat_model(_get(host, port, "/api/tags"))
    if model is None:
        return f"{found}, but it has no model to talk to; `ollama pull` gets one."
    return (
        f"{found}; to give Ellie its model, set OPENAI_BASE_URL=http://{host}:{port}/v1 "
        f"and ELLIE_CHAT_MODEL={model}"
    )


def _chat_model(tags: object) -> str | None:
    models = tags.get("models") if isinstance(tags, dict) else None
    names = [model.get("name") for model in models or [] if isinstance(model, dict)]
    for name in names:
        if isinstance(name, str) and _NAME.fullmatch(name) and "embed" not in name:
            return name
    return None


def _get(host: str, port: int, path: str) -> object:
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        if response.status != 200:
            return None
        return json.loads(response.read(_LARGEST_ANSWER))
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
