"""What comes with each item that is found: its sources, and what was said beside them."""

from bot.types import Audience, Memory, Message, MessageId, Private, Recalled, Space
from tests.core.stage import Stage, memories, memory
from tests.servers.openai_server import OpenAIServer


async def said(stage: Stage, *lines: str) -> list[MessageId]:
    """Write down messages of Alice's that nobody answers."""
    turns = [await stage.store.record(stage.message(line), 1, urgent=False) for line in lines]
    return [turn.message.id for turn in turns if turn]


async def around(
    stage: Stage,
    item: Memory | Message,
    leave_out: tuple[MessageId, ...] = (),
    reader: Audience = Private(),  # noqa: B008 (frozen)
) -> list[str]:
    (found,) = await stage.recall.with_surroundings(
        stage.message("").scope, reader, [Recalled(item, 1.0)], leave_out
    )
    assert found.item == item
    return [message.text for message in found.around]


async def test_what_was_said_beside_a_message_comes_nearest_first_without_itself(
    stage: Stage,
) -> None:
    ids = await said(stage, *"abcdef")
    scope = stage.message("").scope
    first, third = await stage.store.messages(scope, Private(), [ids[0], ids[2]])
    assert await around(stage, third) == ["b", "d", "a", "e"]
    assert await around(stage, first) == ["b", "c"]


async def test_what_the_prompt_holds_anyway_comes_with_nothing(stage: Stage) -> None:
    ids = await said(stage, *"abc")
    (middle,) = await stage.store.messages(stage.message("").scope, Private(), [ids[1]])
    assert await around(stage, middle, (ids[0],)) == ["c"]


async def test_a_memory_comes_with_its_sources_then_their_neighbours_each_once(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice has a boat", 2, 4))
    server.on_chat = lambda body: "Fine."
    for line in "abcde":
        await stage.say(line)
    await stage.core.settle()
    (boat,) = await stage.known()
    found = await around(stage, boat)
    assert found[:2] == ["b", "d"]
    assert sorted(found) == ["a", "b", "c", "d", "e"]


async def test_a_memory_that_comes_from_a_note_too_comes_alone(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    await stage.type("/remember Alice likes tea")
    server.on_extract = memories(memory("Alice likes tea"))
    await stage.say("I like tea")
    await stage.core.settle()
    (tea,) = await stage.known()
    assert len(tea.sources) == 2
    assert await around(stage, tea) == []


async def test_what_is_said_again_in_private_keeps_its_surroundings_in_the_hall(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    await stage.say("Tea, anyone?", where="open:hall")
    server.on_extract = memories(memory("Alice likes tea"))
    await stage.say("I like tea", where="open:hall")
    await stage.core.settle()
    await stage.say("I like tea", where="dm")
    await stage.core.settle()
    (tea,) = await stage.known()
    assert (tea.audience, len(tea.sources)) == (Space(), 2)
    assert "Tea, anyone?" in await around(stage, tea, reader=Space())
