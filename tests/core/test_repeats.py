"""Nothing that is found is said twice, and what is left out leaves its place to others."""

from bot.types import Memory, Private
from tests.core.stage import Stage, memories, memory
from tests.core.told import find, note, texts
from tests.servers.openai_server import OpenAIServer


async def test_the_source_is_not_repeated_beside_its_memory(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice rides a Bianchi bicycle"))
    await stage.say("Guess what, I ride a Bianchi these days")
    await stage.core.settle()
    assert await texts(stage, "Bianchi") == ["Alice rides a Bianchi bicycle"]


async def test_a_message_speaks_where_its_memory_is_not_shown(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice told a long story about a river and its many boats"))
    said = "Bianchi, Bianchi, boats"
    await stage.say(said)
    await stage.core.settle()
    assert (await texts(stage, "Bianchi boats", limit=1)) == [said]


async def test_the_same_words_are_shown_once(quiet: Stage) -> None:
    await note(quiet, "I ride a Bianchi", "i ride a bianchi")
    await quiet.type("/remember I ride a Bianchi")
    assert len(await find(quiet, "Bianchi")) == 1
    quiet.clock.turn(days=99)
    await note(quiet, "I ride a Bianchi")
    (found,) = await find(quiet, "Bianchi")
    assert isinstance(found.item, Memory)  # though a message of the same words is newer


async def test_what_is_shown_once_leaves_its_place_to_others(quiet: Stage) -> None:
    await note(quiet, "A Bianchi!", *["a bianchi"] * 3, "The Bianchi is green and was a present")
    assert len(await find(quiet, "Bianchi", limit=2)) == 2


async def test_short_answers_are_told_apart_by_their_function_words(quiet: Stage) -> None:
    await note(quiet, "Do I", "My Bianchi was stolen", "Yes")
    scope = quiet.message("").scope
    found = await quiet.recall.find(scope, Private(), "Bianchi")
    assert {recalled.item.text for recalled in found} == {"My Bianchi was stolen", "Do I", "Yes"}


async def test_of_the_same_words_in_the_same_order_the_best_is_shown(quiet: Stage) -> None:
    await note(quiet, "I ride a Bianchi", "I do ride the Bianchi", "I rode the Bianchi to Rome")
    assert len(await find(quiet, "Bianchi")) == 2
