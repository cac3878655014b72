"""`/recall everywhere` and `/memories everywhere`: the person's own, in private, by space."""

import pytest

from bot.errors import CommandError
from bot.results import MemoriesEverywhere, RecalledEverywhere
from tests.core.stage import Stage
from tests.servers.openai_server import OpenAIServer


async def recalled(stage: Stage, line: str, space: str = "home") -> dict[str, list[str]]:
    found = await stage.type(line, space=space)
    assert isinstance(found, RecalledEverywhere)
    return {space: [one.item.text for one in items] for space, items in found.spaces}


async def page(stage: Stage, line: str) -> MemoriesEverywhere:
    found = await stage.type(line)
    assert isinstance(found, MemoriesEverywhere)
    return found


async def three_spaces(stage: Stage) -> None:
    for space, thing in (("club", "sloe jam"), ("home", "plum jam"), ("work", "tea")):
        await stage.type(f"/remember I like {thing}", space=space)
        await stage.type(f"/remember Bob likes {thing}", "bob", space=space)


async def test_recall_shows_each_space_under_its_name_this_one_first(stage: Stage) -> None:
    await three_spaces(stage)
    assert await recalled(stage, "/recall everywhere jam") == {
        "home": ["I like plum jam"], "club": ["I like sloe jam"]
    }  # fmt: skip
    assert await recalled(stage, "/recall EVERYWHERE", "work") == {
        "work": ["I like tea"], "club": ["I like sloe jam"], "home": ["I like plum jam"]
    }  # fmt: skip
    assert list(await recalled(stage, "/recall everywhere", "work")) == ["work", "club", "home"]
    assert await recalled(stage, "/recall everywhere piano") == {}


async def test_what_was_found_everywhere_enters_no_prompt(
    stage: Stage, server: OpenAIServer
) -> None:
    await three_spaces(stage)
    await recalled(stage, "/recall everywhere jam")
    await stage.say("What jam do I like?")
    asked = str(server.asked("chat")[-1].body)
    assert "plum jam" in asked
    assert "sloe" not in asked


async def test_the_pages_of_all_spaces_are_one_list(stage: Stage) -> None:
    for space, number in (("home", 12), ("club", 3), ("work", 6)):
        for n in range(number):
            await stage.type(f"/remember {space} thing {n}", space=space)
    seen: list[tuple[str, str]] = []
    for number, size in ((1, 10), (2, 10), (3, 1)):
        shown = await page(stage, f"/memories everywhere {number}")
        assert (shown.page, shown.pages, shown.total) == (number, 3, 21)
        rows = [(space, m.text) for space, memories in shown.spaces for m in memories]
        assert len(rows) == size
        seen += rows
    assert seen == [
        (space, f"{space} thing {n}")
        for space, number in (("home", 12), ("club", 3), ("work", 6))
        for n in reversed(range(number))
    ]
    with pytest.raises(CommandError, match="no page 4: the last one is 3"):
        await stage.type("/memories everywhere 4")


async def test_a_person_of_whom_nothing_is_known_has_one_empty_page(stage: Stage) -> None:
    await stage.type("/remember I like tea", "bob")
    assert await page(stage, "/memories everywhere") == MemoriesEverywhere((), 1, 1, 0)


@pytest.mark.parametrize("line", ["/recall everywhere", "/recall everywhere jam",
                                  "/memories everywhere", "/memories everywhere 2"])  # fmt: skip
@pytest.mark.parametrize("where", ["open:hall", "closed:board"])
async def test_others_never_see_what_a_person_has_elsewhere(
    stage: Stage, line: str, where: str
) -> None:
    await three_spaces(stage)
    with pytest.raises(CommandError, match="private conversation"):
        await stage.type(line, where=where)
