"""Why each item was in a prompt: in words for the person, in numbers for the operator."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bot.types import TurnId, Why
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, memories, memory, opened
from tests.docs.session import ROOT
from tests.servers.openai_server import OpenAIServer


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


async def test_a_turn_without_an_answer_is_one_clear_line(tmp_path: Path) -> None:
    done = operator(tmp_path, str(TurnId(7)), "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "ellie: There is no answered turn 7. /why names a reply's turn.\n"
