"""What is taken back while it is answered: no reply is given to it, or from it, any more."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot.receipts import Receipt
from bot.types import IncomingMessage, MessageId, Private, TurnId
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, opened, place, sent
from tests.servers.openai_faults import Stall, Status
from tests.servers.openai_server import OpenAIServer, last_user_text

DM, _ = place("dm", "alice")
HALL, _ = place("open:hall", "alice")


def edited(stage: Stage, message: IncomingMessage, text: str) -> IncomingMessage:
    """The message as it is after an edit now."""
    return replace(message, text=text, sent_at=stage.clock())


def asked(server: OpenAIServer) -> list[str]:
    """What the model was asked, in order."""
    return [last_user_text(request.body).split(": ")[-1] for request in server.asked("chat")]


async def held_up(stage: Stage, server: OpenAIServer, message: IncomingMessage) -> TurnId:
    """Say something whose reply has begun and does not go on."""
    server.fail("chat", Stall(after=1))
    stage.screen.begun.clear()
    turn = await stage.core.receive(message)
    assert turn is not None
    await stage.screen.begun.wait()
    return turn


async def test_a_reply_to_a_deleted_message_stops_and_is_not_kept(
    stage: Stage, server: OpenAIServer
) -> None:
    turn = await stage.start("hello")
    await stage.core.answered(turn)
    message = stage.message("I grow quinces", event="x")
    begun = await held_up(stage, server, message)
    receipt = await stage.core.deleted(DM, ["x"])
    await stage.core.answered(begun)
    assert receipt.messages == 1
    assert [said for said, _ in await stage.kept()] == ["hello"]
    async with asyncio.timeout(10):
        await server.gone.wait()
    assert b"uinces" not in stage.store.path.read_bytes()


async def test_a_deleted_message_that_waits_its_turn_never_reaches_the_model(
    stage: Stage, server: OpenAIServer
) -> None:
    first = await held_up(stage, server, stage.message("first"))
    second = await stage.core.receive(stage.message("I grow quinces", event="x"))
    third = await stage.start("third")
    assert second is not None
    server.heal()
    await stage.core.deleted(DM, ["x"])
    server.release.set()
    for turn in (first, second, third):
        await stage.core.answered(turn)
    assert asked(server) == ["first", "third"]
    assert [said for said, _ in await stage.kept()] == ["first", "third"]


async def test_a_deletion_that_comes_first_is_heeded(stage: Stage, server: OpenAIServer) -> None:
    await stage.core.deleted(DM, ["x"])
    assert await stage.core.receive(stage.message("I grow quinces", event="x")) is None
    assert server.asked("chat") == []


async def test_a_message_edited_while_it_is_answered_is_answered_in_its_new_words(
    stage: Stage, server: OpenAIServer
) -> None:
    message = stage.message("is Lyon far?", event="x")
    begun = await held_up(stage, server, message)
    server.heal()
    revised = await stage.core.edited(edited(stage, message, "is Oslo far?"))
    assert revised is not None
    assert revised.turn == begun
    await stage.core.answered(revised.turn)
    assert asked(server) == ["is Lyon far?", "is Oslo far?"]
    ((said, reply),) = await stage.kept()
    assert said == "is Oslo far?"
    assert "Oslo" in reply
    assert "Lyon" not in last_prompt(server)
    assert b"Lyon" not in stage.store.path.read_bytes()


async def test_a_message_edited_while_it_waits_is_answered_once(
    stage: Stage, server: OpenAIServer
) -> None:
    first = await held_up(stage, server, stage.message("first"))
    message = stage.message("is Lyon far?", event="x")
    assert await stage.core.receive(message) is not None
    server.heal()
    revised = await stage.core.edited(edited(stage, message, "is Oslo far?"))
    assert revised is not None
    assert revised.turn is not None
    server.release.set()
    for turn in (first, revised.turn):
        await stage.core.answered(turn)
    assert asked(server) == ["first", "is Oslo far?"]
    assert [said for said, _ in await stage.kept()] == ["first", "is Oslo far?"]


async def test_an_edit_of_what_another_process_left_unanswered_is_answered(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        message = stage.message("is Lyon far?", event="x")
        await stage.store.record(message, 1, urgent=False)
    async with opened(file, clock, server) as stage:
        revised = await stage.core.edited(edited(stage, message, "is Oslo far?"))
        assert revised is not None
        assert revised.turn is not None
        await stage.core.answered(revised.turn)
        assert asked(server) == ["is Oslo far?"]


async def test_an_answered_message_is_not_answered_again_and_its_reply_is_gone(
    stage: Stage, server: OpenAIServer
) -> None:
    message = stage.message("I live in Lyon", event="x")
    turn = await stage.core.receive(message)
    assert turn is not None
    await stage.core.answered(turn)
    revised = await stage.core.edited(edited(stage, message, "I live in Oslo"))
    assert revised is not None
    assert (revised.turn, revised.receipt.messages) == (None, 2)
    assert await stage.kept() == [("I live in Oslo", "")]
    await stage.say("and now?")
    assert "Lyon" not in last_prompt(server)
    assert "Oslo" in last_prompt(server)
    assert await stage.core.edited(edited(stage, message, "I live in Oslo")) is None


async def test_an_edit_is_answered_though_the_answer_to_the_old_words_failed(
    stage: Stage, server: OpenAIServer
) -> None:
    server.fail("chat", Status(400))
    stage.screen.fault = lambda: OSError("gone")  # not even the apology is heard
    message = stage.message("is Lyon far?", event="x")
    turn = await stage.core.receive(message)
    assert turn is not None
    await stage.core.answered(turn)
    stage.screen.fault = lambda: None
    revised = await stage.core.edited(edited(stage, message, "is Oslo far?"))
    assert revised is not None
    assert revised.turn is not None
    await stage.core.answered(revised.turn)
    assert "Oslo" in stage.screen.replies[-1]


async def test_secrets_are_taken_out_of_an_edit(stage: Stage, server: OpenAIServer) -> None:
    message = stage.message("hello", event="x")
    turn = await stage.core.receive(message)
    assert turn is not None
    await stage.core.answered(turn)
    secret = "sk-proj-abcdefghijklmnop1234567890"
    await stage.core.edited(edited(stage, message, f"my key is {secret}"))
    ((said, _),) = await stage.kept()
    assert said == "my key is [redacted: API key]"


async def test_a_command_that_erases_stops_what_is_being_told_to_its_person(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember I grow quinces")
    begun = await held_up(stage, server, stage.message("what do I grow?", where="open:hall"))
    assert isinstance(await stage.type("/forget m1"), Receipt)
    await stage.core.answered(begun)
    assert await stage.kept(where="open:hall") == [("what do I grow?", "")]


async def test_a_command_that_erases_stops_the_reply_to_another_where_it_was_said(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.say("I grow quinces", where="open:hall")
    (kept,) = (await stage.store.survey(stage.message("").scope, Private(), [], [], None)).ids
    number = await stage.store.keep_verbatim(stage.message("").scope, MessageId(kept >> 1))
    begun = await held_up(stage, server, stage.message("who grows what?", "bob", "open:hall"))
    elsewhere = await held_up(stage, server, stage.message("hello", "carol", "open:den"))
    assert isinstance(await stage.type(f"/forget m{number}"), Receipt)
    await stage.core.answered(begun)
    assert elsewhere in stage.core._underway
    server.release.set()
    await stage.core.answered(elsewhere)


async def test_a_command_that_finds_nothing_to_erase_stops_nothing(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember I grow quinces")
    begun = await held_up(stage, server, stage.message("hello"))
    for line in ("/memories", "/forget quinces"):
        await stage.type(line)
    assert begun in stage.core._underway
    server.release.set()
    await stage.core.answered(begun)
    assert (await stage.kept())[-1][1] != ""


class Waiting:
    """An embedder that waits for `go` when it is asked for a question."""

    name = "waiting"
    dimension = 4

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.go = asyncio.Event()

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if "what" in texts[0]:
            self.asked.set()
            await self.go.wait()
        return [[1.0, 0.0, 0.0, 0.0] for _ in texts]


@pytest.mark.parametrize("line", ["/forget m1", "unsay the question"])
async def test_a_prompt_is_built_anew_where_something_was_erased_meanwhile(
    file: Path, clock: TurnedClock, server: OpenAIServer, line: str
) -> None:
    embedder = Waiting()
    async with opened(file, clock, server, embedder) as stage:
        await stage.type("/remember I grow quinces")
        question = stage.message("so what do I grow, quinces?", event="x")
        turn = await stage.core.receive(question)
        assert turn is not None
        await embedder.asked.wait()
        if line.startswith("/"):
            await stage.type(line)
        else:
            await stage.core.deleted(DM, ["x"])
        embedder.go.set()
        await stage.core.answered(turn)
        if line.startswith("/"):
            assert "I grow quinces" not in sent(server.asked("chat")[0].body)
            assert len(await stage.kept()) == 1
        else:
            assert server.asked("chat") == []
