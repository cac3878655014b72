"""The law of recall over random worlds, against a model of it in a few lines."""

import random
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ports import PassageId, Used
from bot.store.sqlite.erasure import SqliteStore
from bot.text import terms
from bot.types import (
    Audience,
    Channel,
    Conversation,
    MemoryNumber,
    MessageId,
    Private,
    Scope,
    Slot,
    Space,
    SummaryId,
    TurnId,
    Usage,
)
from tests.store.world import LAST, START, answer, due, message, opened, statement

SPACES = [("console", "home"), ("console", "work"), ("other", "home")]
READERS: list[Audience] = [Private(), Channel("mods"), Channel("staff"), Space()]
VECTOR = [1.0, 0.5, 0.25, 0.125]


@dataclass(frozen=True)
class Fact:
    """Who said it, who could hear it, and where."""

    scope: Scope
    audience: Audience
    conversation: Conversation


def may(fact: Fact, scope: Scope, reader: Audience) -> bool:
    """Own scope, and everyone in `reader` could have heard it."""
    return fact.scope == scope and (reader == Private() or fact.audience in (Space(), reader))


def may_here(fact: Fact, where: Conversation, scope: Scope, reader: Audience) -> bool:
    """Said in this conversation, by anyone; what is private only to whom it is private."""
    if fact.conversation != where:
        return False
    if reader == Private():
        return fact.audience == Space() or fact.scope == scope
    return fact.audience in (Space(), reader)


class World:
    """A store, and for every text in it the fact that the law judges it by."""

    def __init__(self, store: SqliteStore, seed: int) -> None:
        self.store = store
        self.random = random.Random(seed)
        self.facts: dict[str, Fact] = {}
        self.summaries: dict[str, Fact] = {}
        self.notes: set[str] = set()

    def anything(self) -> tuple[Fact, str]:
        platform, space = self.random.choice(SPACES)
        fact = Fact(
            Scope(platform, space, self.random.choice(["alice", "bob"])),
            self.random.choice(READERS),
            Conversation(platform, space, self.random.choice(["hall", "den"])),
        )
        text = f"secret number {len(self.facts)} of Sarah"
        self.facts[text] = fact
        return fact, text

    async def build(self, steps: int) -> None:
        await self.store.use_vectors_of("model", 4)
        for _ in range(steps):
            await self.random.choice([self.talk, self.talk, self.note, self.learn])()
        await self.store.add_vectors([(u.id, VECTOR) for u in await self.store.unindexed(999)])
        for folded in await self.store.foldable(0):
            if folded.exchanges and self.random.random() < 0.7:
                text = f"summary {len(self.summaries)}"
                fact = Fact(folded.scope, folded.reader, folded.conversation)
                await self.store.add_summary(folded, folded.exchanges[-1][0], text, Usage(), START)
                self.summaries[text] = fact

    async def talk(self) -> None:
        fact, text = self.anything()
        said = message(text, fact.scope, fact.audience, fact.conversation)
        turn = await self.store.record(said, 10, urgent=False)
        assert turn is not None
        reply = f"reply to {text}"
        self.facts[reply] = fact
        await answer(self.store, turn, reply, Used(messages=(turn.message.id,)))

    async def note(self) -> None:
        fact, text = self.anything()
        self.notes.add(text)
        await self.store.remember(message(text, fact.scope, fact.audience, fact.conversation), 3)

    async def learn(self) -> None:
        batches = await due(self.store)
        if not batches:
            return
        batch = self.random.choice(batches)
        text = f"memory number {len(self.facts)} of Sarah"
        conversation = Conversation(batch.scope.platform, batch.scope.space, "hall")
        self.facts[text] = Fact(batch.scope, batch.audience, conversation)
        slot = Slot(
            self.random.choice([None, "Sarah"]), "lives in", text, self.random.random() < 0.5
        )
        new = statement(
            text,
            [batch.exchanges[0].said.id],
            slot=slot,
            audience=batch.audience,
            aliases=("Saz",) if slot.entity else (),
        )
        await self.store.apply(batch, [new], [], "test", Usage(), START)

    async def retrieved(self, scope: Scope, reader: Audience) -> tuple[set[str], set[str]]:
        """What the reads that are bound to the scope gave: (memories, all texts)."""
        store, numbers = self.store, [MemoryNumber(number) for number in range(1, 40)]
        everyone = [MessageId(no << 24 | seq) for no in range(1, 40) for seq in range(1, 60)]
        here = Conversation(scope.platform, scope.space, self.random.choice(["hall", "den"]))
        survey = await store.survey(scope, reader, terms("secret memory"), ["sarah", "saz"], here)
        near = await store.nearest(survey, scope, reader, VECTOR)
        whose = dict(zip(survey.ids, survey.own, strict=True))
        own = {identity for identity, own in whose.items() if own}
        await self.check_heard(here, scope, reader, {*whose, *near} - own)
        assert set(chain.from_iterable(survey.words)) <= set(near) == set(whose)
        assert set(survey.entities) <= own
        assert survey.named <= set(survey.entities.values())
        other = await store.survey(scope, self.random.choice(READERS), [], [], here)
        assert set(await store.nearest(other, scope, reader, VECTOR)) <= set(whose)
        candidates = await store.candidates(scope, reader, [*survey.ids, *other.ids])
        assert set(candidates) == own
        page, total = await store.page(scope, reader, 0, 500)
        assert total == len(page)
        paged = {memory.text for memory in page}
        assert paged == {m.text for m in await store.memories(scope, reader, numbers)}
        distilled = {m.text for m in await store.distilled_from(scope, reader, everyone)}
        profile = {m.text for m in await store.profile(scope, reader, ["lives in"])}
        assert distilled | profile <= paged
        about = await store.about(scope, reader, "Sarah", 500)
        of_sarah = {m.text for m in page if m.slot and m.slot.entity == "Sarah"}
        assert (set() if about is None else {m.text for m in about.memories}) == of_sarah
        assert about is None or about.total == len(of_sarah)
        assert await store.entity_names(scope, reader, 9) == ["Sarah"] * bool(of_sarah)
        shown = [await store.versions(scope, reader, number) for number in numbers]
        assert {one.memory.text for one in shown if one} == paged
        for one in filter(None, shown):
            assert {m.text for m in (*one.supersedes, *one.superseded_by)} <= paged
            assert len(one.sources) == len(one.memory.sources)
        messages = {one.text for one in await store.messages(scope, reader, everyone)}
        found = {item.text for item in candidates.values()}
        return paged, paged | messages | found

    async def check_heard(
        self, here: Conversation, scope: Scope, reader: Audience, ids: set[PassageId]
    ) -> None:
        """Of other people, exactly what the reader may hear in this conversation."""
        found = {
            item.text
            for platform, space in SPACES
            for user in ("alice", "bob")
            for item in (
                await self.store.candidates(Scope(platform, space, user), Private(), list(ids))
            ).values()
        }
        assert len(found) == len(ids)
        assert found == {
            text
            for text, fact in self.facts.items()
            if text.startswith("secret") and fact.scope != scope and fact.conversation == here
            and (fact.audience == Space() or fact.audience == reader != Private())
            and text not in self.notes
        }  # fmt: skip

    async def check(self, scope: Scope, reader: Audience) -> None:
        memories, seen = await self.retrieved(scope, reader)
        lawful = {text for text, fact in self.facts.items() if may(fact, scope, reader)}
        assert seen <= lawful
        # … and nothing lawful is withheld
        assert {text for text in lawful if text.startswith(("secret", "reply"))} <= seen
        assert {text for text in lawful if text.startswith("memory")} <= memories
        for summary in range(1, len(self.summaries) + 1):
            shown = await self.store.summary(scope, reader, SummaryId(summary))
            if shown is not None:
                fact = self.summaries[shown.text]
                assert (fact.scope.platform, fact.scope.space) == (scope.platform, scope.space)
                assert may_here(fact, fact.conversation, scope, reader)

    async def check_here(self, where: Conversation, scope: Scope, reader: Audience) -> None:
        history = await self.store.history(where, reader, scope, LAST, TurnId(0))
        for _, exchange in history:
            assert may_here(self.facts[exchange.said.text], where, scope, reader)
            assert exchange.reply is not None
            assert may_here(self.facts[exchange.reply.text], where, scope, reader)
        newest = await self.store.newest_summary(where, reader, scope)
        if newest is not None:
            assert may_here(self.summaries[newest.text], where, scope, reader)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
async def test_every_read_gives_what_the_law_allows_and_no_more(
    tmp_path_factory: pytest.TempPathFactory, seed: int
) -> None:
    async with opened(tmp_path_factory.mktemp("world") / "ellie.db") as store:
        world = World(store, seed)
        await world.build(steps=25)
        for platform, space in SPACES:
            for user in ("alice", "bob", "carol"):
                scope = Scope(platform, space, user)
                for reader in READERS:
                    await world.check(scope, reader)
                    for key in ("hall", "den"):
                        await world.check_here(Conversation(platform, space, key), scope, reader)


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
