"""Who is whose neighbour in a conversation, and for whose eyes."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ports import NEIGHBOURS, Trait, passage_of
from bot.store.sqlite import search
from bot.store.sqlite.driver import choose_driver, connector
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.schema import migrations
from bot.store.sqlite.writes import PAUSE_SECONDS
from bot.types import Channel, Conversation, MessageId, Private, Space
from tests.store.world import ALICE, BOB, DM, HALL, START, learn, opened, talk

DEN = Conversation("console", "home", "den")


async def beside(
    store: SqliteStore, message: MessageId, reader: Private | Channel | Space | None = None
) -> list[str]:
    found = await store.surroundings(ALICE, reader or Private(), [message])
    return [one.text for one in found.get(message, [])]


async def test_what_was_said_before_and_after_stands_beside_a_message(store: SqliteStore) -> None:
    said = [(await talk(store, f"line {number}")).message.id for number in range(7)]
    assert await beside(store, said[3]) == ["line 1", "line 2", "line 3", "line 4", "line 5"]
    assert await beside(store, said[0]) == ["line 0", "line 1", "line 2"]


async def test_other_conversations_stand_apart(store: SqliteStore) -> None:
    first = (await talk(store, "in the DM")).message.id
    await talk(store, "in the hall", audience=Space(), conversation=HALL)
    await talk(store, "in the DM again")
    assert await beside(store, first) == ["in the DM", "in the DM again"]


async def test_after_a_long_pause_nothing_is_a_neighbour(store: SqliteStore) -> None:
    await talk(store, "in the morning")
    late = START + timedelta(seconds=PAUSE_SECONDS + 1)
    evening = (await talk(store, "in the evening", at=late)).message.id
    soon = late + timedelta(seconds=PAUSE_SECONDS)
    await talk(store, "before midnight", at=soon)
    late_to_arrive = await talk(store, "in the morning too")
    assert await beside(store, evening) == ["in the evening", "before midnight"]
    assert await beside(store, late_to_arrive.message.id) == ["in the morning too"]


async def test_what_others_said_takes_a_seat_and_is_never_shown(store: SqliteStore) -> None:
    await talk(store, "Alice first", audience=Space(), conversation=HALL)
    for number in range(NEIGHBOURS):
        bob = await talk(store, f"Bob {number}", scope=BOB, audience=Space(), conversation=HALL)
    last = await talk(store, "Alice last", audience=Space(), conversation=HALL)
    assert await beside(store, last.message.id, Space()) == ["Alice last"]
    assert await beside(store, bob.message.id, Space()) == []


async def test_a_neighbour_is_for_those_who_could_have_read_it(store: SqliteStore) -> None:
    board = Channel("board")
    closed = await talk(store, "while it was closed", audience=board, conversation=DEN)
    opened_up = await talk(store, "when it was open", audience=Space(), conversation=DEN)
    assert await beside(store, opened_up.message.id, Space()) == ["when it was open"]
    assert len(await beside(store, opened_up.message.id, board)) == 2
    assert len(await beside(store, opened_up.message.id)) == 2
    assert await beside(store, closed.message.id, Space()) == []
    found = await store.surroundings(BOB, Space(), [opened_up.message.id])
    assert found == {}


async def test_what_is_forgotten_stands_beside_nothing(store: SqliteStore) -> None:
    number = await learn(store, "Alice has a boat", said="I have a boat")
    after = await talk(store, "and a house")
    assert await beside(store, after.message.id) == ["I have a boat", "and a house"]
    await store.erase(ALICE, [number])
    assert await beside(store, after.message.id) == ["and a house"]


async def test_others_are_heard_only_where_they_are_answered(store: SqliteStore) -> None:
    await talk(store, "tea of Bob's", scope=BOB, audience=Space(), conversation=HALL)
    await talk(store, "tea of Alice's", audience=Space(), conversation=HALL)
    for here, count in ((HALL, 2), (DM, 1), (None, 1)):
        survey = await store.survey(ALICE, Space(), ["tea"], [], here)
        assert len(survey.ids) == len(survey.words[0]) == count
        assert survey.own.count(True) == 1


async def test_the_newest_of_what_others_said_is_heard(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "HEARD", 2)
    said = [
        (await talk(store, text, scope=BOB, audience=Space(), conversation=HALL)).message
        for text in ("first", "second", "third")
    ]
    survey = await store.survey(ALICE, Space(), ["first", "third", "hir"], [], HALL)
    assert set(survey.ids) == {passage_of(message.id) for message in said[1:]}
    assert list(map(list, survey.words)) == [[], [passage_of(said[2].id)], []]


async def test_a_message_has_the_traits_of_its_text(store: SqliteStore) -> None:
    for text in ("Did you see it?", "I saw it. Did you?", "We met yesterday", "It is red"):
        await talk(store, text)
    survey = await store.survey(ALICE, Private(), [], [], None)
    ask, when, only = Trait.ASKS, Trait.TELLS_WHEN, Trait.ONLY_ASKS
    assert list(survey.traits) == [ask | only, ask, when, 0]


async def test_an_older_file_gets_its_seats(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    connection = connector(choose_driver(), path)()
    connection.executescript(migrations()[0][1])
    _old_rows(connection)
    connection.close()
    async with opened(path) as store:
        survey = await store.survey(ALICE, Private(), [], [], None)
        seats = dict(zip(survey.ids, survey.seats, strict=True))
        dm, hall = 1 << 24, 2 << 24
        messages = [seats[i] for i in sorted(seats) if not i & 1]
        assert messages == [dm + 5, dm + 1, dm + 2, hall + 1]
        whose = dict(zip(survey.ids, survey.speakers, strict=True))
        assert [whose[i] for i in sorted(seats)] == ["Alice", "", "Alice", "Alice", "Alice", ""]
        assert all(survey.happened_at)
        await talk(store, "one more", at=START + timedelta(days=1, hours=1))
        await talk(store, "much later", at=START + timedelta(days=2))
        await talk(store, "soon after", at=START + timedelta(days=1), conversation=HALL)
        newest = set((await store.survey(ALICE, Private(), [], [], None)).seats)
        assert newest - set(survey.seats) == {dm + 6, dm + 7 + NEIGHBOURS, hall + 2}


def _old_rows(connection: sqlite3.Connection) -> None:
    """What version 1 of the schema kept: messages, not in order, a reply, a note, two memories."""
    start, scope = int(START.timestamp()), 1 << 24
    connection.execute(
        "INSERT INTO scope (platform, space, user, name) VALUES ('console', 'home', 'alice', 'A')"
    )
    connection.executemany(
        "INSERT INTO conversation (platform, space, key) VALUES ('console', 'home', ?)",
        [("dm:alice",), ("hall",), ("den",)],
    )
    for number, conversation, role, at in (
        (1, 1, "person", start + 86_400),
        (2, 1, "person", start),
        (3, 1, "person", start + 60),
        (4, 2, "person", start + 86_000),
        (5, 1, "ellie", start + 40),
        (6, 3, "note", start),
    ):
        connection.execute(
            "INSERT INTO message (id, conversation_no, event_id, role, speaker, text, tokens, "
            "audience, place, sent_at) VALUES (?, ?, ?, ?, 'Alice', 'hi', 1, 'private', 'here', ?)",
            (scope + number, conversation, str(number), role, at),
        )
        if role == "person":
            _old_passage(connection, (scope + number) * 2)
    connection.execute("UPDATE scope SET message_seq = 6, memory_seq = 6")
    for number in (1, 6):
        connection.execute(
            "INSERT INTO memory (id, text, audience, place, said_at, valid_from, extractor) "
            "VALUES (?, 'hi', 'private', 'here', ?, ?, 'test')",
            (scope + number, start, start),
        )
        _old_passage(connection, (scope + number) * 2 + 1)
    connection.commit()


def _old_passage(connection: sqlite3.Connection, identity: int) -> None:
    connection.execute(
        "INSERT INTO passage (id, audience, terms, length) VALUES (?, 'private', 'hi', 1)",
        (identity,),
    )
