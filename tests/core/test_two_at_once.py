"""Two processes at one file, as while one takes the other's place: each thing is done once."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.conftest import TurnedClock
from tests.core.poster import posting
from tests.core.stage import Stage, opened, place, sent
from tests.core.test_revoking import asked, edited, held_up
from tests.servers.openai_faults import Stall
from tests.servers.openai_server import OpenAIServer
from tests.store.process import start

DM = place("dm", "alice")[0]
DOOMED = """
import asyncio, sys
from pathlib import Path
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Conversation, IncomingMessage, Private, Scope
from tests.store.world import START

async def work():
    store = await SqliteStore.open(Path(sys.argv[1]))
    for text in ("one", "two"):
        await store.record(
            IncomingMessage(
                Scope("test", "home", "alice"), Conversation("test", "home", "dm:alice"), Private(),
                text, "Alice", text, START, "dm",
            ), 1, urgent=False,
        )
        await store.take_in("test", "home", text, "alice", "{}", START)
    print("at work", flush=True)
    sys.stdin.read()

asyncio.run(work())
"""


@asynccontextmanager
async def two(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> AsyncIterator[tuple[Stage, Stage]]:
    async with opened(file, clock, server) as first, opened(file, clock, server) as second:
        yield first, second


async def events(stage: Stage) -> list[str]:
    return [one.event_id for one in await stage.core.taken_in("test")]


async def test_what_one_process_is_answering_another_that_starts_leaves_alone(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.fail("chat", Stall(after=1))
    async with opened(file, clock, server) as first:
        turn = await first.start("Hello")
        await first.core.take_in("test", "home", "e1", "alice", "{}")
        await first.screen.begun.wait()
        async with opened(file, clock, server) as second:
            assert await second.core.unanswered("test") == []
            assert await second.core.resume(DM) == []
            assert await events(second) == []
            server.release.set()
            await first.core.answered(turn)
            assert await second.core.resume(DM) == []
        assert await events(first) == ["e1"]
        assert [said for said, _ in await first.kept()] == ["Hello"]
    assert len(server.asked("chat")) == 1
    assert second.screen.replies == []


async def test_what_a_killed_process_left_is_done_at_once_and_by_one_of_two(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with two(file, clock, server) as stages:
        with start(DOOMED, file) as process:
            assert process.stdout is not None
            try:
                assert await asyncio.to_thread(process.stdout.readline) == "at work\n"
                assert [await stage.core.unanswered("test") for stage in stages] == [[], []]
            finally:
                process.kill()
        async with asyncio.TaskGroup() as group:
            resumed = [group.create_task(stage.core.resume(DM)) for stage in stages]
            heard = [group.create_task(events(stage)) for stage in stages]
        for stage in stages:
            await stage.core.settle()
        assert sorted(len(task.result()) for task in resumed) == [0, 2]
        assert sorted(task.result() for task in heard) == [[], ["one", "two"]]
        assert sorted(len(stage.screen.replies) for stage in stages) == [0, 2]
        assert [said for said, _ in await stages[0].kept()] == ["one", "two"]
    assert len(server.asked("chat")) == 2


async def test_what_one_process_is_answering_and_another_hears_edited_is_answered_once_as_edited(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with two(file, clock, server) as (first, second):
        message = first.message("is Lyon far?", event="x")
        turn = await held_up(first, server, message)
        server.heal()
        revised = await second.core.edited(edited(second, message, "is Oslo far?"))
        assert revised is not None
        assert revised.turn is None  # nothing that this process would answer
        server.release.set()
        await first.core.answered(turn)
        assert asked(server) == ["is Lyon far?", "is Oslo far?"]
        ((said, reply),) = await first.kept()
        assert said == "is Oslo far?"
        assert "Oslo" in reply
        assert await second.core.unanswered("test") == []
    assert second.screen.replies == []


async def test_a_command_line_that_only_looks_takes_nothing_from_who_answers(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    server.fail("chat", Stall(after=1))
    async with posting(file, clock, server) as (stage, poster):
        turn = await stage.core.receive(stage.message("Hello"))
        assert turn is not None
        await poster.begun.wait()
        async with opened(file, clock, server) as looking:
            assert (await looking.store.health()).unanswered == 1
            await looking.texts()
        server.release.set()
        await stage.core.answered(turn)
        assert len(await stage.kept()) == 1
    assert "Hello" in sent(server.asked("chat")[0].body)
