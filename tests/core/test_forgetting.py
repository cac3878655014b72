"""What a `/forget QUERY` offers: everything that holds the words, under as few ids as can be."""

from bot.receipts import ForgetPreview, Receipt
from tests.core.stage import Stage, memories, memory
from tests.servers.openai_server import OpenAIServer


async def preview(stage: Stage, query: str) -> ForgetPreview:
    found = await stage.type(f"/forget {query}")
    assert isinstance(found, ForgetPreview)
    return found


async def forget(stage: Stage, offered: ForgetPreview) -> Receipt:
    ids = " ".join(f"m{item.number}" for item in offered.memories)
    receipt = await stage.type(f"/forget {ids}")
    assert isinstance(receipt, Receipt)
    return receipt


async def test_what_was_said_several_times_goes_at_once(stage: Stage, server: OpenAIServer) -> None:
    server.on_chat = lambda body: "Fine."
    for _ in range(4):
        await stage.say("My cat is Tomcat")
    await stage.say("Is Tomcat my cat?")
    offered = await preview(stage, "Tomcat")
    assert len(offered.memories) == 2
    assert (await forget(stage, offered)).messages == 10
    assert (await preview(stage, "Tomcat")).memories == ()


async def test_more_than_is_offered_at_once_is_told_and_offered_next(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    for number in range(13):
        await stage.type(f"/remember Tomcat did trick {number}")
    offered = await preview(stage, "Tomcat")
    assert (len(offered.memories), offered.more) == (10, 3)
    await forget(stage, offered)
    again = await preview(stage, "Tomcat")
    assert (len(again.memories), again.more) == (3, 0)


async def test_a_name_that_is_a_function_word_can_be_asked_for_and_forgotten(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(
        memory("Will lives in Berlin", entity="Will", attribute="lives in", value="Berlin")
    )
    await stage.say("My friend Will lives in Berlin")
    await stage.core.settle()
    scope, dm = stage.message("").scope, stage.message("").audience
    found = await stage.recall.find(scope, dm, "Who is Will?")
    assert [recalled.item.text for recalled in found] == ["Will lives in Berlin"]
    assert await stage.recall.find(scope, dm, "Who is that?") == []
    assert [item.text for item in (await preview(stage, "Will")).memories] == [
        "Will lives in Berlin"
    ]


async def test_contradictions_and_different_things_do_not_hide_one_another(stage: Stage) -> None:
    for pair, query in (
        (("Alice is vegetarian", "Alice is not vegetarian"), "vegetarian"),
        (("Alice moved from Lyon to Oslo", "Alice moved from Oslo to Lyon"), "Lyon Oslo"),
        (("I write C", "I write C++"), "write C++"),
    ):
        for text in pair:
            await stage.type(f"/remember {text}")
        scope, dm = stage.message("").scope, stage.message("").audience
        found = {r.item.text for r in await stage.recall.find(scope, dm, query)}
        assert set(pair) <= found


async def test_what_goes_with_another_is_offered_with_it(
    stage: Stage, server: OpenAIServer
) -> None:
    for text, where in (
        ("Alice lives in Lyon near the Rhone", "dm"),
        ("Alice lives in Lyon", "open:hall"),
    ):
        server.on_extract = memories(memory(text, attribute="lives in", value="Lyon"))
        await stage.say("I live there", where=where)
        await stage.core.settle()
    offered = await preview(stage, "Rhone")
    assert len(offered.memories) == 2
    receipt = await forget(stage, offered)
    assert (receipt.messages, receipt.missing) == (offered.messages, ())
