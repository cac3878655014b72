"""`/forget everything [everywhere] [yes]`."""

from pathlib import Path

import pytest

from bot.errors import CommandError
from tests.conftest import TurnedClock
from tests.core.forgotten import counts, everything, left, receipt
from tests.core.stage import Stage, memories, opened
from tests.core.told import hear, lives_in
from tests.servers.openai_server import OpenAIServer


async def test_the_preview_counts_what_the_receipt_counts_and_erases_nothing(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    begun = stage.clock()
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await stage.say("I like quinces", where="open:hall")
    await stage.say("I like sloes", "bob", "open:hall")
    await stage.type("/remember I like hips")
    await stage.say("I like rowans", space="work")
    server.on_extract = memories()
    await stage.core.settle()
    shown = await everything(stage, "/forget everything")
    assert (shown.spaces, shown.since) == (("home",), begun)
    assert shown.confirm == "/forget everything yes"
    assert counts(shown) == (2, 6, 0)  # 3 of hers, a note too; Bob's reply saw her quinces
    assert len(await left(stage)) == 3
    done = await receipt(stage, shown.confirm)
    assert counts(done) == counts(shown)
    assert await left(stage) == []
    assert await stage.texts() == []
    assert await left(stage, "bob") == ["I like sloes"]
    assert await left(stage, space="work") == ["I like rowans"]
    again = await everything(stage, "/forget everything")
    assert (counts(again), again.since) == ((0, 0, 0), None)
    assert counts(await receipt(stage, shown.confirm)) == (0, 0, 0)


@pytest.mark.parametrize(
    "line", ["everything", "everything please yes", "everything yes please", "everything yes yes"]
)
async def test_no_other_line_erases_everything(quiet: Stage, line: str) -> None:
    await quiet.say("I like quinces")
    await quiet.type(f"/forget {line}")
    assert await left(quiet) == ["I like quinces"]


async def test_a_later_process_takes_the_yes(file: Path, clock: TurnedClock) -> None:
    async with opened(file, clock) as stage:
        await stage.say("I like quinces")
        shown = await everything(stage, "/forget everything")
    async with opened(file, clock) as stage:
        assert counts(await receipt(stage, shown.confirm)) == counts(shown)
        assert await left(stage) == []


async def test_everywhere_is_every_space_of_the_person_and_asked_for_in_private(
    quiet: Stage,
) -> None:
    for space in ("home", "work", "club"):
        await quiet.say("I like quinces", space=space)
        await quiet.say("I like sloes", "bob", space=space)
    await quiet.type("/remember I like hips", space="club")
    await quiet.core.settle()
    shown = await everything(quiet, "/forget everything everywhere", space="work")
    assert shown.spaces == ("work", "club", "home")
    assert shown.confirm == "/forget everything everywhere yes"
    assert shown.memories == 4
    for where in ("open:hall", "closed:board"):
        for line in ("/forget everything everywhere", shown.confirm):
            with pytest.raises(CommandError, match="private conversation"):
                await quiet.type(line, where=where)
    assert len(await left(quiet, space="club")) == 2
    done = await receipt(quiet, shown.confirm)
    assert counts(done) == counts(shown)
    for space in ("home", "work", "club"):
        assert await left(quiet, space=space) == []
        assert await left(quiet, "bob", space) == ["I like sloes"]


async def test_everything_here_leaves_the_other_spaces(quiet: Stage) -> None:
    await quiet.say("I like quinces")
    await quiet.say("I like sloes", space="work")
    await receipt(quiet, "/forget everything yes", where="open:hall")
    assert await left(quiet) == []
    assert await left(quiet, space="work") == ["I like sloes"]
