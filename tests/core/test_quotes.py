"""Which words of a message are the sender's own, with what came attached."""

import pytest

from bot.quotes import attached, mark_quotes, own_words
from tests.core.stage import Stage, memories, memory, sent
from tests.servers.openai_server import OpenAIServer

NOTES = attached("attached: notes.txt", "I grow quinces")
FORWARDED = attached("forwarded message", "I sail boats")


def test_what_is_attached_has_a_line_of_its_own() -> None:
    assert NOTES == "\n\n---- attached: notes.txt ----\nI grow quinces"
    assert attached("attached: a\nb\x00.txt", "x") == "\n\n---- attached: a b .txt ----\nx"


@pytest.mark.parametrize(
    "more",
    [
        NOTES,
        FORWARDED,
        NOTES + FORWARDED,
        FORWARDED + NOTES,
        attached("attached: a.md", "``` code ```\nI grow quinces"),
        attached("attached: a.md", "```\nI grow quinces"),
        attached("attached: a.md", 'x" \nI grow quinces'),
        attached("attached: a.md", '" he said "one two three four"\nI grow quinces'),
    ],
)
@pytest.mark.parametrize(
    "said",
    [
        "look at this",
        'a "look',
        "run ```this",
        'he said "this is what',
        "“one two three four five",
        "",
    ],
)
def test_nothing_behind_that_line_is_the_senders_own(said: str, more: str) -> None:
    own = own_words(said + more)
    assert "quinces" not in own
    assert "boats" not in own
    assert said.split("```")[0].strip() in own
    assert "not their own words" in mark_quotes(said + more)


def test_what_is_said_is_the_senders_own() -> None:
    for said in ("I said ---- attached: ----", "a ----", "---- and so on", "one\n---- two"):
        assert own_words(said) == said


async def test_nothing_is_learnt_from_what_is_attached(stage: Stage, server: OpenAIServer) -> None:
    server.on_extract = memories(memory("Alice grows quinces"), memory("Alice reads notes"))
    await stage.say(f"I read my notes{NOTES}")
    await stage.core.settle()
    assert await stage.texts() == ["Alice reads notes"]
    (asked,) = server.asked("extract")
    assert "[quoted, not their own words:" in sent(asked.body)
    server.on_extract = memories()
    await stage.say("well?")
    assert "I grow quinces" in sent(server.asked("chat")[-1].body)  # it is part of the message


async def test_the_notebook_learns_nothing_from_what_is_attached(quiet: Stage) -> None:
    await quiet.say(f"I live in Lyon.{NOTES}")
    await quiet.core.settle()
    assert not any("quinces" in text for text in await quiet.texts())
    assert any("Lyon" in text for text in await quiet.texts())
