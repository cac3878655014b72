"""Commands in words: what is one, and what is conversation."""

from typing import Any, cast

import pytest

from adapters.slack.desk import Desk

NONE = cast(Any, None)
DESK = Desk(NONE, NONE, NONE)


@pytest.mark.rule("S17")
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("remember I like tea", "/remember I like tea"),
        ("Remember: I like tea", "/remember I like tea"),
        ("Remember that I'm allergic to nuts", "/remember I'm allergic to nuts"),
        ("remember that guy from Oslo", "/remember that guy from Oslo"),
        ("/remember that I like tea", "/remember that I like tea"),
        ("  /REMEMBER   --private I like\ntea ", "/remember --private I like\ntea"),
        ("/remember who am I?", "/remember who am I?"),
        ("recall", "/recall"),
        ("recall what I drink?", "/recall what I drink?"),
        ("Forget m3 m5", "/forget m3 m5"),
        ("forget", "/forget"),
        ("memories", "/memories"),
        ("Memories about Sarah", "/memories about Sarah"),
        ("memories edit m3 I live in Oslo", "/memories edit m3 I live in Oslo"),
        ("privacy opt-out", "/privacy opt-out"),
        ("Why", "/why"),
        ("/new", "/new"),
        ("help", "/help"),
    ],
)
def test_a_text_that_begins_with_a_command_is_one(text: str, line: str) -> None:
    assert DESK.line_in(text) == line


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello",
        "remember",
        "remember when we met?",
        "remembering is hard",
        "I remember Oslo",
        "memories of summer are sweet",
        "privacy is dear to me",
        "why is the sky blue",
        "why?",
        "new ideas, please",
        "help me with this",
        "/unknown",
    ],
)
def test_what_only_sounds_like_a_command_is_conversation(text: str) -> None:
    assert DESK.line_in(text) is None
