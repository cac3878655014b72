"""Short ways to look into files that nobody has open, to change and to move them."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from bot.store.sqlite.ledger import person_mark
from bot.types import Scope
from tests.store.world import bytes_on_disk


def rows(path: Path, sql: str, *parameters: object) -> list[tuple[object, ...]]:
    """What one statement gives."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        return connection.execute(sql, parameters).fetchall()


def value(path: Path, sql: str, *parameters: object) -> object:
    """The one value that a statement gives."""
    ((found,),) = rows(path, sql, *parameters)
    return found


def key(path: Path) -> bytes:
    """The key that makes new marks."""
    found = value(path, "SELECT key FROM ledger_key ORDER BY key_no DESC LIMIT 1")
    assert isinstance(found, bytes)
    return found


def event(path: Path, text: str) -> str:
    """The event's id of the message with this text."""
    return str(value(path, "SELECT event_id FROM message WHERE text = ?", text))


def bury(path: Path, mark: bytes) -> None:
    rows(path, "INSERT INTO tombstone VALUES (?)", mark)


def opt_out(path: Path, scope: Scope, space: str | None = None) -> None:
    mark = person_mark(key(path), scope, space)
    rows(path, "INSERT INTO opt_out VALUES (?, 7)", mark)
    rows(path, "INSERT INTO opt_out_name VALUES (x'01', ?)", mark)


def holds(path: Path, *words: bytes) -> list[bytes]:
    """Which of the words are in the bytes of the file and what is beside it."""
    content = bytes_on_disk(path)
    return [word for word in words if word in content]


def read(path: Path) -> bytes:
    return path.read_bytes()


def write(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def delete(path: Path) -> None:
    path.unlink()


def move(path: Path, target: Path) -> None:
    path.replace(target)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def owner(path: Path) -> tuple[int, int]:
    return path.stat().st_uid, path.stat().st_gid
