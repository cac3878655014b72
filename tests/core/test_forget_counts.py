"""Over random histories: a preview counts what the receipt counts, and only what is meant goes."""

import asyncio
import re
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from bot.errors import CommandError
from bot.receipts import ForgetPreview
from tests.conftest import TurnedClock
from tests.core.forgotten import counts, left
from tests.core.stage import Stage, memory, opened, sent
from tests.fuzzing import examples
from tests.servers.openai_server import Body, OpenAIServer

T = TypeVar("T")
PEOPLE = ("Sarah", "Tom")
UNSHRUNK = (Phase.explicit, Phase.reuse, Phase.generate)  # a history takes a fifth of a second


@dataclass(frozen=True)
class Said:
    """One thing of a history. `kind`: a message, or a note (a `/remember`)."""

    user: str
    space: str
    where: str
    kind: str
    named: str
    settle: bool
    days: int  # that pass afterwards


said = st.builds(
    Said,
    st.sampled_from(["alice", "alice", "bob"]),
    st.sampled_from(["home", "home", "work"]),
    st.sampled_from(["dm", "open:hall"]),
    st.sampled_from(["message", "message", "note"]),
    st.sampled_from([*PEOPLE, "nobody"]),
    st.booleans(),
    st.integers(0, 2),
)
histories = st.lists(said, min_size=2, max_size=10)
FIRST = date(2026, 3, 2)


def day(number: int) -> str:
    return f"2026-03-{FIRST.day + number:02}"


days = st.integers(0, 12).map(day)
targets = st.one_of(
    st.sampled_from([f"about {name}" for name in PEOPLE]),
    st.builds("since {}".format, days),
    st.builds("before {}".format, days),
    st.builds("between {} and {}".format, days, days),
    st.just("everything"),
)


def meant(target: str) -> Callable[[str, str], bool]:
    """Whether what was said on a day, naming somebody, is what a target means."""
    word, _, rest = target.partition(" ")
    if word == "about":
        return lambda on, named: named == rest
    if word == "since":
        return lambda on, named: on >= rest
    if word == "before":
        return lambda on, named: on < rest
    if word == "between":
        first, last = sorted(rest.split(" and "))
        return lambda on, named: first <= on <= last
    return lambda on, named: True


def extract(body: Body) -> Body:
    """A memory for each message that names somebody, and one of all the messages together."""
    text = sent(body)
    messages = text[text.rindex("<messages>") :]
    listed = re.findall(r"^(\d+)\. .*?(Sarah|Tom|nobody) on ([\d-]+)", messages, re.M)
    written = [
        memory(f"{name} was there on {on}", int(n), entity=name, attribute="did", value=on)
        for n, name, on in listed
        if name in PEOPLE
    ]
    together = memory("Alice keeps a diary of visits", *(int(n) for n, _, _ in listed))
    return {"memories": [*written, together]}


async def tell(stage: Stage, history: list[Said]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Play it; (user, space) → what they said: (day, whom it names)."""
    told: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for number, one in enumerate(history):
        on = f"{stage.clock():%Y-%m-%d}"
        text = f"It was {one.named} on {on}, entry {number}" + " and so on" * 30
        if one.kind == "note":
            await stage.type(f"/remember {text}", one.user, one.where, one.space)
        else:
            await stage.say(text, one.user, one.where, one.space)
        told.setdefault((one.user, one.space), []).append((on, one.named))
        if one.settle:
            await stage.core.settle()
        stage.clock.turn(days=one.days)
    await stage.core.settle()
    return told


async def ask(stage: Stage, line: str) -> tuple[int, int, int]:
    """What a preview or a receipt counts; nothing where the name is nobody's."""
    try:
        return counts(await stage.type(line))
    except CommandError:
        return 0, 0, 0


async def check(stage: Stage, history: list[Said], target: str) -> tuple[int, int, int]:
    """Tell, forget, and compare with what was meant; what the receipt counted."""
    told = await tell(stage, history)
    stage.clock.turn(days=20)
    shown = await ask(stage, f"/forget {target}")
    assert await ask(stage, f"/forget {target}") == shown  # the first erased nothing
    assert await ask(stage, f"/forget {target} yes") == shown
    assert await ask(stage, f"/forget {target}") == (0, 0, 0)
    goes = meant(target)
    mine = ("alice", "home")
    told[mine] = [one for one in told.get(mine, []) if not goes(*one)]
    for (user, space), entries in told.items():
        kept = "\n".join(await left(stage, user, space))
        found = [(on, named) for named, on in re.findall(r"It was (\w+) on ([\d-]+)", kept)]
        assert sorted(found) == sorted(entries)
    return shown


async def on_stage(play: Callable[[Stage], Awaitable[T]]) -> T:
    with tempfile.TemporaryDirectory() as folder:
        async with OpenAIServer() as server:
            server.on_chat = lambda body: "I see." + " Indeed." * 40
            server.on_extract = extract
            server.on_summary = lambda body: "They wrote a diary."
            file, budget = Path(folder) / "ellie.db", 1000
            async with opened(
                file, TurnedClock(), server, ellie_context_budget_tokens=budget
            ) as stage:
                return await play(stage)


@settings(max_examples=examples(12), deadline=None, phases=UNSHRUNK)
@given(histories, targets)
def test_a_preview_counts_what_goes_and_only_what_is_meant_goes(
    history: list[Said], target: str
) -> None:
    asyncio.run(on_stage(lambda stage: check(stage, history, target)))


async def offer(stage: Stage, history: list[Said], query: str) -> None:
    """What a query offers is what goes with all the ids that it names."""
    await tell(stage, history)
    shown = await stage.type(f"/forget {query}")
    assert isinstance(shown, ForgetPreview)
    if shown.memories:
        ids = " ".join(f"m{one.number}" for one in shown.memories)
        assert counts(await stage.type(f"/forget {ids}")) == counts(shown)


@settings(max_examples=examples(6), deadline=None, phases=UNSHRUNK)
@given(histories, st.sampled_from([*PEOPLE, "diary", "entry"]))
def test_what_a_query_offers_is_counted_as_it_goes(history: list[Said], query: str) -> None:
    asyncio.run(on_stage(lambda stage: offer(stage, history, query)))


def test_a_history_has_memories_messages_and_summaries_to_lose() -> None:
    """So that a core which loses nothing does not pass."""
    history = [Said("alice", "home", "open:hall", "message", "Sarah", True, 1)] * 6
    memories, messages, summaries = asyncio.run(
        on_stage(lambda stage: check(stage, history, "since 2026-03-03"))
    )
    assert memories >= 5
    assert messages >= 10
    assert summaries >= 1
