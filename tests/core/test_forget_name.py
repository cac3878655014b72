"""`/forget about NAME`: an entity by any of its names, and whatever names it in its words."""

import pytest

from bot.errors import CommandError
from bot.text import fold_name, holds_name
from tests.core.forgotten import about, counts, left, receipt
from tests.core.stage import Stage, memories, memory
from tests.core.told import hear
from tests.servers.openai_server import Body, OpenAIServer


def of(name: str, text: str, *aliases: str, value: str = "tea") -> Body:
    entity = {"name": name, "kind": "person", "aliases": list(aliases)}
    return memory(text, attribute="likes", value=value) | {"entity": entity}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I met Sarah.", "Sarah"),
        ("SARAH’s dog", "sarah"),
        ("The Red Lion was full", "the red lion"),
        ("I saw Zoë", "Zoe"),
        ("we like 東京タワー very much", "東京タワー"),
        ("今日はアレクサンドラと話した", "アレクサンドラ"),
        ("l'Oréal pays me", "Oréal"),
        ("a b c d e f g", "b c d e f"),
    ],
)
def test_whole_words_name_somebody(text: str, name: str) -> None:
    assert holds_name(text, fold_name(name))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Sarahs are many", "Sarah"),
        ("a red herring and a lion", "red lion"),
        ("I will", "Willem"),
        ("", "Sarah"),
    ],
)
def test_parts_of_words_name_nobody(text: str, name: str) -> None:
    assert not holds_name(text, fold_name(name))


async def test_all_that_names_or_concerns_somebody_goes_and_nothing_else(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Fine."
    await hear(
        stage, server, "My boss Sarah, Sally to friends, likes tea",
        of("Sarah", "Sarah likes tea", "Sally", "my boss"),
    )  # fmt: skip
    await stage.type("/new")
    await hear(stage, server, "She likes cake too", of("Sarah", "She likes cake", value="cake"))
    await stage.type("/new")
    server.on_extract = memories()
    await stage.say("Is Sally at home?", where="open:hall")
    await stage.type("/remember Ask SARAH for the key", where="open:board", visible=True)
    await stage.type("/new")
    await stage.say("My boss is late, like all of Sarahs friends")
    await stage.say("I met Sarah", "bob")
    await stage.say("I met Sarah", space="work")
    await stage.core.settle()
    shown = await about(stage, "/forget about sally")
    assert shown.names == ("Sally", "Sarah")
    assert shown.confirm == "/forget about sally yes"
    assert {m.text for m in shown.losses.memories} == {
        "Sarah likes tea", "She likes cake", "Ask SARAH for the key"
    }  # fmt: skip
    assert len(await left(stage)) == 5
    done = await receipt(stage, shown.confirm)
    assert counts(done) == counts(shown)
    assert await left(stage) == ["My boss is late, like all of Sarahs friends"]
    assert await stage.texts() == []
    assert await left(stage, "bob") == ["I met Sarah"]
    assert await left(stage, space="work") == ["I met Sarah"]


async def test_a_name_that_only_messages_hold_is_enough(quiet: Stage) -> None:
    await quiet.say("Will came by", where="open:hall")  # "will" is a function word besides
    await quiet.say("The weather is fine")
    shown = await about(quiet, "/forget about Will")
    assert shown.names == ("Will",)
    await receipt(quiet, shown.confirm)
    assert await left(quiet) == ["The weather is fine"]


async def test_what_a_memory_said_before_it_was_edited_counts_too(quiet: Stage) -> None:
    await quiet.type("/remember Dinner with Sarah")
    await quiet.type("/remember Lunch with Tom")
    await quiet.type("/memories edit m1 Dinner with Ann")
    assert (await about(quiet, "/forget about Sarah")).losses.total == 1
    await receipt(quiet, "/forget about Sarah yes")
    assert await quiet.texts() == ["Lunch with Tom"]


async def test_more_texts_than_are_read_at_once_are_all_looked_through(
    quiet: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.sqlite.targets.READ_AT_ONCE", 2)
    for number in range(5):
        await quiet.type(f"/remember Tom did trick {number}")
    assert (await about(quiet, "/forget about Tom")).losses.total == 5


async def test_an_unknown_name_is_one_line_with_those_that_are_known(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "Sarah likes tea", of("Sarah", "Sarah likes tea"))
    for line in ("/forget about Tom", "/forget about Tom yes"):
        with pytest.raises(CommandError, match=r"named Tom\. Names I know: Sarah\. ") as told:
            await stage.type(line)
        assert "\n" not in str(told.value)
    assert await left(stage) == ["Sarah likes tea"]
