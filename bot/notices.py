"""What Ellie says beside a reply, which is no part of it."""

from collections.abc import AsyncIterator

from bot.consolidation import NOTEBOOK
from bot.ports import Store
from bot.secret_marks import redacted_kinds, tell
from bot.types import PendingTurn

CUT = " [the answer broke off here]"
STOPPED = " [stopped]"
WELCOME = "I remember what you tell me here; /privacy."
NOTEBOOK_NOTICE = (
    "(I have no language model, so I serve from my notebook: I note plain statements and answer "
    "by quoting them. The README says how to give me a model.)"
)


async def notices(store: Store, turn: PendingTurn, model: str) -> AsyncIterator[str]:
    """What follows a reply, a line each: what a new person should know, and what was taken out."""
    scope = turn.scope
    learns = not turn.outsider and not await store.paused(scope)
    if learns and await store.notice_once(scope, "welcome"):
        yield f"\n{WELCOME}"
    if model == NOTEBOOK and await store.notice_once(scope, NOTEBOOK):
        yield f"\n{NOTEBOOK_NOTICE}"
    for line in taken_out(turn):
        yield line


def taken_out(turn: PendingTurn) -> list[str]:
    """The line that tells which secrets were taken out of a turn's message; none where none was."""
    kinds = redacted_kinds(turn.message.text)
    return [f"\n{tell(kinds)}"] if kinds else []
