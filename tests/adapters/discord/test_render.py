"""Answers as Discord shows them: what people wrote is inert, what can be typed can be copied."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console import render as console
from adapters.discord.render import code, inert, render
from adapters.wording.plain import plain
from adapters.wording.splitting import LIMIT, split
from bot.grammar import FORMS
from bot.receipts import ForgetPreview, Losses, NamePreview, Receipt
from bot.results import CommandResult, EntityPage, Help, MemoryPage, RecallResult, Remembered, Why
from bot.types import (
    Channel,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Private,
    Recalled,
    Role,
    TurnId,
)

MARCH = datetime(2026, 3, 1, tzinfo=UTC)
EVIL = "**x** <@123> @everyone [a](javascript:) `"


def a_memory(number: int = 3, text: str = "I like tea") -> Memory:
    place = "a private conversation"
    return Memory(MemoryNumber(number), text, Private(), place, MARCH, MARCH, None, None, ())


def a_message(text: str, speaker: str = "alice") -> Message:
    return Message(MessageId(1), Role.PERSON, speaker, text, MARCH, 3, Private())


def shown(markdown: str) -> str:
    """What Discord shows: a backslash before a sign hides itself."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", markdown)


def active(markdown: str) -> set[str]:
    """The signs of Markdown and mentions that no backslash disarms."""
    return set(re.findall(r"[*_~|<>@`\[\]\\]", re.sub(r"\\[^0-9A-Za-z\s]", "", markdown)))


@pytest.mark.rule("D7")
def test_a_memory_with_markdown_and_mentions_is_shown_as_it_was_written() -> None:
    text = render(MemoryPage((a_memory(text=EVIL),), 1, 1, 1))
    line = text.splitlines()[1]
    assert line == (
        r"- **m3** \*\*x\*\* \<\@123\> \@everyone \[a\](javascript:) \` "
        "(2026-03-01, in a private conversation)"
    )
    assert shown(line).startswith(f"- **m3** {EVIL} (")


@pytest.mark.parametrize(
    "text",
    [
        "<#1> <@&1> <@!1> <:a:1> <a:b:1> <t:1:R> </x:1> <id:guide>", ":smile:", "# big", "-# small",
        "> quoted", ">>> quoted", "- item", "+ item", "1. item", "||spoiler||", "__under__",
        "~~no~~", "```py", "https://example.org/a_b", "<https://example.org>", r"\*", r"a\\",
        "@here",
    ],
)  # fmt: skip
def test_no_sign_that_people_wrote_means_anything(text: str) -> None:
    assert not active(inert(text))
    assert shown(inert(text)) == text
    assert not re.search(r"https?://", inert(text))
    assert not re.match(r"(\d+\.|[-+#>])\s", inert(text))


@given(st.text())
def test_what_people_wrote_is_inert_and_the_same_text(text: str) -> None:
    answer: CommandResult = RecallResult(text, (Recalled(a_message(text, text), 1.0),))
    assert not active(render(answer).replace("\n- ", "\n"))
    assert shown(inert(text)) == plain(text)


def test_what_people_wrote_cannot_pass_for_an_id_or_for_a_line_to_type() -> None:
    text = "".join(map(chr, range(0xE000, 0xE010))) + "m9"
    assert (
        render(MemoryPage((a_memory(text=text),), 1, 1, 1))
        .splitlines()[1]
        .startswith("- **m3** m9 (2026")
    )


def test_ids_are_bold_and_a_list_is_one() -> None:
    assert render(Receipt((MemoryNumber(3), MemoryNumber(-5)), 1, 0, 0)) == (
        "Forgotten and erased: 2 memories (**m3**, **s5**) and 1 message."
    )
    why = Why(MARCH, (a_memory(),), turn=TurnId(7))
    assert render(why).splitlines()[1:] == [
        "- **m3** I like tea (2026-03-01, in a private conversation)",
        "  - there because it was said beside something that matched",
    ]


def test_what_can_be_typed_can_be_copied() -> None:
    preview = ForgetPreview("tea", (a_memory(3), a_memory(5)), 0, 0)
    assert render(preview).endswith("To forget them, or name fewer: `/forget m3 m5`")
    named = NamePreview(("S_a",), Losses((), 0, 1, 0), "/forget about S_a yes")
    assert render(named).endswith("To erase it: `/forget about S_a yes`")
    assert r"names or concerns S\_a in" in render(named)
    page = EntityPage(("S`a",), (a_memory(),), 2)
    assert "; `` /recall S`a `` or `/memories` finds them." in render(page)


def test_a_line_that_no_inline_code_can_hold_is_inert() -> None:
    assert code("/recall ``` <@1>") == r"/recall \`\`\` \<\@1\>"


def test_help_is_a_list_of_forms_to_copy() -> None:
    lines = render(Help(FORMS)).splitlines()
    assert lines[0] == "What you can type:"
    assert "- `/memories ID` one memory: what it was before, where it comes from, what it" in (
        "\n".join(lines)
    )
    assert len(lines) == len(FORMS) + 1
    assert all(len(piece) <= LIMIT for piece in split("\n".join(lines)))


def test_both_platforms_say_the_same_words() -> None:
    page = MemoryPage((a_memory(),), 1, 2, 11)
    words = [re.sub(r"[*`-]", "", text).split() for text in (render(page), console.render(page))]
    assert words[0] == words[1]


def test_a_closed_channel_is_shown_by_its_name_as_discord_knows_it() -> None:
    used = replace(a_memory(), audience=Channel("661720242623348736"))
    assert "<#661720242623348736>" in render(Remembered(used, known=False))
