"""What a person does with one memory: look at it, edit it, ask about a name, take a change back."""

from pathlib import Path

import pytest

from bot.errors import CommandError
from bot.receipts import ForgetPreview, Receipt
from bot.results import Edited, EntityPage, MemoryVersions, Remembered, SourceKind, Undone
from bot.types import Memory, Private, Space
from tests.conftest import TurnedClock
from tests.core.stage import Stage, last_prompt, memories, memory, opened, sent
from tests.servers.openai_server import Body, OpenAIServer
from tests.store.world import bytes_on_disk


def lives_in(city: str, *sources: int, **more: object) -> Body:
    return memory(
        f"Alice lives in {city}", *sources, attribute="lives in", value=city, single_value=True,
        **more,
    )  # fmt: skip


async def learn(stage: Stage, server: OpenAIServer, text: str, *written: Body) -> None:
    server.on_extract = memories(*written)
    await stage.say(text)
    await stage.core.settle()
    server.on_extract = memories()


async def edited(stage: Stage, line: str, where: str = "dm") -> Memory:
    result = await stage.type(f"/memories edit {line}", where=where, visible=True)
    assert isinstance(result, Edited)
    return result.memory


async def shown(stage: Stage, line: str) -> MemoryVersions:
    result = await stage.type(f"/memories {line}")
    assert isinstance(result, MemoryVersions)
    return result


async def test_an_edited_memory_says_the_new_text_in_the_next_prompt(
    stage: Stage, server: OpenAIServer
) -> None:
    await learn(stage, server, "I live in Lion", lives_in("Lion"))
    stage.clock.turn(days=1)
    result = await stage.type("/memories edit m1 Alice lives in Lyon")
    assert isinstance(result, Edited)
    assert (result.before, result.memory.text) == ("Alice lives in Lion", "Alice lives in Lyon")
    assert result.memory.slot is not None
    assert result.memory.slot.value == "Lyon"
    await stage.type("/new")
    await stage.say("Where do I live?")
    assert "Alice lives in Lyon" in last_prompt(server)
    assert "Lion" not in last_prompt(server)
    found = await shown(stage, "m1")
    assert [version.text for version in found.versions] == ["Alice lives in Lion"]
    assert [(s.kind, s.said_at.day) for s in found.sources] == [
        (SourceKind.SAID, 2), (SourceKind.EDITED, 3),
    ]  # fmt: skip


async def test_an_edit_that_says_another_thing_is_filed_anew_and_not_written_twice(
    stage: Stage, server: OpenAIServer
) -> None:
    await learn(stage, server, "I live in Lyon", lives_in("Lyon"))
    await edited(stage, "m1 Alice adores Lyon")
    adores = memory("Alice adores Lyon", attribute="likes", value="Lyon", single_value=False)
    server.on_extract = memories(adores)
    await stage.core.settle()
    assert "Alice adores Lyon" in sent(server.asked("extract")[-1].body)
    (kept,) = await stage.known()
    assert (kept.text, kept.slot and kept.slot.attribute) == ("Alice adores Lyon", "likes")


async def test_an_edit_survives_a_better_extractor(file: Path, clock: TurnedClock) -> None:
    async with opened(file, clock) as stage:  # the notebook
        await stage.say("I live in Lyon.")
        await stage.core.settle()
        number = (await stage.known())[0].number
        await edited(stage, f"m{number} Alice lives in Leon")
    async with OpenAIServer() as server, opened(file, clock, server) as stage:
        server.on_extract = memories(lives_in("Lyon"))
        await stage.core.settle()
        assert await stage.texts() == ["Alice lives in Leon"]


async def test_a_memory_edited_in_private_is_used_there_alone(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember the code is quince", where="open:general", visible=True)
    kept = await edited(stage, "m1 the code is medlar")
    assert kept.audience == Private()
    await stage.say("What is the code?", where="open:general")
    assert "medlar" not in last_prompt(server)
    assert "quince" not in last_prompt(server)
    await stage.say("What is the code?")
    assert "the code is medlar" in last_prompt(server)


async def test_a_private_memory_edited_in_the_open_stays_private(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember --private the code is quince", where="open:general")
    assert (await edited(stage, "m1 the code is medlar", "open:general")).audience == Private()
    await stage.say("What is the code?", where="open:general")
    assert "medlar" not in last_prompt(server)
    assert await stage.kept("alice", "open:general") == [
        ("What is the code?", stage.screen.replies[-1])
    ]


async def test_an_open_memory_edited_in_the_open_stays_open(
    stage: Stage, server: OpenAIServer
) -> None:
    await stage.type("/remember the code is quince", where="open:general", visible=True)
    assert (await edited(stage, "m1 the code is medlar", "open:random")).audience == Space()
    await stage.say("What is the code?", "alice", "open:general")
    assert "the code is medlar" in last_prompt(server)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("/memories m9", "no memory m9 here"),
        ("/memories edit m9 tea", "no memory m9 here"),
        ("/memories edit m1 I like tea", "m1 says exactly that already"),
        ("/memories edit m1 I like CAKE", "m2 says that already.*/forget m1"),
        ("/memories undo", "nothing to undo.*/forget"),
        ("/memories about Sarah", "nobody and nothing named Sarah.*/recall Sarah"),
    ],
)
async def test_what_cannot_be_done_is_one_line_that_says_what_can(
    stage: Stage, line: str, says: str
) -> None:
    await stage.type("/remember I like tea")
    await stage.type("/remember I like cake")
    with pytest.raises(CommandError, match=says) as caught:
        await stage.type(line)
    assert "\n" not in str(caught.value)
    assert await stage.texts() == ["I like cake", "I like tea"]


async def test_nobody_reaches_what_is_anothers(stage: Stage, server: OpenAIServer) -> None:
    tea = memory("Sarah likes tea", entity="Sarah", attribute="likes", value="tea")
    await learn(stage, server, "Sarah likes tea", tea)
    for line in ("m1", "edit m1 mine", "undo", "about Sarah"):
        with pytest.raises(CommandError):
            await stage.type(f"/memories {line}", "bob")
    assert await stage.texts() == ["Sarah likes tea"]


async def test_a_page_about_a_name_and_a_line_about_another(
    stage: Stage, server: OpenAIServer
) -> None:
    works = [
        memory(
            f"Sarah works at {company}", entity="Sarah", attribute="works at", value=company,
            single_value=True, since=since,
        )
        for company, since in (("Google", "2020-01-01"), ("Meta", "2025-01-01"))
    ]  # fmt: skip
    await learn(stage, server, "Sarah went from Google to Meta", *works)
    page = await stage.type("/memories about my sarah")
    assert isinstance(page, EntityPage)
    assert [m.text for m in page.memories] == ["Sarah works at Meta", "Sarah works at Google"]
    with pytest.raises(CommandError, match=r"named Zed\. Names I know: Sarah\. /recall Zed"):
        await stage.type("/memories about Zed")


async def test_undo_takes_back_what_was_noted_last_and_then_what_was_before(
    stage: Stage, server: OpenAIServer
) -> None:
    await learn(stage, server, "I live in Lyon", lives_in("Lyon", since="2020-01-01"))
    await learn(stage, server, "I live in Oslo now", lives_in("Oslo"))
    undone = await stage.type("/memories undo")
    assert isinstance(undone, Undone)
    assert undone.removed == ((2, "Alice lives in Oslo"),)
    assert [m.text for m in undone.reopened] == ["Alice lives in Lyon"]
    server.on_extract = memories(lives_in("Oslo"))
    await stage.core.settle()
    assert await stage.texts() == ["Alice lives in Lyon"]  # not learnt again at once
    again = await stage.type("/memories undo")
    assert isinstance(again, Undone)
    assert again.removed == ((1, "Alice lives in Lyon"),)
    with pytest.raises(CommandError, match="nothing to undo"):
        await stage.type("/memories undo")


async def test_what_a_memory_said_before_can_be_forgotten_by_those_words(
    file: Path, stage: Stage
) -> None:
    await stage.type("/remember I grow quinces")
    await edited(stage, "m1 I keep bees")
    preview = await stage.type("/forget quinces")
    assert isinstance(preview, ForgetPreview)
    assert [m.text for m in preview.memories] == ["I keep bees"]
    receipt = await stage.type("/forget m1")
    assert isinstance(receipt, Receipt)
    assert b"uince" not in bytes_on_disk(file)
    assert b"bees" not in bytes_on_disk(file)


async def test_what_was_confirmed_by_remembering_is_not_undone(
    stage: Stage, server: OpenAIServer
) -> None:
    await learn(stage, server, "Lyon!", lives_in("Lyon"))
    known = await stage.type("/remember Alice lives in Lyon")
    assert isinstance(known, Remembered)
    assert known.known
    undone = await stage.type("/memories undo")
    assert isinstance(undone, Undone)
    assert undone.kept == (1,)
    assert await stage.texts() == ["Alice lives in Lyon"]
