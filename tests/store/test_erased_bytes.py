"""What was erased is in no file any more."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import StoreError
from bot.ports import Used
from bot.store.sqlite import driver
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.vectors import int8
from bot.text import terms
from bot.types import MemoryNumber, Slot
from tests.fuzzing import examples
from tests.store.test_driver import PLAIN
from tests.store.world import (
    ALICE,
    START,
    answer,
    bytes_on_disk,
    found_by_words,
    learn,
    message,
    note,
    opened,
    say,
    texts,
)


async def test_a_reader_in_the_way_is_told_of_and_cleaned_up_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "BUSY_MILLISECONDS", 10)
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        number = await note(store, "I grow quinces")
        other = store.driver.module.connect(path)
        other.execute("BEGIN")
        other.execute("SELECT count(*) FROM memory").fetchall()
        with pytest.raises(StoreError, match="another program is reading"):
            await store.erase(ALICE, [number])
        assert await texts(store) == set()
        other.rollback()
        other.close()
        await store.expire(START, timedelta(days=1), None)
        assert b"uinces" not in bytes_on_disk(path)
        assert log_size(path) == 0


def log_size(path: Path) -> int:
    return Path(f"{path}-wal").stat().st_size


def copy_files(path: Path, copy: Path) -> None:
    for end in ("", "-wal"):
        Path(f"{copy}{end}").write_bytes(Path(f"{path}{end}").read_bytes())


async def test_opening_cleans_up_after_a_crash_in_the_middle_of_erasing(tmp_path: Path) -> None:
    path, copy = tmp_path / "ellie.db", tmp_path / "copy.db"
    async with opened(path) as store:
        number = await note(store, "I grow quinces")
        other = store.driver.module.connect(path)
        other.execute("PRAGMA secure_delete = ON")
        other.execute("DELETE FROM memory_source")
        other.execute("DELETE FROM memory")
        other.execute("UPDATE message SET text = NULL")
        other.commit()
        copy_files(path, copy)
        other.close()
        assert number
    assert b"uinces" in bytes_on_disk(copy)
    async with opened(copy) as store:
        assert b"uinces" not in bytes_on_disk(copy)


SYLLABLES = ["ba", "do", "fi", "gu", "ke", "lo", "mi", "nu", "po", "ra", "su", "ti", "ve", "zo"]


class History:
    """Random talk in which every text has a word of its own, and a vector of its own."""

    def __init__(self, store: SqliteStore, seed: int) -> None:
        self.store = store
        self.random = random.Random(seed)
        self.held: dict[MemoryNumber, tuple[str, ...]] = {}
        self.secrets: list[bytes] = []
        self.vectors: dict[str, list[float]] = {}

    def word(self) -> str:
        return "".join(self.random.choices(SYLLABLES, k=7)) + "ing"

    async def step(self) -> None:
        choice = self.random.random()
        word = self.word()
        if choice < 0.3:
            self.held[await note(self.store, f"The word is {word}")] = (word,)
        elif choice < 0.6:
            slot = Slot(self.random.choice(["Ann", "Zed"]), "says", word, exclusive=True)
            text, said = f"Someone says {word}", self.word()
            number = await learn(self.store, text, slot=slot, said=f"heard {said}")
            self.held[number] = (word, said)
        elif choice < 0.75:
            number = self.random.choice([*self.held, MemoryNumber(1)])
            asked = await say(self.store, "which word?")
            used = Used(memories=(number,), history_from=asked.id, erasures=self.store.erasures)
            reply = f"You said {word}."
            await answer(self.store, asked, reply, used)
            if number in self.held:
                self.held[number] = (*self.held[number], word)
        elif choice < 0.8:
            await self.embed()
        elif choice < 0.87 and self.held:
            await self.edit(self.random.choice(list(self.held)), word)
        elif choice < 0.91:
            await self.undo()
        elif self.held:
            await self.forget()

    async def edit(self, number: MemoryNumber, word: str) -> None:
        note = message(f"Someone says {word}")
        assert await self.store.edit(number, note, 3) == number
        self.held[number] = (*self.held[number], word)

    async def undo(self) -> None:
        """Of what is undone, the words are said still; they stay what can be erased no more."""
        undone = await self.store.undo(ALICE, START)
        for number, text in undone.removed if undone else ():
            assert number in self.held
            del self.held[number]
            await self.gone((text.split()[-1],))

    async def embed(self) -> None:
        found = [
            (item.id, [self.random.uniform(-1, 1) for _ in range(24)], item.text)
            for item in await self.store.unindexed(50)
        ]
        await self.store.add_vectors([(identity, vector) for identity, vector, _ in found])
        self.vectors |= {text: vector for _, vector, text in found}

    async def forget(self) -> None:
        number = self.random.choice(list(self.held))
        words = self.held.pop(number)
        await found_by_words(self.store, " ".join(words))  # the readers are warm
        await self.store.erase(ALICE, [number])
        await self.gone(words)

    async def gone(self, words: tuple[str, ...]) -> None:
        gone = [word.encode() for word in words]
        gone += [stem.encode() for word in words for stem in terms(word)]
        gone += [
            int8(vector)
            for text, vector in self.vectors.items()
            if any(word in text for word in words)
        ]
        self.secrets += gone
        content = bytes_on_disk(self.store.path)
        assert [secret for secret in gone if secret in content] == []


@pytest.mark.parametrize("old", [False, True])
@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 2**32))
async def test_no_byte_of_what_was_erased_is_left(
    tmp_path_factory: pytest.TempPathFactory, old: bool, seed: int
) -> None:
    path = tmp_path_factory.mktemp("erased") / "ellie.db"
    async with opened(path, PLAIN if old else None) as store:
        await store.use_vectors_of("model", 24)
        history = History(store, seed)
        for _ in range(30):
            await history.step()
        if history.held:
            await history.forget()
        content = bytes_on_disk(path)
        assert [secret for secret in history.secrets if secret in content] == []
    content = bytes_on_disk(path)
    assert [secret for secret in history.secrets if secret in content] == []
