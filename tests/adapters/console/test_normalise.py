import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.normalise import (
    clean,
    is_command,
    normalise_command,
    normalise_message,
    open_session,
)
from bot.errors import ConfigError
from bot.types import Audience, Channel, Conversation, Private, Scope, Space

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("place", "key", "audience", "words"),
    [
        ("dm", "dm:alice", Private(), "a private conversation"),
        ("open:general", "open:general", Space(), "the open channel general"),
        ("closed:board", "closed:board", Channel("board"), "the closed channel board"),
        ("closed:a:b", "closed:a:b", Channel("a:b"), "the closed channel a:b"),
    ],
)
def test_a_place_chooses_audience_conversation_and_words(
    place: str, key: str, audience: Audience, words: str
) -> None:
    session = open_session("alice", "home", place)
    assert session.scope == Scope("console", "home", "alice")
    assert session.conversation == Conversation("console", "home", key)
    assert session.audience == audience
    assert session.place == words


@pytest.mark.parametrize(
    "place", ["", " ", "dm:", "dm:bob", "open", "open:", "open: ", "closed:\x1b[2J", "shut:x", "DM"]
)
def test_a_malformed_place_is_one_clear_line(place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        open_session("alice", "home", place)
    assert str(caught.value).startswith("--place")
    assert str(caught.value).isprintable()


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[2J", "\udcff", "x" * 101])
def test_an_empty_or_malformed_name_is_one_clear_line(name: str) -> None:
    with pytest.raises(ConfigError, match="--as needs"):
        open_session(name, "home", "dm")
    with pytest.raises(ConfigError, match="--space needs"):
        open_session("alice", name, "dm")


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("hello\r", "hello"),
        ("  hello \t", "hello"),
        ("a\x00b\x1b[31mc\x7f", "ab[31mc"),
        ("tab\tstays", "tab\tstays"),
        ("10\N{NO-BREAK SPACE}km", "10 km"),
        ("two\nlines", "two\nlines"),
        ("bad \udcff byte", "bad \N{REPLACEMENT CHARACTER} byte"),
        ("👩\N{ZERO WIDTH JOINER}💻", "👩\N{ZERO WIDTH JOINER}💻"),
        ("\x00\x01 \r", ""),
    ],
)
def test_control_characters_are_removed_from_a_line(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned


@given(st.text(st.characters()))
def test_a_clean_line_holds_no_control_character_and_stays_as_it_is(typed: str) -> None:
    line = clean(typed)
    assert not {c for c in line if unicodedata.category(c) in {"Cc", "Cs"}} - {"\n", "\t"}
    assert clean(line) == line


def test_a_message_carries_who_where_and_when() -> None:
    session = open_session("alice", "home", "closed:board")
    message = normalise_message(session, "hello", "e1", NOW)
    assert (message.scope, message.conversation) == (session.scope, session.conversation)
    assert (message.audience, message.place) == (Channel("board"), "the closed channel board")
    assert (message.event_id, message.speaker, message.text) == ("e1", "alice", "hello")
    assert message.sent_at == NOW


def test_a_command_carries_the_place_where_it_was_typed() -> None:
    session = open_session("alice", "home", "open:general")
    command = normalise_command(session, "/remember tea", NOW)
    assert (command.audience, command.place) == (Space(), "the open channel general")
    assert (command.scope, command.speaker) == (session.scope, "alice")
    assert (command.text, command.sent_at) == ("/remember tea", NOW)


def test_only_a_line_that_starts_with_a_slash_is_a_command() -> None:
    assert is_command("/help")
    assert not is_command("what is 1/2")
