"""The law of recall over random worlds: what each method of the store gives, and to whom."""

from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports import PassageId
from bot.text import terms
from bot.types import (
    Audience,
    Conversation,
    Exchange,
    MemoryNumber,
    MessageId,
    Private,
    Scope,
    Space,
    SummaryId,
    TurnId,
    shared_scope,
)
from tests.fuzzing import examples
from tests.store.lawful import READERS, SPACES, VECTOR, Fact, World, may, may_here
from tests.store.world import LAST, message, opened

EVERY_PASSAGE = [PassageId(no << 25 | seq) for no in range(1, 60) for seq in range(2, 50)]


@dataclass
class Reads:
    """Every read of a store, checked against the law."""

    world: World

    async def retrieved(self, scope: Scope, reader: Audience) -> tuple[set[str], set[str]]:
        """What the reads that are bound to the scope gave: (memories, all texts)."""
        store, numbers = self.world.store, [MemoryNumber(n) for n in range(-9, 40) if n]
        everyone = [MessageId(no << 24 | seq) for no in range(1, 40) for seq in range(1, 60)]
        here = Conversation(scope.platform, scope.space, self.world.random.choice(["hall", "den"]))
        survey = await store.survey(scope, reader, terms("secret memory"), ["sarah", "saz"], here)
        near = await store.nearest(survey, scope, reader, VECTOR)
        whose = dict(zip(survey.ids, survey.own, strict=True))
        own = {identity for identity, own in whose.items() if own}
        await self.check_heard(here, scope, reader, {*whose, *near} - own)
        assert set(chain.from_iterable(survey.words)) <= set(near) == set(whose)
        assert set(survey.entities) <= own
        assert survey.named <= set(survey.entities.values())
        other = await store.survey(scope, self.world.random.choice(READERS), [], [], here)
        assert set(await store.nearest(other, scope, reader, VECTOR)) <= set(whose)
        candidates = await store.candidates(scope, reader, EVERY_PASSAGE)
        assert own <= set(candidates)
        page, total = await store.page(scope, reader, 0, 500)
        assert total == len(page)
        paged = {memory.text for memory in page}
        common, _ = await store.page(shared_scope(scope), reader, 0, 500)
        shared = {memory.text for memory in common}
        assert all(m.number < 0 and not (m.sources or m.place) for m in common)
        assert paged | shared == {m.text for m in await store.memories(scope, reader, numbers)}
        distilled = {m.text for m in await store.distilled_from(scope, reader, everyone)}
        profile = {m.text for m in await store.profile(scope, reader, ["lives in"])}
        assert distilled | profile <= paged
        about = await store.about(scope, reader, "Sarah", 500)
        of_sarah = {m.text for m in page if m.slot and m.slot.entity == "Sarah"}
        assert (set() if about is None else {m.text for m in about.memories}) == of_sarah
        assert about is None or about.total == len(of_sarah)
        assert about is None or ("Saz" in about.names) == bool(of_sarah & self.world.aliased)
        assert await store.entity_names(scope, reader, 9) == ["Sarah"] * bool(of_sarah)
        await self.check_typed(scope, reader, paged, of_sarah)
        shown = [await store.versions(scope, reader, number) for number in numbers]
        assert {one.memory.text for one in shown if one} == paged | shared
        for one in filter(None, shown):
            assert {m.text for m in (*one.supersedes, *one.superseded_by)} <= paged
            closed = [m.valid_from for m in one.superseded_by]
            assert one.memory.valid_to == min(closed, default=None)
            told = len(one.sources) == len(one.memory.sources)
            assert told or (one.memory.text in self.world.promoted and reader != Private())
        messages = {one.text for one in await store.messages(scope, reader, everyone)}
        assert messages == self.lawful(self.world.facts, scope, reader)
        found = {item.text for item in candidates.values()}
        assert not {candidates[one].text for one in own} & self.world.overheard
        assert shared <= found <= paged | messages | shared
        return paged, shared

    async def check_typed(
        self, scope: Scope, reader: Audience, paged: set[str], of_sarah: set[str]
    ) -> None:
        """What is offered to who types is what they could read."""
        named = {"Sarah"} if of_sarah else set()
        named |= {"Saz"} if of_sarah & self.world.aliased else set()
        assert set(await self.world.store.names_with(scope, reader, "sa", 9)) == named
        typed = await self.world.store.memories_with(scope, reader, "", ["number"], 500)
        assert {m.text for m in typed} == {text for text in paged if "number" in text}

    async def check_heard(
        self, here: Conversation, scope: Scope, reader: Audience, ids: set[PassageId]
    ) -> None:
        """Of other people, exactly what the reader may hear in this conversation."""
        found = {
            item.text
            for platform, space in SPACES
            for user in ("alice", "bob")
            for item in (
                await self.world.store.candidates(
                    Scope(platform, space, user), Private(), list(ids)
                )
            ).values()
        }
        assert len(found) == len(ids)
        assert found == {
            text
            for text, fact in self.world.facts.items()
            if text.startswith("secret") and fact.scope != scope and fact.conversation == here
            and (fact.audience == Space() or fact.audience == reader != Private())
            and text not in self.world.notes | self.world.overheard
        }  # fmt: skip

    def lawful(self, facts: dict[str, Fact], scope: Scope, reader: Audience) -> set[str]:
        return {text for text, fact in facts.items() if may(fact, scope, reader)}

    async def check(self, scope: Scope, reader: Audience) -> None:
        """Exactly what is lawful is read: no more, and nothing is withheld."""
        memories, shared = await self.retrieved(scope, reader)
        assert memories == self.lawful(self.world.known, scope, reader)
        here = (scope.platform, scope.space)
        assert shared == {text for text, where in self.world.shared.items() if where == here}
        for summary in range(1, len(self.world.summaries) + 1):
            shown = await self.world.store.summary(scope, reader, SummaryId(summary))
            if shown is not None:
                fact = self.world.summaries[shown.text]
                assert (fact.scope.platform, fact.scope.space) == (scope.platform, scope.space)
                assert may_here(fact, fact.conversation, scope, reader)

    async def check_here(self, where: Conversation, scope: Scope, reader: Audience) -> None:
        history = await self.world.store.history(where, reader, scope, LAST, TurnId(0))
        for _, exchange in history:
            self.check_exchange(exchange, where, scope, reader)
        past = [exchange for _, exchange in history]
        for turn in self.world.turns:
            if turn.conversation == where:
                for _, exchange in await self.world.store.chain(turn.id, where, reader, scope):
                    self.check_exchange(exchange, where, scope, reader)
                    assert exchange in past
        newest = await self.world.store.newest_summary(where, reader, scope)
        if newest is not None:
            assert may_here(self.world.summaries[newest.text], where, scope, reader)

    def check_exchange(
        self, exchange: Exchange, where: Conversation, scope: Scope, reader: Audience
    ) -> None:
        said = exchange.said.text
        assert may_here(self.world.facts[said], where, scope, reader)
        assert (exchange.reply is None) == (said in self.world.overheard)
        if exchange.reply:
            assert may_here(self.world.facts[exchange.reply.text], where, scope, reader)


@settings(max_examples=examples(10), deadline=None)
@given(seed=st.integers(0, 2**32))
async def test_every_read_gives_what_the_law_allows_and_no_more(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    async with opened(tmp_path_factory.mktemp("world") / "ellie.db") as store:
        world = World(store, seed)
        await world.build(steps=30)
        reads = Reads(world)
        for platform, space in SPACES:
            for user in ("alice", "bob", "carol"):
                scope = Scope(platform, space, user)
                for reader in READERS:
                    await reads.check(scope, reader)
                    for key in ("hall", "den"):
                        await reads.check_here(Conversation(platform, space, key), scope, reader)


async def test_two_people_in_one_space_and_one_person_in_two_never_see_each_others(
    tmp_path: Path,
) -> None:
    scopes = [Scope("console", space, user) for space in ("home", "work") for user in ("a", "b")]
    async with opened(tmp_path / "ellie.db") as store:
        for scope in scopes:
            hall = Conversation("console", scope.space, "hall")
            text = f"tea for {scope.user} of {scope.space}"
            await store.remember(message(text, scope, Space(), hall), 3)
        for scope in scopes:
            for reader in READERS:
                page, _ = await store.page(scope, reader, 0, 9)
                assert [m.text for m in page] == [f"tea for {scope.user} of {scope.space}"]
                survey = await store.survey(scope, reader, terms("tea"), [], None)
                assert len({*chain.from_iterable(survey.words)}) == len(survey.ids) == 1
