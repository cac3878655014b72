"""What commands show to guests, and to whom guests read along."""

from dataclasses import replace

import pytest

from adapters.console.render import render
from bot.errors import CommandError
from bot.results import MemoryPage, RecalledEverywhere, RecallResult, Suggestion
from bot.types import Reach
from tests.core.reaching import HALL, LOUNGE, learn, say, typed
from tests.core.stage import Stage, memory, sent
from tests.servers.openai_server import OpenAIServer


@pytest.fixture(autouse=True)
def short(server: OpenAIServer) -> None:
    server.on_chat = lambda body: "Fine."


@pytest.mark.parametrize("reach", [Reach.OWN, Reach.HERE, Reach.NOTHING])
async def test_no_command_shows_a_guest_what_was_shared(stage: Stage, reach: Reach) -> None:
    await stage.type("/remember --shared The quince is at nine", "mia", manages=True)
    await stage.type("/remember My quince")
    await say(stage, "quince?", "dm", Reach.ALL)

    async def told(line: str) -> str:
        return render(await stage.core.command(typed(stage, line, reach)))

    assert "My quince" in await told("/recall quince")
    for line in ("/recall quince", "/recall everywhere quince", "/memories shared", "/why"):
        assert "at nine" not in await told(line)
        assert "s1" not in await told(line)
    for line in ("/memories s1", "/memories promote s1"):
        with pytest.raises(CommandError, match="Nothing is shared here as s1"):
            await told(line)
    page = await stage.core.command(typed(stage, "/memories shared", reach))
    assert page == MemoryPage((), 1, 1, 0, shared=True)
    everybody = await stage.type("/recall quince")
    assert isinstance(everybody, RecallResult)
    assert len(everybody.found) == 2


async def test_nobody_is_shown_what_was_shared_in_another_space(stage: Stage) -> None:
    """They may be a guest there."""
    for space in ("home", "work"):
        await stage.type(
            f"/remember --shared The quince of {space}", "mia", space=space, manages=True
        )
        await stage.type("/remember My quince", space=space)
    found = await stage.type("/recall everywhere quince")
    assert isinstance(found, RecalledEverywhere)
    told = {space: {one.item.text for one in items} for space, items in found.spaces}
    assert told == {"home": {"The quince of home", "My quince"}, "work": {"My quince"}}


async def test_a_guest_is_offered_no_page_of_what_was_shared(stage: Stage) -> None:
    async def offered(reach: Reach) -> list[str]:
        found: list[Suggestion] = await stage.core.suggest(typed(stage, "/memories s", reach), 25)
        return [one.argument for one in found]

    assert "shared" in await offered(Reach.ALL)
    assert "shared" not in await offered(Reach.OWN)


async def test_ones_own_memories_are_shown_whatever_the_place(stage: Stage) -> None:
    """A command's answer is for the person alone."""
    await stage.type("/remember My quince")
    for reach in Reach:
        page = await stage.core.command(typed(stage, "/memories", reach, HALL))
        assert isinstance(page, MemoryPage)
        assert [one.text for one in page.memories] == ["My quince"]


async def test_a_visible_note_is_consolidated_with_what_was_told_there(
    stage: Stage, server: OpenAIServer
) -> None:
    await learn(stage, server, "two", LOUNGE, memory("Alice grows a lounge quince"))
    line = replace(typed(stage, "/remember My quince is ripe", Reach.HERE, HALL), visible=True)
    await stage.core.command(line)
    await stage.core.settle()
    asked = sent(server.asked("extract")[-1].body)
    assert "is ripe" in asked
    assert "lounge" not in asked
