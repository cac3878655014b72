"""What an older Ellie indexed is found by the stems of this one."""

import sqlite3
from pathlib import Path

import pytest

from bot.errors import StoreError
from bot.store.sqlite.schema import migrations
from bot.text import FORMS_VERSION, names_in
from bot.types import Private, Slot
from tests.store.world import ALICE, found_by_words, learn, note, opened, talk

ZOE = Slot("Zoë", "profession", "Malerin", True)


def changed(path: Path, script: str) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(script)
    connection.close()


def held(path: Path, query: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(path)
    rows = connection.execute(query).fetchall()
    connection.close()
    return rows


AS_IF_OLDER = """
    UPDATE forms SET version = 0;
    UPDATE passage SET terms = 'stale', traits = 0;
    UPDATE entity_name SET folded = 'zoë';
    INSERT INTO passage_fts (passage_fts) VALUES ('rebuild');
"""


async def test_stems_of_another_version_are_made_anew_when_the_file_is_opened(
    tmp_path: Path,
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        await store.use_vectors_of("model", 2)
        await talk(store, "我住在東京")
        await learn(store, "Zoë ist Malerin", slot=ZOE)
        await store.add_vectors([(item.id, [1.0, 0.0]) for item in await store.unindexed(9)])
    before = held(path, "SELECT id, terms, traits FROM passage ORDER BY id")
    vectors = held(path, "SELECT * FROM passage_vector ORDER BY id")
    changed(path, AS_IF_OLDER)
    async with opened(path) as store:
        assert await found_by_words(store, "東京") == {"我住在東京"}
        assert "Zoë ist Malerin" in await found_by_words(store, "Was war mit Malerinnen?")
        assert await found_by_words(store, "stale") == set()
        survey = await store.survey(ALICE, Private(), [], names_in("Was ist Zoe?"), None)
        assert len(survey.named) == 1
    assert held(path, "SELECT id, terms, traits FROM passage ORDER BY id") == before
    assert held(path, "SELECT * FROM passage_vector ORDER BY id") == vectors != []
    assert held(path, "SELECT version FROM forms") == [(FORMS_VERSION,)]


async def test_stems_of_this_version_are_left_alone(tmp_path: Path) -> None:
    async with opened(tmp_path / "ellie.db") as store:
        await note(store, "tea")
    changed(tmp_path / "ellie.db", "UPDATE passage SET terms = 'mine'")
    async with opened(tmp_path / "ellie.db"):
        pass
    assert held(tmp_path / "ellie.db", "SELECT terms FROM passage") == [("mine",)]


async def test_a_file_of_the_first_schema_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    changed(path, migrations()[0][1])
    changed(
        path,
        """
        INSERT INTO scope VALUES (1, 'console', 'home', 'alice', 'Alice', 1, 1, 0);
        INSERT INTO conversation VALUES (1, 'console', 'home', 'dm:alice', 0, 0);
        INSERT INTO message VALUES ((1 << 24) + 1, 1, 'e1', 'person', 'Alice', 'ฉันชอบดื่มชา', 9,
            'private', 'here', 1772442000);
        INSERT INTO memory (id, text, audience, place, said_at, valid_from, extractor)
        VALUES ((1 << 24) + 1, 'Ich mag Hunde', 'private', 'here', 1772442000, 1772442000, 'x');
        INSERT INTO passage VALUES (((1 << 24) + 1) * 2, 'private', '2 march 2026 alic', 4, 0);
        INSERT INTO passage VALUES (((1 << 24) + 1) * 2 + 1, 'private', 'ich mag hund', 3, 0);
        """,
    )
    async with opened(path) as store:
        assert await found_by_words(store, "ดื่มชา") == {"ฉันชอบดื่มชา"}
        assert await found_by_words(store, "Was ist mit meinen Hunden?") == {"Ich mag Hunde"}
        assert (await store.health()).passages == 2


async def test_a_file_that_cannot_be_renewed_is_refused_and_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        await note(store, "tea")
    changed(
        path,
        AS_IF_OLDER
        + """
        CREATE TRIGGER broken BEFORE UPDATE ON forms BEGIN SELECT RAISE(ABORT, 'no'); END;
        """,
    )
    with pytest.raises(StoreError, match="could not be written"):
        async with opened(path):
            pass
    assert held(path, "SELECT terms FROM passage") == [("stale",)]
    changed(path, "DROP TRIGGER broken")
    async with opened(path) as store:
        assert await found_by_words(store, "tea") == {"tea"}
