"""A world played on the whole core: what people do, and a model that reads all it is shown."""

import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hypothesis import strategies as st

from adapters.console.render import render
from bot.errors import CommandError
from bot.results import MemoryPage, Why
from bot.types import IncomingMessage, Memory
from tests.conftest import TurnedClock
from tests.core.lawful import MARK, PRIVATE, SPACE, Law, Spot, derived, narrower
from tests.core.stage import Stage, opened, sent
from tests.core.stage import memory as written
from tests.servers.openai_calls import Calling
from tests.servers.openai_server import Body, OpenAIServer

PLACES = ("dm", "closed:board", "open:board", "closed:staff", "open:general")  # one board
KINDS = (
    *["message"] * 9, *["note"] * 2, "private note", "visible note", "shared note", "edit",
    "visible edit", "promote", "forget", "delete", "resay", "quote", *["ask"] * 2, "everything",
    *["overhear"] * 3, *["reply"] * 4, "address",
)  # fmt: skip
ASKED = ("/recall zebra", "/recall me", "/memories", "/memories shared", "/why", "/memories m1",
         "/memories m2", "/memories s1", "/memories about Sarah", "/forget everything")  # fmt: skip


@dataclass(frozen=True)
class Step:
    """What somebody does next. `pick` chooses among what it could be done to."""

    user: str
    space: str
    where: str
    kind: str
    pick: int = 0
    settle: bool = False

    @property
    def spot(self) -> Spot:
        return Spot(self.user, self.space, self.where)


steps = st.lists(
    st.builds(
        Step,
        st.sampled_from(["alice", "bob"]),
        st.sampled_from(["home", "home", "home", "work"]),
        st.sampled_from(PLACES),
        st.sampled_from(KINDS),
        st.integers(0, 5),
        st.booleans(),
    ),
    min_size=8,
    max_size=24,
)


class World:
    """Plays steps, and judges every prompt, reply and answer."""

    filler = 70  # words that make a few messages enough for a summary

    def __init__(self) -> None:
        self.law = Law()
        self.seen: Counter[str] = Counter()
        self.recalled: dict[str, set[str]] = {}
        self.heard: dict[str, set[str]] = {}
        self._messages: dict[str, IncomingMessage] = {}
        self._held: dict[tuple[str, str, str], str] = {}
        self._marks = 0

    # --- the model

    def reply(self, body: Body) -> str | Calling:
        """Repeat every mark of the prompt: what Ellie says herself must not spread it either."""
        text = sent(body)
        marks = MARK.findall(text)
        asked, spot = marks[-1], self.law.said[marks[-1]]
        evidence = text[text.rindex("<memories>") : text.rindex("</memories>")]
        self.recalled[asked] = self.law.check_recalled(evidence, spot)
        self.law.check_heard(text, spot)
        self.heard[asked] = set(marks)
        self.seen["recalled"] += len(self.recalled[asked])
        return "I heard " + " ".join([*(set(marks) - {asked}), asked])

    def extract(self, body: Body) -> Body:
        """One memory of each message; most fill a slot, of the person or of a friend of theirs."""
        text = sent(body)
        messages = text[text.rindex("<messages>") :]
        asked = re.findall(r"^\d+\. .*?\b(mark\d+x)\b", messages, re.M)
        readers = [self._reading(mark) for mark in asked]
        known = text[text.rindex("<known>") : text.rindex("</known>")]
        for spot in readers:
            self.seen["known"] += len(self.law.check_recalled(known, spot, learning=True))
        self.law.check_heard(messages, *readers)
        for mark in asked:
            self.law.judge("learnt", mark not in self.law.overheard, mark, "anybody")
        self.seen["learnt"] += len(asked)
        return {"memories": [self._memory(mark, n) for n, mark in enumerate(asked, 1)]}

    def _reading(self, mark: str) -> Spot:
        """The place whose readers are those of a message or note."""
        spot = self.law.said[mark]
        (readers,) = {*self.law.readers(mark, spot)} - {SPACE} or {SPACE}
        where = {PRIVATE: "dm", SPACE: "open:general"}.get(readers, readers)
        return spot if spot.readers == readers else replace(spot, where=where)

    def _memory(self, mark: str, source: int) -> Body:
        memo, worth = mark.replace("mark", "memo"), mark.replace("mark", "worth")
        text = f"{self.law.said[mark].user.capitalize()} spoke of the zebra {memo}"
        slots: list[Body] = [
            {},
            {"attribute": "name", "value": worth, "single_value": True},
            {"attribute": "likes", "value": worth, "entity": "Sarah"},
        ]
        return written(text, source, **slots[int(mark[4:-1]) % 3])

    def summarise(self, body: Body) -> str:
        marks = MARK.findall(sent(body))
        here = self.law.said[[mark for mark in marks if mark.startswith("mark")][-1]]
        self.law.check_summed_up(marks, here)
        self.seen["summed up"] += 1
        return "They spoke of " + " ".join(dict.fromkeys(marks))

    # --- the people

    def mark(self) -> str:
        self._marks += 1
        return f"mark{self._marks}x"

    def text(self, mark: str) -> str:
        return f"I spoke of the zebra and it was {mark}" + " yes" * self.filler

    async def take(self, stage: Stage, step: Step) -> None:
        """Let one thing happen, when no prompt is under way that an erasure would overtake."""
        await stage.consolidation.step()
        match step.kind:
            case "message" | "reply":
                await self._say(stage, step)
            case "overhear":
                await self._overhear(stage, step)
            case "address":
                await self._address(stage, step)
            case "note" | "private note" | "visible note" | "shared note":
                await self._note(stage, step)
            case "quote" | "delete" | "resay":
                await self._of_message(stage, step)
            case "ask":
                await self._type(stage, step, ASKED[step.pick % len(ASKED)])
            case "everything":
                await self._type(stage, step, "/forget everything yes")
                self.law.forget_everything(step.spot)
            case _:
                await self._of_memory(stage, step)
        if step.settle:
            await stage.core.settle()

    async def _type(self, stage: Stage, step: Step, line: str, **more: object) -> bool:
        """Type a line, and judge the answer; whether it was carried out."""
        try:
            result = await stage.type(line, step.user, step.where, step.space, **more)  # type: ignore[arg-type]  # passed on
        except CommandError as error:
            self.law.check_shown(str(error), step.spot)
            return False
        # What /why holds is of this conversation too; what it shows is the person's own.
        told = render(result) if isinstance(result, Why) else f"{render(result)} {result}"
        self.law.check_shown(told, step.spot)
        self.seen["told"] += len({*MARK.findall(told)})
        return True

    async def _say(self, stage: Stage, step: Step) -> None:
        mark = self.mark()
        self.law.say(mark, step.spot)
        message = stage.message(self.text(mark), step.user, step.where, step.space)
        here = [
            m.event_id for m in self._messages.values() if m.conversation == message.conversation
        ]
        if step.kind == "reply" and here:
            message = replace(message, reply_to=here[-1 - step.pick % len(here)])
        self._messages[mark] = message
        await self._hear(stage, message, step.spot)

    async def _hear(self, stage: Stage, message: IncomingMessage, spot: Spot) -> None:
        turn = await stage.core.receive(message)
        assert turn is not None
        await stage.core.answered(turn)
        reply = stage.screen.replies[-1]
        assert reply.startswith("I heard "), reply
        self.law.check_heard(reply, spot)

    async def _overhear(self, stage: Stage, step: Step) -> None:
        mark = self.mark()
        self.law.say(mark, step.spot)
        self.law.overhear(mark)
        self._messages[mark] = stage.message(self.text(mark), step.user, step.where, step.space)
        await stage.core.overhear(self._messages[mark])

    async def _address(self, stage: Stage, step: Step) -> None:
        """The newest that was overheard, and is there yet, is said to Ellie after all."""
        found = [mark for mark in self._messages if mark in self.law.overheard - self.law.dead]
        if found:
            self.law.address(found[-1])
            await self._hear(stage, self._messages[found[-1]], self.law.said[found[-1]])

    async def _note(self, stage: Stage, step: Step) -> None:
        mark, visible = self.mark(), step.kind == "visible note"
        option = {"private note": "--private ", "shared note": "--shared "}.get(step.kind, "")
        readers = step.spot.readers if visible else PRIVATE
        if step.kind == "shared note":
            self.law.share(mark, step.spot)
        else:
            self.law.say(mark, step.spot, readers)
            self._held[mark, step.user, step.space] = readers
        line = f"/remember {option}{self.text(mark)}"
        assert await self._type(stage, step, line, visible=visible, manages=True)

    async def _of_message(self, stage: Stage, step: Step) -> None:
        own = step.kind != "quote"
        found = [
            mark for mark, message in self._messages.items()
            if mark not in self.law.dead and self.law.said[mark].space == step.space
            and (self.law.said[mark].user == step.user) == own
            and (own or self.law.said[mark].where != "dm")
        ]  # fmt: skip
        if not found:
            return
        mark = found[step.pick % len(found)]
        spot, message = self.law.said[mark], self._messages[mark]
        if step.kind == "quote":
            noter = replace(step, where=spot.where)
            self.law.permit(mark, noter.spot, spot.readers)
            assert await self._type(stage, noter, "/remember", quoting=message)
            return
        if step.kind == "delete":
            await stage.core.deleted(message.conversation, [message.event_id])
        else:
            new = self.mark()
            self.law.say(new, spot)
            self._messages[new] = replace(message, text=self.text(new))
            if mark in self.law.overheard:
                self.law.overhear(new)
            await stage.core.edited(self._messages[new])
        self.law.kill(derived(mark))

    async def _of_memory(self, stage: Stage, step: Step) -> None:
        memory = await self._memory_of(stage, step)
        if memory is None:
            return
        old, spot, name = MARK.findall(memory.text), step.spot, f"m{memory.number}"
        if step.kind == "promote":
            if await self._type(stage, step, f"/memories promote {name}"):
                for mark in old:
                    self.law.permit(mark, spot, SPACE)
                    self._held[mark, step.user, step.space] = SPACE
        elif step.kind == "forget":
            assert await self._type(stage, step, f"/forget {name}")
            for mark in old:
                if self.law.said[f"mark{mark[4:]}"].user == step.user:
                    self.law.kill(self.law.kin[mark])
                else:
                    self.law.drop(mark, spot)
        else:
            visible = step.kind == "visible edit"
            here, new = spot.readers if visible else PRIVATE, self.mark()
            before = [self._held.get((m, step.user, step.space)) or self.law.readers(m, spot)[0]
                      for m in old]  # fmt: skip
            readers = narrower(before[0], here)
            self.law.edit(old, new, spot, readers)
            self._held[new, step.user, step.space] = readers
            line = f"/memories edit {name} {self.text(new)}"
            if not await self._type(stage, step, line, visible=visible):
                self.law.kill({new})

    async def _memory_of(self, stage: Stage, step: Step) -> Memory | None:
        page = await stage.type("/memories", step.user, space=step.space)
        assert isinstance(page, MemoryPage)
        return page.memories[step.pick % len(page.memories)] if page.memories else None


async def play(
    world: World, lines: Sequence[Step], *, tools: bool = False, budget: int = 1000
) -> None:
    """Play a world to its end."""
    with tempfile.TemporaryDirectory() as folder:
        async with OpenAIServer() as server:
            server.on_chat, server.on_extract = world.reply, world.extract
            server.on_summary = world.summarise
            async with opened(
                Path(folder) / "ellie.db", TurnedClock(), server,
                ellie_context_budget_tokens=budget, ellie_model_tools=tools,
            ) as stage:  # fmt: skip
                for step in lines:
                    await world.take(stage, step)
