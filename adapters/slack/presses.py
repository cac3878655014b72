"""What a press does. It names what to do and to which number; whose is decided by who presses."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from adapters.slack.answers import Answer
from adapters.slack.carrying import attempt, carry_out, told
from adapters.slack.drawing import back, detail, draw, leave_taking, say, whole
from adapters.slack.editing import correction, too_long_to_edit
from adapters.slack.forms import metadata, opened
from adapters.slack.ids import named_line
from adapters.slack.office import Asked, Office
from adapters.slack.render import Block
from adapters.slack.showing import Showing
from adapters.wording.pressing import (
    KEPT,
    RIGHTS,
    STALE,
    Listed,
    Verb,
    confirmed_line,
    numbers_in,
    place_in_list,
)
from bot.errors import CommandError
from bot.ports import Core
from bot.results import CommandResult, MemoryVersions

Drawn = Callable[[MemoryVersions, bool, Listed, int], Answer]


class Presses:
    """Answers presses below answers, those of messages from before a restart too."""

    def __init__(self, office: Office, showing: Showing) -> None:
        self._core = office.core
        self._showing = showing

    async def pressed(self, asked: Asked, value: str) -> None:
        """Do what the value says, for the one who pressed."""
        verb, _, rest = value.partition(":")
        if verb == Verb.EDIT:
            if line := await opened(asked, lambda: correction_of(self._core, asked, rest)):
                await self._showing.tell(asked, line)
            return
        work = self._work(asked, verb, rest)
        if verb == Verb.RIGHT and rest.startswith("export"):  # the card stays
            await self._showing.show(asked, await attempt(work))
            return
        try:
            answer = await work()
        except Exception as error:  # what was pressed stays as it is
            await self._showing.tell(asked, told(error))
        else:
            await self._showing.show(asked, answer, replace=True)

    def _work(self, asked: Asked, verb: str, rest: str) -> Callable[[], Awaitable[Answer]]:
        async def work() -> Answer:
            match verb:
                case Verb.PAGE:
                    return await self._page(asked, rest)
                case Verb.PICK | Verb.SHOW:
                    return await self._memory(asked, rest, detail)
                case Verb.WHY:
                    return await self._memory(asked, rest, whole)
                case Verb.ASK:
                    return await self._memory(asked, rest, leave_taking)
                case Verb.PROMOTE:
                    name, place = picked(rest)
                    done = await carry_out(self._core, asked, f"/memories promote {name}")
                    return say("\n".join(done.parts), back(*place_in_list(place)))
                case Verb.FORGET | Verb.LINE | Verb.NAMED:
                    return await carry_out(self._core, asked, forget_line(verb, rest))
                case Verb.KEEP:
                    return say(KEPT)
                case Verb.RIGHT:
                    return await carry_out(self._core, asked, right_line(rest))
                case _:
                    raise CommandError(STALE)

        return work

    async def _page(self, asked: Asked, rest: str) -> Answer:
        listed, page = place_in_list(rest)
        try:
            return await carry_out(self._core, asked, listed.line(page))
        except CommandError:
            if page == 1:
                raise
            # there are fewer pages than there were
            return await carry_out(self._core, asked, listed.line(1))

    async def _memory(self, asked: Asked, rest: str, drawn: Drawn) -> Answer:
        name, place = picked(rest)
        listed, page = place_in_list(place)

        def draw_it(result: CommandResult, manages: bool) -> Answer:
            if isinstance(result, MemoryVersions):
                return drawn(result, manages, listed, page)
            return draw(result, manages)

        return await carry_out(self._core, asked, f"/memories {name}", drawn=draw_it)


async def correction_of(
    core: Core, asked: Asked, rest: str, home: Mapping[str, Any] | None = None
) -> Block:
    """The form for the memory that a press names. Raises CommandError where there is none."""
    name, _ = picked(rest)
    found = await core.command(asked.command(f"/memories {name}"))
    if not isinstance(found, MemoryVersions) or too_long_to_edit(found.memory.text):
        raise CommandError(f"That is too long for a form. /memories edit {name} TEXT corrects it.")
    return correction(name, found.memory.text, metadata(asked, memory=name, home=home))


def picked(rest: str) -> tuple[str, str]:
    """The memory that a press is about, and the place in a list that it came from."""
    name, _, place = rest.partition(":")
    if numbers_in(name) != [name]:
        raise CommandError(STALE)
    return name, place


def forget_line(verb: str, rest: str) -> str:
    """The line of a press that forgets. Raises CommandError where it is none."""
    match verb:
        case Verb.FORGET:
            names = numbers_in(rest)
            line = f"/forget {' '.join(names)}" if names else None
        case Verb.LINE:
            line = confirmed_line(rest)
        case _:
            line = named_line(rest)
    if line is None:
        raise CommandError(STALE)
    return line


def right_line(rest: str) -> str:
    """The line of a right, here or everywhere."""
    name, _, reach = rest.partition(":")
    line = RIGHTS.get(name)
    if line is None:
        raise CommandError(STALE)
    everywhere = reach == "everywhere" and name not in {"pause", "resume"}
    return f"{line} everywhere" if everywhere else line
