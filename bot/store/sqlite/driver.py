"""Which SQLite serves: the door to `sqlite3`, `pysqlite3` and `sqlite-vec`."""

import importlib
import logging
import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from bot.errors import StoreError

log = logging.getLogger(__name__)

CACHE_KIB = 8192
BUSY_MILLISECONDS = 5000


@dataclass(frozen=True, slots=True)
class Driver:
    """The chosen SQLite. `vectors`: sqlite-vec loads. `one_connection`: two are not safe."""

    module: ModuleType
    version: tuple[int, ...]
    vectors: bool
    one_connection: bool

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What its database errors derive from."""
        return (self.module.Error,)


def has_wal_reset_race(version: tuple[int, ...]) -> bool:
    """Whether two connections can corrupt a WAL database (SQLite 3.7.0 to 3.51.2).

    Fixed in 3.51.3, and in 3.44.6 and 3.50.7 (../shared/design/storage.md).
    """
    backported = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}.get((version[0], version[1]))
    fixed = version >= (3, 51, 3) or (backported is not None and version >= backported)
    return version >= (3, 7, 0) and not fixed


def _extension() -> str | None:
    try:
        path: str = importlib.import_module("sqlite_vec").loadable_path()
    except ImportError:
        return None
    return path


def _loads(module: ModuleType, extension: str) -> bool:
    connection = module.connect(":memory:")
    try:
        connection.enable_load_extension(True)
        connection.load_extension(extension)
    except (AttributeError, module.Error):  # built without it, or not for this machine
        return False
    else:
        return True
    finally:
        connection.close()


def choose_driver() -> Driver:
    """The standard module if it loads extensions and is new enough, else pysqlite3, else either.

    Without sqlite-vec nothing is found by meaning, only by words and entities.
    """
    modules: list[ModuleType] = [sqlite3]
    try:
        modules.append(importlib.import_module("pysqlite3.dbapi2"))
    except ImportError:
        log.debug("pysqlite3 is not installed")
    extension = _extension()
    drivers = [
        Driver(
            module,
            module.sqlite_version_info,
            extension is not None and _loads(module, extension),
            has_wal_reset_race(module.sqlite_version_info),
        )
        for module in modules
    ]
    return max(drivers, key=lambda driver: (driver.vectors, not driver.one_connection))


def connector(driver: Driver, path: Path) -> Callable[[], sqlite3.Connection]:
    """What opens one connection, on the thread that will own it.

    It does not read the file yet: aiosqlite leaves a thread behind where its connector fails.
    """
    extension = _extension() if driver.vectors else None

    def connect() -> sqlite3.Connection:
        connection: sqlite3.Connection = driver.module.connect(
            str(path), isolation_level=None, check_same_thread=False
        )
        connection.row_factory = driver.module.Row
        if extension is not None:
            connection.enable_load_extension(True)
            connection.load_extension(extension)
            connection.enable_load_extension(False)
        return connection

    return connect


def pragmas(*, read_only: bool) -> str:
    """What to run first on each connection."""
    return f"""
    PRAGMA page_size = 8192;
    PRAGMA busy_timeout = {BUSY_MILLISECONDS};
    PRAGMA foreign_keys = ON;
    PRAGMA synchronous = FULL;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -{CACHE_KIB};
    PRAGMA secure_delete = ON;
    PRAGMA query_only = {"ON" if read_only else "OFF"};
    """


def create(path: Path) -> None:
    """Create the file and its folder, where missing, for the owner alone. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise StoreError(
            f"The database {path} cannot be opened ({error.strerror}). ELLIE_DB chooses another."
        ) from error


def has_left_log(path: Path) -> bool:
    """Whether a write-ahead log is there: after a crash, or while another process has the file."""
    log = Path(f"{path}-wal")
    return log.exists() and log.stat().st_size > 0


RESTORING = ".restoring"
"""How the name of the copy ends that a restore makes beside the database."""


def drop_cut_off_restore(path: Path) -> None:
    """Delete the copy that a killed restore left beside the file: it holds what people said.

    Only for who has opened the file: while a restore is under way, nobody can. Raises StoreError.
    """
    try:
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{os.path.realpath(path)}{RESTORING}{ending}").unlink(missing_ok=True)
    except OSError as error:
        raise StoreError(
            f"{path}{RESTORING} is left of a restore that was cut off and cannot be deleted "
            f"({error.strerror}). Delete it."
        ) from error


def make_private(path: Path) -> None:
    """Leave the file and what SQLite keeps beside it to the owner alone (0600)."""
    for file in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if file.exists():
            file.chmod(0o600)
