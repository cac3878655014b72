"""The law of recall, over random worlds, against a model of it that shares no code with Ellie.

Every message carries a word of its own. Whatever prompt reaches the server, for a reply, an
extraction or a summary, may hold only words that the law allows it.
"""

import asyncio
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.conftest import TurnedClock
from tests.core.stage import memory, opened, sent
from tests.servers.openai_calls import Calling, calling, note, results, search
from tests.servers.openai_server import Body, OpenAIServer

PLACES = ("dm", "closed:board", "open:board", "closed:staff", "open:general")  # one board
MARK = re.compile(r"\bmark\d+x\b")
Line = tuple[str, str, str, str, str, bool]
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # a world takes half a second
TOPICS = ("zebra", "boat", "garden")


@dataclass(frozen=True)
class Said:
    """One message of a world."""

    user: str
    space: str
    where: str
    kind: str  # "message", "note" (/remember), "private note"
    mark: str


said = st.tuples(
    st.sampled_from(["alice", "bob"]),
    st.sampled_from(["home", "work"]),
    st.sampled_from(PLACES),
    st.sampled_from(["message", "message", "message", "note", "private note"]),
    st.sampled_from(TOPICS),
    st.booleans(),  # consolidate afterwards
)
worlds = st.lists(said, min_size=4, max_size=14)


def channel(said: Said) -> str:
    """A channel that was closed for a while is the same conversation."""
    return said.where.partition(":")[2] or said.where


def readable(source: Said, asked: Said) -> bool:
    """Whether everyone who reads the answer to `asked` could have read `source`."""
    if source.space != asked.space:
        return False
    if source.where == "dm" or source.kind == "private note":
        return asked.where == "dm" and source.user == asked.user
    if source.where.startswith("closed:"):
        return asked.where == source.where or (asked.where == "dm" and asked.user == source.user)
    return True


class World:
    """Plays a world and keeps what the server may be shown."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.wrong: list[str] = []

    def by(self, mark: str) -> Said:
        return next(one for one in self.said if one.mark == mark)

    def reply(self, body: Body) -> str | Calling:
        """Repeat every mark of the prompt: what Ellie says herself must not spread it either."""
        text = sent(body)
        marks = MARK.findall(text)
        asked = self.by(marks[-1])
        evidence = text[text.rindex("<memories>") : text.rindex("</memories>")]
        self.check_recalled(evidence, asked)
        self.check_heard(text, asked)
        return "I heard " + " ".join(dict.fromkeys(marks))

    def extract(self, body: Body) -> Body:
        text = sent(body)
        messages = text[text.rindex("<messages>") :]
        asked = [self.by(m) for m in re.findall(r"^\d+\. .*?\b(mark\d+x)\b", messages, re.M)]
        readers = [replace(one, where="dm") if "private" in one.kind else one for one in asked]
        self.check_recalled(text[text.rindex("<known>") : text.rindex("</known>")], readers[0])
        self.check_heard(messages, *readers)
        return {
            "memories": [
                memory(f"{one.user} spoke of {one.mark} zebra boat garden", number)
                for number, one in enumerate(asked, 1)
            ]
        }

    def summarise(self, body: Body) -> str:
        marks = MARK.findall(sent(body))
        here = channel(self.by(marks[-1]))
        self.summed_up(list(map(self.by, marks)), [o for o in self.said if channel(o) == here])
        return "They spoke of " + " ".join(dict.fromkeys(marks))

    def summed_up(self, sources: list[Said], here: list[Said]) -> None:
        """A summary is for the readers of one turn there; that it stays so, `reply` sees."""
        if not any(all(readable(source, one) for source in sources) for one in here):
            self.wrong.append(f"summed up {sources}")

    def check_recalled(self, text: str, asked: Said) -> None:
        """What is retrieved obeys both: readable, and the person's own."""
        for source in map(self.by, MARK.findall(text)):
            if not (readable(source, asked) and source.user == asked.user):
                self.wrong.append(f"recalled {source} for {asked}")

    def check_heard(self, text: str, *asked: Said) -> None:
        """Everything else is readable, and comes of the conversation: said there, or Ellie's reply
        to somebody there whose own it is."""
        for source in map(self.by, MARK.findall(text)):
            places = {channel(one) for one in asked}
            there = {one.user for one in (*self.said, *asked) if channel(one) in places}
            if not (all(readable(source, one) for one in asked) and source.user in there):
                self.wrong.append(f"heard {source} for {asked}")


async def play(world: World, lines: list[Line], *, tools: bool = False) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with OpenAIServer() as server:
            server.on_chat, server.on_extract = world.reply, world.extract
            server.on_summary = world.summarise
            file = Path(folder) / "ellie.db"
            async with opened(
                file,
                TurnedClock(),
                server,
                ellie_context_budget_tokens=4000 if tools else 1000,
                ellie_model_tools=tools,
            ) as stage:
                for number, (user, space, where, kind, topic, settle) in enumerate(lines):
                    one = Said(user, space, where, kind, f"mark{number}x")
                    world.said.append(one)
                    text = f"about the {topic} and the zebra it was {one.mark}" + " yes" * 40
                    if kind == "message":
                        await stage.say(text, user, where, space)
                    else:
                        flag = "--private " if kind == "private note" else ""
                        await stage.type(f"/remember {flag}{text}", user, where, space)
                    if settle:
                        await stage.core.settle()
            asked = sum(one.kind == "message" for one in world.said)
            begun = [request for request in server.asked("chat") if not results(request.body)]
            assert len(begun) == asked  # and each was answered


@settings(max_examples=25, deadline=None, phases=UNSHRUNK)
@given(worlds)
def test_no_prompt_holds_what_the_law_keeps_from_it(
    lines: list[Line],
) -> None:
    world = World()
    asyncio.run(play(world, lines))
    assert world.wrong == []


def test_what_the_law_allows_is_recalled() -> None:
    """So that a core which recalls nothing does not pass."""
    lines: list[Line] = [
        ("alice", "home", "dm", "note", "zebra", True),
        ("alice", "home", "closed:board", "message", "zebra", True),
        ("alice", "home", "open:general", "note", "zebra", True),
        ("bob", "home", "open:general", "message", "zebra", True),
        ("alice", "home", "open:general", "message", "zebra", True),
        ("alice", "home", "dm", "message", "zebra", True),
    ]
    prompts: dict[str, list[str]] = {}

    class Noting(World):
        def reply(self, body: Body) -> str:
            marks = MARK.findall(sent(body))
            prompts[marks[-1]] = sorted(set(marks))
            return "Fine."

    asyncio.run(play(Noting(), lines))
    assert prompts["mark4x"] == ["mark2x", "mark3x", "mark4x"]
    assert prompts["mark5x"] == ["mark0x", "mark1x", "mark2x", "mark4x", "mark5x"]


class Searching(World):
    """The model searches in each reply, and tries to keep what it found as the person's own."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, set[str]] = {}

    def reply(self, body: Body) -> str | Calling:
        last = max(n for n, one in enumerate(body["messages"]) if one["role"] == "user")
        prompt = {"messages": body["messages"][: last + 1]}
        asked = self.by(MARK.findall(sent(prompt))[-1])
        found = " ".join(results(body))
        if not found:
            return calling(search("zebra"), search("boat garden"))
        if len(results(body)) == 2:
            return calling(note(f"zebra {found}"), note(f"The zebra was {asked.mark}"))
        self.check_recalled(found, asked)
        self.found[asked.mark] = set(MARK.findall(found)) - {asked.mark}
        return f"{found} {super().reply(prompt)}"  # whose mark comes last, for `summarise`


@settings(max_examples=15, deadline=None, phases=UNSHRUNK)
@given(worlds)
def test_no_search_of_the_model_brings_what_the_law_keeps_from_its_turn(lines: list[Line]) -> None:
    world = Searching()
    asyncio.run(play(world, lines, tools=True))
    assert world.wrong == []


def test_a_search_of_the_model_brings_what_the_law_allows() -> None:
    lines: list[Line] = [
        ("alice", "home", "dm", "note", "zebra", True),
        ("alice", "home", "closed:board", "note", "zebra", True),
        ("alice", "home", "open:general", "note", "boat", True),
        ("bob", "home", "open:general", "note", "zebra", True),
        ("alice", "home", "open:general", "message", "zebra", True),
        ("alice", "home", "dm", "message", "zebra", True),
    ]
    world = Searching()
    asyncio.run(play(world, lines, tools=True))
    assert world.wrong == []
    assert world.found["mark4x"] == {"mark2x"}
    assert world.found["mark5x"] >= {"mark0x", "mark1x", "mark2x"}
