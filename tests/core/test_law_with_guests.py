"""The law of recall where guests or outsiders read along, over random worlds.

To the law of `test_law` comes what each turn's reach allows: a model of it that shares no code with
Ellie judges the evidence of every prompt, what every search of the model brings, and what a memory
model is shown as known.
"""

import asyncio
import re
from dataclasses import replace

from hypothesis import given, settings

from bot.types import IncomingMessage, Reach
from tests.core.lawful import MARK, PRIVATE, SPACE, Law, Spot
from tests.core.lawful_world import Step, World, play, steps
from tests.core.stage import Stage, sent
from tests.core.test_law import UNSHRUNK, step
from tests.fuzzing import examples
from tests.servers.openai_calls import Calling, calling, results, search
from tests.servers.openai_server import Body

REACHES = (Reach.HERE, Reach.ALL, Reach.HERE, Reach.OWN, Reach.NOTHING)


class GuestLaw(Law):
    """The law, and to whom a source was told, and what is the space's."""

    def __init__(self) -> None:
        super().__init__()
        self.told_to: dict[str, str] = {}
        self.shared: set[str] = set()
        self.messages: set[str] = set()

    def say(self, mark: str, spot: Spot, readers: str | None = None) -> None:
        super().say(mark, spot, readers)
        self.told_to[mark] = readers or spot.readers
        if readers is None:
            self.messages.add(mark)

    def share(self, mark: str, spot: Spot) -> None:
        super().share(mark, spot)
        self.shared.add(mark)

    def reaches(self, mark: str, spot: Spot, reach: Reach) -> bool:
        """Whether it may be used for a turn there."""
        if reach is Reach.ALL:
            return True
        if reach is Reach.NOTHING or mark in self.shared:
            return False
        sources = {mark} if mark in self.messages else self.kin[mark]
        return reach is Reach.OWN or all(
            self.said[one].channel == spot.channel and self._heard_by(one, spot)
            for one in sources
            if one.startswith("mark")
        )

    def _heard_by(self, mark: str, spot: Spot) -> bool:
        """Whether the readers of the spot could read a source: the law does not say so of notes."""
        return spot.readers == PRIVATE or self.told_to[mark] in (SPACE, spot.readers)


class GuestWorld(World):
    """Each message has a reach of its own, and the model searches in each reply."""

    def __init__(self) -> None:
        super().__init__()
        self.law: GuestLaw = GuestLaw()
        self.reach: dict[str, Reach] = {}

    async def _hear(self, stage: Stage, message: IncomingMessage, spot: Spot) -> None:
        (mark,) = set(MARK.findall(message.text))
        self.reach[mark] = REACHES[int(mark[4:-1]) % len(REACHES)]
        await super()._hear(stage, replace(message, reach=self.reach[mark]), spot)

    def check(self, text: str, spot: Spot, reach: Reach) -> None:
        for mark in set(MARK.findall(text)):
            what = f"reached by {reach}"
            self.law.judge(what, self.law.reaches(mark, spot, reach), mark, spot)
            said = self.law.said[re.sub("memo|worth", "mark", mark)]
            self.seen[f"{what}, said {'t' * (said.channel == spot.channel)}here"] += 1

    def reply(self, body: Body) -> str | Calling:
        last = max(n for n, one in enumerate(body["messages"]) if one["role"] == "user")
        prompt = {"messages": body["messages"][: last + 1]}
        text = sent(prompt)
        asked = MARK.findall(text)[-1]
        spot, reach = self.law.said[asked], self.reach[asked]
        self.check(text[text.rindex("<memories>") : text.rindex("</memories>")], spot, reach)
        assert ("tools" in body) == (reach is not Reach.NOTHING)
        if "tools" in body and not results(body):
            return calling(search("zebra"))
        self.check(" ".join(results(body)).replace(asked, ""), spot, reach)
        return super().reply(prompt)

    def extract(self, body: Body) -> Body:
        text = sent(body)
        asked = re.findall(r"^\d+\. .*?\b(mark\d+x)\b", text[text.rindex("<messages>") :], re.M)
        known = text[text.rindex("<known>") : text.rindex("</known>")]
        here = {self.law.said[mark] for mark in asked if self.reach.get(mark) is Reach.HERE}
        for spot in here:
            assert {self.law.said[mark].channel for mark in asked} == {spot.channel}
            self.check(known, spot, Reach.HERE)
        return super().extract(body)


@settings(max_examples=examples(15), deadline=None, phases=UNSHRUNK)
@given(steps)
def test_nothing_is_used_beyond_the_reach_of_a_turn(lines: list[Step]) -> None:
    """A message may have two memories where the model searches: forgetting one leaves the other."""
    world = GuestWorld()
    kept = [line for line in lines if line.kind != "forget"]
    asyncio.run(play(world, kept, tools=True, budget=4000))
    assert world.law.broken == []


def test_what_the_reach_allows_is_used() -> None:
    """So that a core which recalls nothing does not pass."""
    lines = [
        step("alice", "open:general", "visible note"),  # 1
        step("alice", "open:board", "visible note"),  # 2
        step("alice", "open:general", "note"),  # 3, promoted: guests could not read the line
        step("alice", "dm", "promote", 0),
        step("bob", "dm", "shared note"),  # 4
        step("alice", "open:general", "message"),  # 5: HERE
        step("alice", "open:general", "message"),  # 6: ALL
        step("alice", "open:board", "message"),  # 7: HERE
        step("alice", "open:general", "message"),  # 8: OWN
        step("alice", "open:general", "message"),  # 9: NOTHING
    ]
    world = GuestWorld()
    asyncio.run(play(world, lines, tools=True, budget=4000))
    assert world.law.broken == []
    found = {mark: world.recalled[mark] for mark in ("mark5x", "mark6x", "mark7x", "mark8x")}
    assert found["mark5x"] == {"mark1x"}
    assert found["mark6x"] >= {"mark1x", "mark2x", "mark3x", "mark4x"}
    assert found["mark7x"] == {"mark2x"}
    assert {"mark1x", "mark2x", "mark3x"} <= found["mark8x"]
    assert "mark4x" not in found["mark8x"]
    assert world.recalled["mark9x"] == set()
