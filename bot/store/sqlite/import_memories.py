"""The memories that come in, with what they speak of and what closed them."""

import aiosqlite

from bot.portable import PortableEntity, PortableMemory
from bot.ports import NewMemory
from bot.store.sqlite.arrival import Arrival, Indexed, take_numbers
from bot.store.sqlite.entities import find_named
from bot.store.sqlite.memory_writes import find_rivals, supersede
from bot.store.sqlite.rows import SCOPE_BITS, scope_range, seconds
from bot.text import fold_name


async def enter_memories(
    db: aiosqlite.Connection, arrival: Arrival, indexed: dict[int | str, Indexed]
) -> None:
    """Write down the new ones; those that are known get the new messages as sources."""
    before = await _count(db, arrival.scope_no)
    entities = await _enter_entities(db, arrival, anything=before > 0)
    numbers = await take_numbers(
        db,
        "UPDATE scope SET memory_seq = memory_seq + ? WHERE scope_no = ? "
        "RETURNING memory_seq AS last",
        arrival.scope_no,
        len(arrival.new_memories),
    )
    for memory, number in zip(arrival.new_memories, numbers, strict=True):
        arrival.memories[memory.uid] = arrival.scope_no << SCOPE_BITS | number
    await db.executemany(
        "INSERT INTO memory (id, text, audience, place, said_at, valid_from, entity_id, attribute, "
        "value, exclusive, extractor, uid) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [_row(arrival, memory, entities) for memory in arrival.new_memories],
    )
    await db.executemany(
        "INSERT INTO passage (id, audience, terms, said_at, traits) VALUES (?, ?, ?, ?, ?)",
        [
            (
                arrival.memories[memory.uid] * 2 + 1, str(memory.audience),
                indexed[memory.uid].terms, seconds(memory.said_at), indexed[memory.uid].traits,
            )
            for memory in arrival.new_memories
        ],
    )  # fmt: skip
    await _enter_names(db, arrival, entities)
    await _enter_versions(db, arrival)
    await _link(db, arrival)
    if before:
        await _settle_with_what_was_here(db, arrival, entities)


async def _count(db: aiosqlite.Connection, scope_no: int) -> int:
    rows = await db.execute_fetchall(
        "SELECT count(*) AS held FROM memory WHERE id BETWEEN :low AND :high", scope_range(scope_no)
    )
    return int(next(iter(rows))["held"])


def _row(arrival: Arrival, memory: PortableMemory, entities: dict[int, int]) -> tuple[object, ...]:
    slot = memory.slot
    return (
        arrival.memories[memory.uid], memory.text, str(memory.audience), memory.place,
        seconds(memory.said_at), seconds(memory.valid_from), entities.get(memory.entity or 0),
        slot and slot.attribute, slot and slot.value, bool(slot and slot.exclusive),
        memory.extractor, memory.uid,
    )  # fmt: skip


async def _enter_entities(
    db: aiosqlite.Connection, arrival: Arrival, *, anything: bool
) -> dict[int, int]:
    """id → row of whom or what the new memories speak of: one that is here, or a new one."""
    spoken_of = {memory.entity for memory in arrival.new_memories}
    entities: dict[int, int] = {}
    for entity in arrival.portable.entities:
        if entity.id not in spoken_of:
            continue
        known = await _known_entity(db, arrival, entity) if anything else None
        if known is None:
            (number,) = await take_numbers(
                db,
                "UPDATE scope SET entity_seq = entity_seq + ? WHERE scope_no = ? "
                "RETURNING entity_seq AS last",
                arrival.scope_no,
                1,
            )
            known = arrival.scope_no << SCOPE_BITS | number
            await db.execute("INSERT INTO entity (id, kind) VALUES (?, ?)", (known, entity.kind))
        entities[entity.id] = known
    return entities


async def _known_entity(
    db: aiosqlite.Connection, arrival: Arrival, entity: PortableEntity
) -> int | None:
    """The entity here that this one must be: its known memories speak of it, or every new one
    would find it by its name, for its own audience."""
    speaking = [m for m in arrival.portable.memories if m.entity == entity.id]
    new_uids = arrival.new_uids
    rows = await db.execute_fetchall(
        "SELECT DISTINCT entity_id FROM memory "
        "WHERE id IN (SELECT value FROM json_each(?)) AND entity_id IS NOT NULL",
        (str([arrival.memories[m.uid] for m in speaking if m.uid in arrival.memories]),),
    )
    found: set[int | None] = {row["entity_id"] for row in rows}
    if not found:
        for memory in speaking:
            if memory.uid in new_uids and memory.slot and memory.slot.entity:
                name, audience = memory.slot.entity, str(memory.audience)
                found.add(await find_named(db, arrival.scope_no, name, audience))
    return found.pop() if len(found) == 1 else None


async def _enter_names(
    db: aiosqlite.Connection, arrival: Arrival, entities: dict[int, int]
) -> None:
    await db.executemany(
        "INSERT OR IGNORE INTO entity_name (entity_id, folded, name, alias, memory_id) "
        "VALUES (?, ?, ?, ?, ?)",
        [
            (entities[memory.entity], fold_name(name), name, alias, arrival.memories[memory.uid])
            for memory in arrival.new_memories
            if memory.slot and memory.slot.entity and memory.entity in entities
            for name, alias in ((memory.slot.entity, 0), *((one, 1) for one in memory.aliases))
        ],
    )


async def _enter_versions(db: aiosqlite.Connection, arrival: Arrival) -> None:
    """Their changes have numbers below zero, which no change here has: none undoes them.

    A memory that has lost a source comes without: its versions may say what that said.
    """
    rows = []
    for memory in arrival.new_memories:
        if not arrival.gone.messages.isdisjoint(memory.sources):
            continue
        for at, was in enumerate(memory.versions):
            slot = was.slot
            rows.append(
                (
                    arrival.memories[memory.uid], at - len(memory.versions), was.author,
                    seconds(was.replaced_at), was.text, str(was.audience), was.place,
                    seconds(was.valid_from), slot and slot.entity, slot and slot.attribute,
                    slot and slot.value, bool(slot and slot.exclusive),
                )
            )  # fmt: skip
    await db.executemany(
        "INSERT INTO memory_version (memory_id, change_no, author, replaced_at, text, audience, "
        "place, valid_from, entity, attribute, value, exclusive) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


async def _link(db: aiosqlite.Connection, arrival: Arrival) -> None:
    """Sources and what closed what; between what is known already, what was undone stays so."""
    memories, new_uids, new_ids = arrival.memories, arrival.new_uids, arrival.new_ids
    sources: list[tuple[int, int]] = []
    closed: list[tuple[int, int]] = []
    for memory in arrival.portable.memories:
        if memory.uid not in memories:
            continue
        row, is_new = memories[memory.uid], memory.uid in new_uids
        sources += [
            (row, arrival.messages[source])
            for source in memory.sources
            if source in arrival.messages and (is_new or source in new_ids)
        ]
        closed += [
            (row, memories[newer])
            for newer in memory.closed_by
            if newer in memories and (is_new or newer in new_uids) and memories[newer] != row
        ]
    await db.executemany(
        "INSERT OR IGNORE INTO memory_source (memory_id, message_id) VALUES (?, ?)", sources
    )
    await db.executemany(
        "INSERT OR IGNORE INTO supersession (older_id, newer_id) VALUES (?, ?)", closed
    )


async def _settle_with_what_was_here(
    db: aiosqlite.Connection, arrival: Arrival, entities: dict[int, int]
) -> None:
    """In an exclusive slot what is newer closes what is older, whichever of them came in."""
    mine = set(arrival.memories.values())
    for memory in arrival.new_memories:
        if memory.slot is None:
            continue
        stated = NewMemory(
            text=memory.text,
            audience=memory.audience,
            place=memory.place,
            said_at=memory.said_at,
            valid_from=memory.valid_from,
            sources=(),
            slot=memory.slot,
        )
        entity = entities.get(memory.entity or 0)
        rivals = await find_rivals(db, arrival.scope_no, entity, stated)
        others = [row for row in rivals if row["id"] not in mine]
        await supersede(db, arrival.memories[memory.uid], others, stated)
