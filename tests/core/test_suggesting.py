"""How a command that is being typed could go on."""

import pytest

from bot.grammar import parse
from bot.receipts import PeriodPreview
from bot.results import Suggestion
from tests.core.stage import Stage, memories, memory
from tests.servers.openai_server import OpenAIServer

HALL = "open:hall"
LINES = ("I grow quinces", "I sail boats", "I like green tea")


@pytest.fixture
async def known(stage: Stage, server: OpenAIServer) -> Stage:
    """Alice has m1 to m3 and knows Sarah and Sandro; Bob has m1 of his own and knows Samira."""
    for line in LINES:
        await stage.type(f"/remember {line}")
    await stage.type("/remember I grow pears", "bob")
    await stage.core.settle()
    server.on_extract = memories(
        memory("Sarah likes tea", entity="Sarah", attribute="likes", value="tea"),
        memory("Sandro likes tea", entity="Sandro", attribute="likes", value="tea"),
    )
    await stage.say("Sarah and Sandro like tea")
    await stage.core.settle()
    server.on_extract = memories(
        memory("Samira likes tea", entity="Samira", attribute="likes", value="tea")
    )
    await stage.say("Samira likes tea", "bob")
    await stage.core.settle()
    return stage


async def offered(
    stage: Stage, line: str, user: str = "alice", where: str = HALL, limit: int = 25
) -> list[Suggestion]:
    return await stage.core.suggest(stage.typed(line, user, where), limit)


async def arguments(stage: Stage, line: str, user: str = "alice", where: str = HALL) -> list[str]:
    return [one.argument for one in await offered(stage, line, user, where)]


async def test_forget_offers_the_newest_and_its_words_where_nothing_is_typed(known: Stage) -> None:
    found = await arguments(known, "/forget ")
    words = ["last", "since today", "since yesterday", "everything"]
    assert found[:9] == ["m5", "m4", "m3", "m2", "m1", *words]
    assert set(found[9:]) == {"about Sarah", "about Sandro"}


async def test_forget_finds_by_words_and_by_ids(known: Stage) -> None:
    assert await offered(known, "/forget qui") == [Suggestion("m1", "m1 · I grow quinces")]
    assert await arguments(known, "/forget TEA gr") == ["m3"]
    assert await arguments(known, "/forget m2") == ["m2"]
    assert await arguments(known, "/forget M") == ["m5", "m4", "m3", "m2", "m1"]
    assert await arguments(known, "/forget pears") == []
    assert await arguments(known, "/forget 100%") == []


async def test_an_id_begins_longer_ones(stage: Stage) -> None:
    for number in range(12):
        await stage.type(f"/remember I own {number} boats")
    assert await arguments(stage, "/forget m1") == ["m12", "m11", "m10", "m1"]


async def test_ids_that_stand_there_stay(known: Stage) -> None:
    assert await offered(known, "/forget m1, m2 tea gr") == [
        Suggestion("m1 m2 m3", "m1 m2 m3 · I like green tea")
    ]


async def test_a_name_that_is_begun_is_offered(known: Stage) -> None:
    assert await arguments(known, "/forget about sar") == ["about Sarah"]
    assert "about Sarah" in await arguments(known, "/forget sarah")
    assert set(await arguments(known, "/recall sa")) == {"Sarah", "Sandro"}
    assert set(await arguments(known, "/recall")) == {"Sarah", "Sandro"}
    assert await arguments(known, "/recall x") == []
    assert await arguments(known, "/recall", "bob") == ["Samira"]


async def test_a_word_that_is_begun_comes_first(known: Stage) -> None:
    assert (await arguments(known, "/forget l"))[0] == "last"
    assert (await arguments(known, "/forget si"))[:2] == ["since today", "since yesterday"]
    assert "everything yes" not in await arguments(known, "/forget every")


async def test_memories_are_offered_to_be_seen_edited_and_promoted(known: Stage) -> None:
    found = await offered(known, "/memories qui")
    assert found == [Suggestion("m1", "m1 · I grow quinces")]
    assert await offered(known, "/memories edit qui") == [
        Suggestion("edit m1 I grow quinces", "edit m1 · I grow quinces")
    ]
    assert await arguments(known, "/memories promote m") == [
        f"promote m{n}" for n in (5, 4, 3, 2, 1)
    ]
    await known.type("/memories promote m2")
    assert "promote m2" not in await arguments(known, "/memories promote ")
    assert await arguments(known, "/memories about san") == ["about Sandro"]
    assert {"shared", "undo"} <= {*await arguments(known, "/memories ")}


async def test_what_is_everywhere_is_offered_in_private_alone(known: Stage) -> None:
    for line in ("/memories ", "/privacy "):
        assert not any("everywhere" in one for one in await arguments(known, line))
        assert "everywhere" in await arguments(known, line, where="dm")
    assert "export everywhere" in await arguments(known, "/privacy ex", where="dm")


async def test_privacy_offers_what_can_be_done(stage: Stage) -> None:
    assert await arguments(stage, "/privacy ") == ["pause", "export", "opt-out"]
    await stage.type("/privacy pause")
    assert await arguments(stage, "/privacy ") == ["resume", "export", "opt-out"]
    assert await offered(stage, "/privacy RE") == [
        Suggestion("resume", "resume · remember and recall again")
    ]
    await stage.type("/privacy opt-out")
    assert await arguments(stage, "/privacy ") == ["opt-in"]
    for line in ("/forget ", "/recall ", "/memories "):
        assert await arguments(stage, line) == []


@pytest.mark.parametrize("line", ["/remember I", "/why", "/new", "/help", "/nothing x", "", "hi"])
async def test_where_nothing_can_be_offered_nothing_is(known: Stage, line: str) -> None:
    assert await offered(known, line) == []


async def test_what_is_offered_is_short(stage: Stage) -> None:
    await stage.type(f"/remember I like {'very ' * 30}green tea")
    (shown,) = await offered(stage, "/forget tea")
    assert shown.argument == "m1"
    assert len(shown.label) == 100
    assert shown.label.endswith("…")
    assert await offered(stage, "/memories edit tea") == []
    assert len(await offered(stage, "/forget ", limit=2)) == 2


async def test_what_another_or_another_space_has_is_never_offered(known: Stage) -> None:
    for line in ("/forget qui", "/memories qui", "/recall Sarah", "/forget about Sarah"):
        assert await arguments(known, line, "bob") == []
        typed = known.typed(line, space="work")
        assert await known.core.suggest(typed, 25) == []


async def test_all_that_is_offered_can_be_typed(known: Stage) -> None:
    for line in ("/forget ", "/memories ", "/privacy ", "/recall ", "/memories edit m"):
        for one in await arguments(known, line, where="dm"):
            parse(f"{line.split()[0]} {one}")
    for one in ("since today", "since yesterday"):
        assert isinstance(await known.type(f"/forget {one}"), PeriodPreview)
