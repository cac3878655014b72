from bot.ports import Erasure, Used
from bot.receipts import Receipt
from bot.store.sqlite.erasure import SqliteStore
from bot.types import Private, Slot, Usage
from tests.store.world import (
    ALICE,
    BOB,
    DM,
    LAST,
    START,
    answer,
    bytes_on_disk,
    due,
    learn,
    note,
    say,
    statement,
    talk,
    texts,
)


async def fold(store: SqliteStore, text: str) -> None:
    folded = next(f for f in await store.foldable(0) if f.conversation == DM)
    assert await store.add_summary(folded, folded.exchanges[-1][0], text, Usage(), START)


async def test_erasing_takes_everything_that_holds_the_memory(store: SqliteStore) -> None:
    await store.use_vectors_of("model", 4)
    number = await learn(store, "Alice grows quinces", said="I grow quinces")
    await store.add_vectors([(item.id, [1, 0, 0, 0]) for item in await store.unindexed(9)])
    (source,) = (await store.memories(ALICE, Private(), [number]))[0].sources
    first = (await store.history(DM, Private(), ALICE, LAST, None))[0][0]
    told = await say(store, "what do I grow?")
    await answer(store, told, "Quinces.", Used(memories=(number,)))
    read = await say(store, "and where was it said?")
    await answer(store, read, "In a message on quinces.", Used(messages=(source,)))
    saw = await say(store, "thanks")
    await answer(store, saw, "More on quinces?", Used(history_from=first))
    later = await say(store, "no")
    await answer(store, later, "No quinces then.", Used(history_from=saw.id))
    await fold(store, "They spoke of quinces.")
    summary = await store.newest_summary(DM, Private(), ALICE)
    assert summary is not None
    summed = await say(store, "anything else?")
    await answer(store, summed, "Only quinces.", Used(summary=summary.id))
    await fold(store, "They spoke of quinces, and of little else.")
    await talk(store, "the weather is fine", "It is.")

    # the source, six replies that held it or a reply that did, and the two summaries
    assert await store.erasure(ALICE, [number]) == Erasure(
        messages=7, summaries=2, memories=(number,)
    )
    assert await store.erase(ALICE, [number]) == Receipt(
        memories=(number,), messages=7, summaries=2, vectors=2
    )
    assert await store.newest_summary(DM, Private(), ALICE) is None
    left = await store.history(DM, Private(), ALICE, LAST, None)
    assert [(e.said.text, e.reply and e.reply.text) for _, e in left] == [
        ("what do I grow?", None),
        ("and where was it said?", None),
        ("thanks", None),
        ("no", None),
        ("anything else?", None),
        ("the weather is fine", "It is."),
    ]
    assert b"uinces" not in bytes_on_disk(store.path)
    assert b"quinc" not in bytes_on_disk(store.path)


async def test_a_summary_built_on_an_erased_one_goes_with_what_was_told_from_it(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Alice grows quinces")
    await fold(store, "They spoke of quinces.")
    await talk(store, "the weather is fine")
    await fold(store, "Quinces, then the weather.")
    summary = await store.newest_summary(DM, Private(), ALICE)
    assert summary is not None
    asked = await say(store, "what did we speak of?")
    await answer(store, asked, "Quinces and the weather.", Used(summary=summary.id))
    receipt = await store.erase(ALICE, [number])
    assert (receipt.summaries, receipt.messages) == (2, 3)
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_a_batch_that_is_erased_while_it_is_read_is_none(store: SqliteStore) -> None:
    turn = await talk(store, "I grow quinces")
    number = await store.keep_verbatim(ALICE, turn.message.id)
    assert number is not None
    await store.erase(ALICE, [number])
    assert await store._batch("private", [turn.id]) is None


async def test_erasing_a_second_time_finds_nothing(store: SqliteStore) -> None:
    number = await learn(store, "Alice grows quinces")
    await store.erase(ALICE, [number])
    assert await store.erase(ALICE, [number]) == Receipt((), 0, 0, 0, missing=(number,))


async def test_nobody_erases_what_is_anothers(store: SqliteStore) -> None:
    number = await note(store, "quinces")
    await note(store, "medlars", scope=BOB)
    assert (await store.erase(BOB, [number])).memories == (number,)  # Bob's own m1
    assert await texts(store) == {"quinces"}
    assert await texts(store, BOB) == set()


async def test_an_entity_goes_with_its_last_memory_and_its_names(store: SqliteStore) -> None:
    works = Slot("Zebedee", "works at", "Globex", exclusive=True)
    likes = Slot("Zebedee", "likes", "tea", exclusive=False)
    one = await learn(store, "A works at Globex", slot=works, aliases=("Zeb",), said="one")
    two = await learn(store, "A likes tea", slot=likes, said="two")
    await store.erase(ALICE, [one])
    assert (await store.memories(ALICE, Private(), [two]))[0].slot == likes
    assert not (await store.survey(ALICE, Private(), [], ["zeb"], None)).named
    await store.erase(ALICE, [two])
    assert not (await store.survey(ALICE, Private(), [], ["zebedee"], None)).named
    assert b"zeb" not in bytes_on_disk(store.path).lower()


async def test_what_an_erased_message_still_had_to_teach_is_dropped(store: SqliteStore) -> None:
    turn = await talk(store, "I grow quinces")
    number = await store.keep_verbatim(ALICE, turn.message.id)
    assert number is not None
    (batch,) = await due(store)
    await store.erase(ALICE, [number])
    assert await due(store) == []
    new = [statement("Alice grows quinces", [turn.message.id])]
    assert await store.apply(batch, new, [], "test", Usage(), START) == []
    assert await texts(store) == set()


async def test_a_memory_that_was_shown_and_erased_meanwhile_is_not_said_again(
    store: SqliteStore,
) -> None:
    shown = await note(store, "I grow quinces")
    for batch in await due(store):
        await store.apply(batch, [], [], "test", Usage(), START)
    turn = await talk(store, "as I said, quinces")
    (batch,) = await due(store)
    await store.erase(ALICE, [shown])
    sources = (turn.message.id,)
    assert await store.apply(batch, [], [(shown, sources)], "test", Usage(), START) == []
    derived = statement("Alice has been at her quinces again", sources)
    assert await store.apply(batch, [derived], [], "test", Usage(), START) == []
    (again,) = await due(store)
    slot = Slot(None, "grows", "quinces", exclusive=False)
    adopting = statement("Alice grows quinces", sources, slot=slot, adopts=shown)
    assert await store.apply(again, [adopting], [], "test", Usage(), START) == []
    assert len(await due(store)) == 1


async def test_a_reply_in_flight_whose_prompt_held_it_is_not_kept(store: SqliteStore) -> None:
    number = await note(store, "I grow quinces")
    await talk(store, "hello")
    await fold(store, "They said hello.")
    summary = await store.newest_summary(DM, Private(), ALICE)
    assert summary is not None
    asked = await say(store, "what do I grow?")
    used = Used(memories=(number,), summary=summary.id, erasures=store.erasures)
    await store.erase(ALICE, [number])
    await answer(store, asked, "Quinces.", used)
    assert (await store.history(DM, Private(), ALICE, LAST, None))[-1][1].reply is None
    assert await store.pending(DM) == []
    assert b"uinces" not in bytes_on_disk(store.path)


async def test_a_reply_whose_summary_was_erased_meanwhile_still_closes_its_turn(
    store: SqliteStore,
) -> None:
    number = await learn(store, "Alice grows quinces")
    await fold(store, "They spoke of quinces.")
    summary = await store.newest_summary(DM, Private(), ALICE)
    assert summary is not None
    asked = await say(store, "what do I grow?")
    used = Used(summary=summary.id, erasures=store.erasures)
    await store.erase(ALICE, [number])
    await answer(store, asked, "Quinces.", used)
    assert await store.pending(DM) == []


async def test_a_question_erased_before_its_answer_gets_none(store: SqliteStore) -> None:
    asked = await say(store, "do quinces ripen in March?")
    number = await store.keep_verbatim(ALICE, asked.message.id)
    assert number is not None
    await store.erase(ALICE, [number])
    assert await store.pending(DM) == []
    await answer(store, asked, "Quinces do not.")
    assert b"uinces" not in bytes_on_disk(store.path)
