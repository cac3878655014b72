"""Where a text names somebody, and the mark in place of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.names import calls, hide, hides_someone, name_forms


def hidden(text: str, *names: str) -> str:
    known = {form for name in names for form in name_forms(name)}
    return hide(text, known.__contains__)


@pytest.mark.parametrize(
    ("name", "text", "left"),
    [
        ("alice", "alice said so", "[someone] said so"),
        ("alice", "Alice said so", "[someone] said so"),
        ("alice", "ALICE! Alice, and Malice", "[someone]! [someone], and Malice"),
        ("Alice", "as alice said", "as alice said"),
        ("Alice", "as @alice said", "as [someone] said".replace("[", "@[")),
        ("Alice", "Alice's cake, Alice’s too", "[someone]'s cake, [someone]’s too"),
        ("Alice", "l'Alice", "l'[someone]"),
        ("Rose", "a rose by Rose", "a rose by [someone]"),
        ("José", "Jose and JOSÉ", "[someone] and [someone]"),
        ("Anna Maria", "Anna Maria, Anna-Maria, Anna", "[someone], [someone], Anna"),
        ("Ana de la Cruz", "Ana de la Cruz came", "[someone] came"),
        ("Ana Mia Eva von Au", "Ana Mia Eva von Au", "[someone] Au"),
        ("Will", "Will you? Will came. @will", "Will you? Will came. @[someone]"),
        ("7", "7 of @7", "7 of @[someone]"),
        ("184467440737095516", "<@184467440737095516> came", "[someone] came"),
        ("184467440737095516", "<@!184467440737095516>", "[someone]"),
        ("U02ABC", "<@U02ABC|ali> came", "[someone] came"),
        ("ali", "<@U02ABC|Ali> came", "[someone] came"),
        ("小明", "我和小明去", "我和[someone]去"),
        ("Алиса", "Алиса и алиса", "[someone] и алиса"),
        ("🌸 Alice 🌸", "Alice", "[someone]"),
        ("O'Brien", "O'Brien’s, O’Brien", "[someone]’s, [someone]"),
    ],
)  # fmt: skip
def test_a_name_is_hidden_and_what_is_none_is_not(name: str, text: str, left: str) -> None:
    assert hidden(text, name) == left
    assert hides_someone(left) == (left != text)


def test_a_name_of_signs_alone_has_no_form() -> None:
    assert name_forms("🌸!") == ()


@given(st.text(max_size=60), st.text(max_size=20))
def test_hiding_twice_hides_no_more_and_the_rest_stays(text: str, name: str) -> None:
    known = set(name_forms(name)) - {"someone", "@someone"}
    once = hide(text, known.__contains__)
    assert hide(once, known.__contains__) == once
    assert hide(text, lambda form: False) == text


@given(st.text(max_size=60))
def test_every_call_lies_inside_the_text(text: str) -> None:
    assert all(0 <= call.start < call.end <= len(text) for call in calls(text))
