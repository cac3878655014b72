"""What was forgotten after a backup does not come back with it."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.ports import Expired
from bot.store.sqlite.backup import back_up
from bot.store.sqlite.ledger import EVERYWHERE, message_mark, wording_mark
from bot.store.sqlite.restore import restore
from bot.types import Channel, Private, Scope, Slot, Space, Usage
from tests.store.restoring import bury, event, holds, key, opt_out, rows, value
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    HALL,
    START,
    answer,
    due,
    found_by_words,
    heard,
    learn,
    message,
    note,
    opened,
    say,
    statement,
    talk,
    texts,
)

CAROL = Scope("console", "work", "carol")
ALICE_AT_WORK = Scope("console", "work", "alice")
GROWS = Slot(None, "grows", "quinces", exclusive=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ellie.db"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return tmp_path / "monday.db"


async def test_a_memory_forgotten_after_the_backup_does_not_come_back(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        gone = await learn(store, "Alice grows quinces", said="my marmelo is ripe")
        await learn(store, "Alice has a heron", said="look at my egret")
        asked = await say(store, "what do I grow?")
        await answer(store, asked, "You grow cydonia.")
        await back_up(file, copy)
        await store.erase(ALICE, [gone])
    assert holds(copy, b"quinc", b"marmelo", b"heron") == [b"quinc", b"marmelo", b"heron"]
    for _ in range(2):  # the second time by the ledger that the first one handed on
        done = await restore(copy, file)
        assert done.entries
        assert (done.taken.memories, done.taken.messages > 0) == (1, True)
        assert holds(file, b"quinc", b"marmelo") == []
        async with opened(file) as store:
            assert await texts(store) == {"Alice has a heron"}


async def test_a_memory_whose_sibling_was_forgotten_stays(file: Path, copy: Path) -> None:
    tuesday = file.with_name("tuesday.db")
    async with opened(file) as store:
        await talk(store, "I grow quinces, and a heron lives here")
        (batch,) = await due(store)
        source = [batch.exchanges[0].said.id]
        two = [statement("Alice grows quinces", source), statement("A heron lives here", source)]
        gone, _ = await store.apply(batch, two, [], "test", Usage(), START)
        await back_up(file, copy)
        await store.erase(ALICE, [gone])
        await back_up(file, tuesday)  # its own ledger names the message
    empty = file.with_name("empty.db")
    async with opened(empty):
        pass
    for backup, path in ((copy, file), (tuesday, file), (tuesday, empty)):
        await restore(backup, path)
        assert holds(path, b"quinc") == []
        async with opened(path) as store:
            assert await texts(store) == {"A heron lives here"}


async def test_a_memory_without_a_source_is_known_by_its_own_name(file: Path, copy: Path) -> None:
    async with opened(file) as store:
        await talk(store, "hello")
        (batch,) = await due(store)
        new = [statement("Alice grows quinces")]
        (gone,) = await store.apply(batch, new, [], "test", Usage(), START)
        await back_up(file, copy)
        await store.erase(ALICE, [gone])
    assert (await restore(copy, file)).taken.memories == 1
    assert holds(file, b"quinc") == []


async def test_a_memory_with_a_source_that_may_stay_stays(file: Path, copy: Path) -> None:
    """It is not in the replaced file any more, but nobody forgot it: that is over its limit."""
    async with opened(file) as store:
        for text in ("a marmelo tree is mine", "I grow quinces"):
            await talk(store, text)
        (batch,) = await due(store)
        sources = [exchange.said.id for exchange in batch.exchanges]
        new = [statement("Alice grows quinces", sources)]
        await store.apply(batch, new, [], "test", Usage(), START)
        await back_up(file, copy)
        await store.erase(ALICE, (), sources[:1])
        await store.enforce_limit(0)
        assert await texts(store) == set()
    await restore(copy, file)
    assert holds(file, b"marmelo") == []
    async with opened(file) as store:
        assert await texts(store) == {"Alice grows quinces"}


async def test_who_forgot_all_they_said_but_is_there_still_stays(file: Path, copy: Path) -> None:
    async with opened(file) as store:
        gone = await note(store, "Alice grows quinces")
        await back_up(file, copy)
        await store.erase(ALICE, [gone])
    rows(file, "UPDATE scope SET paused_at = 6")
    assert (await restore(copy, file)).taken.people == 0
    assert rows(file, "SELECT user, paused_at FROM scope") == [("alice", 6)]
    assert holds(file, b"quinc") == []


async def test_a_memory_goes_that_was_absorbed_by_one_that_was_forgotten(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        await learn(store, "Alice grows quinces", slot=GROWS, audience=Channel("board"))
        # so it does not go with its source
        await store.expire(START + timedelta(days=1), timedelta(), None)
        await back_up(file, copy)
        absorbing = await learn(store, "Alice grows quinces", slot=GROWS, audience=Space())
        assert (await store.page(ALICE, Private(), 0, 9))[1] == 1
        await store.erase(ALICE, [absorbing])
    await restore(copy, file)
    assert holds(file, b"quinc") == []
    async with opened(file) as store:
        assert await texts(store) == set()


async def test_a_message_forgotten_after_the_backup_takes_along_what_was_learnt_from_it(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        number = await learn(store, "Alice grows quinces", said="my marmelo is ripe")
        (memory,) = await store.memories(ALICE, Private(), [number])
        await talk(store, "the weather is fine", conversation=HALL, audience=Space())
        await back_up(file, copy)
        await store.erase(ALICE, (), memory.sources)
    done = await restore(copy, file)
    assert (done.taken.memories, done.taken.messages > 0) == (1, True)
    assert holds(file, b"quinc", b"marmelo") == []
    async with opened(file) as store:
        assert await heard(store) == [("the weather is fine", "Good.")]


async def test_what_was_not_yet_learnt_at_the_backup_is_not_learnt_after_it(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        await talk(store, "my marmelo is ripe")
        await back_up(file, copy)
        await store.erase(ALICE, [await note(store, "Alice has a heron")])
        (batch,) = [batch for batch in await due(store) if batch.exchanges[0].said.text]
        source = batch.exchanges[0].said.id
        learnt = [statement("Alice grows quinces", [source])]
        (number,) = await store.apply(batch, learnt, [], "test", Usage(), START)
        await store.erase(ALICE, [number])
    done = await restore(copy, file)
    assert (done.taken.memories, done.taken.messages) == (0, 2)
    assert holds(file, b"marmelo", b"quinc", b"heron") == []
    async with opened(file) as store:
        assert [b for b in await due(store) if any(e.said.text for e in b.exchanges)] == []


async def test_the_old_wording_of_a_message_edited_after_the_backup_does_not_come_back(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        await learn(store, "Alice grows quinces", said="my marmelo is ripe")
        await talk(store, "the heron stays", event="7")
        await back_up(file, copy)
    edited = event(copy, "my marmelo is ripe")
    async with opened(file) as store:
        assert await store.resay(message("my apples are ripe", event=edited), 4)
    bury(file, wording_mark(key(file), DM, "7", "what the backup does not say"))
    await restore(copy, file)
    assert holds(file, b"quinc", b"marmelo") == []
    async with opened(file) as store:
        assert await found_by_words(store, "heron") == {"the heron stays"}


async def test_a_message_that_was_deleted_takes_its_memory_and_its_reply_along(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        await learn(store, "Alice grows quinces", said="my marmelo is ripe")
        await back_up(file, copy)
    async with opened(file) as store:
        await store.unsay(DM, [event(copy, "my marmelo is ripe")])
    done = await restore(copy, file)
    assert (done.taken.memories, done.content.messages) == (1, 0)
    assert holds(file, b"quinc", b"marmelo", b"Good.") == []


@pytest.mark.parametrize("expired", [False, True])
async def test_of_a_person_who_forgot_everything_not_even_the_name_comes_back(
    file: Path, copy: Path, expired: bool
) -> None:
    zephyrine = Scope("console", "home", "zephyrine")
    async with opened(file) as store:
        await talk(store, "hello there", scope=zephyrine)
        if expired:
            (batch,) = await due(store)
            await store.apply(batch, [], [], "test", Usage(), START)
            assert await store.expire(START + timedelta(days=1), timedelta(), None) == Expired(2)
        await note(store, "Bob has a boat", scope=BOB)
        await back_up(file, copy)
        await store.erase_people([zephyrine])
    done = await restore(copy, file)
    assert done.taken.people == 1
    assert holds(file, b"hello there", b"ephyrine") == []
    async with opened(file) as store:
        assert await texts(store, BOB) == {"Bob has a boat"}


@pytest.mark.parametrize("space", [None, EVERYWHERE])
async def test_of_a_person_who_opted_out_after_the_backup_nothing_comes_back(
    file: Path, copy: Path, space: str | None
) -> None:
    async with opened(file) as store:
        await learn(store, "Alice grows quinces", said="my marmelo is ripe")
        await note(store, "Alice has a heron", scope=ALICE_AT_WORK)
        await note(store, "Bob has a boat", scope=BOB)
        await back_up(file, copy)
    opt_out(file, ALICE, space)
    done = await restore(copy, file)
    assert done.taken.people == (1 if space is None else 2)
    assert holds(file, b"quinc", b"marmelo", b"Alice grows") == []
    assert bool(holds(file, b"heron")) is (space is None)
    assert value(file, "SELECT count(*) FROM opt_out") == 1
    assert value(file, "SELECT count(*) FROM opt_out_name") == 1
    async with opened(file) as store:
        assert await texts(store, BOB) == {"Bob has a boat"}


async def test_a_backup_from_another_ellie_obeys_the_ledger_and_brings_its_own(
    file: Path, tmp_path: Path
) -> None:
    """The two have the same people on the same platform, each with a key of its own."""
    other = tmp_path / "other.db"
    async with opened(other) as store:
        await talk(store, "my marmelo is ripe", event="1001")
        await talk(store, "a heron lives here", event="1002")
        await note(store, "Carol rows", scope=CAROL)
        await store.erase(ALICE, [await note(store, "forgotten there")])
    async with opened(file) as store:
        turn = await say(store, "my marmelo is ripe", event="1001")
        await store.erase(ALICE, (), [turn.message.id])
    opt_out(file, CAROL)
    opt_out(other, BOB)
    keys = key(file), key(other)
    assert keys[0] != keys[1]
    before = {row for path in (file, other) for row in rows(path, "SELECT mark FROM tombstone")}
    await restore(other, file)
    assert holds(file, b"marmelo", b"Carol rows") == []
    async with opened(file) as store:
        assert await found_by_words(store, "heron") == {"a heron lives here"}
    assert rows(file, "SELECT key FROM ledger_key ORDER BY key_no DESC") == [(k,) for k in keys]
    assert before <= {*rows(file, "SELECT mark FROM tombstone")}
    assert value(file, "SELECT count(*) FROM opt_out") == 2


async def test_redelivered_after_a_restore_a_forgotten_message_is_not_kept(
    file: Path, copy: Path
) -> None:
    async with opened(file) as store:
        await talk(store, "a heron lives here", event="1002")
        await back_up(file, copy)
        turn = await say(store, "my marmelo is ripe", event="1001")
        await store.erase(ALICE, (), [turn.message.id])
    mark = message_mark(key(file), DM, "1001")
    await restore(copy, file)  # which never heard of it
    assert (mark,) in rows(file, "SELECT mark FROM tombstone")
