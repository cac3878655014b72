"""Answers as rich text: in order, in pieces that fit, and with no letter that Slack acts on."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.answers import Answer, Button, Choice, Menu
from adapters.slack.render import bare, bold, fallback, render, rich, split
from adapters.wording.lengths import units
from bot.results import RecallResult
from bot.types import Memory, MemoryNumber, Private, Recalled

EVIL = "*b* _i_ ~s~ `c` :tada: <!channel> <@U2> <#C1|x> <https://evil.example|click> & @here"


def memory(text: str, number: int = 1) -> Memory:
    when = datetime(2026, 3, 2, tzinfo=UTC)
    return Memory(MemoryNumber(number), text, Private(), "#general", when, when, None, None, ())


def recalled(*texts: str) -> RecallResult:
    found = [Recalled(memory(text, number), 0.0) for number, text in enumerate(texts, start=1)]
    return RecallResult(None, tuple(found))


def runs(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All elements of all sections."""
    return [one for block in blocks for section in block["elements"] for one in section["elements"]]


def words(blocks: list[dict[str, Any]]) -> str:
    return "".join(one.get("text", "") for one in runs(blocks)).replace("\N{WORD JOINER}", "")


@pytest.mark.rule("S16")
def test_what_people_wrote_is_letters_and_nothing_else() -> None:
    shown = rich(render(recalled(EVIL)))
    assert EVIL in words(shown)
    assert {one["type"] for one in runs(shown)} == {"text"}
    assert [one["text"] for one in runs(shown) if "style" in one] == ["m1"]
    assert all(token not in str(shown) for token in ("<!", "<@", "<#"))


@pytest.mark.rule("S15")
@pytest.mark.rule("S16")
def test_the_text_beside_the_blocks_is_escaped() -> None:
    text = fallback(render(recalled(EVIL)))
    assert "<" not in text
    assert ">" not in text
    assert "& @here" not in text
    assert "&amp; @here" in text


def test_a_mark_cannot_be_forged() -> None:
    forged = recalled("\ue010bold\ue013 \ue012C1\ue013")
    assert [one["text"] for one in runs(rich(render(forged))) if "style" in one] == ["m1"]


@pytest.mark.rule("S15")
@given(
    st.lists(st.tuples(st.booleans(), st.text(alphabet="ab \n😀&", max_size=60)), max_size=40),
    st.integers(20, 200),
)
def test_a_text_is_cut_into_pieces_that_fit_and_no_word_is_lost(
    parts: list[tuple[bool, str]], limit: int
) -> None:
    whole = "".join(bold(text.replace("\n", "")) if marked else text for marked, text in parts)
    pieces = split(whole, limit)
    assert all(units(piece) <= limit for piece in pieces)
    assert "".join(bare("".join(pieces)).split()) == "".join(bare(whole).split())
    assert all(piece.count("\ue010") == piece.count("\ue013") for piece in pieces)


@pytest.mark.rule("S15")
def test_a_long_answer_is_several_messages_and_controls_are_below_the_last() -> None:
    text = render(recalled(*("and so on " * 200 for _ in range(10))))
    answer = Answer(
        tuple(split(text, 3800)),
        Menu("Look", (Choice("pick:m1:mine:1", "m1"),)),
        (Button("Keep", "keep"), Button("Keep", "keep", "danger", "Sure?")),
    )
    messages = answer.messages()
    assert len(messages) > 4
    for message in messages:
        assert message["text"]
        assert len(message["blocks"]) <= 50
        written = [block for block in message["blocks"] if block["type"] == "rich_text"]
        assert all(units(words([block])) <= 3000 for block in written)
    kinds = [[block["type"] for block in message["blocks"]] for message in messages]
    assert all("actions" not in kind for kind in kinds[:-1])
    assert kinds[-1][-1] == "actions"
    ids = [one["action_id"] for one in messages[-1]["blocks"][-1]["elements"]]
    assert ids == ["do:pick:0", "do:keep:1", "do:keep:2"]
