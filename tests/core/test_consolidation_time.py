"""Since when and until when: the dates of what is learnt."""

import pytest

from tests.core.stage import Stage, day, memories, memory, sent
from tests.core.told import current, hear, lives_in
from tests.servers.openai_server import OpenAIServer


async def test_a_late_arriving_older_fact_is_stored_closed(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Oslo", lives_in("Oslo"))
    rome = lives_in("Rome", "Alice lived in Rome in 2019", since="2019-01-01", superseded=[1])
    await hear(stage, server, "In 2019 I lived in Rome", rome)
    assert await current(stage) == ["Alice lives in Oslo"]
    late, now = await stage.known()
    assert (late.valid_from, late.valid_to) == (day("2019-01-01"), now.valid_from)


async def test_history_that_is_told_again_is_one_memory_with_a_source_more(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Oslo since 2024", lives_in("Oslo", since="2024-01-01"))
    for _ in range(2):
        lyon = lives_in("Lyon", since="2010-01-01")
        await hear(stage, server, "I lived in Lyon since 2010", lyon)
    assert await current(stage) == ["Alice lives in Oslo"]
    late, now = await stage.known()
    assert (len(late.sources), late.days, late.valid_to) == (2, 2, now.valid_from)


@pytest.mark.parametrize("since", [None, "2026-03-03"])
@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("I used to live in Rome", "Alice used to live in Rome"),
        ("I lived in Rome once", "Alice lived in Rome"),
        ("formerly I lived in Rome", "Alice formerly lived in Rome"),
        ("I used to live in Rome", "Alice lives in Rome"),
    ],
)
async def test_what_was_once_closes_nothing_even_without_a_date(
    stage: Stage, server: OpenAIServer, said: str, text: str, since: str | None
) -> None:
    await hear(stage, server, "I live in Oslo", lives_in("Oslo"))
    await hear(stage, server, said, lives_in("Rome", text, superseded=[1], since=since))
    assert set(await current(stage)) == {"Alice lives in Oslo", text}


async def test_what_was_said_earlier_and_read_later_closes_nothing(
    stage: Stage, server: OpenAIServer
) -> None:
    server.on_extract = lambda body: "not now"
    await stage.say("I live in Lyon")
    await stage.core.settle()
    stage.clock.turn(days=3)
    cities = {"Lyon": lives_in("Lyon"), "Oslo": lives_in("Oslo")}
    server.on_extract = lambda body: {
        "memories": [cities["Oslo" if ": I live in Oslo" in sent(body) else "Lyon"]]
    }
    await stage.say("I live in Oslo", where="open:hall")
    await stage.core.settle()
    assert await current(stage) == ["Alice lives in Oslo"]
    assert len(await stage.known()) == 2


@pytest.mark.parametrize(
    ("said", "text", "since"),
    [
        ("Yesterday I moved to Oslo", "Alice moved to Oslo", "2026-03-01"),
        ("I moved to Oslo. Great!", "Alice moved to Oslo yesterday", "2026-03-01"),
        ("two days ago I moved to Oslo", "Alice moved to Oslo", "2026-02-28"),
        ("I moved to Oslo last week", "Alice moved to Oslo", "2026-02-23"),
        ("I moved to Oslo last Friday", "Alice moved to Oslo", "2026-02-27"),
        ("I moved to Oslo three months ago", "Alice moved to Oslo", "2025-12-01"),
        ("I moved to Oslo last year", "Alice moved to Oslo", "2025-01-01"),
        ("I sold the boat yesterday. I moved to Oslo", "Alice moved to Oslo", "2026-03-02"),
        ("I moved to Oslo", "Alice moved to Oslo", "2026-03-02"),
    ],
)
async def test_yesterday_is_the_day_before_the_message_when_it_is_read_a_week_later(
    stage: Stage, server: OpenAIServer, said: str, text: str, since: str
) -> None:
    server.on_extract = memories(lives_in("Oslo", text))
    await stage.say(said)
    stage.clock.turn(days=7)
    await stage.core.settle()
    (oslo,) = await stage.known()
    assert f"{oslo.valid_from:%Y-%m-%d}" == since
    assert "yesterday" not in oslo.text
    assert ("on 2026-03-01" in oslo.text) == ("yesterday" in text)
    assert "[Monday 2026-03-02]" in sent(server.asked("extract")[-1].body)


@pytest.mark.parametrize(("whose", "yesterday"), [(None, "2026-03-03"), ("Bob", "2026-03-02")])
async def test_the_calendar_is_that_of_the_persons_own_time_zone(
    stage: Stage, server: OpenAIServer, whose: str | None, yesterday: str
) -> None:
    text = f"{whose or 'Alice'} is in time zone Etc/GMT-14"
    zone = memory(text, entity=whose, attribute="time zone", value="Etc/GMT-14")
    await hear(stage, server, text, zone)
    stage.clock.turn(hours=12)  # Tuesday evening, Wednesday there
    moved = lives_in("Oslo", "Alice moved to Oslo yesterday")
    acme = memory("Alice works at Acme", attribute="works at", value="Acme")
    await hear(
        stage, server, "I moved to Oslo yesterday, this Wednesday I work at Acme", moved, acme
    )
    works, oslo, _ = await stage.known()
    assert (oslo.text, oslo.valid_from) == (f"Alice moved to Oslo on {yesterday}", day(yesterday))
    assert works.slot is not None
    assert works.slot.attribute == ("plans" if whose else "works at")


async def test_the_models_own_date_goes_before_the_words_of_the_message(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I moved to Oslo last year", lives_in("Oslo", since="2025-07-04"))
    (oslo,) = await stage.known()
    assert oslo.valid_from == day("2025-07-04")


async def test_a_date_that_is_only_copied_from_a_known_memory_is_none(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I like tea", memory("Alice likes tea"))
    await hear(stage, server, "I live in Oslo", lives_in("Oslo", since="2026-03-02"))
    await hear(
        stage, server, "I got a cat on 2 March", memory("Alice got a cat", since="2026-03-02")
    )
    cat, oslo, _ = await stage.known()
    assert oslo.valid_from == oslo.said_at
    assert cat.valid_from == day("2026-03-02")


@pytest.mark.parametrize("since", ["0001-01-01", "1024-05-05", "9999-99-99", "soon"])
async def test_an_absurd_date_is_none(stage: Stage, server: OpenAIServer, since: str) -> None:
    said_at = stage.clock()
    await hear(stage, server, "I live in Oslo", lives_in("Oslo", since=since))
    (oslo,) = await stage.known()
    assert oslo.valid_from == said_at


async def test_a_date_of_the_same_day_or_rounded_down_to_the_month_still_closes_the_older(
    stage: Stage, server: OpenAIServer
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    stage.clock.turn(days=-1, hours=2)
    await hear(stage, server, "I moved to Oslo today", lives_in("Oslo", since="2026-03-02"))
    assert await current(stage) == ["Alice lives in Oslo"]
    rome = lives_in("Rome", since="2026-03-01", superseded=[1])
    await hear(stage, server, "I moved to Rome this month", rome)
    assert await current(stage) == ["Alice lives in Rome"]


@pytest.mark.parametrize(
    ("said", "text", "since"),
    [
        ("In May I move to Oslo", "Alice moves to Oslo in May 2026", "2026-05-01"),
        ("I'm going to live in Oslo", "Alice lives in Oslo", None),
        ("I will move to Oslo", "Alice will move to Oslo", None),
        ("Next month I move to Oslo", "Alice moves to Oslo", None),
        ("I want to live in Oslo", "Alice wants to live in Oslo", None),
    ],
)
async def test_a_plan_does_not_close_what_holds_until_it_comes_true(
    stage: Stage, server: OpenAIServer, said: str, text: str, since: str | None
) -> None:
    await hear(stage, server, "I live in Lyon", lives_in("Lyon"))
    await hear(stage, server, said, lives_in("Oslo", text, since=since, superseded=[1]))
    assert "Alice lives in Lyon" in await current(stage)
    plan, _ = await stage.known()
    assert plan.slot is not None
    assert (plan.slot.attribute, plan.slot.value) == ("plans", "lives in Oslo")
    assert plan.valid_from == plan.said_at
    stage.clock.turn(days=80)
    await hear(stage, server, "I live in Oslo now", lives_in("Oslo", "Alice now lives in Oslo"))
    assert "Alice now lives in Oslo" in await current(stage)
    assert "Alice lives in Lyon" not in await current(stage)


async def test_a_wish_to_be_called_so_is_a_name_and_no_plan(
    stage: Stage, server: OpenAIServer
) -> None:
    name = memory("Alice wants to be called Sasha", attribute="name", value="Sasha")
    await hear(stage, server, "I want to be called Sasha", name)
    (sasha,) = await stage.known()
    assert sasha.slot is not None
    assert (sasha.slot.attribute, sasha.slot.value) == ("name", "Sasha")
