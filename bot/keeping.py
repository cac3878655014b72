"""What a person asks to be kept: for themselves, of what others said, or for everybody here."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import uuid4

from bot.errors import CommandError
from bot.ports import Store
from bot.privacy import Privacy
from bot.results import Edited, Promoted, Remembered
from bot.text import one_line
from bot.tokens import count_tokens
from bot.typed import EditMemory, PromoteMemory, Remember
from bot.types import (
    Audience,
    IncomingCommand,
    IncomingMessage,
    Memory,
    MemoryNumber,
    Private,
    Reach,
    Space,
    memory_name,
)

NOT_KEPT = (
    "I do not keep that message: it was forgotten, or whoever wrote it does not want it to be kept."
)
OTHERS_SPACE = "A message is kept only in the space where it was said."


class Keeping:
    """Keeps, corrects and shares. What others could not read of a command is private."""

    def __init__(self, store: Store, privacy: Privacy) -> None:
        self._store = store
        self._privacy = privacy

    async def carry_out(
        self, incoming: IncomingCommand, command: Remember | EditMemory | PromoteMemory
    ) -> Remembered | Edited | Promoted:
        """Do what the command says. Raises CommandError where that cannot be."""
        match command:
            case Remember():
                return await self._remember(incoming, command)
            case EditMemory():
                return await self._edit(incoming, command)
            case PromoteMemory(number):
                return await self._promote(incoming, number)

    async def _remember(self, incoming: IncomingCommand, command: Remember) -> Remembered:
        if incoming.quoting is not None:
            return await self._quote(incoming, incoming.quoting, command)
        clean = await self._privacy.clean_note(incoming.scope, command.text)
        note = _note(incoming, clean.text)
        if command.shared:
            require_managing(incoming)
            number, known = await self._store.share(note, count_tokens(note.text))
        else:
            if command.private:
                note = replace(note, audience=Private())
            number, known = await self._store.remember(note, count_tokens(note.text))
        return await self._remembered(incoming, command, number, known, clean.kinds)

    async def _quote(
        self, incoming: IncomingCommand, quoting: IncomingMessage, command: Remember
    ) -> Remembered:
        here = (incoming.scope.platform, incoming.scope.space)
        where = (quoting.conversation.platform, quoting.conversation.space)
        if not here == where == (quoting.scope.platform, quoting.scope.space):
            raise CommandError(OTHERS_SPACE)
        own = quoting.scope == incoming.scope
        if quoting.outsider or (not own and isinstance(quoting.audience, Private)):
            raise CommandError(NOT_KEPT)
        clean = await self._privacy.clean_note(incoming.scope, quoting.text)
        text = one_line(clean.text)
        if not text:
            raise CommandError("There is no text in that message that I could keep.")
        note = replace(
            quoting,
            scope=incoming.scope,
            speaker=incoming.speaker,
            text=text if own else f"{one_line(quoting.speaker)} said: {text}",
            audience=Private() if command.private else quoting.audience,
        )
        about = replace(quoting, text=clean.text)
        kept = await self._store.quote(note, about, count_tokens(about.text))
        if kept is None:
            raise CommandError(NOT_KEPT)
        number, known = kept
        return await self._remembered(incoming, command, number, known, clean.kinds)

    async def _remembered(
        self,
        incoming: IncomingCommand,
        command: Remember,
        number: MemoryNumber,
        known: bool,
        kinds: tuple[str, ...],
    ) -> Remembered:
        memory = await self._memory(incoming, number)
        narrow = not command.private and _is_narrow(incoming, memory)
        return Remembered(memory, known, kinds, narrow)

    async def _edit(self, incoming: IncomingCommand, command: EditMemory) -> Edited:
        number, name = command.number, memory_name(command.number)
        if number < 0:
            require_managing(incoming)
        before = await self._memory(incoming, number)
        clean = await self._privacy.clean_note(incoming.scope, command.text)
        note = _note(incoming, clean.text)
        if before.quoted:
            raise CommandError(f"{name} is what somebody else said. To drop it: /forget {name}")
        if before.text == note.text:
            raise CommandError(f"{name} says exactly that already.")
        done = await self._store.edit(number, note, count_tokens(note.text))
        if done is None:
            raise unknown([number])
        if done != number:
            raise CommandError(
                f"{memory_name(done)} says that already. To drop the other: /forget {name}"
            )
        memory = await self._memory(incoming, number)
        return Edited(memory, before.text, clean.kinds, _is_narrow(incoming, memory))

    async def _promote(self, incoming: IncomingCommand, number: MemoryNumber) -> Promoted:
        memory, name = await self._memory(incoming, number), memory_name(number)
        if isinstance(memory.audience, Space):
            raise CommandError(f"I use {name} anywhere in this space already.")
        if memory.quoted:
            raise CommandError(f"{name} is what somebody else said: only they could say it there.")
        before = await self._store.promote(incoming.scope, number, incoming.sent_at)
        if before is None:
            raise unknown([number])
        return Promoted(await self._memory(incoming, number), before)

    async def _memory(self, incoming: IncomingCommand, number: MemoryNumber) -> Memory:
        found = await self._store.memories(incoming.scope, Private(), [number])
        if not found:
            raise unknown([number])
        return found[0]


SHARED = "What is shared with everybody here can be changed only by those who manage the space."


def require_managing(incoming: IncomingCommand, otherwise: str = SHARED) -> None:
    """Raise CommandError unless the platform lets the person manage the space."""
    if not incoming.manages:
        raise CommandError(otherwise)


def unknown(numbers: Sequence[MemoryNumber]) -> CommandError:
    """What to say where there are no such memories."""
    named = ", ".join(map(memory_name, numbers))
    if all(number < 0 for number in numbers):
        return CommandError(f"Nothing is shared here as {named}. /memories shared shows the ids.")
    return CommandError(f"You have no memory {named} here. /memories shows their ids.")


def _note(incoming: IncomingCommand, text: str) -> IncomingMessage:
    """What a command asks to be written down, as a note for those who could read the command."""
    audience: Audience = incoming.audience if incoming.visible else Private()
    return IncomingMessage(
        scope=incoming.scope,
        conversation=incoming.conversation,
        audience=audience,
        event_id=f"note:{uuid4().hex}",
        speaker=incoming.speaker,
        text=text,
        sent_at=incoming.sent_at,
        place=incoming.place,
        reach=incoming.reach if incoming.visible else Reach.ALL,
    )


def _is_narrow(incoming: IncomingCommand, memory: Memory) -> bool:
    """Whether a memory stays private in a place that others read."""
    return isinstance(memory.audience, Private) and not isinstance(incoming.audience, Private)
