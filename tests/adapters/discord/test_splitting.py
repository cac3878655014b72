"""What is longer than a message is cut where it hurts nobody."""

import re

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.wording.splitting import LEAST, LIMIT, split

pytestmark = pytest.mark.rule("D4")

WORDS = "word " * 20
TOKENS = (
    "[a link](https://example.org/a_(b)?c=d)", "https://example.org/some/where?q=1", "<@123456789>",
    "<@!123456789>", "<@&123456789>", "<#123456789>", "<:name:123456789>", "<a:name:123456789>",
    "<t:1618953630:R>", "</memories list:123456789>", "<id:customize>", "`some inline code`",
    "``a ` b``", "<https://example.org/quiet>", "👩‍💻", "🇩🇪", "e\u0301\u0327", "\\*",
)  # fmt: skip
TEXTS = st.lists(
    st.one_of(
        st.sampled_from(
            (*TOKENS, "```", "```py\n", "\n```\n", "\n```", "~~~\n", "\n~~~\n", "`", "``", "````",
             "[", "](", ")", "<", "<@", "https://", "\n", "\n\n", " ", "  ", "\r\n", "。", "漢字")
        ),
        st.text(max_size=8),
        st.text("ab \n`~", max_size=40),
    ),
    max_size=40,
).map("".join)  # fmt: skip
LIMITS = st.integers(LEAST, 80)


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def blackened(text: str) -> str:
    return "".join(text.split())


def balanced(piece: str) -> bool:
    """Whether Discord shows the end of this message as text: a plain reading, line by line."""
    fence = ""
    for line in piece.splitlines():
        if not fence and line.lstrip().startswith("~~~"):
            fence = "~~~"
        elif fence == "~~~":
            fence = "" if line.lstrip().startswith("~~~") else fence
        elif line.count("```") % 2:
            fence = "" if fence else "```"
    return not fence


def without_fences(pieces: list[str], text: str) -> bool:
    """Whether the pieces tell the text, once the fences between them are taken away."""
    told = {0}
    whole = blackened(text)
    for piece in pieces:
        black = blackened(piece)
        bodies = {
            black[len(head) : len(black) - len(tail)]
            for head in {"", *re.findall(r"^(?:```|~~~)[\w+\-.#]*", piece)[:1], black[:3]}
            for tail in ("", "```", "``", "`", "~~~", "~~", "~")
            if black.startswith(head) and black.endswith(tail) and len(black) >= len(head + tail)
        }
        told = {at + len(body) for at in told for body in bodies if whole.startswith(body, at)}
    return len(whole) in told


def test_a_text_that_fits_is_one_message_and_a_blank_one_is_none() -> None:
    assert split("  a short text\n") == ["a short text"]
    assert split("x" * LIMIT) == ["x" * LIMIT]
    assert split(" \n\t ") == split("") == []


def test_a_paragraph_is_preferred_to_a_line_and_a_line_to_a_word() -> None:
    assert split("aaa bbb\n\nccc ddd\neee fff", 20) == ["aaa bbb\n\nccc ddd", "eee fff"]
    assert split("aaa bbb ccc\n\nddd\neee fff", 20) == ["aaa bbb ccc", "ddd\neee fff"]
    assert split("aaa bbb ccc ddd eee fff", 20) == ["aaa bbb ccc ddd eee", "fff"]
    assert split("a\n\nbbb ccc ddd eee fff", 20) == ["a\n\nbbb ccc ddd eee", "fff"]  # too little


def test_where_no_blanks_are_written_a_sentence_ends_a_piece() -> None:
    rain, sun = "今日は雨です。", "明日は晴れるでしょう。"
    assert split(rain + sun, 16) == [rain, sun]


def test_characters_outside_the_basic_plane_count_twice() -> None:
    assert split("😀" * 30, 40) == ["😀" * 20, "😀" * 10]


def test_a_fence_that_is_cut_is_closed_and_opened_again_with_its_language() -> None:
    code = "\n".join(f"line{number}" for number in range(8))
    assert split(f"Look:\n```py\n{code}\n```\nDone.", 40) == [
        "Look:\n```py\nline0\nline1\nline2\nline3\n```",
        "```py\nline4\nline5\nline6\nline7\n```\nDone.",
    ]
    assert split(f"~~~\n{code}\n~~~", 40)[1].startswith("~~~\nline")


def test_code_keeps_its_indentation_and_a_long_line_its_blanks() -> None:
    first, second = split(f"```py\n{'x' * 20}\n    y = 1\n```", 33)
    assert (first, second) == (f"```py\n{'x' * 20}\n```", "```py\n    y = 1\n```")
    assert split(f"```\n{WORDS}\n```", 30)[0] == "```\nword word word word \n```"


def test_a_short_fence_goes_to_the_next_message_as_a_whole() -> None:
    assert split(f"{'word ' * 6}\n```sh\nmake\nmake\n```", 40) == [
        ("word " * 6).strip(),
        "```sh\nmake\nmake\n```",
    ]


def test_what_follows_the_opening_of_a_fence_is_no_language_if_it_holds_blanks() -> None:
    pieces = split("```py title\n" + "line\n" * 10 + "```", 40)
    assert pieces[0].startswith("```py title\n")
    assert all(piece.startswith("```\nline") for piece in pieces[1:])


def test_a_fence_in_the_middle_of_a_line_is_one_and_in_inline_code_it_is_none() -> None:
    assert split("Look: ```py\n" + "line\n" * 10 + "``` so", 40)[1].startswith("```py\nline")
    assert split("`` ``` `` " + WORDS, 40)[1].startswith("word")


def test_a_fence_that_the_text_leaves_open_is_closed() -> None:
    assert split("```py\nx = 1") == ["```py\nx = 1\n```"]
    assert split("```py\nx = 1\n``") == ["```py\nx = 1\n```"]


@pytest.mark.parametrize("token", TOKENS)
def test_a_token_stays_whole_wherever_it_stands(token: str) -> None:
    for before in range(1, 70):
        pieces = split(f"{'x' * before}{token}{'y' * 70}", 64)
        assert any(token in piece for piece in pieces), before


@pytest.mark.parametrize("token", TOKENS)
def test_tokens_between_words_stay_whole(token: str) -> None:
    pieces = split(f"{token} " * 60, 64)
    assert blackened("".join(pieces)) == blackened(token * 60)
    assert all(blackened(piece).replace(blackened(token), "") == "" for piece in pieces)


def test_a_token_that_is_longer_than_a_message_is_cut_at_graphemes() -> None:
    link = "https://example.org/" + "e\u0301" * 50
    pieces = split(link, 40)
    assert "".join(pieces) == link
    assert all(len(regex.findall(r"\X", piece)) == len(piece) - piece.count("\u0301")
               for piece in pieces)  # fmt: skip
    assert not any(piece.startswith("\u0301") for piece in pieces)
    assert len(split("x" + "\u0301" * 100, 40)) == 3


def test_a_bracket_that_no_link_follows_costs_nothing() -> None:
    text = f"x [see {'x' * 50}\n{'y' * 20}"
    assert split(text, 60) == [f"x [see {'x' * 50}", "y" * 20]


def test_a_limit_without_room_for_code_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        split("a", LEAST - 1)


@given(TEXTS, LIMITS)
def test_no_piece_is_too_long_or_blank(text: str, limit: int) -> None:
    for piece in split(text, limit):
        assert piece.strip()
        assert units(piece) <= limit


PLAIN = st.text(st.characters(exclude_characters="`~"), max_size=30)


@given(
    st.lists(st.tuples(PLAIN, st.sampled_from(["```", "```py", "~~~"]), PLAIN), max_size=6),
    st.integers(20, 80),
)
def test_fences_are_balanced_in_every_piece(blocks: list[tuple[str, str, str]], limit: int) -> None:
    text = "".join(f"{said}\n{mark}\nx{code}\n{mark[:3]}\n" for said, mark, code in blocks)
    for piece in split(text, limit):
        assert balanced(piece)


@example("```[a link](https://example.org/a_(b)?c=d) \n` ```", 12)
@given(TEXTS, LIMITS)
def test_nothing_is_lost_or_doubled_but_white_space_and_fences(text: str, limit: int) -> None:
    assert without_fences(split(text, limit), text)


@given(TEXTS, TEXTS, LIMITS)
def test_more_text_changes_the_last_piece_only(text: str, more: str, limit: int) -> None:
    shown = split(text, limit)
    assert split(text + more, limit)[: max(0, len(shown) - 1)] == shown[:-1]


@given(st.lists(st.sampled_from([*TOKENS, "word", "a"]), max_size=40), st.sampled_from([" ", "\n"]))
def test_tokens_are_whole_in_some_piece(words: list[str], blank: str) -> None:
    pieces = split(blank.join(words), 60)
    assert [word for piece in pieces for word in tokens(piece)] == [
        word for word in words for word in tokens(word)
    ]


def tokens(text: str) -> list[str]:
    known = "|".join(map(re.escape, sorted(TOKENS, key=len, reverse=True)))
    return re.findall(known, text)
