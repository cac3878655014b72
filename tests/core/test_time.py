"""Questions about a time, asked of the whole core: time ranks, and hides nothing."""

import pytest

from bot.types import Private
from tests.core.stage import Stage, last_prompt, memories, memory, place
from tests.core.told import hear, lives_in
from tests.servers.openai_server import OpenAIServer


async def evidence(stage: Stage, server: OpenAIServer, question: str) -> list[str]:
    """The lines of evidence in the prompt of a question, after a new start."""
    await stage.type("/new")
    server.on_chat = lambda body: "Fine."
    await stage.say(question)
    prompt = last_prompt(server)
    return prompt[prompt.rindex("<memories>\n") : prompt.rindex("\n</memories>")].splitlines()[1:]


def first(lines: list[str], words: str) -> str:
    """The first item of evidence with these words."""
    return next(line for line in lines if line.startswith("-") and words in line)


async def found(stage: Stage, question: str, where: str = "dm") -> list[str]:
    """What is found for a question by itself, best first."""
    scope, (_, reader) = stage.message("").scope, place(where, "alice")
    items = await stage.recall.find(scope, reader, question, alone=True)
    return [recalled.item.text for recalled in items]


async def told(stage: Stage, *lines: str, where: str = "dm") -> None:
    """Say each line on a day of its own."""
    for line in lines:
        await stage.say(line, where=where)
        stage.clock.turn(days=1)


async def test_where_somebody_lived_before_is_told_as_history_and_not_as_the_present(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await hear(stage, server, "I live in Oslo", lives_in("Oslo"))
    for question in ("Where did I live before?", "Where did I live before Oslo?"):
        lines = await evidence(stage, server, question)
        assert "- m1, 2026-03-02: Alice lives in Lyon (until 2026-03-03)" in lines
        assert "- m2, 2026-03-03: Alice lives in Oslo" in lines


async def test_what_is_over_counts_less_only_where_the_question_is_about_now(
    stage: Stage, server: OpenAIServer
) -> None:
    aunt = memory("Alice's aunt lives in Lyon", entity="Aunt")
    await hear(stage, server, "My aunt lives in Lyon", aunt)
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await hear(stage, server, "I live in Oslo", lives_in("Oslo"))
    assert (await found(stage, "Do I live in Lyon?"))[0] == aunt["text"]
    assert (await found(stage, "Did I live in Lyon?"))[0] == "Alice lives in Lyon"


@pytest.mark.parametrize("consolidated", [False, True])
@pytest.mark.parametrize("event", ["I moved", "I began at Acme in the harbour"])
async def test_before_and_after_an_event_rank_by_when_it_was_told(
    stage: Stage, server: OpenAIServer, event: str, consolidated: bool
) -> None:
    acme = "We moved, and Acme is where I work"
    await told(stage, "I painted my boat red", acme, "I painted my boat blue")
    if consolidated:
        server.on_extract = memories(memory("Alice moved, and works at Acme", 2))
        await stage.core.settle()
    stage.clock.turn(days=40)
    for _ in range(2):  # the second time, the first question has been written down too
        red = await evidence(stage, server, f"What colour did I paint my boat before {event}?")
        assert first(red, "painted my boat") == '- 2026-03-02, Alice said: "I painted my boat red"'
        blue = await evidence(stage, server, f"What colour did I paint my boat after {event}?")
        assert first(blue, "painted my boat") == (
            '- 2026-03-04, Alice said: "I painted my boat blue"'
        )
        assert "my boat blue" in str(red)
        assert "my boat red" in str(blue)


@pytest.mark.parametrize(
    ("time", "first_said"),
    [("last week", "Sloop"), ("in March", "Sloop"), ("in April", "Yawl"), ("on 7 April", "Yawl"),
     ("on 2 March", "Ketch"), ("", "Yawl")],
)  # fmt: skip
async def test_the_time_that_a_question_names_comes_first_and_hides_nothing(
    stage: Stage, time: str, first_said: str
) -> None:
    for line, days in (("I sailed a Ketch", 28), ("I sailed a Sloop", 8), ("I sailed a Yawl", 0)):
        await stage.say(line)
        stage.clock.turn(days=days)
    names = [text.split()[-1] for text in await found(stage, f"What boat have I sailed {time}?")]
    assert names[0] == first_said
    assert sorted(names) == ["Ketch", "Sloop", "Yawl"]


async def test_yesterday_is_that_of_the_persons_own_time_zone_where_it_may_be_known(
    stage: Stage, server: OpenAIServer
) -> None:
    zone = memory("Alice's time zone is Asia/Tokyo", attribute="time zone", value="Asia/Tokyo")
    await hear(stage, server, "I live by Asia/Tokyo time", zone)
    await hear(stage, server, "I have a cat", memory("Alice has a cat"), where="open:hall")
    for hours, line in ((1, "I ate soup"), (24, "I ate noodles")):
        stage.clock.turn(hours=hours)
        await stage.say(line, where="open:hall")
    stage.clock.turn(hours=10)  # 20 h: five in the morning in Tokyo
    question = "What did I eat yesterday?"
    assert await found(stage, question) == ["I ate noodles", "I ate soup"]
    assert await found(stage, question, "open:hall") == ["I ate soup", "I ate noodles"]


async def test_a_memory_is_of_the_time_that_it_tells_of_and_not_of_when_it_was_told(
    stage: Stage, server: OpenAIServer
) -> None:
    opera = memory("Alice went to the opera", since="2026-02-01")
    await hear(stage, server, "I went to the opera on 1 February", opera)
    await hear(stage, server, "I went to the circus", memory("Alice went to the circus"))
    stage.clock.turn(days=40)
    assert (await found(stage, "Where did I go in February?"))[0] == "Alice went to the opera"
    assert (await found(stage, "Where did I go in March?"))[0] == "Alice went to the circus"
    assert "Alice went to the opera" in await found(stage, "What did I do on 1 February?")


async def test_before_an_event_means_before_it_happened_and_not_before_it_was_told(
    stage: Stage, server: OpenAIServer
) -> None:
    await told(stage, "I painted my boat red", "I painted my boat blue")
    moved = memory("Alice moved to Oslo", attribute="lives in", value="Oslo", since="2026-03-03")
    stage.clock.turn(days=30)
    await stage.core.settle()
    await hear(stage, server, "I moved to Oslo on 3 March", moved)
    lines = await evidence(stage, server, "What did I paint before I moved to Oslo?")
    assert first(lines, "painted") == '- 2026-03-02, Alice said: "I painted my boat red"'


@pytest.mark.parametrize(
    ("year", "city"), [(2012, "Lyon"), (2021, "Lyon"), (2023, "Lyon"), (2025, "Oslo")]
)
async def test_what_held_at_the_time_that_is_asked_about_comes_first(
    stage: Stage, server: OpenAIServer, year: int, city: str
) -> None:
    await hear(stage, server, "I live in Oslo since 2024", lives_in("Oslo", since="2024-01-01"))
    for _ in range(2):
        lyon = lives_in("Lyon", since="2010-01-01")
        await hear(stage, server, "I lived in Lyon since 2010", lyon)
    names = await found(stage, f"Where did I live in {year}?")
    assert names[0] == f"Alice lives in {city}"
    assert len(names) == 2


async def test_what_adds_up_and_held_then_comes_before_what_came_later(
    stage: Stage, server: OpenAIServer
) -> None:
    for animal, year in (("bees", 2020), ("hens", 2026)):
        text = f"Alice keeps {animal} since {year}"
        keeps = memory(text, attribute="keeps", value=animal, since=f"{year}-01-01")
        await hear(stage, server, f"I keep {animal} since {year}", keeps)
    question = "What animals did Alice keep"
    assert (await found(stage, f"{question} in 2025?"))[0] == "Alice keeps bees since 2020"
    assert (await found(stage, f"{question} this year?"))[0] == "Alice keeps hens since 2026"


async def test_what_happened_long_before_is_not_of_a_time_because_nothing_ended_it(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I ate noodles", memory("Alice ate noodles"))
    stage.clock.turn(days=30)
    await told(stage, "I ate fish")
    stage.clock.turn(days=30)
    assert (await found(stage, "What did I eat last month?"))[0] == "I ate fish"


async def test_to_hold_from_then_on_counts_as_much_as_to_hold_then(
    stage: Stage, server: OpenAIServer
) -> None:
    for animal, since in (("bees", "2025-05-01"), ("hens", "2025-01-02"), ("ducks", "2020-01-01")):
        text = f"Alice keeps {animal}"
        keeps = memory(text, attribute="keeps", value=animal, since=since)
        await hear(stage, server, f"I keep {animal} since {since}", keeps)
    question, scope = "What animals did Alice keep in May 2025?", stage.message("").scope
    bees, hens, ducks = await stage.recall.find(scope, Private(), question)
    assert bees.score == pytest.approx(hens.score, abs=0.005)
    assert bees.score == pytest.approx(ducks.score, abs=0.005)


async def test_the_question_itself_is_not_the_event(stage: Stage, server: OpenAIServer) -> None:
    await told(stage, "I painted my boat red", "Acme is where I work", "I painted my boat blue")
    stage.clock.turn(days=40)
    question = "Tell me how I painted my boat before I began at Acme in the harbour."
    lines = await evidence(stage, server, question)
    assert first(lines, "painted my boat") == '- 2026-03-02, Alice said: "I painted my boat red"'


async def test_what_was_said_on_more_days_comes_before_what_was_said_later(
    stage: Stage, server: OpenAIServer
) -> None:
    for drink in ("tea", "tea", "tea", "milk"):
        likes = memory(f"Alice likes the drink {drink}", attribute="likes", value=drink)
        await hear(stage, server, f"I like to drink {drink}", likes)
    assert await found(stage, "What drinks does Alice like?") == [
        "Alice likes the drink tea",
        "Alice likes the drink milk",
    ]


async def test_of_what_is_as_good_the_newer_comes_first(stage: Stage) -> None:
    await told(stage, "I sailed a Ketch", "I sailed a Sloop")
    assert await found(stage, "What have I sailed?") == ["I sailed a Sloop", "I sailed a Ketch"]


async def test_a_question_for_a_time_is_answered_first_by_what_tells_one(stage: Stage) -> None:
    await told(stage, "I saw Rome last summer", "I saw Rome with my aunt")
    assert (await found(stage, "Did I see Rome?"))[0] == "I saw Rome with my aunt"
    assert (await found(stage, "When did I see Rome?"))[0] == "I saw Rome last summer"
