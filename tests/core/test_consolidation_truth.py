"""What is known stays true: a scripted model says things, and this is what becomes of them."""

import json
from datetime import timedelta

import pytest

from tests.core.stage import Stage, last_prompt, memories, memory, sent
from tests.core.told import current, hear, lives_in
from tests.servers.openai_server import OpenAIServer

# --- update, contradiction, duplicate


@pytest.mark.parametrize(
    ("attribute", "again"),
    [("lives in", "lives in"), ("Lives_In", "residence"), ("works for", "employer"),
     ("job title", "works as"), ("age", "age"), ("timezone", "time zone")],
)  # fmt: skip
async def test_a_newer_value_closes_the_older_whatever_the_model_calls_the_attribute_and_flags(
    stage: Stage, server: OpenAIServer, attribute: str, again: str
) -> None:
    old = memory("Alice: Arles", attribute=attribute, value="Arles", single_value=False)
    new = memory("Alice: Bruges", attribute=again, value="Bruges", single_value=False)
    await hear(stage, server, "it is Arles", old)
    await hear(stage, server, "it is Bruges", new)
    assert await current(stage) == ["Alice: Bruges"]
    newer, older = await stage.known()
    assert older.valid_to == newer.valid_from


async def test_of_an_attribute_nobody_knows_the_model_says_whether_values_add_up(
    stage: Stage, server: OpenAIServer
) -> None:
    for value in ("fern", "moss"):
        text = f"Alice's totem is {value}"
        await hear(
            stage, server, text, memory(text, attribute="totem", value=value, single_value=True)
        )
        text = f"Alice's herb is {value}"
        await hear(stage, server, text, memory(text, attribute="herb", value=value))
    assert await current(stage) == [
        "Alice's herb is moss", "Alice's totem is moss", "Alice's herb is fern",
    ]  # fmt: skip


async def test_an_unrelated_memory_that_a_model_calls_superseded_stays(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    likes = memory("Alice likes tea", attribute="likes", value="tea", superseded=[1])
    await hear(stage, server, "I like tea", likes)
    sister = memory(
        "Alice's sister lives in Rome", entity="Sister", attribute="lives in", value="Rome",
        single_value=True, superseded=[1, 2],
    )  # fmt: skip
    await hear(stage, server, "My sister lives in Rome", sister)
    assert len(await current(stage)) == 3


async def test_likes_add_up_even_where_the_model_says_there_is_only_one(
    stage: Stage, server: OpenAIServer
) -> None:
    for drink in ("tea", "milk"):
        await hear(
            stage, server, f"I like {drink}",
            memory(f"Alice likes {drink}", attribute="likes", value=drink, single_value=True,
                   superseded=[1] if drink == "milk" else []),
        )  # fmt: skip
    assert await current(stage) == ["Alice likes milk", "Alice likes tea"]


async def test_who_no_longer_likes_it_liked_it_until_then(
    stage: Stage, server: OpenAIServer
) -> None:
    for drink in ("tea", "milk"):
        text = f"Alice likes {drink}"
        await hear(stage, server, text, memory(text, attribute="likes", value=drink))
    hates = memory("Alice hates tea", attribute="hates", value="tea")
    await hear(stage, server, "I hate tea now", hates)
    no_milk = memory("Alice no longer likes milk", attribute="likes", value="milk")
    await hear(stage, server, "I no longer like milk", no_milk)
    assert await current(stage) == ["Alice no longer likes milk", "Alice hates tea"]


async def test_what_is_disliked_in_a_negative_sentence_is_not_denied(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(
        stage, server, "I do not like tea", memory("Alice does not like tea", value="tea",
                                                   attribute="does not like"),
    )  # fmt: skip
    (tea,) = await stage.known()
    assert tea.slot is not None
    assert (tea.slot.attribute, tea.slot.value) == ("dislikes", "tea")


async def test_who_moves_back_lives_there_again_since_then(
    stage: Stage, server: OpenAIServer
) -> None:
    for city, text in (("Lyon", "Alice lives in Lyon"), ("Oslo", "Alice lives in Oslo"),
                       ("Lyon", "Alice is at home in Lyon")):  # fmt: skip
        await hear(stage, server, text, lives_in(city, text))
    back, oslo, lyon = await stage.known()
    assert [memory.valid_to for memory in (lyon, oslo, back)] == [
        oslo.valid_from, back.valid_from, None,
    ]  # fmt: skip


async def test_what_has_ended_closes_its_own_value_and_no_other(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(
        stage, server, "I work at Acme", memory("Alice works at Acme", attribute="works at",
                                               value="Acme"),
    )  # fmt: skip
    not_bolt = memory("Alice does not work at Bolt", attribute="works at", value="Bolt")
    await hear(stage, server, "No, I don't work at Bolt", not_bolt)
    assert await current(stage) == ["Alice does not work at Bolt", "Alice works at Acme"]
    quit_acme = memory("Alice no longer works at Acme", attribute="works at", value="Acme",
                       superseded=[2])  # fmt: skip
    await hear(stage, server, "I quit", quit_acme)
    assert await current(stage) == ["Alice no longer works at Acme", "Alice does not work at Bolt"]


async def test_exact_and_near_duplicates_become_a_source(
    stage: Stage, server: OpenAIServer
) -> None:
    likes = {"attribute": "likes"}
    for text, value in (
        ("Alice likes dogs", "dogs"),
        ("alice really likes dogs!", "dogs"),  # the same words
        ("Alice is fond of a dog", "dog"),  # the same value in another form
        ("Alice LIKES DOGS", "pets"),  # the same text, whatever the slot
    ):
        await hear(stage, server, f"I like dogs, {text}", memory(text, value=value, **likes))
    (dogs,) = await stage.known()
    assert dogs.text == "Alice likes dogs"
    assert (len(dogs.sources), dogs.days) == (4, 4)


async def test_said_often_on_one_day_it_was_said_on_one_day(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = memories(memory("Alice likes tea"))
    for _ in range(3):
        await stage.say("I like tea")
        await stage.core.settle()
    (tea,) = await stage.known()
    assert (len(tea.sources), tea.days) == (3, 1)


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ("Alice ran a marathon in 2024", "Alice ran a marathon in 2025", "a marathon"),
        ("Alice has two cats", "Alice has three cats", "cats"),
        ("Alice plays chess with Bob", "Alice plays chess with Carol", "chess"),
        ("Alice writes C", "Alice writes C++", None),
        ("Alice writes C", "Alice writes C++", "code"),
        ("Alice works before noon", "Alice works after noon", None),
        ("Bob owes Alice", "Alice owes Bob", None),
        ("Alice lived in Arles", "Alice lives in Arles", None),
        ("Alice eats nuts", "Alice never eats nuts", None),
    ],
)
@pytest.mark.parametrize("listed", [[], [1]])
async def test_statements_that_differ_in_a_number_a_name_a_sign_or_a_negation_are_two(
    stage: Stage, server: OpenAIServer, one: str, other: str, value: str | None, listed: list[int]
) -> None:
    slot = {"attribute": "notes", "value": value} if value else {}
    plain = one.split()[-1] in {"C", "noon", "Alice", "Arles"} and not value
    await hear(stage, server, one, memory(one, **slot))
    await hear(stage, server, other, memory(other, duplicates=[] if plain else listed, **slot))
    assert {one, other} == {memory.text for memory in await stage.known()}


async def test_a_duplicate_that_is_none_is_kept(stage: Stage, server: OpenAIServer) -> None:
    await hear(stage, server, "I like tea", memory("Alice likes tea"))
    boat = memory("Alice sails a boat", duplicates=[1])
    await hear(stage, server, "I sail a boat", boat)
    black = memory("Alice likes black tea", attribute="likes", value="black tea")
    await hear(stage, server, "black tea, that is", black)
    green = memory("Alice likes green tea", attribute="likes", value="green tea", duplicates=[1])
    await hear(stage, server, "and green tea", green)
    assert len(await current(stage)) == 4


async def test_known_memories_are_shown_with_their_numbers_and_their_slots(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await hear(stage, server, "hello from Lyon")
    prompt = sent(server.asked("extract")[-1].body)
    assert "1. [2026-03-02] Alice lives in Lyon (the person · lives in · Lyon)" in prompt


# --- malformed output


async def test_partly_malformed_output_keeps_what_fits_and_drops_the_rest(
    stage: Stage, server: OpenAIServer, caplog: pytest.LogCaptureFixture
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    bad: list[object] = [
        "prose", {"text": "no source"}, memory("from nowhere", 9), memory("\n"),
        lives_in("Oslo", superseded=[0, 7, "x"], duplicates=[99], since="2026-02-31"),
    ]  # fmt: skip
    server.on_extract = lambda body: f"Sure! {json.dumps({'memories': bad})} Anything else?"
    await stage.say("I live in Oslo")
    assert await stage.core.settle() == (1, 0)
    assert await current(stage) == ["Alice lives in Oslo"]
    assert "9 statement(s) or number(s) fit no rule" in caplog.text
    assert "Oslo" not in caplog.text


async def test_malformed_output_loses_nothing_and_changes_nothing(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    server.on_extract = lambda body: '{"memories": [{"text": "Alice lives in Os'
    await stage.say("I live in Oslo")
    assert await stage.core.settle() == (0, 1)
    assert await current(stage) == ["Alice lives in Lyon"]
    server.on_extract = memories(lives_in("Oslo"))
    stage.clock.turn(hours=1)
    await stage.core.settle()  # or the worker, which may be quicker
    assert await current(stage) == ["Alice lives in Oslo"]


async def test_what_was_closed_is_shown_as_past_and_never_as_current(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await hear(stage, server, "I live in Oslo", lives_in("Oslo"))
    stage.clock.turn(seconds=timedelta(days=1).total_seconds())
    await stage.type("/new")
    await stage.say("Where do I live?")
    prompt = last_prompt(server)
    assert "Alice lives in Lyon (until 2026-03-03)" in prompt
    assert "Alice lives in Oslo\n" in prompt
