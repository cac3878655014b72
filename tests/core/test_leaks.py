"""What might tell of a private thing without quoting it: names, links, dates, scores, counts."""

import pytest

from adapters.console.render import render
from bot.results import EntityPage, Why
from bot.types import Channel, Scope, Space
from tests.core.stage import Stage, last_prompt, memories, memory
from tests.servers.openai_server import Body, OpenAIServer

ALICE = Scope("test", "home", "alice")


async def learnt(stage: Stage, server: OpenAIServer, said: str, where: str, *what: Body) -> None:
    server.on_extract = memories(*what)
    await stage.say(said, where=where)
    await stage.core.settle()
    server.on_extract = memories()


def evidence(server: OpenAIServer) -> str:
    text = last_prompt(server)
    return text[text.rindex("<memories>") : text.rindex("</memories>")]


def met(name: str, value: str, *aliases: str) -> Body:
    one = memory(f"{name} plays the {value}", entity=name, attribute="plays", value=value)
    one["entity"]["aliases"] = list(aliases)
    return one


@pytest.mark.parametrize("where", ["open:hall", "closed:board"])
async def test_promoting_does_not_tell_that_two_names_are_one_persons(
    stage: Stage, server: OpenAIServer, where: str
) -> None:
    """Whoever knows Sarah is not told by a memory of Birdie that she is the same."""
    await learnt(stage, server, "Sarah plays the harp", where, met("Sarah", "harp"))
    await learnt(stage, server, "Sarah is my Birdie, she plays the lute", "dm",
                 met("Birdie", "lute", "Sarah"))  # fmt: skip
    together = await stage.type("/memories about Birdie")
    assert isinstance(together, EntityPage)
    assert together.total == 2
    (birdie,) = [m for m in await stage.known() if "Birdie" in m.text]
    await stage.type(f"/memories promote m{birdie.number}")
    for reader in (Space(), Channel("board")):
        survey = await stage.store.survey(ALICE, reader, [], ["birdie"], None)
        assert survey.named == frozenset()
    await stage.type("/new", where=where)
    await stage.say("What about Birdie?", where=where)
    assert "lute" in evidence(server)
    assert "harp" not in evidence(server)


async def test_promoting_keeps_whom_it_speaks_of_where_its_name_is_known(
    stage: Stage, server: OpenAIServer
) -> None:
    await learnt(stage, server, "Sarah plays the harp", "open:hall", met("Sarah", "harp"))
    await learnt(stage, server, "Sarah plays the lute", "dm", met("Sarah", "lute"))
    (lute,) = [m for m in await stage.known() if "lute" in m.text]
    await stage.type(f"/memories promote m{lute.number}")
    page = await stage.store.about(ALICE, Space(), "Sarah", 9)
    assert page is not None
    assert page.total == 2


async def test_a_private_change_dates_nothing_that_others_read(
    stage: Stage, server: OpenAIServer
) -> None:
    lyon = memory("Alice lives in Lyon", attribute="lives in", value="Lyon", single_value=True)
    oslo = memory("Alice lives in Oslo", attribute="lives in", value="Oslo", single_value=True)
    await learnt(stage, server, "I live in Lyon", "open:hall", lyon)
    stage.clock.now = stage.clock.now.replace(month=5)
    await learnt(stage, server, "I moved, I live in Oslo", "dm", oslo)
    server.on_chat = lambda body: "Fine."
    await stage.type("/new", where="open:hall")
    await stage.say("Where does Alice live, in Lyon?", where="open:hall")
    assert "Alice lives in Lyon" in evidence(server)
    assert "until" not in evidence(server)
    await stage.say("Where does Alice live, in Lyon?")
    assert "Alice lives in Lyon (until 2026-05-02)" in last_prompt(server)
    (new,) = [m for m in await stage.known() if "Oslo" in m.text]
    await stage.type(f"/memories promote m{new.number}")  # now they know both
    await stage.say("Where does Alice live, in Lyon?", where="open:hall")
    assert "Alice lives in Lyon (until 2026-05-02)" in last_prompt(server)


async def test_what_was_said_while_a_channel_was_closed_lends_nothing_once_it_is_open(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    await stage.say("Mine is the blue one", where="open:board")
    await stage.say("zebra, I said", where="closed:board")
    await stage.type("/new", where="open:board")
    await stage.say("zebra?", where="open:board")
    assert "Nothing about this is remembered" in last_prompt(server)
    await stage.type("/new", where="open:board")
    await stage.say("zebra?", where="closed:board")
    assert "zebra, I said" in last_prompt(server)


async def test_why_tells_of_a_channel_only_how_many_turns_it_held(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    await stage.say("Bob's zebra is blue", "bob", "open:hall")
    await stage.say("zebra?", "alice", "open:hall")
    why = await stage.type("/why", "alice", "open:hall")
    assert isinstance(why, Why)
    assert (why.memories, why.messages, why.history) == ((), (), 1)
    assert "blue" not in render(why)


async def test_an_edit_in_the_open_does_not_say_what_is_known_in_private(stage: Stage) -> None:
    await stage.type("/remember I like tea")
    await stage.type("/remember I like coffee", where="open:hall", visible=True)
    said = await stage.type("/memories edit m2 I like tea", where="open:hall", visible=True)
    assert "m1" not in render(said)


async def test_nobody_is_told_that_there_is_a_note_on_what_they_said(stage: Stage) -> None:
    message = stage.message("The launch is in May", "bob", "open:hall")
    await stage.core.receive(message)
    await stage.type("/remember", where="open:hall", quoting=message)
    for line in ("/memories", "/recall launch", "/privacy", "/forget everything"):
        answer = render(await stage.type(line, "bob"))
        assert "said: The launch" not in answer
        assert "1 memory" not in answer
    receipt = await stage.type("/forget last", "bob", "open:hall")
    assert "memor" not in render(receipt)
    assert await stage.known() == []
