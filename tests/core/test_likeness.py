"""When two texts, values or names are the same: properties over any text."""

from hypothesis import given
from hypothesis import strategies as st

from bot.likeness import (
    contradicts,
    covers,
    name_likeness,
    related,
    same_text,
    same_value,
    says_no_more,
)

texts = st.text(max_size=40) | st.sampled_from(["Alice likes tea", "not tea", "C++", "Dr. No", "2"])


@given(texts, texts)
def test_sameness_does_not_depend_on_the_order(one: str, other: str) -> None:
    assert same_text(one, other) == same_text(other, one)
    assert same_value(one, other) == same_value(other, one)
    assert name_likeness(one, other) == name_likeness(other, one)
    assert related(one, other) == related(other, one)
    assert 0 <= name_likeness(one, other) <= 1


@given(texts)
def test_everything_covers_and_never_contradicts_itself(text: str) -> None:
    assert covers(text, text)
    assert says_no_more(text, text)
    assert same_value(text, text)
    assert not contradicts(("likes", text), ("likes", text), exclusive=True)


def test_likes_and_dislikes_contradict_for_one_value_only() -> None:
    assert contradicts(("likes", "tea"), ("dislikes", "Tea"), exclusive=False)
    assert not contradicts(("likes", "tea"), ("dislikes", "milk"), exclusive=False)
    assert contradicts(("likes", "tea"), ("likes", "not tea"), exclusive=False)
    assert not contradicts(("dislikes", "tea"), ("likes", "not tea"), exclusive=False)


def test_an_exclusive_slot_holds_one_value_and_what_is_over_is_none() -> None:
    at = "works at"
    assert contradicts((at, "Acme"), (at, "Bolt"), exclusive=True)
    assert not contradicts((at, "Acme"), (at, "Bolt"), exclusive=False)
    assert not contradicts((at, "not Acme"), (at, "Bolt"), exclusive=True)
    assert contradicts((at, "not Acme"), (at, "Acme"), exclusive=False)
