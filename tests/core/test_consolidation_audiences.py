"""Who may see what is learnt, when the same is said to more people or to fewer."""

from pathlib import Path

import pytest

from bot.receipts import Receipt
from bot.types import Audience, Channel, Memory, Private, Space
from tests.core.stage import Stage, last_prompt, memories, memory
from tests.servers.openai_server import Body, OpenAIServer
from tests.store.world import bytes_on_disk

READERS: dict[str, Audience] = {"dm": Private(), "closed:board": Channel("board"),
                                "closed:staff": Channel("staff"), "open:hall": Space()}  # fmt: skip


async def hear(stage: Stage, server: OpenAIServer, where: str, said: str, *written: Body) -> None:
    server.on_extract = memories(*written)
    await stage.say(said, where=where)
    await stage.core.settle()
    stage.clock.turn(days=1)


def lives(city: str, text: str = "", **more: object) -> Body:
    text = text or f"Alice lives in {city}"
    return memory(text, attribute="lives in", value=city, single_value=True, **more)


def likes(what: str, text: str = "", **more: object) -> Body:
    return memory(text or f"Alice likes {what}", attribute="likes", value=what, **more)


async def seen(stage: Stage, where: str) -> list[str]:
    """What holds for those who read there, newest first."""
    found, _ = await stage.store.page(stage.message("").scope, READERS[where], 0, 99)
    return [memory.text for memory in found if memory.valid_to is None]


async def profile(stage: Stage, where: str, attribute: str) -> list[str]:
    scope, reader = stage.message("").scope, READERS[where]
    return [m.text for m in await stage.store.profile(scope, reader, [attribute])]


async def named(stage: Stage, where: str, name: str) -> set[str]:
    """The memories of an entity, for those who read there."""
    scope, reader = stage.message("").scope, READERS[where]
    survey = await stage.store.survey(scope, reader, [], [name], None)
    found = [i for i, entity in survey.entities.items() if entity in survey.named]
    items = await stage.store.candidates(scope, reader, found)
    return {item.text for item in items.values() if isinstance(item, Memory)}


async def test_a_private_move_leaves_the_open_home_as_it_is_and_supersedes_it_in_private(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "open:hall", "I live in Lyon", lives("Lyon"))
    await hear(stage, server, "dm", "I moved to Oslo", lives("Oslo", superseded=[1]))
    assert await seen(stage, "dm") == ["Alice lives in Oslo"]
    for where in ("open:hall", "closed:board"):
        assert await seen(stage, where) == ["Alice lives in Lyon"]
        await stage.type("/new", where=where)
        await stage.say("Where do I live?", where=where)
        assert "Alice lives in Lyon\n" in last_prompt(server)
        assert "Oslo" not in last_prompt(server)
        assert "(until" not in last_prompt(server)


async def test_a_closed_channel_learns_of_a_move_that_the_open_does_not(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "open:hall", "I live in Lyon", lives("Lyon"))
    await hear(stage, server, "closed:board", "I moved to Oslo", lives("Oslo"))
    homes = {where: await seen(stage, where) for where in READERS}
    lyon, oslo = ["Alice lives in Lyon"], ["Alice lives in Oslo"]
    assert homes == {"dm": oslo, "closed:board": oslo, "closed:staff": lyon, "open:hall": lyon}


async def test_the_pinned_profile_obeys_the_same(stage: Stage, server: OpenAIServer) -> None:
    def name(value: str) -> Body:
        return memory(f"The name is {value}", attribute="name", value=value)

    await hear(stage, server, "open:hall", "call me Alex", name("Alex"))
    await hear(stage, server, "dm", "call me Sasha", name("Sasha"))
    assert await profile(stage, "open:hall", "name") == ["The name is Alex"]
    assert await profile(stage, "dm", "name") == ["The name is Sasha"]
    await hear(stage, server, "open:hall", "call me Sasha", name("Sasha"))
    assert await profile(stage, "open:hall", "name") == ["The name is Sasha"]
    assert await profile(stage, "closed:staff", "name") == ["The name is Sasha"]
    assert await profile(stage, "dm", "name") == ["The name is Sasha"]


WIDER = [("dm", "closed:board"), ("dm", "open:hall"), ("closed:board", "open:hall")]


@pytest.mark.parametrize(("first", "then"), WIDER)
@pytest.mark.parametrize("again", ["Alice likes tea", "alice really likes tea", "Alice loves tea"])
async def test_what_is_said_again_to_more_people_is_one_memory_that_all_of_them_may_see(
    stage: Stage, server: OpenAIServer, first: str, then: str, again: str
) -> None:
    await hear(stage, server, first, "I like tea", likes("tea", "Alice likes tea"))
    assert await seen(stage, then) == []
    text = "I like and love and really like tea"
    await hear(stage, server, then, text, likes("tea", again))
    (tea,) = await stage.known()
    assert (tea.text, tea.audience) == (again, READERS[then])
    assert tea.place == then
    assert (len(tea.sources), tea.days) == (2, 2)
    assert await seen(stage, then) == [tea.text]


@pytest.mark.parametrize("then", ["closed:staff", "dm"])
async def test_another_channel_is_not_wider_and_a_dm_is_narrower(
    stage: Stage, server: OpenAIServer, then: str
) -> None:
    await hear(stage, server, "closed:board", "I like tea", likes("tea"))
    await hear(stage, server, then, "I like tea", likes("tea"))
    assert await seen(stage, "closed:board") == ["Alice likes tea"]
    assert await seen(stage, "closed:staff") == (["Alice likes tea"] if then != "dm" else [])
    assert await seen(stage, "open:hall") == []
    assert len(await stage.known()) == (1 if then == "dm" else 2)
    await hear(stage, server, "open:hall", "I like tea", likes("tea"))
    (tea,) = await stage.known()
    assert (tea.audience, len(tea.sources)) == (Space(), 3)


async def test_what_said_more_to_fewer_is_kept_for_them_alone(
    stage: Stage, server: OpenAIServer
) -> None:
    long = "Alice lives in Lyon, in the attic above the bakery"
    await hear(stage, server, "dm", "I live in Lyon, in the attic above the bakery",
               lives("Lyon", long, since="2020-01-01"))  # fmt: skip
    await hear(stage, server, "open:hall", "I live in Lyon", lives("Lyon"))
    assert await seen(stage, "open:hall") == ["Alice lives in Lyon"]
    assert await seen(stage, "dm") == ["Alice lives in Lyon", long]
    await hear(stage, server, "open:hall", "I moved to Oslo", lives("Oslo"))
    assert await seen(stage, "dm") == await seen(stage, "open:hall") == ["Alice lives in Oslo"]


async def test_nothing_but_what_was_said_openly_becomes_open(
    stage: Stage, server: OpenAIServer
) -> None:
    sarah = {"name": "Sarah", "kind": "person", "aliases": ["Agent Seven"]}
    await hear(stage, server, "dm", "Sarah, aka Agent Seven, works at Acme since 2019",
               memory("Sarah works at Acme", attribute="works at", value="Acme",
                      since="2019-01-01") | {"entity": sarah})  # fmt: skip
    await hear(stage, server, "open:hall", "Sarah works at ACME",
               memory("Sarah works at ACME", attribute="works at", value="ACME",
                      entity="Sarah"))  # fmt: skip
    (open_one,) = await stage.known()
    assert open_one.text == "Sarah works at ACME"
    assert f"{open_one.valid_from:%Y}" == "2026"
    assert await named(stage, "open:hall", "sarah") == {"Sarah works at ACME"}
    for where in READERS:
        assert await named(stage, where, "agent seven") == set()


@pytest.mark.parametrize("first", ["dm", "open:hall"])
@pytest.mark.parametrize("more", [False, True])
@pytest.mark.parametrize("forgotten", [0, -1])
async def test_forgetting_one_leaves_the_same_fact_nowhere(
    stage: Stage, server: OpenAIServer, file: Path, first: str, more: bool, forgotten: int
) -> None:
    private = "Alice lives in Timbuktu" + (", above the bakery" if more else "")
    lines = {"dm": lives("Timbuktu", private), "open:hall": lives("Timbuktu")}
    for where in sorted(lines, key=lambda where: where != first):
        await hear(stage, server, where, lines[where]["text"].replace("Alice", "I"), lines[where])
    await hear(stage, server, "dm", "I like tea", likes("tea"))
    known = [memory for memory in await stage.known() if "Timbuktu" in memory.text]
    assert len(known) == 1 + more
    receipt = await stage.type(f"/forget m{known[forgotten].number}")
    assert isinstance(receipt, Receipt)
    assert set(receipt.memories) == {memory.number for memory in known}
    assert await stage.texts() == ["Alice likes tea"]
    assert b"imbuktu" not in bytes_on_disk(file)


async def test_replies_that_held_what_was_absorbed_are_forgotten_with_it(
    stage: Stage, server: OpenAIServer, file: Path
) -> None:
    await hear(stage, server, "dm", "I like quinces", likes("quinces"))
    await stage.type("/new")
    server.on_extract = memories()
    await stage.say("What fruit do I like, quinces?")
    assert any("likes quinces" in reply for _, reply in await stage.kept())
    await stage.core.settle()
    server.on_chat = lambda body: "Fine."
    await hear(stage, server, "open:hall", "I like quinces", likes("quinces"))
    (quinces,) = await stage.known()
    await stage.type(f"/forget m{quinces.number}")
    assert [reply for _, reply in await stage.kept() if "quinces" in reply] == []


async def test_a_note_that_is_kept_more_openly_is_one_note(stage: Stage) -> None:
    await stage.type("/remember I like tea")
    await stage.type("/remember I like tea", where="open:hall", visible=True)
    (tea,) = await stage.known()
    assert (tea.audience, len(tea.sources)) == (Space(), 2)
    await stage.type("/remember I like tea", where="closed:board", visible=True)
    assert len(await stage.known()) == 1


async def test_aliases_and_likeness_join_only_names_that_the_audience_has_heard(
    stage: Stage, server: OpenAIServer
) -> None:
    def at(name: str, where: str, text: str) -> Body:
        return memory(text, attribute="met at", value=where, entity=name)

    await hear(stage, server, "dm", "met Sarah at the zoo", at("Sarah", "zoo", "Sarah at the zoo"))
    await hear(stage, server, "open:hall", "met Sara at the zoo",
               at("Sara", "the zoo", "Sara at the zoo"))  # fmt: skip
    assert await named(stage, "dm", "sarah") == {"Sarah at the zoo"}
    assert await named(stage, "open:hall", "sarah") == set()
    await hear(stage, server, "dm", "met Sara at the zoo", at("Sara", "Zoo", "Sara at the old zoo"))
    assert await named(stage, "open:hall", "sara") == {"Sara at the zoo"}


@pytest.mark.parametrize(
    ("first", "then"),
    [("dm", "dm"), ("closed:board", "closed:board"), ("dm", "closed:board"), ("dm", "open:hall")],
)
async def test_what_was_over_for_fewer_stays_history_when_it_is_said_openly_again(
    stage: Stage, server: OpenAIServer, first: str, then: str
) -> None:
    for where, city in ((first, "Lyon"), (then, "Oslo"), ("open:hall", "Lyon")):
        await hear(stage, server, where, f"I live in {city}", lives(city))
    again, oslo, lyon = await stage.known()
    assert [memory.valid_to for memory in (lyon, oslo, again)] == [
        oslo.valid_from, again.valid_from, None,
    ]  # fmt: skip


async def test_what_was_closed_for_fewer_stays_closed_when_what_closed_it_is_said_openly(
    stage: Stage, server: OpenAIServer
) -> None:
    def totem(value: str, single: bool) -> Body:
        text = f"Alice's totem is {value}"
        return memory(text, attribute="totem", value=value, single_value=single)

    await hear(stage, server, "dm", "my totem is moss", totem("moss", True))
    await hear(stage, server, "dm", "my totem is fern", totem("fern", True))
    await hear(stage, server, "open:hall", "my totem is fern", totem("fern", False))
    assert await seen(stage, "dm") == ["Alice's totem is fern"]
