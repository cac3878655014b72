"""What a conversation asks of the model's server."""

import re
import uuid
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from bot.cli.wiring import open_core
from bot.config import Settings
from tests.bench import talk
from tests.bench.core import Sink, rest
from tests.bench.measure import Measure
from tests.bench.world import said
from tests.servers.openai_server import Body, OpenAIServer, last_user_text

TURNS = 40
BOUND = 1.35
_NUMBERED = re.compile(r"^(\d+)\. \[", re.MULTILINE)


async def _converse(folder: Path, most_tokens: int, embedding_model: str | None) -> OpenAIServer:
    """The server after a conversation with default settings and all its background work.

    Messages and replies have 25 to `most_tokens` tokens.
    """
    random = Random(5)

    def extract(body: Body) -> Body:
        said_part = last_user_text(body).partition("<messages>")[2]
        sources = [int(number) for number in _NUMBERED.findall(said_part)]
        return {"memories": [{"text": talk.statement(random)[0], "sources": [n]} for n in sources]}

    async with OpenAIServer() as server:
        server.on_chat = lambda body: talk.reply(random, most_tokens)
        server.on_extract = extract
        server.on_summary = lambda body: " ".join(talk.reply(random) for _ in range(5))
        settings = Settings(
            openai_base_url=server.base_url,
            ellie_db=folder / f"{uuid.uuid4().hex}.db",
            ellie_embedding_model=embedding_model,
        )
        sink = Sink("bench")
        async with open_core(settings, {sink.name: sink}) as core:
            for _ in range(TURNS):
                text = talk.message(random, most_tokens)
                turn = await core.receive(said(text, uuid.uuid4().hex, datetime.now(UTC)))
                if turn is None:
                    raise AssertionError("an event id was used twice")
                await core.answered(turn)
                await rest(core)
            await core.settle()
    return server


async def measure(folder: Path) -> list[Measure]:
    """Calls of the chat and the memory model per turn, and of the embedding model."""
    measures = []
    for most_tokens, bound in ((60, BOUND), (40, None)):
        server = await _converse(folder, most_tokens, None)
        asked = {kind: len(server.asked(kind)) for kind in ("chat", "extract", "summary")}
        counted = " + ".join(str(count) for count in asked.values())
        measures.append(
            Measure(
                f"model calls per turn, texts of 25 to {most_tokens} tokens ({counted})",
                sum(asked.values()) / TURNS,
                "",
                bound,
            )
        )
    requests = (await _converse(folder, 60, "text-embedding-3-small")).asked("embeddings")
    texts = [len(request.body["input"]) for request in requests]
    return [
        *measures,
        Measure("embedding requests per turn", len(requests) / TURNS, ""),
        Measure("texts per embedding request, mean", sum(texts) / len(texts), ""),
        Measure("texts per embedding request, most", max(texts), ""),
    ]
