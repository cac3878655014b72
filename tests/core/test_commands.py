"""The person's commands: their answers, and what never leaves them."""

from pathlib import Path

import pytest

from bot.errors import CommandError
from bot.grammar import parse
from bot.receipts import ForgetPreview, Receipt
from bot.results import FreshHistory, Help, MemoryPage, RecallResult, Remembered, Why
from bot.types import Channel, Memory, Private, Space
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, opened, sent
from tests.servers.openai_server import OpenAIServer
from tests.store.world import bytes_on_disk


async def test_an_id_or_a_page_that_is_not_there_is_one_line(stage: Stage) -> None:
    await stage.type("/remember tea")
    with pytest.raises(CommandError, match=r"m9.*/memories shows"):
        await stage.type("/forget m9")
    with pytest.raises(CommandError, match="the last one is 1"):
        await stage.type("/memories 2")


async def remember(stage: Stage, line: str, where: str = "dm", user: str = "alice") -> Memory:
    result = await stage.type(f"/remember {line}", user, where, visible=True)
    assert isinstance(result, Remembered)
    return result.memory


async def listed(stage: Stage, where: str = "dm", user: str = "alice") -> list[str]:
    result = await stage.type("/memories", user, where)
    assert isinstance(result, MemoryPage)
    return [f"m{memory.number} {memory.text}" for memory in result.memories]


async def test_a_note_takes_the_audience_of_its_place(stage: Stage, server: OpenAIServer) -> None:
    assert (await remember(stage, "the code is one", "dm")).audience == Private()
    assert (await remember(stage, "the code is two", "closed:board")).audience == Channel("board")
    assert (await remember(stage, "the code is three", "open:general")).audience == Space()
    assert (await remember(stage, "--private the code is four", "open:general")).audience == (
        Private()
    )
    seen = {}
    for where in ("dm", "closed:board", "closed:other", "open:other"):
        await stage.say("What is the code?", where=where)
        prompt = last_prompt(server)
        seen[where] = [n for n in ("one", "two", "three", "four") if f"the code is {n}" in prompt]
    assert seen == {
        "dm": ["one", "two", "three", "four"],
        "closed:board": ["two", "three"],
        "closed:other": ["three"],
        "open:other": ["three"],
    }


async def test_a_note_is_kept_once_and_says_that_it_was_known(stage: Stage) -> None:
    await remember(stage, "I like tea")
    again = await stage.type("/remember i like TEA")
    assert isinstance(again, Remembered)
    assert again.known
    assert await listed(stage) == ["m1 I like tea"]


async def test_what_is_typed_and_answered_never_enters_the_channel(
    stage: Stage, server: OpenAIServer
) -> None:
    where = "open:general"
    await remember(stage, "--private zebra", where)
    for line in ("/recall zebra", "/forget zebra", "/memories", "/why", "/help"):
        await stage.type(line, where=where)
    assert await stage.kept("alice", where) == []
    await stage.say("zebra?", "bob", where)
    await stage.say("zebra, it is", "alice", where)
    await stage.core.settle()
    for request in server.asked("chat"):
        assert "remember" not in sent({"messages": request.body["messages"][1:]}).replace(
            "is remembered of", ""
        )
        assert "m1" not in sent(request.body)
    assert [said for said, _ in await stage.kept("bob", where)] == ["zebra?", "zebra, it is"]
    found = await stage.recall.find(stage.message("").scope, Space(), "recall zebra why memories")
    assert [r.item.text for r in found] == ["zebra, it is"]


async def test_a_note_of_one_place_is_not_in_the_summary_of_another(
    file: Path, clock: TurnedClock, server: OpenAIServer
) -> None:
    async with opened(file, clock, server, ellie_context_budget_tokens=800) as stage:
        await remember(stage, "--private zebra", "open:general")
        for number in range(12):
            await stage.say(f"story {number} " + "on and on " * 8, where="open:general")
        await stage.core.settle()
        assert server.asked("summary")
        assert not any("zebra" in sent(request.body) for request in server.asked("summary"))


async def test_forgetting_by_words_shows_and_erases_nothing(stage: Stage) -> None:
    await remember(stage, "I like tea")
    await stage.store.record(stage.message("tea is my favourite"), 1, urgent=False)
    preview = await stage.type("/forget tea")
    assert isinstance(preview, ForgetPreview)
    assert {memory.text for memory in preview.memories} == {"I like tea", "tea is my favourite"}
    assert len(await listed(stage)) == 2
    again = await stage.type("/forget tea")
    assert isinstance(again, ForgetPreview)
    assert {m.number for m in again.memories} == {m.number for m in preview.memories}
    assert await stage.type("/forget nothing like it") == ForgetPreview("nothing like it", (), 0, 0)


async def test_forgetting_by_id_erases_and_counts(stage: Stage, server: OpenAIServer) -> None:
    await remember(stage, "I like tea")
    await remember(stage, "I like cake")
    receipt = await stage.type("/forget m1 m7")
    assert isinstance(receipt, Receipt)
    assert (receipt.memories, receipt.missing) == ((1,), (7,))
    assert await listed(stage) == ["m2 I like cake"]
    await stage.say("Which tea is it?", where="open:general")
    assert "I like tea" not in last_prompt(server)


async def test_ids_are_stable_over_restarts_and_never_given_twice(
    file: Path, clock: TurnedClock
) -> None:
    async with opened(file, clock) as stage:
        for text in ("one", "two", "three"):
            await remember(stage, text)
        await remember(stage, "bob's own", user="bob")
        await stage.type("/forget m3")
    async with opened(file, clock) as stage:
        await remember(stage, "four")
        assert await listed(stage) == ["m4 four", "m2 two", "m1 one"]
        assert await listed(stage, user="bob") == ["m1 bob's own"]
        result = await stage.type("/recall two")
        assert isinstance(result, RecallResult)
        assert [r.item.number for r in result.found if isinstance(r.item, Memory)] == [2]


async def test_memories_come_in_pages_newest_first(stage: Stage) -> None:
    for number in range(23):
        await remember(stage, f"fact {number}")
    page = await stage.type("/memories 3")
    assert isinstance(page, MemoryPage)
    assert (page.page, page.pages, page.total) == (3, 3, 23)
    assert [memory.text for memory in page.memories] == ["fact 2", "fact 1", "fact 0"]
    newest = await stage.type("/recall")
    assert isinstance(newest, RecallResult)
    assert newest.found[0].item.text == "fact 22"


async def test_why_names_what_the_last_reply_used(stage: Stage, server: OpenAIServer) -> None:
    assert await stage.type("/why") == Why(None)
    await remember(stage, "I like green tea")
    await stage.store.record(
        stage.message("the tea shop is far", where="closed:x"), 1, urgent=False
    )
    await stage.say("Hello there")
    stage.clock.turn(hours=1)
    await stage.say("Which tea do I like?")
    why = await stage.type("/why")
    assert isinstance(why, Why)
    assert why.answered_at == stage.clock()
    assert [memory.text for memory in why.memories] == ["I like green tea"]
    assert [message.text for message in why.messages] == ["the tea shop is far"]
    assert why.history == 1
    assert await stage.type("/why", user="bob") == Why(None)


async def test_new_starts_a_fresh_history_and_keeps_the_memories(
    stage: Stage, server: OpenAIServer
) -> None:
    await remember(stage, "I like green tea")
    await stage.say("Something about zebras")
    assert await stage.type("/new") == FreshHistory()
    await stage.say("Which tea do I like?")
    assert "zebras" not in last_prompt(server)
    assert "I like green tea" in last_prompt(server)
    assert await stage.kept() == [
        ("Which tea do I like?", stage.screen.replies[-1])
    ]  # fmt: skip


async def test_help_names_every_command(stage: Stage) -> None:
    result = await stage.type("/help")
    assert isinstance(result, Help)
    for form, _ in result.forms:
        name = form.split()[0]
        try:
            parse(name)
        except CommandError as error:
            assert "no such command" not in str(error)  # noqa: PT017 (the rest may want arguments)


async def test_what_was_said_again_in_private_is_forgotten_with_its_memory(
    file: Path, clock: TurnedClock
) -> None:
    async with opened(file, clock) as stage:  # the notebook
        await stage.say("I live in Timbuktu.", where="open:general")
        await stage.core.settle()
        await stage.say("I live in Timbuktu.")
        await stage.core.settle()
        (kept,) = await stage.known()
        receipt = await stage.type(f"/forget m{kept.number}")
        assert isinstance(receipt, Receipt)
        preview = await stage.type("/forget Timbuktu")
        assert isinstance(preview, ForgetPreview)
        assert preview.memories == ()
        assert b"timbuktu" not in bytes_on_disk(file).lower()
