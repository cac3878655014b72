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
NOTHING = "I don't know that yet: I find nothing about it in my notebook."
BUDGET = "I prefer budget accommodation and love local food."


def message(number: int, text: str, speaker: str = "Kim") -> Message:
    at = DAY + timedelta(minutes=number)
    return Message(MessageId(number), Role.PERSON, speaker, text, at, 1, Private())


def memory(number: int, text: str, slot: Slot | None, until: datetime | None = None) -> Memory:
    at = DAY - timedelta(days=10 - number)
    return Memory(MemoryNumber(number), text, Private(), "DM", at, at, until, slot, ())


def said(*texts: str) -> tuple[Message, ...]:
    return tuple(message(number, text) for number, text in enumerate(texts, 1))


async def extract(*texts: str, known: tuple[Memory, ...] = ()) -> tuple[Statement, ...]:
    prompt = ExtractionPrompt("Kim", said(*texts), (None,) * len(texts), known, ())
    return (await Notebook().extract(prompt)).statements


async def reply(
    question: str,
    *,
    history: tuple[Message, ...] = (),
    profile: tuple[Memory, ...] = (),
    recalled: tuple[Memory | Message, ...] = (),
) -> str:
    found = tuple(Recalled(item, 1.0) for item in recalled)
    turns = tuple(Exchange(said, None) for said in history)
    prompt = ReplyPrompt(message(99, question), profile, found, None, turns, (), 0)
    pieces = [piece async for piece in Notebook().reply(prompt)]
    assert isinstance(pieces[-1], ReplyEnd)
    return "".join(piece for piece in pieces if isinstance(piece, str))


async def consolidated(*texts: str) -> tuple[Memory, ...]:
    statements = await extract(*texts)
    return tuple(memory(number, s.text, s.slot) for number, s in enumerate(statements, 1))


@pytest.mark.parametrize(
    ("text", "attribute", "value", "exclusive"),
    [
        ("Hi, my name is Alex", "name", "Alex", True), ("my name is alex", "name", "alex", True),
        ("I’m Alex", "name", "Alex", True), ("Call me Lex, please!", "name", "Lex", True),
        ("I use they/them pronouns", "pronouns", "they/them", True),
        ("My native language is Dutch", "language", "Dutch", True),
        ("my timezone is CET", "time zone", "CET", True),
        ("I moved from Lyon to Oslo.", "lives in", "Oslo", True),
        ("i live in lyon", "lives in", "lyon", True), ("I work for A now", "works at", "A", True),
        ("I'm a doctor", "works as", "doctor", True), ("I'm vegan", "diet", "vegan", True),
        ("I'm from Chile", "from", "Chile", True), ("I'm 34 years old", "age", "34", True),
        ("My favourite colour is blue", "favourite colour", "blue", True),
        ("I was born on 3 May", "birthday", "3 May", True),
        ("i really like tea", "likes", "tea", False), ("I prefer oak", "prefers", "oak", False),
        ("I don’t like jam", "dislikes", "jam", False), ("I have a cat", "has", "a cat", False),
        ("I'm allergic to nuts", "allergic to", "nuts", False),
        (JAPAN, "plans", "a trip to Japan in March", False),
        ("I want to learn Greek", "wants", "learn Greek", False),
        ("I've decided to sell the car", "decided", "sell the car", False),
        ("I speak French and German", "speaks", "French and German", False),
        ("remember that I like tea", "likes", "tea", False),
    ],
)  # fmt: skip
async def test_a_statement_about_oneself_fills_one_slot(
    text: str, attribute: str, value: str, exclusive: bool
) -> None:
    (statement,) = await extract(text)
    assert statement.slot == Slot(None, attribute, value, exclusive)
    assert (statement.sources, statement.entity_kind) == ((1,), None)


@pytest.mark.parametrize(
    ("text", "texts"),
    [
        (BUDGET, ["Kim prefers budget accommodation", "Kim loves local food"]),
        ("I'm Al and I live in Rome", ["The name is Al", "Al lives in Rome"]),
        ("I like men who sing and live in Rome", ["Kim likes men who sing and live in Rome"]),
        ("I like tea but not jam", ["Kim likes tea"]), ("I hate ale", ["Kim hates ale"]),
        ("I moved from Lyon to Oslo", ["Kim moved from Lyon to Oslo"]),
        ("I live in Lyon with my wife", ["Kim lives in Lyon with Kim's wife"]),
        ("my wife's name is Mia", ["Mia is Kim's wife"]), ("Zoë works at A", ["Zoë works at A"]),
        ("my sister Al is 30 and likes tea", ["Al is Kim's sister", "Al is 30", "Al likes tea"]),
        ("Tom is my friend from school", ["Tom is Kim's friend from school"]),
        ("my dog is called Rex. Rex is 3.", ["Rex is Kim's dog", "Rex is 3"]),
        ("please remember: my PIN hint is blue", ["my PIN hint is blue"]),
        ("remember: I like tea. Wifi: 12", ["Kim likes tea", "I like tea. Wifi: 12"]),
        ('Bob said "I live in Rome". I live in Bonn.', ["Kim lives in Bonn"]),
    ],
)  # fmt: skip
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
        "I have a question", "I'm going to bed", "I'm French", "I prefer not to fly",
        "Sounds like fun", "Saturday works for me", "I like this tea", "She works at Meta",
        "Maybe I live in Rome", "I hope my friend Sarah works at Meta", "I want to know", "",
    ],
)  # fmt: skip
async def test_what_is_no_plain_statement_of_ones_own_becomes_nothing(text: str) -> None:
    assert await extract(text) == ()


@pytest.mark.parametrize("text", [THREE_YEARS, "Sarah’s been at Google for three years"])
@pytest.mark.parametrize("together", [True, False])
async def test_there_is_where_the_friend_works(text: str, together: bool) -> None:
    known = () if together else await consolidated(SARAH)
    statements = await extract(*([SARAH] if together else []), text, known=known)
    assert statements[-1].text == "Sarah has been at Google for three years"
    assert statements[-1].slot == Slot("Sarah", "has worked there for", "three years", True)
    assert statements[-1].entity_kind == "person"


async def test_a_friend_is_an_entity_with_slots() -> None:
    friend, employer, job = await extract(SARAH)
    assert (friend.slot, friend.entity_kind) == (
        Slot("Sarah", "relation", "friend", False),
        "person",
    )
    assert employer.slot == Slot("Sarah", "works at", "Google", True)
    assert job.slot == Slot("Sarah", "works as", "software engineer", True)


async def test_she_is_whom_was_spoken_of_last_and_no_animal() -> None:
    known = (*await consolidated(SARAH), memory(9, "Mia is 30", Slot("Mia", "age", "30", True)))
    assert (await extract("She speaks Greek", known=known))[0].text == "Mia speaks Greek"
    assert (await extract("Sarah left. She is 40", known=known))[0].text == "Sarah is 40"
    (dog,) = await extract("My dog is called Rex. He is 3. Sarah goes by Sal", known=known)
    assert dog.entity_kind == "animal"


@pytest.mark.parametrize("text", ["Sarah now works at Meta", "Sarah left Google and works at Meta"])
async def test_a_new_employer_supersedes_the_old_one_only(text: str) -> None:
    statement = (await extract(text, known=await consolidated(SARAH)))[-1]
    assert statement.slot == Slot("Sarah", "works at", "Meta", True)
    assert (statement.duplicates, statement.superseded) == ((), (2,))


async def test_what_is_known_is_a_duplicate_and_likes_add_up() -> None:
    known = await consolidated("I live in Lyon. I like tea.")
    (again,) = await extract("i live in lyon!", known=known)
    over = memory(3, "Kim likes jam", Slot(None, "likes", "jam", False), until=DAY)
    (more,) = await extract("I like jam", known=(*known, over))
    assert (again.duplicates, again.superseded) == ((1,), ())
    assert (more.duplicates, more.superseded) == ((), ())


@given(st.lists(st.text(max_size=300) | st.sampled_from([SARAH, THREE_YEARS, JAPAN]), max_size=4))
@settings(deadline=None)
async def test_any_text_is_read_and_every_source_exists(texts: list[str]) -> None:
    for statement in await extract(*texts):
        assert statement.text
        assert [1 <= source <= len(texts) for source in statement.sources] == [True]
        assert await reply(texts[-1], history=said(*texts))


@given(st.text(st.sampled_from("abI ?\n.:'"), max_size=200).filter(lambda text: "?" not in text))
async def test_a_request_to_remember_is_always_kept(text: str) -> None:
    assert await extract(f"remember {text}")


@pytest.mark.parametrize(
    "shape",
    [" ", "a", "I ", "I'", '"', "> ", "`", "Ab ", "my ", "remember ", "hi ", "please ", ",", "“",
     "? ", "thanks ", "works at ", "as ", "now ", "I like tea and ", "my dog, ", SARAH + " "],
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
    assert await reply(question, history=said(hello)) == "Your name is Alex."
    assert await reply(question, profile=await consolidated(hello)) == "Your name is Alex."
    assert await reply("hi", profile=await consolidated(hello)) == "Hello, Alex."
    assert "Alex lives" in (await extract("I live in A", known=await consolidated(hello)))[0].text


async def test_all_recalled_and_pinned_is_told_about_oneself_and_only_then() -> None:
    likes = tuple(memory(n, f"Kim likes tea {n}", None) for n in range(1, 8))
    name, told = await consolidated("my name is Alex"), said("I live in Oslo", "Where do I live?")
    answer = await reply("What do you know about me?", profile=name, recalled=likes, history=told)
    assert answer.count("You told me on") == 9
    assert all(word in answer for word in ("The name is Alex", "Oslo"))
    assert await reply("Who won?", profile=name) == NOTHING


async def test_five_recalled_and_two_new_texts_are_quoted_once_and_no_bare_question() -> None:
    teas = [memory(n, f"Kim likes tea {n}", None) for n in range(1, 7)]
    asked = memory(7, "Which tea do I like?", None), message(8, "what tea do I like")
    again = said("Kim likes tea 1", "tea?")
    answer = await reply("Which tea?", recalled=(*asked, *teas), history=again)
    assert [line[-6:-1] for line in answer.splitlines()] == [f"tea {n}" for n in range(1, 6)]
    answer = await reply("Which tea?", history=said("tea 1", "tea 2", "no", "tea 3", "which tea"))
    assert [line[-6:-1] for line in answer.splitlines()] == ["tea 3", "tea 2"]


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


async def test_quotes_carry_their_dates_and_past_ones_only_answer_about_the_past() -> None:
    slot = Slot(None, "lives in", "Lyon", True)
    lyon = memory(1, "Kim lives in Lyon", slot, until=DAY)
    oslo = memory(5, "Kim lives in Oslo", Slot(None, "lives in", "Oslo", True))
    past = await reply("Where did I live before?", recalled=(lyon, oslo))
    now = await reply("Where do I live?", recalled=(lyon, oslo))
    assert now == 'You told me on 2026-11-17: "Kim lives in Oslo"'
    assert past.endswith('You told me on 2026-11-13 (until 2026-11-22): "Kim lives in Lyon"')


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Hi, my name is Alex", "Noted: your name is Alex."), ("hey!", "Hello."),
        ("I was born on 3 May", "Noted: you were born on 3 May."), ("Thanks!", "You're welcome."),
        ("Anna is my sister", "Noted: Anna is your sister."), ("Who won?", NOTHING),
        ("It rained all day.", "I wrote that down as you said it."),
    ],
)  # fmt: skip
async def test_a_message_gets_a_short_honest_answer(text: str, answer: str) -> None:
    assert await reply(text) == answer


async def test_nobody_is_answered_with_what_was_quoted_or_another_said() -> None:
    (source,) = said("I live in Oslo")
    oslo = replace(memory(5, "Kim lives in Oslo", None), sources=(source.id,))
    assert "I live" not in await reply("Where do I live?", recalled=(oslo, source))
    other = message(1, "My name is Alex and I live in Lyon", speaker="Bob")
    assert "Alex" not in await reply("What's my name?", history=(other,))


async def test_the_notebook_makes_no_summaries() -> None:
    with pytest.raises(ModelRefused):
        await Notebook().summarise(SummaryPrompt(None, (), ()))
