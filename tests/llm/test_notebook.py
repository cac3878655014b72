"""The notebook reads plain statements by rule, and answers by quoting them."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ModelRefused
from bot.llm.notebook import Notebook
from bot.types import (
    Exchange,
    ExtractionPrompt,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Private,
    Recalled,
    ReplyEnd,
    ReplyPrompt,
    Role,
    Slot,
    Statement,
    SummaryPrompt,
)

DAY = datetime(2026, 11, 22, tzinfo=UTC)
SARAH = "My friend Sarah works at Google as a software engineer."
THREE_YEARS = "She's been there for three years."
JAPAN = "I'm planning a trip to Japan in March."
BUDGET = "I prefer budget accommodation and love local food."


def message(number: int, text: str, speaker: str = "Kim") -> Message:
    at = DAY + timedelta(minutes=number)
    return Message(MessageId(number), Role.PERSON, speaker, text, at, 1, Private())


def memory(number: int, text: str, slot: Slot | None, until: datetime | None = None) -> Memory:
    at = DAY - timedelta(days=10 - number)
    return Memory(MemoryNumber(number), text, Private(), "DM", at, at, until, slot, ())


async def extract(*texts: str, known: tuple[Memory, ...] = ()) -> tuple[Statement, ...]:
    said = tuple(message(number, text) for number, text in enumerate(texts, 1))
    prompt = ExtractionPrompt("Kim", said, (None,) * len(said), known, ())
    return (await Notebook().extract(prompt)).statements


async def reply(
    question: str,
    *,
    history: tuple[Message, ...] = (),
    profile: tuple[Memory, ...] = (),
    recalled: tuple[Memory | Message, ...] = (),
) -> str:
    found = tuple(Recalled(item, 1.0) for item in recalled)
    exchanges = tuple(Exchange(said, None) for said in history)
    prompt = ReplyPrompt(message(99, question), profile, found, None, exchanges, (), 0)
    pieces = [piece async for piece in Notebook().reply(prompt)]
    assert isinstance(pieces[-1], ReplyEnd)
    return "".join(piece for piece in pieces if isinstance(piece, str))


def said(*texts: str) -> tuple[Message, ...]:
    return tuple(message(number, text) for number, text in enumerate(texts, 1))


async def consolidated(*texts: str) -> tuple[Memory, ...]:
    statements = await extract(*texts)
    return tuple(memory(number, s.text, s.slot) for number, s in enumerate(statements, 1))


@pytest.mark.parametrize(
    ("text", "attribute", "value", "exclusive", "kept"),
    [
        ("Hi, my name is Alex", "name", "Alex", True, "Kim's name is Alex"),
        ("my name is alex", "name", "alex", True, "Kim's name is alex"),
        ("I’m Alex", "name", "Alex", True, "Kim's name is Alex"),
        ("Call me Lex, please!", "name", "Lex", True, "Kim's name is Lex"),
        ("I use they/them pronouns", "pronouns", "they/them", True, None),
        ("my timezone is CET", "time zone", "CET", True, None),
        ("Please answer in French", "language", "French", True, "Kim's language is French"),
        ("I moved from Lyon to Oslo.", "lives in", "Oslo", True, "Kim moved from Lyon to Oslo"),
        (
            "I live in Lyon with my wife",
            "lives in",
            "Lyon",
            True,
            "Kim lives in Lyon with Kim's wife",
        ),
        ("I'm a doctor", "works as", "doctor", True, "Kim is a doctor"),
        ("I don't like olives", "dislikes", "olives", False, "Kim doesn't like olives"),
        ("My favourite colour is blue", "favourite colour", "blue", True, None),
        ("I'm 34 years old", "age", "34", True, "Kim is 34 years old"),
        (JAPAN, "plans", "a trip to Japan in March", False, None),
        ("I used to live in Bonn", "used to", "live in Bonn", False, "Kim used to live in Bonn"),
        ("remember that I like tea", "likes", "tea", False, "Kim likes tea"),
    ],
)
async def test_a_statement_about_oneself_fills_one_slot(
    text: str, attribute: str, value: str, exclusive: bool, kept: str | None
) -> None:
    (statement,) = await extract(text)
    assert statement.slot == Slot(None, attribute, value, exclusive)
    assert kept in (None, statement.text)
    assert (statement.sources, statement.entity_kind) == ((1,), None)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (BUDGET, ["Kim prefers budget accommodation", "Kim loves local food"]),
        ("I'm Al and I live in Rome", ["Kim's name is Al", "Al lives in Rome"]),
        ("I like men who sing and live in Rome", ["Kim likes men who sing and live in Rome"]),
        ("My sister lives in Paris", ["Kim's sister lives in Paris"]),
        ("my sister Anna is a chef", ["Anna is Kim's sister", "Anna is a chef"]),
        ("Anna, my sister, loves jazz", ["Anna is Kim's sister", "Anna loves jazz"]),
        ("my dog Rex is 3", ["Rex is Kim's dog", "Rex is 3"]),
        ("Tom is my friend from school", ["Tom is Kim's friend from school"]),
        ("Élodie works at Airbus", ["Élodie works at Airbus"]),
        ("I moved to Oslo last year", ["Kim moved to Oslo last year (said on 2026-11-22)"]),
        ("please remember: my PIN hint is blue", ["my PIN hint is blue"]),
        ('Bob said "I live in Rome". I live in Bonn.', ["Kim lives in Bonn"]),
    ],
)
async def test_a_statement_becomes_texts_that_stand_alone(text: str, texts: list[str]) -> None:
    assert [statement.text for statement in await extract(text)] == texts


@pytest.mark.parametrize(
    "text",
    [
        "do you like tea?", "what is my name", "Do you remember my name?", "I live in Rome?",
        "I don't live in Paris", "I no longer work at Meta", "my name is not Alex", "I'm Back",
        "> I live in Rome", 'Bob said "I live in Rome"', "Bob says he lives in Rome and I laugh",
        "```\nI live in Rome\n```", "If I lived in Rome I would sing", "I live in Rome, Bob said",
        "I wish I worked at Meta", "It rained all day", "Life is a journey", "Everyone loves pizza",
        "I have a great time", "I'm going to bed", "I'm French", "I'm not a cook",
        "Sounds like fun", "Saturday works for me", "I like this tea", "",
    ],
)  # fmt: skip
async def test_what_is_no_plain_statement_of_ones_own_becomes_nothing(text: str) -> None:
    assert await extract(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        THREE_YEARS, "She’s been there for three years", "Sarah has been there for three years",
        "Sarah has been at Google for three years",
    ],
)  # fmt: skip
@pytest.mark.parametrize("together", [True, False])
async def test_there_is_where_the_friend_works(text: str, together: bool) -> None:
    statements = (
        await extract(SARAH, text)
        if together
        else await extract(text, known=await consolidated(SARAH))
    )
    assert statements[-1].text == "Sarah has been at Google for three years"
    assert statements[-1].slot == Slot("Sarah", "has worked there for", "three years", True)
    assert statements[-1].entity_kind == "person"


async def test_a_friend_is_an_entity_with_slots_and_only_a_wife_goes_by_her_relation() -> None:
    friend, employer, job = await extract(SARAH)
    (wife,) = await extract("my wife is called Mia")
    assert friend.slot == Slot("Sarah", "relation", "friend", False)
    assert employer.slot == Slot("Sarah", "works at", "Google", True)
    assert job.slot == Slot("Sarah", "works as", "software engineer", True)
    assert (wife.aliases, friend.aliases) == (("wife",), ())


@pytest.mark.parametrize("text", ["Sarah now works at Meta", "Sarah left Google and works at Meta"])
async def test_a_new_employer_supersedes_the_old_one_only(text: str) -> None:
    statement = (await extract(text, known=await consolidated(SARAH)))[-1]
    assert statement.slot == Slot("Sarah", "works at", "Meta", True)
    assert (statement.duplicates, statement.superseded) == ((), (2,))


async def test_what_is_known_is_a_duplicate_and_likes_add_up() -> None:
    known = await consolidated("I live in Lyon. I like tea.")
    (again,) = await extract("i live in lyon!", known=known)
    (more,) = await extract("I like jam", known=known)
    assert (again.duplicates, again.superseded) == ((1,), ())
    assert (more.duplicates, more.superseded) == ((), ())


async def test_no_longer_ends_only_what_it_names() -> None:
    known = await consolidated("I work at Google")
    (ended,) = await extract("I don't work at Google anymore", known=known)
    assert (ended.text, ended.superseded) == ("Kim no longer works at Google", (1,))
    assert await extract("I no longer work at Meta", known=known) == ()


async def test_a_move_of_somebody_employed_closes_nothing_that_may_still_hold() -> None:
    (moved,) = await extract("Sarah moved to Berlin", known=await consolidated(SARAH))
    assert (moved.slot, moved.superseded) == (Slot("Sarah", "moved to", "Berlin", False), ())


@given(st.lists(st.text(max_size=300) | st.sampled_from([SARAH, THREE_YEARS, JAPAN]), max_size=4))
@settings(deadline=None)
async def test_any_text_is_read_and_every_source_exists(texts: list[str]) -> None:
    for statement in await extract(*texts):
        assert statement.text
        assert len(statement.sources) == 1
        assert 1 <= statement.sources[0] <= len(texts)
        assert await reply(texts[-1], history=said(*texts))


@given(st.text(st.sampled_from("abI ?\n.:'"), max_size=200).filter(lambda text: "?" not in text))
async def test_a_request_to_remember_is_always_kept(text: str) -> None:
    assert await extract(f"remember {text}")


@pytest.mark.parametrize(
    "shape",
    [" ", "a", "I ", "I'", '"', "> ", "`", "Ab ", "my ", "remember ", "hi ", "please ", ",",
     "thanks ", "works at ", "as ", "now ", "I like tea and ", "my dog, ", SARAH + " "],
)  # fmt: skip
async def test_awkward_shapes_take_no_time(shape: str) -> None:
    text = (shape * 20_000)[:20_000]
    started = time.perf_counter()
    await extract(text, "I like " + text, "hi" + text)
    await reply(text, history=said(text), recalled=(message(2, text),))
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("question", ["What's my name?", "who am I", "Do you know my name?"])
async def test_the_name_is_answered_before_and_after_consolidation(question: str) -> None:
    hello = "Hi, my name is Alex"
    assert "Alex" in await reply(question, history=said(hello))
    assert "Alex" in await reply(question, profile=await consolidated(hello))


async def test_a_friend_is_told_about_before_between_and_after_consolidation() -> None:
    question, half = "What do you know about Sarah?", await consolidated(SARAH)
    for answer in (
        await reply(question, history=said(SARAH, THREE_YEARS)),
        await reply(question, history=said(THREE_YEARS), recalled=half),
        await reply(question, recalled=await consolidated(SARAH, THREE_YEARS)),
    ):
        assert all(word in answer for word in ("Google", "software engineer", "three years"))


async def test_travel_preferences_are_quoted_from_memories_messages_and_history() -> None:
    question, words = "What are my travel preferences?", ("Japan", "March", "budget", "local food")
    for answer in (
        await reply(question, history=said(JAPAN, BUDGET)),
        await reply(question, recalled=await consolidated(JAPAN, BUDGET)),
        await reply(question, recalled=said(JAPAN, BUDGET)),
    ):
        assert all(word in answer for word in words)
    assert "Japan" in await reply("What do you remember about my trip?", history=said(JAPAN))


async def test_quotes_carry_their_dates_and_past_ones_only_answer_about_the_past() -> None:
    slot = Slot(None, "lives in", "Lyon", True)
    lyon = memory(1, "Kim lives in Lyon", slot, until=DAY)
    oslo = memory(5, "Kim lives in Oslo", Slot(None, "lives in", "Oslo", True))
    now = await reply("Where do I live?", recalled=(lyon, oslo))
    past = await reply("Where did I live before?", recalled=(lyon, oslo))
    assert "Lyon" not in await reply("Where do I live?", recalled=(lyon,))
    assert now == 'You told me on 2026-11-17: "Kim lives in Oslo"'
    assert past.endswith('You told me on 2026-11-13 (until 2026-11-22): "Kim lives in Lyon"')


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Hi, my name is Alex", "Nice to meet you, Alex."),
        ("I live in Lyon", "Noted: you live in Lyon."),
        ("Anna is my sister", "Noted: Anna is your sister."),
        ("It rained all day.", "I wrote that down as you said it."),
        ("Thank you!", "You're welcome."),
        ("Who won?", "I don't know that yet: I find nothing about it in my notebook."),
    ],
)
async def test_a_message_gets_a_short_honest_answer(text: str, answer: str) -> None:
    assert await reply(text) == answer


async def test_a_message_is_not_quoted_beside_the_memory_made_of_it() -> None:
    (source,) = said("I live in Oslo")
    oslo = replace(memory(5, "Kim lives in Oslo", None), sources=(source.id,))
    assert "you said" not in await reply("Where do I live?", recalled=(oslo, source))


async def test_nobody_is_answered_with_what_another_person_said() -> None:
    other = message(1, "My name is Alex and I live in Lyon", speaker="Bob")
    assert "Alex" not in await reply("What's my name?", history=(other,))


async def test_the_notebook_makes_no_summaries() -> None:
    with pytest.raises(ModelRefused):
        await Notebook().summarise(SummaryPrompt(None, (), ()))
