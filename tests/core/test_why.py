"""Why each item was in a prompt: in words for the person, in numbers for the operator."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.context import used_by
from bot.ports import Used
from bot.results import Why
from bot.types import (
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Private,
    Recalled,
    ReplyPrompt,
    Role,
    Summary,
    SummaryId,
    TurnId,
)
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, memories, memory, opened
from tests.docs.session import ROOT
from tests.servers.openai_server import OpenAIServer
from tests.store import world

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def said(number: int) -> Message:
    return Message(MessageId(number), Role.PERSON, "Al", "hi", NOW, 1, Private())


def known(number: int) -> Memory:
    return Memory(MemoryNumber(number), "hi", Private(), "dm", NOW, NOW, None, None, ())


def test_all_that_a_prompt_held_is_used_and_what_rode_along_has_no_parts_of_its_own() -> None:
    summary = Summary(SummaryId(4), "so far", Private(), TurnId(1), NOW)
    recalled = (
        Recalled(known(2), 0.5, {"words": 0.5}, (said(7),)),
        Recalled(said(8), 0.3, {"around": 0.3}, (said(9),)),
    )
    prompt = ReplyPrompt(said(1), (known(1),), recalled, summary, (), (), 0)
    assert used_by(prompt, TurnId(5), 6) == Used(
        memories=(MemoryNumber(1), MemoryNumber(2)),
        messages=(MessageId(8), MessageId(7), MessageId(9)),
        summary=SummaryId(4),
        history_from=TurnId(5),
        erasures=6,
        memory_parts={MemoryNumber(1): {"pinned": 0.0}, MemoryNumber(2): {"words": 0.5}},
        message_parts={MessageId(8): {"around": 0.3}},
    )
    assert used_by(replace(prompt, summary=None), None, 0).summary is None


async def asked(stage: Stage, server: OpenAIServer) -> Why:
    server.on_chat = lambda body: "Fine."
    await stage.type("/remember My boat is called Zora")
    for line in ("It was a sunny day", "I painted the boat", "It took hours"):
        await stage.say(line)
    await stage.type("/new")
    await stage.say("What is my boat called?")
    why = await stage.type("/why")
    assert isinstance(why, Why)
    return why


async def test_each_recalled_item_has_the_parts_of_its_score(
    stage: Stage, server: OpenAIServer
) -> None:
    why = await asked(stage, server)
    (memory,) = why.memories
    assert why.memory_parts[memory.number]["words"] == pytest.approx(0.5, abs=0.01)
    parts = {m.text: why.message_parts.get(m.id) for m in why.messages}
    painted = parts["I painted the boat"]
    assert painted is not None
    assert 0 < painted["words"] < 0.5
    beside = parts["It took hours"]
    assert beside is not None
    assert "words" not in beside
    assert beside["around"] > 0


async def test_what_is_always_in_mind_says_so(stage: Stage, server: OpenAIServer) -> None:
    server.on_extract = memories(memory("The name is Alex", attribute="name", value="Alex"))
    await stage.say("Call me Alex")
    await stage.core.settle()
    await stage.type("/new")
    await stage.say("What is two plus two?")
    assert "m1, 2026-03-02: The name is Alex" in last_prompt(server)
    why = await stage.type("/why")
    assert isinstance(why, Why)
    assert why.memory_parts == {1: {"pinned": 0.0}}


def operator(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "bot", "memory", "why", *arguments],
        env={"PYTHONPATH": str(ROOT), "ELLIE_DB": str(folder / "ellie.db"), "PATH": ""},
        cwd=folder, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


async def test_the_operator_sees_the_same_in_numbers_and_no_text(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        why = await asked(stage, server)
    assert why.turn is not None
    done = operator(file.parent, str(why.turn), "--json")
    told = json.loads(done.stdout)
    assert (told["turn"], told["answered_at"]) == (why.turn, clock().isoformat())
    assert told["items"][0]["kind"] == "memory"
    (number,) = why.memory_parts
    parts = {name: round(part, 4) for name, part in why.memory_parts[number].items()}
    assert told["items"][0] == {
        "kind": "memory", "id": f"m{number}", "parts": parts,
        "score": pytest.approx(sum(parts.values()), abs=1e-3),
    }  # fmt: skip
    assert len(told["items"]) == 1 + len(why.messages)
    plain = operator(file.parent, str(why.turn)).stdout
    assert f"memory m{number}: " in plain
    assert "boat" not in done.stdout + plain


async def test_the_operator_sees_the_best_first_and_what_only_stood_beside(tmp_path: Path) -> None:
    async with world.opened(tmp_path / "ellie.db") as store:
        number = await world.note(store, "Alice likes tea")
        beside = (await world.talk(store, "hello")).message.id
        best = (await world.talk(store, "hi")).message.id
        turn = await world.say(store, "Well?")
        parts = {"words": 0.25, "asks": -0.1}
        used = Used(
            (number,), (beside, best), None, turn.id, 0, {number: parts}, {best: {"words": 0.5}}
        )
        await world.answer(store, turn, "Well.", used)
    assert operator(tmp_path, str(turn.id)).stdout.splitlines() == [
        f"turn {turn.id}, answered {world.START.isoformat()}",
        f"  message {best}: 0.500  (words +0.500)",
        f"  memory m{number}: 0.150  (words +0.250, asks -0.100)",
        f"  message {beside}: 0.000  (beside)",
        f"  summary: none; history from: {turn.id}",
    ]
    told = json.loads(operator(tmp_path, str(turn.id), "--json").stdout)
    assert (told["summary"], told["history_from"]) == (None, turn.id)
    assert [(item["score"], len(item["parts"])) for item in told["items"]] == [
        (0.5, 1), (0.15, 2), (0, 0),
    ]  # fmt: skip


async def test_a_turn_without_an_answer_is_one_clear_line(tmp_path: Path) -> None:
    done = operator(tmp_path, str(TurnId(7)), "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "ellie: There is no answered turn 7. /why names a reply's turn.\n"
