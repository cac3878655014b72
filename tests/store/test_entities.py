"""Which names are one entity's: by name, alias, likeness; a duplicate is better than a mistake."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.store.sqlite.erasure import SqliteStore
from bot.types import Audience, Private, Slot, Space, Usage
from tests.store.world import ALICE, START, due, learn, statement, talk

WORKS = "{} works at Acme as a nurse"


async def spoken_of(
    store: SqliteStore,
    name: str,
    text: str,
    *,
    kind: str = "person",
    days: int = 0,
    audience: Audience | None = None,
    said: str | None = None,
    aliases: tuple[str, ...] = (),
) -> None:
    """One memory of this name; `days` after the start."""
    at = START + timedelta(days=days)
    turn = await talk(store, said or text.format(name), audience=audience, at=at)
    for batch in await due(store, at + timedelta(days=1)):
        slot = Slot(name, "told", f"{text} {days}", exclusive=False)
        new = statement(text.format(name), [turn.message.id], slot=slot, audience=audience)
        entered = replace(new, entity_kind=kind, said_at=at, aliases=aliases)
        await store.apply(batch, [entered], [], "test", Usage(), at)


async def of(store: SqliteStore, name: str, reader: Audience | None = None) -> int:
    """So many memories has the entity of this name."""
    found = await store.survey(ALICE, reader or Private(), [], [name.casefold()], None)
    return sum(entity in found.named for entity in found.entities.values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Sara", "Sarah"),
        ("Dr. Miller", "Miller"),
        ("Mike", "Michael"),
        ("Tom", "Thomas"),
        ("Katherine", "Catherine"),
        ("Sarah Miller", "Sarah"),
        ("Micheal", "Michael"),
        ("SARA", "sara"),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
async def test_like_names_of_whom_the_same_is_said_are_one_person(
    store: SqliteStore, one: str, other: str, turned: bool
) -> None:
    names = (other, one) if turned else (one, other)
    await spoken_of(store, names[0], WORKS)
    await spoken_of(store, names[1], "{} has a night shift at Acme", days=1)
    assert await of(store, names[0].replace(".", "")) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Maria", "Mario"),
        ("Anna", "Hanna"),
        ("Tim", "Tom"),
        ("Paul", "Paula"),
        ("Daniel", "Danielle"),
        ("Mr Miller", "Mrs Miller"),
        ("Sarah Miller", "Tom Miller"),
        ("Bob", "Sarah"),
        ("Room 12", "Room 13"),
    ],
)
async def test_names_that_are_usually_two_people_s_stay_two_whatever_is_said(
    store: SqliteStore, one: str, other: str
) -> None:
    await spoken_of(store, one, WORKS)
    await spoken_of(store, other, WORKS + " too")
    assert (await of(store, one), await of(store, other)) == (1, 1)


async def test_a_spelling_alone_joins_nobody(store: SqliteStore) -> None:
    await spoken_of(store, "Sarah", WORKS)
    await spoken_of(store, "Sara", "{} paints boats")
    assert await of(store, "Sara") == 1


async def test_a_title_joins_only_somebody_spoken_of_lately(store: SqliteStore) -> None:
    await spoken_of(store, "Dr. Miller", WORKS)
    await spoken_of(store, "Miller", "{} paints boats", days=10)
    assert await of(store, "Miller") == 2
    await spoken_of(store, "Prof. Jones", WORKS)
    await spoken_of(store, "Jones", "{} paints boats", days=90)
    assert await of(store, "Jones") == 1


async def test_the_kind_must_agree(store: SqliteStore) -> None:
    await spoken_of(store, "Sarah", WORKS)
    await spoken_of(store, "Sara", WORKS + " now", kind="organisation")
    assert await of(store, "Sara") == 1


async def test_two_that_are_named_in_one_breath_are_two(store: SqliteStore) -> None:
    await spoken_of(store, "Sarah", WORKS)
    await spoken_of(
        store, "Sara", WORKS + " now", said="Sara and Sarah both work at Acme as nurses"
    )
    assert await of(store, "Sara") == 1


async def test_between_two_that_are_as_likely_nobody_is_chosen(store: SqliteStore) -> None:
    await spoken_of(store, "Sarah Miller", WORKS)
    await spoken_of(store, "Sarah Jones", WORKS)
    await spoken_of(store, "Sarah", WORKS + " now", days=1)
    assert await of(store, "Sarah") == 1


async def test_an_alias_goes_before_a_likeness(store: SqliteStore) -> None:
    await spoken_of(store, "Theodora", WORKS, aliases=("Sara",))
    await spoken_of(store, "Sarah", WORKS)
    await spoken_of(store, "Sara", WORKS + " now", days=1)
    assert await of(store, "Theodora") == 2


async def test_an_alias_names_its_entity_only_for_those_who_could_hear_it(
    store: SqliteStore,
) -> None:
    await spoken_of(store, "Sarah", WORKS, audience=Space())
    await spoken_of(store, "Sarah", "{} has a secret", aliases=("Saz",), days=1)
    assert await of(store, "Saz") == 2
    assert await of(store, "Sarah", Space()) == 1
    assert await of(store, "Saz", Space()) == 0


async def test_likeness_looks_at_nothing_that_the_audience_has_not_heard(
    store: SqliteStore,
) -> None:
    await spoken_of(store, "Sarah", "{} paints boats", audience=Space())
    await spoken_of(store, "Sarah", WORKS)  # in private: what they share is heard there only
    await spoken_of(store, "Michael", WORKS)
    await spoken_of(store, "Sara", WORKS + " now", days=1, audience=Space())
    await spoken_of(store, "Mike", WORKS + " now", days=1, audience=Space())
    for name in ("Sara", "Mike"):
        assert await of(store, name, Space()) == 1
        assert await of(store, name) == 1


async def test_a_merged_entity_goes_with_its_last_memory(store: SqliteStore) -> None:
    one = await learn(store, "Sarah works at Acme", slot=Slot("Sarah", "job", "Acme", False))
    two = await learn(store, "Sara cooks at Acme", slot=Slot("Sara", "cooks", "Acme", False))
    assert await of(store, "Sara") == 2
    await store.erase(ALICE, [one])
    assert (await of(store, "Sara"), await of(store, "Sarah")) == (1, 0)
    await store.erase(ALICE, [two])
    assert await of(store, "Sara") == 0
