"""SIGKILL at any moment: nothing that was answered is lost, and what waits is done afterwards."""

import asyncio
import random
import re
from pathlib import Path

import pytest

from bot.store.sqlite.erasure import SqliteStore
from bot.types import Conversation, Private, Scope, TurnId
from tests.core.stage import memory, sent
from tests.journeys.process import chat, doomed
from tests.servers.openai_faults import Stall
from tests.servers.openai_server import Body, Endpoint, OpenAIServer

ALICE = Scope("console", "home", "alice")
DM = Conversation("console", "home", "dm:alice")


async def history(file: Path) -> list[tuple[str, str]]:
    """What was said in the DM, and the replies."""
    store = await SqliteStore.open(file)
    try:
        past = await store.history(DM, Private(), ALICE, TurnId(2**62), None)
        health = await store.health()
    finally:
        await store.close()
    assert health.unanswered == 0
    assert health.unconsolidated == 0
    return [(e.said.text, e.reply.text if e.reply else "") for _, e in past]


async def heard(server: OpenAIServer, endpoint: Endpoint, word: str) -> None:
    """Wait until the server was asked something with this word."""
    while not any(word in sent(request.body) for request in server.asked(endpoint)):
        await asyncio.to_thread(int)  # let the server's own tasks run


@pytest.mark.parametrize(("pieces", "shown"), [(1, b"One"), (4, b"four")])
async def test_a_line_whose_reply_has_begun_is_answered_after_the_next_start(
    file: Path, server: OpenAIServer, pieces: int, shown: bytes
) -> None:
    server.on_chat = lambda body: "One two three four five."
    server.on_extract = lambda body: {"memories": [memory("Alice has a heron")]}
    server.fail("chat", Stall(after=pieces))
    async with doomed(file, "I have a heron", OPENAI_BASE_URL=server.base_url) as process:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            await process.stdout.readuntil(shown)
    server.heal()
    ran = await chat(file, "/memories", OPENAI_BASE_URL=server.base_url)
    assert ran.replies[0] == "One two three four five."
    assert "answering 1 message from before" in ran.err
    assert await history(file) == [("I have a heron", "One two three four five.")]
    after = await chat(file, "/memories", OPENAI_BASE_URL=server.base_url)
    assert "Alice has a heron" in after.out


async def test_a_consolidation_that_was_killed_happens_once_after_the_next_start(
    file: Path, server: OpenAIServer
) -> None:
    server.on_extract = lambda body: {"memories": [memory("Alice has a heron")]}
    server.on_chat = lambda body: "Noted."
    server.fail("extract", Stall())
    async with doomed(
        file, "Remember that I have a heron", OPENAI_BASE_URL=server.base_url
    ) as process:
        assert process.stdin is not None
        process.stdin.close()
        async with asyncio.timeout(30):
            await heard(server, "extract", "heron")
    server.heal()
    ran = await chat(file, "/memories", OPENAI_BASE_URL=server.base_url)
    assert ran.status == 0
    again = await chat(file, "/memories", OPENAI_BASE_URL=server.base_url)
    assert again.out.count("Alice has a heron") == 1
    assert await history(file) == [("Remember that I have a heron", "Noted.")]


async def test_at_any_moment_what_was_said_is_answered_and_learnt(
    file: Path, server: OpenAIServer
) -> None:
    """Killed when its prompt is sent, when its reply begins to print, or while it is learnt."""
    chance = random.Random(20260302)
    server.on_chat = lambda body: "I heard that, and I will think about it."
    told: list[str] = []

    def learn(body: Body) -> Body:
        numbered = re.findall(r"^(\d+)\. (.+)", sent(body).split("<messages>")[-1], re.MULTILINE)
        return {
            "memories": [
                memory(f"Alice mentioned {word}", int(number))
                for number, line in numbered
                for word in told
                if f" {word} " in line
            ]
        }

    server.on_extract = learn
    for attempt in range(4):
        word = f"heron{attempt}"
        told.append(word)
        kind = chance.choice(["print", "chat", "extract"])
        before = len(server.asked("chat"))
        async with doomed(
            file, f"Remember the {word} please", OPENAI_BASE_URL=server.base_url
        ) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.close()
            async with asyncio.timeout(30):
                await heard(server, "chat", word)
                if kind == "extract":
                    await heard(server, "extract", word)
                elif kind == "print":
                    for _ in server.asked("chat")[before:]:  # those from before come first
                        await process.stdout.readuntil(b"ellie: I")
    ran = await chat(file, "/help", OPENAI_BASE_URL=server.base_url)
    assert ran.status == 0
    kept = await history(file)
    assert [said for said, _ in kept] == [f"Remember the {word} please" for word in told]
    assert all(reply for _, reply in kept)
    listed = (await chat(file, "/memories", OPENAI_BASE_URL=server.base_url)).out
    for word in told:
        assert listed.count(f"Alice mentioned {word} ") == 1
