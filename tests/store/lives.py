"""Random lives of three people, who tell, ask, are remembered and forget."""

import random
from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.ports import NewMemory, Used
from bot.store.sqlite.erasure import SqliteStore
from bot.store.sqlite.rows import memory_id, scope_number
from bot.text import terms
from bot.types import (
    Audience,
    Conversation,
    IncomingMessage,
    MemoryNumber,
    MessageId,
    PendingTurn,
    Private,
    Scope,
    Slot,
    Space,
    TurnId,
    Usage,
)
from tests.store.oracle import State, doom, look, whose
from tests.store.world import (
    HALL,
    START,
    answer,
    bytes_on_disk,
    due,
    edit,
    message,
    note,
    statement,
)

SYLLABLES = ["ba", "do", "fi", "gu", "ke", "lo", "mi", "nu", "po", "ra", "su", "ti", "ve", "zo"]
USERS = ("alice", "bob", "carol")
DIMENSION = 96


class Life:
    """Each text has a word of its own; vectors are random. Time goes on by a minute a step."""

    def __init__(self, store: SqliteStore, seed: int) -> None:
        self.store = store
        self.random = random.Random(seed)
        self.now = START
        self.events: dict[str, tuple[Conversation, Scope]] = {}
        self.waiting: list[PendingTurn] = []
        self.gone: set[bytes] = set()
        self.erasures = 0

    def word(self) -> str:
        return "".join(self.random.choices(SYLLABLES, k=7)) + "ings"

    def someone(self) -> tuple[Scope, Conversation, Audience]:
        user = self.random.choice(USERS)
        scope = Scope("console", "home", user)
        if self.random.random() < 0.4:
            return scope, HALL, Space()
        return scope, Conversation("console", "home", f"dm:{user}"), Private()

    async def step(self) -> None:
        self.now += timedelta(minutes=1)
        steps: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (17, self.say), (5, self.overhear), (16, self.answer), (10, self.learn),
            (5, self.note), (3, self.quote), (5, self.edit), (3, self.undo), (5, self.fold),
            (4, self.embed), (1, self.expire), (5, self.forget), (4, self.forget_messages),
            (4, self.unsay), (4, self.resay),
            (1, self.forget_people),
        ]  # fmt: skip
        (chosen,) = self.random.choices([s for _, s in steps], [weight for weight, _ in steps])
        await chosen()

    def something(self) -> IncomingMessage:
        scope, where, audience = self.someone()
        event = f"said {len(self.events)}"
        self.events[event] = (where, scope)
        return message(f"The {self.word()} is mine", scope, audience, where, self.now, event)

    async def say(self) -> None:
        turn = await self.store.record(self.something(), 4, urgent=False)
        assert turn is not None
        self.waiting.append(turn)

    async def overhear(self) -> None:
        assert await self.store.overhear(self.something(), 4)
        await self.store.take_in("console", "home", f"{self.now}", "bob", self.word(), self.now)

    async def answer(self) -> None:
        if not self.waiting:
            return
        turn = self.waiting.pop(self.random.randrange(len(self.waiting)))
        state = await look(self.store)
        own = await self.number(turn.scope)
        memories = [m & 0xFFFFFF for m in state.memories if whose(m) == own]
        messages = [m for m in state.messages if whose(m) == own]
        summary = await self.store.newest_summary(
            turn.conversation, turn.message.audience, turn.scope
        )
        chained = self.random.random() < 0.4
        used = Used(
            memories=tuple(map(MemoryNumber, self.some(memories))),
            messages=tuple(map(MessageId, self.some(messages))),
            summary=summary.id if summary and self.random.random() < 0.5 else None,
            history_from=None
            if chained
            else TurnId(max(1, turn.id - self.random.choice((0, 0, 0, 2)))),
            erasures=self.store.erasures,
            chain=tuple(map(MessageId, self.some([*state.messages]) if chained else ())),
        )
        await answer(self.store, turn, f"So the {self.word()} is yours", used, self.now)

    def some(self, ids: list[int]) -> list[int]:
        return self.random.sample(ids, min(len(ids), self.random.choice((0, 0, 1))))

    async def number(self, scope: Scope) -> int:
        async with self.store._write() as db:
            return await scope_number(db, scope)

    async def learn(self) -> None:
        for batch in await due(self.store, self.now + timedelta(days=1)):
            ids = [e.said.id for e in batch.exchanges if e.said.text]
            new: list[NewMemory] = []
            for _ in range(self.random.choice((0, 1, 2)) if ids else 0):
                word, sources = self.word(), self.random.sample(ids, min(len(ids), 2))
                name = self.random.choice(["Ann", "Zed"])
                slot = Slot(name, "says", word, exclusive=self.random.random() < 0.5)
                new.append(statement(f"Says {word}", sources, slot=slot, audience=batch.audience))
            own, _ = await self.store.page(batch.scope, batch.audience, 0, 50)
            known = [(m.number, (self.random.choice(ids),)) for m in own[:1] if ids]
            await self.store.apply(batch, new, known, "test", Usage(), self.now)

    async def note(self) -> None:
        scope, where, audience = self.someone()
        await note(
            self.store, f"Keep the {self.word()}", scope=scope, audience=audience,
            conversation=where, at=self.now,
        )  # fmt: skip

    async def quote(self) -> None:
        """A note on somebody's message, which may not have been said to Ellie."""
        scope, where, audience = self.someone()
        author, _, _ = self.someone()
        if author == scope:
            return
        event = f"overheard{len(self.events)}"
        theirs = [e for e, (_, other) in self.events.items() if other == author]
        if theirs and self.random.random() < 0.7:
            event = self.random.choice(theirs)
            where, _ = self.events[event]
        about = message(f"The {self.word()}", author, Space(), where, self.now, event)
        noted = message(f"They told of the {self.word()}", scope, audience, where, self.now)
        await self.store.quote(noted, about, 5)

    async def owned(self) -> tuple[Scope, list[MemoryNumber]]:
        scope, _, _ = self.someone()
        found, _ = await self.store.page(scope, Private(), 0, 1000)
        return scope, [memory.number for memory in found]

    async def edit(self) -> None:
        scope, numbers = await self.owned()
        if numbers:
            text, number = f"Says {self.word()}", self.random.choice(numbers)
            await edit(self.store, number, text, scope=scope, at=self.now)

    async def undo(self) -> None:
        scope, _, _ = self.someone()
        before = await look(self.store)
        if await self.store.undo(scope, self.now):
            await self.compare(before, await look(self.store))

    async def fold(self) -> None:
        for folded in await self.store.foldable(0):
            if folded.exchanges and self.random.random() < 0.3:
                through = self.random.choice(folded.exchanges)[0]
                text = f"They spoke of the {self.word()}"
                await self.store.add_summary(folded, through, text, Usage(), self.now)

    async def embed(self) -> None:
        found = await self.store.unindexed(99)
        await self.store.add_vectors(
            [(one.id, [self.random.uniform(-1, 1) for _ in range(DIMENSION)]) for one in found]
        )

    async def expire(self) -> None:
        before = await look(self.store)
        await self.store.expire(self.now - timedelta(minutes=120), timedelta(), None)
        await self.compare(before, await look(self.store))

    # --- erasing

    async def forget(self) -> None:
        scope, numbers = await self.owned()
        chosen = self.random.sample(numbers, min(len(numbers), self.random.choice((1, 2))))
        own = await self.number(scope)
        before = await look(self.store)
        receipt = await self.store.erase(scope, chosen)
        # what states the same goes along: the oracle does not know it, but the receipt tells
        memories = {memory_id(own, number) for number in receipt.memories}
        assert set(chosen) <= set(receipt.memories)
        await self.erased(before, memories, set())

    async def forget_messages(self) -> None:
        scope, _, _ = self.someone()
        own = await self.number(scope)
        before = await look(self.store)
        mine = [m for m, text in before.messages.items() if text and whose(m) == own]
        chosen = self.random.sample(mine, min(len(mine), 2))
        await self.store.erase(scope, [], [MessageId(one) for one in chosen])
        await self.erased(before, set(), set(chosen))

    async def unsay(self) -> None:
        if self.events:
            event = self.random.choice(list(self.events))
            before, identity = await look(self.store), await self.message_of(event)
            await self.store.unsay(self.events[event][0], [event])
            await self.erased(before, set(), {identity} if identity else set())

    async def resay(self) -> None:
        if not self.events:
            return
        event = self.random.choice(list(self.events))
        (where, scope), text = self.events[event], f"The {self.word()} is mine after all"
        before, identity = await look(self.store), await self.message_of(event)
        edited = message(text, scope, Space(), where, self.now, event)
        if await self.store.resay(edited, 5) is None:
            assert before == await look(self.store)
            return
        after = await look(self.store)
        assert after.messages[identity] == text
        after.messages[identity] = None
        await self.erased(before, set(), {identity}, after)
        self.waiting = [
            turn
            for where in {where for where, _ in self.events.values()}
            for turn in await self.store.pending(where)
        ]

    async def message_of(self, event: str) -> int:
        rows = await self.store._read().execute_fetchall(
            "SELECT id FROM message WHERE event_id = ?", (event,)
        )
        return next((row["id"] for row in rows), 0)

    async def forget_people(self) -> None:
        scope, _, _ = self.someone()
        own = await self.number(scope)
        before = await look(self.store)
        await self.store.erase_people([scope])
        after = await look(self.store)
        assert own not in map(whose, after.messages)
        after.messages |= {one: None for one in before.messages if whose(one) == own}
        await self.erased(before, set(), set(), after, {own})

    # --- what must be true afterwards

    async def erased(
        self, before: State, memories: set[int], messages: set[int],
        after: State | None = None, scopes: set[int] | None = None,
    ) -> None:  # fmt: skip
        """All that must go is gone, and nothing else."""
        after = after or await look(self.store)
        doomed = doom(before, memories, messages, scopes)
        self.erasures += bool(doomed.size())
        left = {one: text for one, text in before.memories.items() if one not in doomed.memories}
        assert after.memories == left
        assert after.messages == {
            one: None if one in doomed.messages else text for one, text in before.messages.items()
        }
        assert after.summaries == {
            one: kept for one, kept in before.summaries.items() if one not in doomed.summaries
        }
        touched = {memory for memory, message in before.sources if message in doomed.messages}
        assert after.versions == [
            one for one in before.versions if one[0] in left and one[0] not in touched
        ]
        assert not [one for one in after.absorbed if one[1] & doomed.messages]
        await self.compare(before, await look(self.store))

    async def compare(self, before: State, after: State) -> None:
        """No word, stem or vector that was kept before and is no more is in the files."""
        words, left = set(_words(before)), set(_words(after))
        self.gone |= {word.encode() for word in words - left}
        vectors = {part for pair in after.vectors.values() for part in pair}
        for pair in before.vectors.values():
            self.gone |= {part for part in pair if part not in vectors}
        assert self.found() == []

    def found(self) -> list[bytes]:
        content = bytes_on_disk(self.store.path)
        return [secret for secret in self.gone if secret in content]


def _words(state: State) -> list[str]:
    """The rare words of all texts, and their stems."""
    rare = [w for text in state.texts() for w in text.split() if len(w) > 14]
    return [*rare, *(stem for word in rare for stem in terms(word))]
