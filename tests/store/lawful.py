"""Random worlds of a store, and a model of the law of recall in a few lines."""

import random
from dataclasses import dataclass, replace

from bot.ports import Used
from bot.store.sqlite.erasure import SqliteStore
from bot.types import (
    Audience,
    Channel,
    Conversation,
    IncomingMessage,
    PendingTurn,
    Private,
    Scope,
    Slot,
    Space,
    Usage,
)
from tests.store.world import START, answer, due, message, statement

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
    """A store, and for every text in it the fact that the law judges it by.

    `facts` are of what was said, `known` of memories, `shared` of what is the space's.
    """

    def __init__(self, store: SqliteStore, seed: int) -> None:
        self.store = store
        self.random = random.Random(seed)
        self.facts: dict[str, Fact] = {}
        self.known: dict[str, Fact] = {}
        self.shared: dict[str, tuple[str, str]] = {}
        self.summaries: dict[str, Fact] = {}
        self.notes: set[str] = set()
        self.promoted: set[str] = set()
        self.aliased: set[str] = set()
        self.said: list[IncomingMessage] = []
        self.overheard: set[str] = set()
        self.turns: list[PendingTurn] = []

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
            await self.random.choice(
                [
                    *[self.talk] * 3,
                    self.note,
                    *[self.learn] * 2,
                    self.share,
                    self.promote,
                    self.quote,
                    *[self.overhear] * 2,
                ]
            )()
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
        here = [one.event_id for one in self.said if one.conversation == fact.conversation]
        if here and self.random.random() < 0.5:
            said = replace(said, reply_to=self.random.choice(here))
        self.said.append(said)
        turn = await self.store.record(said, 10, urgent=False)
        assert turn is not None
        self.turns.append(turn)
        reply = f"reply to {text}"
        self.facts[reply] = fact
        await answer(self.store, turn, reply, Used(messages=(turn.message.id,)))

    async def overhear(self) -> None:
        fact, text = self.anything()
        said = message(text, fact.scope, fact.audience, fact.conversation)
        self.said.append(said)
        self.overheard.add(text)
        assert await self.store.overhear(said, 10)

    async def note(self) -> None:
        fact, text = self.anything()
        self.notes.add(text)
        self.known[text] = fact
        await self.store.remember(message(text, fact.scope, fact.audience, fact.conversation), 3)

    async def learn(self) -> None:
        batches = await due(self.store)
        if not batches:
            return
        batch = self.random.choice(batches)
        text = f"memory number {len(self.known)} of Sarah"
        conversation = Conversation(batch.scope.platform, batch.scope.space, "hall")
        self.known[text] = Fact(batch.scope, batch.audience, conversation)
        slot = Slot(
            self.random.choice([None, "Sarah"]), "lives in", text, self.random.random() < 0.5
        )
        if slot.entity:
            self.aliased.add(text)
        new = statement(
            text,
            [batch.exchanges[0].said.id],
            slot=slot,
            audience=batch.audience,
            aliases=("Saz",) if slot.entity else (),
        )
        await self.store.apply(batch, [new], [], "test", Usage(), START)

    async def share(self) -> None:
        fact, text = self.anything()
        del self.facts[text]
        text = f"shared number {len(self.shared)} of Sarah"
        said = message(text, fact.scope, Private(), fact.conversation)
        await self.store.share(said, 3)
        self.facts[text] = Fact(fact.scope, Private(), fact.conversation)
        self.shared[text] = (fact.scope.platform, fact.scope.space)

    async def promote(self) -> None:
        """Let one that is not the space's yet be used there; what was heard of it stays behind."""
        for text, fact in self.known.items():
            found = {m.text: m for m in (await self.store.page(fact.scope, Private(), 0, 99))[0]}
            own = not found[text].quoted
            done = fact.audience != Space() and self.random.random() < 0.3
            if done and await self.store.promote(fact.scope, found[text].number, START):
                assert own
                self.known[text] = replace(fact, audience=Space())
                self.promoted.add(text)
                self.aliased.discard(text)
                return

    async def quote(self) -> None:
        """Somebody notes what another said where both could read it."""
        for said in self.random.sample(self.said, len(self.said)):
            if said.audience != Private():
                user = "bob" if said.scope.user == "alice" else "alice"
                noted = replace(said, scope=replace(said.scope, user=user),
                                text=f"quote of {said.text}")  # fmt: skip
                assert await self.store.quote(noted, said, 3) is not None
                self.known[noted.text] = Fact(noted.scope, said.audience, said.conversation)
                return
