"""What others cannot read of a command is private, wherever it was typed."""

import pytest

from adapters.console.normalise import normalise_command, open_session
from adapters.console.render import render
from bot.results import Edited, Remembered
from bot.types import Channel, Private, Space
from tests.core.stage import Stage, day, last_prompt
from tests.servers.openai_server import OpenAIServer

PLACES = ("dm", "closed:board", "open:general")


@pytest.mark.parametrize("where", PLACES)
async def test_a_line_that_others_cannot_read_is_kept_privately(stage: Stage, where: str) -> None:
    result = await stage.type("/remember the code is one", where=where)
    assert isinstance(result, Remembered)
    assert (result.memory.audience, result.narrow) == (Private(), where != "dm")


async def test_a_line_that_all_can_read_has_the_audience_of_the_place(stage: Stage) -> None:
    found = []
    for where in PLACES:
        result = await stage.type(f"/remember the code of {where}", where=where, visible=True)
        assert isinstance(result, Remembered)
        assert not result.narrow
        found.append(result.memory.audience)
    assert found == [Private(), Channel("board"), Space()]


async def test_a_private_note_of_a_channel_enters_no_prompt_there(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember the code is quince", where="open:general")
    await stage.core.settle()  # its note is consolidated as privately
    for where in ("open:general", "closed:board"):
        await stage.say("What is the code?", where=where)
        assert "quince" not in last_prompt(server)
    await stage.say("What is the code?")
    assert "the code is quince" in last_prompt(server)


async def test_an_edit_that_others_cannot_read_narrows_to_the_person_alone(stage: Stage) -> None:
    await stage.type("/remember the code is quince", where="open:general", visible=True)
    result = await stage.type("/memories edit m1 the code is medlar", where="open:general")
    assert isinstance(result, Edited)
    assert (result.memory.audience, result.narrow) == (Private(), True)


async def test_the_answer_says_where_it_is_used_and_how_it_comes_to_be_used_more_widely(
    stage: Stage,
) -> None:
    kept = render(await stage.type("/remember I like tea", where="open:general"))
    again = render(await stage.type("/remember I like TEA", where="open:general"))
    edited = render(await stage.type("/memories edit m1 I like mate", where="open:general"))
    for answer in (kept, again, edited):
        assert "I use it only in private with you." in answer
        assert "/memories promote m1 lets me use it anywhere in this space." in answer
    for where, option in (("dm", ""), ("open:general", "--private ")):
        asked = render(await stage.type(f"/remember {option}I like {where}", where=where))
        assert "promote" not in asked


def test_the_console_shows_commands_to_nobody_and_its_person_manages_the_space() -> None:
    session = open_session("alice", "home", "open:hall")
    command = normalise_command(session, "/remember x", day("2026-03-02"))
    assert (command.visible, command.manages) == (False, True)
