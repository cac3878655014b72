"""Events that are written down before they are dealt with, as an adapter uses them."""

from pathlib import Path

import pytest

from bot.types import Scope
from tests.conftest import TurnedClock
from tests.core.stage import Stage, opened
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk

ALICE = Scope("test", "home", "alice")


async def take_in(
    stage: Stage, event: str, user: str = "alice", text: str = "quinces", space: str = "home"
) -> bool:
    payload = f'{{"channel": "hall", "text": "{text}"}}'
    return await stage.core.take_in("test", space, event, user, payload)


async def waiting(stage: Stage) -> list[str]:
    return [one.event_id for one in await stage.core.taken_in("test")]


async def test_an_event_is_dealt_with_by_the_process_after_a_crash_and_once(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server) as stage:
        assert await take_in(stage, "e1")
        assert await take_in(stage, "e2")
        await stage.core.dealt_with("test", "home", "e1")
    clock.turn(minutes=59)
    async with opened(file, clock, server) as stage:
        (left,) = await stage.core.taken_in("test")
        assert (left.event_id, left.user, left.payload) == (
            "e2", "alice", '{"channel": "hall", "text": "quinces"}'
        )  # fmt: skip
        assert "quinces" not in repr(left)  # and so in no log
        for event in ("e1", "e2"):
            assert not await take_in(stage, event)
        await stage.core.dealt_with("test", "home", "e2")
        assert await waiting(stage) == []
        clock.turn(minutes=1)
        assert await take_in(stage, "e1")


@pytest.mark.parametrize(
    "line", ["/forget everything yes", "/forget everything everywhere yes", "/privacy opt-out",
             "/privacy opt-out everywhere"]
)  # fmt: skip
async def test_what_waits_of_a_person_goes_with_what_is_kept_of_them(
    stage: Stage, file: Path, line: str
) -> None:
    await take_in(stage, "e1")
    await take_in(stage, "e2", "bob", "medlars")
    await take_in(stage, "e3", text="sloes", space="work")
    await stage.type(line)
    left = ["e2"] if "everywhere" in line else ["e2", "e3"]
    assert await waiting(stage) == left
    assert b"uinces" not in bytes_on_disk(file)
    assert (b"sloes" in bytes_on_disk(file)) == ("e3" in left)
    await take_in(stage, "e4")
    assert ("e4" in await waiting(stage)) == ("opt-out" not in line)


async def test_what_waits_goes_with_its_channel_and_its_space(stage: Stage, file: Path) -> None:
    await take_in(stage, "e1")
    await stage.core.channel_gone("test", "home", "hall")
    assert await waiting(stage) == []
    await take_in(stage, "e2")
    await stage.core.purge(stage.typed("/x", manages=True))
    assert await waiting(stage) == []
    assert b"uinces" not in bytes_on_disk(file)


async def test_a_space_that_was_left_before_anything_was_dealt_with_is_purged_too(
    stage: Stage, clock: TurnedClock, file: Path
) -> None:
    await take_in(stage, "e1")
    await stage.core.in_spaces("test", ["work"])
    clock.turn(days=8)
    await stage.consolidation.step()
    assert await waiting(stage) == []
    assert b"uinces" not in bytes_on_disk(file)


async def test_an_event_that_is_dealt_with_as_usual_leaves_its_message_alone(
    stage: Stage, file: Path
) -> None:
    await take_in(stage, "e1")
    await stage.say("I grow quinces")
    await stage.core.dealt_with("test", "home", "e1")
    await stage.consolidation.step()
    (said,) = await stage.kept()
    assert said[0] == "I grow quinces"
    await stage.type("/forget last")
    assert b"uinces" not in bytes_on_disk(file)
