"""Which of the processes at one file deals with what: each holds a lock file while it lives."""

import contextlib
import glob
import logging
import os
import secrets
from pathlib import Path

import aiosqlite
from filelock import FileLock, Timeout

log = logging.getLogger(__name__)

ENDING = "-runner-"
"""What stands between a database's name and a runner's in the name of its lock file."""


class Runner:
    """An open store that answers or hears. Its lock ends with its process, however that ends.

    Where no lock can be held, others take it for dead: then two may deal with the same.
    """

    def __init__(self, database: Path) -> None:
        self.name = secrets.token_hex(8)
        self._prefix = f"{os.path.realpath(database)}{ENDING}"
        self._lock: FileLock | None = None

    def begin(self) -> str:
        """Its name, by which it is alive from now on.

        Only within a write transaction, as `lives`: who tries a lock holds it for a moment, and
        must not be taken for its runner.
        """
        if self._lock is None:
            self._lock = self._lock_of(self.name)
            try:
                self._lock.acquire(blocking=False)
            except OSError as error:
                log.info(
                    "no lock can be held beside the database (%s): if another process uses it, "
                    "both may answer the same",
                    error.strerror or type(error).__name__,
                )
        return self.name

    def lives(self, name: str) -> bool:
        """Whether that runner does. The lock file of a dead one is removed."""
        path = Path(self._prefix + name)
        if name == self.name or not path.exists():
            return name == self.name
        lock = self._lock_of(name)
        try:
            lock.acquire(blocking=False)
        except Timeout:
            return path.exists()  # without it, it is being closed
        except OSError as error:
            log.info("a runner's lock cannot be tried (%s)", type(error).__name__)
            return False
        _drop(lock)
        return False

    def others(self) -> set[str]:
        """The runners that have a lock file, alive or not."""
        files = glob.glob(f"{glob.escape(self._prefix)}*")
        return {file.removeprefix(self._prefix) for file in files} - {self.name}

    def end(self) -> None:
        """It is dead from now on, and leaves nothing behind."""
        if self._lock is not None and self._lock.is_locked:
            _drop(self._lock)

    def _lock_of(self, name: str) -> FileLock:
        # not one of the library's own making, which would outlive a killed process
        return FileLock(self._prefix + name, mode=0o600, thread_local=False, fallback_to_soft=False)


def _drop(lock: FileLock) -> None:
    """Remove a lock file that is held, and let go of it."""
    file = Path(lock.lock_file)
    with contextlib.suppress(OSError):
        file.unlink()
    with contextlib.suppress(OSError):
        lock.release()
    if os.name == "nt":  # an open file stays there
        with contextlib.suppress(OSError):
            file.unlink()


async def free_the_dead(db: aiosqlite.Connection, runner: Runner) -> None:
    """Within a write transaction: let everybody have what dead runners did not finish."""
    rows = await db.execute_fetchall(
        """
        SELECT runner FROM turn WHERE finished_at IS NULL AND runner IS NOT NULL
        UNION SELECT runner FROM inbox WHERE payload IS NOT NULL AND runner IS NOT NULL
        """
    )
    known = {row["runner"] for row in rows} | runner.others()
    dead = [(name,) for name in known if not runner.lives(name)]
    await db.executemany(
        "UPDATE turn SET runner = NULL WHERE finished_at IS NULL AND runner = ?", dead
    )
    await db.executemany(
        "UPDATE inbox SET runner = NULL WHERE payload IS NOT NULL AND runner = ?", dead
    )
