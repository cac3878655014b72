"""No byte of what was erased is left, over long random histories and after a crash."""

import asyncio
import json
import sqlite3
import sys
from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.vectors import bits, int8
from bot.text import forms
from bot.types import MemoryNumber, Slot, Space, Usage
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    answer,
    bytes_on_disk,
    due,
    learn,
    message,
    note,
    opened,
    say,
    texts,
)

DIMENSION = 128
ROOT = Path(__file__).parents[2]
_LIVE = """
    SELECT text FROM message WHERE text IS NOT NULL
    UNION ALL SELECT text || ' ' || coalesce(value, '') FROM memory
    UNION ALL SELECT text || ' ' || coalesce(value, '') FROM memory_version
    UNION ALL SELECT text || ' ' || coalesce(value, '') FROM memory_absorbed
    UNION ALL SELECT text FROM summary
    """


class History:
    """Random things said, learnt and taken back. Every word and every vector is used once."""

    def __init__(self, store: SqliteStore, seed: int) -> None:
        self.store = store
        self.random = Random(seed)
        self.words: list[str] = []
        self.events: list[str] = []
        self.vectors: dict[int, list[bytes]] = {}
        self.erasures = 0
        self.counter = count()

    def word(self) -> str:
        self.words.append("".join(self.random.choices("bdfgklmnprstvz", k=12)) + "ing")
        return self.words[-1]

    async def step(self) -> None:
        acts = [
            self.talk, self.talk, self.learn, self.learn, self.note, self.edit, self.undo,
            self.fold, self.embed, self.forget, self.unsay, self.resay, self.leave,
        ]  # fmt: skip
        weights = [6, 6, 6, 6, 4, 3, 1, 2, 5, 3, 2, 2, 0.3]
        (act,) = self.random.choices(acts, weights)
        await act()

    async def talk(self) -> None:
        """Something said and answered, sometimes by Bob in the hall where Alice is heard."""
        event = f"said{next(self.counter)}"
        self.events.append(event)
        where = {"conversation": HALL, "audience": Space()} if self.random.random() < 0.5 else {}
        scope = BOB if where and self.random.random() < 0.5 else ALICE
        turn = await say(self.store, f"said {self.word()}", event=event, scope=scope, **where)  # type: ignore[arg-type]  # passed on
        heard = await self.store.history(
            turn.conversation, turn.message.audience, scope, turn.id, None
        )
        used = Used(
            memories=tuple(await self.numbers())[:2] if scope == ALICE else (),
            history_from=heard[-3:][0][0] if heard else None,
            erasures=self.store.erasures,
        )
        await answer(self.store, turn, f"heard {self.word()}", used)

    async def learn(self) -> None:
        name = self.random.choice(["Ann", "Zed"])
        word = self.word()
        slot = Slot(name, "says", word, exclusive=True)
        await learn(self.store, f"{name} says {word}", slot=slot, said=f"told {self.word()}")

    async def note(self) -> None:
        await note(self.store, f"noted {self.word()}")

    async def edit(self) -> None:
        for number in self.random.sample(await self.numbers(), k=min(1, len(await self.numbers()))):
            await self.store.edit(number, message(f"edited {self.word()}"), 3)

    async def undo(self) -> None:
        undone = await self.store.undo(ALICE, START)
        if undone is not None and undone.removed:
            await self.check()

    async def fold(self) -> None:
        for foldable in await self.store.foldable(0):
            if foldable.exchanges:
                through = self.random.choice(foldable.exchanges)[0]
                text = f"summed up {self.word()}"
                await self.store.add_summary(foldable, through, text, Usage(), START)

    async def embed(self) -> None:
        while found := await self.store.unindexed(50):
            vectors = [
                (one.id, [self.random.uniform(-1, 1) for _ in range(DIMENSION)]) for one in found
            ]
            await self.store.add_vectors(vectors)
            for identity, vector in vectors:
                self.vectors.setdefault(identity, []).extend([int8(vector), bits(vector)])

    async def forget(self) -> None:
        if numbers := await self.numbers():
            await self.store.erase(ALICE, [self.random.choice(numbers)])
            await self.check()

    async def unsay(self) -> None:
        if self.events:
            event = self.events.pop(self.random.randrange(len(self.events)))
            gone = [await self.store.unsay(where, [event]) for where in (DM, HALL)]
            if any(receipt.messages for receipt in gone):
                await self.check()

    async def resay(self) -> None:
        if self.events:
            event = self.random.choice(self.events)
            edits = [
                message(f"resaid {self.word()}", conversation=where, event=event)
                for where in (DM, HALL)
            ]
            if any([await self.store.resay(edit, 2) for edit in edits]):
                await self.check()

    async def leave(self) -> None:
        receipt = await self.store.erase_people([self.random.choice([ALICE, BOB])])
        if receipt.messages:
            await self.check()

    async def numbers(self) -> list[MemoryNumber]:
        page, _ = await self.store.page(ALICE, message("x").audience, 0, 500)
        return [memory.number for memory in page]

    async def check(self) -> None:
        """After an erasure: what no row holds any more is in no byte."""
        self.erasures += 1
        rows = await self.store._writer.execute_fetchall(_LIVE)
        live = " ".join(row["text"] for row in rows)
        gone = [word for word in self.words if word not in live]
        content = bytes_on_disk(self.store.path)
        for word in gone:
            for form in {word, *" ".join(forms(word)).split()}:
                assert form.encode() not in content, f"{form} is left"
        kept = await self.store._writer.execute_fetchall("SELECT id, embedding FROM passage_vector")
        held = {row["embedding"] for row in kept}
        for pieces in self.vectors.values():
            for whole, signs in zip(pieces[::2], pieces[1::2], strict=True):
                if whole not in held:
                    assert whole not in content
                    assert signs not in content
        self.words = [word for word in self.words if word in live]


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32))
async def test_over_hundreds_of_operations_no_byte_of_what_was_erased_is_left(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    path = tmp_path_factory.mktemp("history") / "ellie.db"
    async with opened(path) as store:
        await store.use_vectors_of("model", DIMENSION)
        history = History(store, seed)
        for _ in range(300):
            await history.step()
        assert history.erasures > 15
        assert history.words  # something is left, or nothing would have been looked for


# --- a crash in the middle ------------------------------------------------------------------------

_CHILD = """
import asyncio, os, sys
from itertools import count
from pathlib import Path
from bot.store.sqlite.erasure import SqliteStore
from tests.store.world import ALICE

class Dying(SqliteStore):
    async def _carry_out(self, begun=0):
        if sys.argv[2] == "begun":
            os._exit(9)
        return await super()._carry_out(begun)

    async def _scrub(self):
        os._exit(9)

async def main():
    store = await Dying.open(Path(sys.argv[1]))
    await store.erase(ALICE, [1])

asyncio.run(main())
"""


@pytest.mark.parametrize("when", ["begun", "carried out"])
async def test_an_erasure_that_a_crash_interrupts_is_finished_at_the_next_start(
    tmp_path: Path, when: str
) -> None:
    path = tmp_path / "ellie.db"
    async with opened(path) as store:
        await note(store, "quinces are forgotten")
        await note(store, "medlars stay")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", _CHILD, str(path), when, cwd=ROOT
    )
    async with asyncio.timeout(60):
        assert await child.wait() == 9
    assert b"quince" in bytes_on_disk(path)
    async with opened(path) as store:
        assert await texts(store) == {"medlars stay"}
        content = bytes_on_disk(path)
        for word in (b"quinces", b"quinc"):
            assert word not in content
        assert b"medlars" in content
        receipt = await store.erase(ALICE, [MemoryNumber(1)])
        assert (receipt.memories, receipt.messages) == ((), 0)


def test_an_erasure_is_noted_by_ids_alone(tmp_path: Path) -> None:
    """What waits in the file for a crash to be over holds no word of what is to go."""
    path = tmp_path / "ellie.db"

    async def begin() -> None:
        async with opened(path) as store:
            number = await note(store, "quinces")
            async with store._write() as db:
                await db.execute("CREATE TABLE kept AS SELECT * FROM erasure")
                await db.execute(
                    "CREATE TRIGGER keep AFTER INSERT ON erasure BEGIN "
                    "INSERT INTO kept VALUES (new.erasure_id, new.target); END"
                )
            await store.erase(ALICE, [number])
            assert await due(store) == []

    asyncio.run(begin())
    connection = sqlite3.connect(path)
    (target,) = connection.execute("SELECT target FROM kept").fetchone()
    connection.close()
    parts = json.loads(target)
    assert parts == {"memories": [16777217], "messages": [], "scopes": []}
