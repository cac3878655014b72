"""A secret that somebody types reaches neither the file, nor a model, nor the log."""

import json
import logging
from pathlib import Path

import pytest

from bot.llm.openai_embedder import OpenAIEmbedder
from bot.lookup import NOT_SAID
from bot.results import Edited, Remembered
from bot.secret_marks import tell
from tests.conftest import TurnedClock
from tests.core.stage import Stage, memories, memory, opened, sent
from tests.servers.openai_calls import calling, note, results
from tests.servers.openai_faults import server_error
from tests.servers.openai_server import OpenAIServer

SECRET = "Xq7hunter2Zk"
TOLD = tell(("password",))


def kept_bytes(file: Path) -> bytes:
    """The database and everything beside it."""
    return b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))


def heard(server: OpenAIServer) -> str:
    """Everything that the server was sent."""
    return json.dumps([request.body for request in server.requests])


async def test_a_secret_reaches_no_file_no_model_and_no_log(
    file: Path, clock: TurnedClock, server: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    embedder = OpenAIEmbedder(
        model="text-embedding-3-small", dimension=64, api_key="k", base_url=server.base_url,
        timeout_seconds=5, retries=0,
    )  # fmt: skip
    server.on_extract = memories(memory("Alice's WiFi has the password [redacted: password]"))
    async with opened(file, clock, server, embedder, ellie_context_budget_tokens=2000) as stage:
        await stage.say(f"The password of my marmalade WiFi is {SECRET}")
        await stage.type(f"/remember my marmalade password is {SECRET}")
        await stage.core.settle()
        await stage.say("What about the marmalade WiFi?")
        texts = await stage.texts()
        assert b"marmalade" in kept_bytes(file)
        assert SECRET.encode() not in kept_bytes(file)
    await embedder.close()
    assert any("[redacted: password]" in text for text in texts)
    for endpoint in ("chat", "extract", "embeddings"):
        assert any(
            "marmalade" in json.dumps(r.body) for r in server.requests if r.endpoint == endpoint
        )
    assert SECRET not in heard(server)
    assert SECRET.casefold() not in heard(server).casefold()
    assert SECRET not in caplog.text
    assert SECRET.encode() not in kept_bytes(file)


async def test_the_person_is_told_once_after_the_reply_and_it_enters_no_history(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Noted."
    assert await stage.say(f"my password is {SECRET}, remember it") == f"Noted.\n{TOLD}"
    assert await stage.say("And the weather?") == "Noted."
    assert await stage.kept() == [
        ("my password is [redacted: password], remember it", "Noted."),
        ("And the weather?", "Noted."),
    ]
    assert TOLD not in heard(server)


async def test_the_person_is_told_also_where_the_model_fails(
    stage: Stage, server: OpenAIServer
) -> None:
    server.fail("chat", server_error())
    assert (await stage.say(f"my password is {SECRET}")).endswith(f"\n{TOLD}")


async def test_the_person_is_told_also_by_the_notebook(file: Path, clock: TurnedClock) -> None:
    async with opened(file, clock) as stage:
        reply = await stage.say(f"My password is {SECRET}.")
        assert SECRET not in reply
        assert reply.endswith(f"\n{TOLD}")


async def test_the_person_is_told_also_after_a_crash_between_write_and_answer(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        message = stage.message(f"my password is {SECRET}")
        # What `receive` leaves behind when the process dies at once: the turn, and no answer.
        stage.screen.fault = lambda: OSError("gone")
        turn = await stage.core.receive(message)
        assert turn is not None
        await stage.core.answered(turn)
        assert await stage.store.pending(message.conversation)
    async with opened(file, clock, server) as stage:
        (left,) = await stage.core.resume(message.conversation)
        await stage.core.answered(left)
        assert stage.screen.replies[-1].endswith(f"\n{TOLD}")
        assert SECRET not in sent(server.asked("chat")[-1].body)


async def test_a_note_is_kept_without_its_secret_and_the_answer_says_so(stage: Stage) -> None:
    result = await stage.type(f"/remember the gate opens with password {SECRET}")
    assert isinstance(result, Remembered)
    assert result.memory.text == "the gate opens with password [redacted: password]"
    assert result.redacted == ("password",)
    harmless = await stage.type("/remember the gate opens at nine")
    assert isinstance(harmless, Remembered)
    assert harmless.redacted == ()


async def test_an_edit_is_kept_without_its_secret_and_the_answer_says_so(
    stage: Stage, file: Path
) -> None:
    await stage.type("/remember the gate opens at nine")
    result = await stage.type(f"/memories edit m1 the gate opens with password {SECRET}")
    assert isinstance(result, Edited)
    assert result.memory.text == "the gate opens with password [redacted: password]"
    assert result.redacted == ("password",)
    assert SECRET.encode() not in kept_bytes(file)


async def test_the_model_cannot_keep_a_secret_either(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    kept = note(f"Alice's gate opens with password {SECRET}")
    server.on_chat = lambda body: "Done." if results(body) else calling(kept)
    async with opened(file, clock, server, ellie_model_tools=True) as stage:
        await stage.say(f"My gate opens with password {SECRET}")
        assert results(server.asked("chat")[-1].body) == [NOT_SAID]
        assert await stage.texts() == []
    assert SECRET.encode() not in kept_bytes(file)


async def test_a_message_without_a_secret_is_kept_and_answered_as_it_was_said(
    stage: Stage, server: OpenAIServer
) -> None:
    said = "My password is really long, and I live at 12 Rose Lane, 75001 Paris"
    server.on_chat = lambda body: "I see."
    assert await stage.say(said) == "I see."
    assert (await stage.kept())[0][0] == said
    assert said in heard(server)
