"""The guide's conversations with the real process, restarted between each message."""

import re
from pathlib import Path

import pytest

from bot.tokens import count_tokens
from tests.core.stage import last_prompt, memory, sent
from tests.journeys.process import Ran, chat
from tests.servers.openai_server import Body, OpenAIServer


async def ask(file: Path, line: str, **settings: str) -> str:
    """One process for one message: its reply."""
    ran = await chat(file, line, **settings)
    assert ran.status == 0, ran.err
    assert ran.out.startswith("ellie: ")
    (reply,) = ran.replies
    return reply


# --- without a model ----------------------------------------------------------------------------


async def test_alex_is_remembered_without_a_model(file: Path) -> None:
    assert "Alex" in await ask(file, "Hi, my name is Alex.")
    assert "Alex" in await ask(file, "What is my name?")


async def test_sarah_is_remembered_without_a_model(file: Path) -> None:
    await ask(file, "My friend Sarah works at Google as a software engineer.")
    await ask(file, "She has been there for three years.")
    answer = await ask(file, "What do you know about Sarah?")
    for part in ("Google", "software engineer", "three years"):
        assert part in answer


async def test_the_trip_is_remembered_without_a_model(file: Path) -> None:
    await ask(file, "I'm planning a trip to Japan in March.")
    await ask(file, "I prefer budget accommodation and local food.")
    plans = await ask(file, "Where do I want to travel, and when?")
    assert "Japan" in plans
    assert "March" in plans
    wishes = await ask(file, "What kind of accommodation and food do I prefer?")
    assert "budget accommodation" in wishes
    assert "local food" in wishes


async def test_a_memory_is_edited_and_a_change_undone_by_later_processes(file: Path) -> None:
    await ask(file, "I live in Lion.")
    await ask(file, "I like tea.")
    (number,) = re.findall(r"(m\d+)  \S+ lives in Lion ", await ask(file, "/memories"))
    assert "now it says “Alice lives in Lyon”" in (
        await ask(file, f"/memories edit {number} Alice lives in Lyon")
    )
    shown = await ask(file, f"/memories {number}")
    assert "lives in Lion”" in shown
    assert "edited by you" in shown
    assert "likes tea” is gone" in await ask(file, "/memories undo")
    assert "Left as it is, because you changed or confirmed it" in await ask(file, "/memories undo")
    assert "Lyon" in await ask(file, "Where do I live?")
    assert "Alice lives in Lyon" in await ask(file, "/memories")


async def test_everything_is_previewed_by_one_process_and_erased_by_a_later_one(file: Path) -> None:
    await ask(file, "I live in Quillfeather.")
    await chat(file, "I keep bees.", options=("--as", "bob"))
    shown = (await ask(file, "/forget everything")).splitlines()
    assert re.search(r"of you in the space \S+, since 20\d\d-", shown[0])
    counted = re.findall(r"\d+ (?:memor|messag|summar)\w+", shown[1])
    assert len(counted) == 2
    assert shown[-1] == "To erase it: /forget everything yes"
    assert "Quillfeather" in await ask(file, "/recall Quillfeather")
    receipt = await ask(file, "/forget everything yes")
    assert [part for part in counted if part not in receipt] == []
    assert b"uillfeath" not in b"".join(
        part.read_bytes() for part in file.parent.glob(f"{file.name}*")
    )
    assert (await ask(file, "/forget everything")).startswith("I keep nothing of you")
    bees = await chat(file, "/recall bees", options=("--as", "bob"))
    assert "bees" in bees.replies[0]


async def test_everywhere_is_shown_in_private_and_by_space(file: Path) -> None:
    for space in ("home", "work"):
        await chat(file, f"/remember I like {space} tea", options=("--space", space))
    elsewhere = ("--space", "home")
    seen = await chat(file, "/recall everywhere tea", "/memories everywhere", options=elsewhere)
    for reply in seen.replies:
        assert "In home:\n  m1  I like home tea" in reply
        assert "In work:\n  m1  I like work tea" in reply
    options = (*elsewhere, "--place", "open:hall")
    refused = await chat(
        file, "/recall everywhere", "/forget everything everywhere yes", options=options
    )
    assert all("private conversation" in reply for reply in refused.replies)
    assert "I like work tea" in (await chat(file, "/memories everywhere")).out


# --- with a model -------------------------------------------------------------------------------


def learn(body: Body) -> Body:
    """What a sensible model would extract from the guide's conversations."""
    facts = {
        "name is Alex": memory("Alex is called Alex", attribute="name", value="Alex"),
        "works at Google": memory(
            "Sarah works at Google as a software engineer",
            entity="Sarah",
            attribute="works at",
            value="Google",
        ),
        "three years": memory(
            "Sarah has been at Google for three years",
            entity="Sarah", attribute="tenure", value="three years",
        ),
        "trip to Japan": memory("Alice plans a trip to Japan in March"),
        "budget accommodation": memory("Alice prefers budget accommodation and local food"),
    }  # fmt: skip
    text = sent(body)
    said = text[text.rindex("<messages>") :]
    found = []
    for words, fact in facts.items():
        if match := re.search(rf"^(\d+)\. .*{words}", said, re.M):
            found.append(fact | {"sources": [int(match[1])]})
    return {"memories": found}


@pytest.mark.parametrize(
    ("told", "question", "needed"),
    [
        (["Hi, my name is Alex."], "What is my name?", ["Alex"]),
        (
            ["My friend Sarah works at Google as a software engineer.",
             "Sarah has been there for three years."],
            "What do you know about Sarah?",
            ["Google", "software engineer", "three years"],
        ),
        (
            ["I'm planning a trip to Japan in March.",
             "I prefer budget accommodation and local food."],
            "Help me with the budget of my trip to Japan",
            ["Japan in March", "budget accommodation and local food"],
        ),
    ],
    ids=["Alex", "Sarah", "Japan"],
)  # fmt: skip
async def test_a_conversation_goes_on_with_a_model_after_every_restart(
    file: Path, server: OpenAIServer, told: list[str], question: str, needed: list[str]
) -> None:
    server.on_extract = learn
    server.on_chat = lambda body: "I see."
    for line in told:
        assert await ask(file, line, OPENAI_BASE_URL=server.base_url) == "I see."
    assert await ask(file, "/new", OPENAI_BASE_URL=server.base_url)  # no help from the history
    await ask(file, question, OPENAI_BASE_URL=server.base_url)
    for part in needed:
        assert part in last_prompt(server)
    memories = (await chat(file, "/memories", OPENAI_BASE_URL=server.base_url)).out
    assert len(re.findall(r"^  m\d+", memories, re.M)) == len(told)


BUDGET = 1200


async def test_after_forty_messages_the_second_is_still_recalled_within_the_budget(
    file: Path, server: OpenAIServer
) -> None:
    server.on_chat = lambda body: "Go on."
    server.on_summary = lambda body: "They talked about many days at the sea."
    lines = ["Hello there", "My locker has the number 4711, next to the swimming pool"]
    lines += [f"Day {n}: the sea was calm and we went on sailing, on and on" for n in range(37)]
    for start in range(0, 39, 13):
        ran = await chat(
            file, *lines[start : start + 13], OPENAI_BASE_URL=server.base_url,
            ELLIE_CONTEXT_BUDGET_TOKENS=str(BUDGET),
        )  # fmt: skip
        assert ran.status == 0
        assert ran.replies == ["Go on."] * 13
    await chat(
        file, "Which number does my locker have?", OPENAI_BASE_URL=server.base_url,
        ELLIE_CONTEXT_BUDGET_TOKENS=str(BUDGET),
    )  # fmt: skip
    assert len(server.asked("chat")) == 40
    assert server.asked("summary")
    assert "They talked about many days at the sea." in last_prompt(server)
    assert "4711" in last_prompt(server)
    for request in server.requests:
        messages = request.body["messages"]
        assert sum(count_tokens(message["content"]) + 4 for message in messages) <= BUDGET
    calls = len(server.requests)
    assert calls <= 40 * 1.35 + 4  # the end of input consolidates at once, four times


# --- who and where ------------------------------------------------------------------------------


async def told(file: Path, who: str, space: str, place: str, line: str) -> Ran:
    options = ["--as", who, "--space", space, "--place", place]
    return await chat(file, line, options=options)


async def test_person_space_and_place_are_kept_apart(file: Path) -> None:
    await told(file, "alice", "home", "closed:board", "My favourite colour is teal")
    question = "What is my favourite colour?"
    seen = {
        (who, space, place): "teal" in (await told(file, who, space, place, question)).out
        for who, space, place in [
            ("alice", "home", "closed:board"),
            ("alice", "home", "dm"),
            ("alice", "home", "closed:staff"),
            ("alice", "home", "open:general"),
            ("alice", "work", "closed:board"),
            ("bob", "home", "dm"),
        ]
    }
    assert [key for key, known in seen.items() if known] == [
        ("alice", "home", "closed:board"),
        ("alice", "home", "dm"),
    ]


async def test_each_line_is_answered_on_its_own_and_a_command_too(file: Path) -> None:
    ran = await chat(file, "Hello", "", "/remember I like tea", "/nonsense", "/recall tea")
    assert ran.status == 0
    hello, remembered, wrong, recalled = ran.replies
    assert hello.startswith("Hello")
    assert "m1" in remembered
    assert "/help" in wrong
    assert "I like tea" in recalled
    assert "finishing memory work" in ran.err
