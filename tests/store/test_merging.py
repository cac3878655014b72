"""However often a fact is said, and to whom: who heard it may recall it, and nobody else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.types import Audience, Channel, Private, Slot, Space, Usage
from tests.fuzzing import examples
from tests.store.world import ALICE, START, due, opened, statement, talk

READERS: list[Audience] = [Private(), Channel("mods"), Channel("staff"), Space()]
DRINKS = ("tea", "milk")
FORMS = ("Alice likes {}", "alice really likes {}!", "Alice likes {} with honey", "{}, says Alice")

said = st.lists(
    st.tuples(st.sampled_from(READERS), st.sampled_from(DRINKS), st.sampled_from(FORMS)),
    min_size=1,
    max_size=7,
)


def heard(audience: Audience, reader: Audience) -> bool:
    return reader == Private() or audience in (Space(), reader)


@settings(max_examples=examples(30), deadline=None)
@given(lines=said, forgotten=st.sampled_from(DRINKS))
async def test_who_heard_a_fact_may_recall_it_and_forgetting_it_leaves_it_nowhere(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[tuple[Audience, str, str]],
    forgotten: str,
) -> None:
    async with opened(tmp_path_factory.mktemp("merging") / "ellie.db") as store:
        for audience, drink, form in lines:
            turn = await talk(store, form.format(drink), audience=audience)
            slot = Slot(None, "likes", drink, exclusive=False)
            new = statement(form.format(drink), [turn.message.id], slot=slot, audience=audience)
            for batch in await due(store):
                await store.apply(batch, [new], [], "test", Usage(), START)
        for reader in READERS:
            found, _ = await store.page(ALICE, reader, 0, 99)
            lawful = [(drink, form) for audience, drink, form in lines if heard(audience, reader)]
            assert {m.slot.value for m in found if m.slot} == {drink for drink, _ in lawful}
            honey = {m.slot.value for m in found if m.slot and "honey" in m.text}
            assert honey <= {drink for drink, form in lawful if "honey" in form}
            for memory in found:
                assert memory.text.casefold() in {f.format(d).casefold() for d, f in lawful}
        everything, _ = await store.page(ALICE, Private(), 0, 99)
        one = next((m for m in everything if m.slot and m.slot.value == forgotten), None)
        if one is not None:
            await store.erase(ALICE, [one.number])
            left, _ = await store.page(ALICE, Private(), 0, 99)
            assert forgotten not in {m.slot.value for m in left if m.slot}
            others = {d for _, d, _ in lines} - {forgotten}
            assert others == {m.slot.value for m in left if m.slot}
