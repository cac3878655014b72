"""The law of recall, over random worlds, against a model of it that shares no code with Ellie.

Every text carries a word of its own. Whatever prompt reaches the server (for a reply, an extraction
or a summary), whatever reply is delivered and whatever a command answers may hold only words that
the law allows it; what was erased may stand in none.
"""

import asyncio

from hypothesis import Phase, given, settings

from tests.core.lawful import MARK
from tests.core.lawful_world import Step, World, play, steps
from tests.core.stage import sent
from tests.fuzzing import examples
from tests.servers.openai_calls import Calling, calling, note, results, search
from tests.servers.openai_server import Body

UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # a world takes half a second


@settings(max_examples=examples(17), deadline=None, phases=UNSHRUNK)
@given(steps)
def test_nothing_shows_what_the_law_keeps_from_it(lines: list[Step]) -> None:
    world = World()
    asyncio.run(play(world, lines))
    assert world.law.broken == []


def step(user: str, where: str, kind: str, pick: int = 0, *, settle: bool = False) -> Step:
    return Step(user, "home", where, kind, pick, settle)


def test_what_the_law_allows_is_recalled() -> None:
    """So that a core which recalls nothing does not pass."""
    lines = [
        step("alice", "dm", "note"),  # 1
        step("alice", "closed:board", "visible note"),  # 2
        step("alice", "open:general", "visible note"),  # 3
        step("alice", "open:general", "note"),  # 4: nobody else could read the line
        step("bob", "closed:staff", "message"),  # 5
        step("alice", "dm", "quote"),  # Bob's, as closed as it was
        step("bob", "dm", "shared note"),  # 6
        step("alice", "dm", "promote", 4),  # the oldest of five: 1
        step("alice", "open:general", "message"),  # 7
        step("alice", "closed:staff", "message"),  # 8
        step("alice", "dm", "message"),  # 9
        step("bob", "dm", "message"),  # 10
    ]
    world = World()
    asyncio.run(play(world, lines, budget=4000))
    assert world.law.broken == []
    found = {asked: sorted(marks) for asked, marks in world.recalled.items()}
    assert found["mark7x"] == ["mark1x", "mark3x", "mark6x"]
    assert {"mark1x", "mark3x", "mark5x", "mark6x"} <= {*found["mark8x"]}
    assert {f"mark{n}x" for n in range(1, 7)} <= {*found["mark9x"]}
    assert found["mark10x"] == ["mark5x", "mark6x"]


def test_what_was_taken_back_is_gone_and_what_was_learnt_is_told() -> None:
    lines = [
        step("alice", "dm", "message"),  # 1
        step("alice", "dm", "message", settle=True),  # 2
        step("alice", "dm", "message", settle=True),  # 3
        step("alice", "dm", "delete", 0),
        step("alice", "dm", "resay", 0, settle=True),  # 2 says 4
        step("alice", "dm", "edit", 1),  # the memory of 3 says 5
        step("alice", "dm", "ask", 2),
        step("alice", "dm", "message"),  # 6
        step("alice", "dm", "forget", 0),
        step("alice", "dm", "message"),  # 7
    ]
    world = World()
    asyncio.run(play(world, lines))
    assert world.law.broken == []
    assert world.seen["told"] > 0
    assert world.seen["known"] > 0
    assert {"mark4x", "mark5x"} & world.recalled["mark6x"]
    assert not {"mark1x", "memo1x", "mark2x", "memo2x"} & world.recalled["mark7x"]


def test_a_chain_and_what_was_overheard_are_told_and_gone_with_what_they_held() -> None:
    lines = [
        step("bob", "open:general", "overhear"),  # 1
        step("alice", "open:general", "reply"),  # 2, to 1
        step("bob", "open:general", "message"),  # 3
        step("alice", "open:general", "reply", 1),  # 4, to 2
        step("bob", "dm", "delete", 0),  # 1
        step("alice", "open:general", "message"),  # 5
        step("carol", "open:general", "overhear"),  # 6
        step("carol", "open:general", "address"),
    ]
    world = World()
    asyncio.run(play(world, lines, budget=4000))
    assert world.law.broken == []
    assert world.heard["mark2x"] == {"mark1x", "mark2x"}
    assert world.heard["mark4x"] == {"mark1x", "mark2x", "mark4x"}
    assert world.heard["mark5x"] >= {"mark2x", "mark3x", "mark4x", "mark5x"}
    assert "mark1x" not in world.heard["mark5x"]
    assert "mark5x" in world.heard["mark6x"]


class Searching(World):
    """The model searches in each reply, and tries to keep what it found as the person's own."""

    filler = 20

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, set[str]] = {}

    def reply(self, body: Body) -> str | Calling:
        last = max(n for n, one in enumerate(body["messages"]) if one["role"] == "user")
        prompt = {"messages": body["messages"][: last + 1]}
        asked = MARK.findall(sent(prompt))[-1]
        found = " ".join(results(body))
        if not found:
            return calling(search("zebra"), search("boat garden"))
        if len(results(body)) == 2:
            return calling(note(f"zebra {found}"), note(f"The zebra was {asked}"))
        self.found[asked] = self.law.check_recalled(found, self.law.said[asked]) - {asked}
        return f"I heard {found} {super().reply(prompt)}"  # whose mark comes last, for `summarise`


@settings(max_examples=examples(6), deadline=None, phases=UNSHRUNK)
@given(steps)
def test_no_search_of_the_model_brings_what_the_law_keeps_from_its_turn(lines: list[Step]) -> None:
    """A message may have two memories then, and forgetting one leaves the other: none is here."""
    world = Searching()
    kept = [line for line in lines if line.kind != "forget"]
    asyncio.run(play(world, kept, tools=True, budget=4000))
    assert world.law.broken == []


def test_a_search_of_the_model_brings_what_the_law_allows() -> None:
    lines = [
        step("alice", "dm", "note"),  # 1
        step("alice", "closed:board", "visible note"),  # 2
        step("alice", "open:general", "visible note"),  # 3
        step("bob", "open:general", "visible note"),  # 4
        step("bob", "dm", "shared note"),  # 5
        step("alice", "open:general", "message"),  # 6
        step("alice", "dm", "message"),  # 7
    ]
    world = Searching()
    asyncio.run(play(world, lines, tools=True, budget=4000))
    assert world.law.broken == []
    assert world.found["mark6x"] == {"mark3x", "mark5x"}
    assert world.found["mark7x"] >= {"mark1x", "mark2x", "mark3x", "mark5x"}
