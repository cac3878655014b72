"""The Home tab: the memory manager of one person in one workspace."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

from adapters.slack.admin import Administration
from adapters.slack.carrying import carry_out, told
from adapters.slack.forms import metadata, metadata_of, opened, page
from adapters.slack.home_view import (
    CALLBACK,
    CLEAR,
    FIND,
    LONGEST_QUERY,
    HomeState,
    Known,
    Rights,
    away,
    home,
    state_of,
)
from adapters.slack.normalise import scope_of
from adapters.slack.office import Asked, Office
from adapters.slack.presses import correction_of, forget_line, picked, right_line
from adapters.slack.refusals import UNREACHABLE, why
from adapters.slack.render import Block, render
from adapters.slack.showing import Showing
from adapters.wording.pressing import STALE, Listed, Verb, place_in_list
from bot.errors import CommandError
from bot.receipts import PrivacyCard
from bot.results import MemoryPage, RecallResult
from bot.types import Memory, Message

CORE_PAGES = 2
"""A page here is so many of the core's: twenty memories."""
TRIES = 3
FIRST = HomeState()
log = logging.getLogger(__name__)


class Home:
    """Publishes the tab and answers what is pressed there. What it shows is kept in the view."""

    def __init__(self, office: Office, showing: Showing, administration: Administration) -> None:
        self._office = office
        self._core = office.core
        self._showing = showing
        self._administration = administration
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def publish(
        self, asked: Asked, state: HomeState = FIRST, notice: str | None = None
    ) -> None:
        """Show the tab as things are now; of several at once the last one stays."""
        key = (asked.workspace.space, asked.person.user)
        async with self._locks.setdefault(key, asyncio.Lock()):
            try:
                blocks, state = await self._blocks(asked, state, notice)
            except Exception as error:
                blocks, state = _broken(error), HomeState()
            await _publish(asked, blocks, state)

    async def pressed(
        self, asked: Asked, view: Mapping[str, Any], action: Mapping[str, Any]
    ) -> None:
        """Do what was pressed in the tab, and show the tab as it is then."""
        state = state_of(metadata_of(view))
        if action["action_id"] == f"do:{FIND}:0":
            query = str(action.get("value") or "").strip()[:LONGEST_QUERY]
            state, notice = replace(state, query=query, listed=Listed.MINE, page=1), None
        else:
            try:
                shown = await self._do(asked, state, str(action.get("value")))
            except Exception as error:
                shown = state, told(error)
            if shown is None:
                return
            state, notice = shown
        await self.publish(asked, state, notice)

    async def _do(
        self, asked: Asked, state: HomeState, value: str
    ) -> tuple[HomeState, str | None] | None:
        """What is shown then, and what is told above it; None: the tab stays as it is."""
        verb, _, rest = value.partition(":")
        match verb:
            case Verb.PAGE:
                listed, number = place_in_list(rest)
                return HomeState(listed, number, "", state.round + bool(state.query)), None
            case Verb.PROMOTE:
                name, _ = picked(rest)
                return state, await self._line(asked, f"/memories promote {name}")
            case Verb.FORGET | Verb.LINE:
                return state, await self._line(asked, forget_line(verb, rest))
            case Verb.RIGHT:
                return state, await self._right(asked, rest)
        if value == CLEAR:
            return HomeState(state.listed, round=state.round + 1), None
        line = await opened(asked, lambda: self._form(asked, state, verb, rest))
        return None if line is None else (state, line)

    async def _form(self, asked: Asked, state: HomeState, verb: str, rest: str) -> Block:
        """What a press opens."""
        match verb:
            case Verb.EDIT:
                return await correction_of(self._core, asked, rest, state.dump())
            case Verb.WHY:
                name, _ = picked(rest)
                found = await self._core.command(asked.command(f"/memories {name}"))
                return page(name, render(found))
            case Verb.PURGE:
                return self._administration.purge_form(asked)
            case "settings":
                return await self._administration.form(asked)
        raise CommandError(STALE)

    async def _line(self, asked: Asked, line: str) -> str:
        return "\n".join((await carry_out(self._core, asked, line)).parts)

    async def _right(self, asked: Asked, rest: str) -> str:
        answer = await carry_out(self._core, asked, right_line(rest))
        if answer.files:
            answer = await self._showing.handed_out(asked, answer)
        return "\n".join(answer.parts)

    # --- what is shown

    async def _blocks(
        self, asked: Asked, state: HomeState, notice: str | None
    ) -> tuple[list[Block], HomeState]:
        scope = scope_of(asked.workspace.space, asked.person.user)
        if await self._core.ignores(scope):
            return away(notice), HomeState()
        try:
            known = await (self._found if state.query else self._page)(asked, state)
        except CommandError as error:
            known = Known(line=told(error))
        told_of = await self._core.command(asked.command("/privacy"))
        card = told_of if isinstance(told_of, PrivacyCard) else None
        who = Rights(manages=asked.manages, guest=asked.person.guest or asked.person.outsider)
        state = replace(state, page=known.page)
        return home(known, card, state, who, notice), state

    async def _found(self, asked: Asked, state: HomeState) -> Known:
        query = " ".join(state.query.split())
        if query.casefold().startswith("everywhere"):
            query = f'"{query}"'  # as a first word it would be an option
        result = await self._core.command(asked.command(f"/recall {query}"))
        items = [one.item for one in result.found] if isinstance(result, RecallResult) else []
        return Known(
            memories=tuple(item for item in items if isinstance(item, Memory)),
            messages=tuple(item for item in items if isinstance(item, Message)),
        )

    async def _page(self, asked: Asked, state: HomeState) -> Known:
        """One page; where there are fewer than there were, the first."""

        async def listed(number: int) -> MemoryPage:
            found = await self._core.command(asked.command(state.listed.line(number)))
            assert isinstance(found, MemoryPage)
            return found

        page, first = state.page, CORE_PAGES * (state.page - 1) + 1
        try:
            shown = [await listed(first)]
        except CommandError:
            if page == 1:
                raise
            page, first = 1, 1
            shown = [await listed(1)]
        for number in range(first + 1, min(first + CORE_PAGES, shown[0].pages + 1)):
            shown.append(await listed(number))
        return Known(
            memories=tuple(memory for one in shown for memory in one.memories),
            page=page,
            pages=-(-shown[0].pages // CORE_PAGES),
            total=shown[0].total,
        )


def _broken(error: Exception) -> list[Block]:
    return home(Known(line=told(error)), None, HomeState(), Rights(False, True), None)


async def _publish(asked: Asked, blocks: list[Block], state: HomeState) -> None:
    """No hash is given: what comes last stays."""
    view = {
        "type": "home",
        "callback_id": CALLBACK,
        "private_metadata": metadata(asked, **state.dump()),
        "blocks": blocks,
    }
    for left in reversed(range(TRIES)):
        try:
            await asked.workspace.client.views_publish(user_id=asked.person.user, view=view)
        except UNREACHABLE as error:
            if why(error) == "hash_conflict" and left:
                continue
            log.warning("the Home tab could not be shown (%s)", why(error))
        return
