"""Letting a memory of one's own be used anywhere in the space."""

import pytest

from adapters.console.render import render
from bot.errors import CommandError
from bot.results import MemoryVersions, Promoted
from bot.types import Channel, Private, Space
from tests.core.stage import Stage, last_prompt, memories, memory
from tests.servers.openai_server import Body, OpenAIServer


async def learnt(stage: Stage, server: OpenAIServer, said: str, where: str, *what: Body) -> None:
    server.on_extract = memories(*what)
    await stage.say(said, where=where)
    await stage.core.settle()
    server.on_extract = memories()


async def promoted(stage: Stage, line: str = "m1", where: str = "dm") -> Promoted:
    result = await stage.type(f"/memories promote {line}", where=where)
    assert isinstance(result, Promoted)
    return result


@pytest.mark.rule("M1")
async def test_it_is_used_everywhere_and_what_was_said_stays_private(
    stage: Stage, server: OpenAIServer
) -> None:
    await learnt(stage, server, "The code is zebra 7, do not tell", "closed:board",
                 memory("The code is zebra 7"))  # fmt: skip
    server.on_chat = lambda body: "Fine."
    result = await promoted(stage)
    assert (result.before, result.memory.audience) == (Channel("board"), Space())
    assert (result.memory.number, len(result.memory.sources)) == (1, 1)
    await stage.say("What is the code?", where="open:hall")
    assert "The code is zebra 7" in last_prompt(server)
    assert "do not tell" not in last_prompt(server)
    await stage.say("What is the code?", "bob", "open:hall")
    assert "zebra 7" not in last_prompt(server)  # it is Alice's still


async def test_what_it_was_before_is_kept_and_only_the_person_sees_it(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember the code is quince")
    await promoted(stage)
    shown = await stage.type("/memories m1")
    assert isinstance(shown, MemoryVersions)
    assert [(v.text, v.audience) for v in shown.versions] == [("the code is quince", Private())]
    assert "used only in private with you" in render(shown)
    found = await stage.store.versions(stage.message("").scope, Space(), shown.memory.number)
    assert found is not None
    assert (found.versions, found.sources) == ((), ())


async def test_undo_leaves_it_to_the_person(stage: Stage, server: OpenAIServer) -> None:
    await learnt(stage, server, "The code is zebra", "dm", memory("The code is zebra"))
    await promoted(stage)
    await stage.type("/memories undo")
    assert [(m.text, m.audience) for m in await stage.known()] == [("The code is zebra", Space())]


async def test_names_that_its_text_does_not_tell_stay_behind(
    stage: Stage, server: OpenAIServer
) -> None:
    met = memory("Sarah works at Google", entity="Sarah", attribute="works at", value="Google")
    met["entity"]["aliases"] = ["Birdie"]
    await learnt(stage, server, "My Birdie, Sarah, works at Google", "dm", met)
    await promoted(stage)
    scope = stage.message("").scope
    page = await stage.store.about(scope, Space(), "Sarah", 9)
    assert page is not None
    assert page.names == ("Sarah",)
    assert await stage.store.about(scope, Space(), "Birdie", 9) is None
    assert await stage.store.entity_names(scope, Space(), 9) == ["Sarah"]


@pytest.mark.parametrize(
    ("text", "attribute", "value"),
    [
        ("She has a new job", "works at", "Google"),  # neither who, nor where
        ("Sarah has a new job", "works at", "Google"),  # not where
        ("Sarah is at Google", "was fired from", "Google"),  # not that
    ],
)
async def test_a_slot_that_its_text_does_not_tell_is_dropped(
    stage: Stage, server: OpenAIServer, text: str, attribute: str, value: str
) -> None:
    said = f"{text}, Sarah was fired from Google"
    await learnt(stage, server, said, "dm",
                 memory(text, entity="Sarah", attribute=attribute, value=value))  # fmt: skip
    (before,) = await stage.known()
    assert before.slot is not None
    result = await promoted(stage)
    assert result.memory.slot is None
    scope = stage.message("").scope
    survey = await stage.store.survey(scope, Space(), ["fire"], ["sarah"], None)
    assert (survey.named, survey.entities, survey.words) == (frozenset(), {}, [[]])


async def test_a_slot_that_its_text_tells_goes_along(stage: Stage, server: OpenAIServer) -> None:
    await learnt(stage, server, "I live in Lyon", "dm",
                 memory("Alice lives in Lyon", attribute="lives in", value="Lyon"))  # fmt: skip
    assert (await promoted(stage)).memory.slot is not None


async def test_it_is_found_by_meaning_as_before(stage: Stage, server: OpenAIServer) -> None:
    await stage.store.use_vectors_of("model", 4)
    await stage.type("/remember the code is quince")
    texts = await stage.store.unindexed(9)
    await stage.store.add_vectors([(text.id, [1.0, 0.0, 0.0, 0.0]) for text in texts])
    await promoted(stage)
    scope = stage.message("").scope
    survey = await stage.store.survey(scope, Space(), [], [], None)
    near = await stage.store.nearest(survey, scope, Space(), [1.0, 0.0, 0.0, 0.0])
    assert list(near) == list(survey.ids)
    assert len(near) == 1


async def test_what_is_used_everywhere_already_or_unknown_is_one_line(stage: Stage) -> None:
    await stage.type("/remember tea", where="open:hall", visible=True)
    await stage.type("/remember --shared coffee", manages=True)
    for line, says in (
        ("m1", "I use m1 anywhere in this space already"),
        ("s1", "I use s1 anywhere in this space already"),
        ("m9", "no memory m9 here"),
    ):
        with pytest.raises(CommandError, match=says):
            await stage.type(f"/memories promote {line}", manages=True)


async def test_nobody_promotes_what_is_another_persons(stage: Stage) -> None:
    await stage.type("/remember tea")
    with pytest.raises(CommandError, match="no memory m1 here"):
        await stage.type("/memories promote m1", "bob")
    assert [m.audience for m in await stage.known()] == [Private()]


async def test_the_answer_says_what_changed_and_what_did_not(stage: Stage) -> None:
    await stage.type("/remember tea")
    answer = render(await promoted(stage))
    assert "From now on I use m1 “tea” anywhere in this space" in answer
    assert "until now only in private with you" in answer
    assert "stays as private as it was" in answer
