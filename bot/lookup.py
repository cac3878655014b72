"""What a model looks up and notes down itself while it answers one turn."""

from dataclasses import replace
from datetime import date, datetime

from bot.evidence import describe
from bot.guards import accepts, own_sentence
from bot.likeness import denies
from bot.ports import Store, Used
from bot.quotes import own_words
from bot.recall import Recall
from bot.text import is_question, one_line, terms
from bot.tokens import count_tokens, shorten
from bot.types import (
    ExtractionPrompt,
    Memory,
    MemoryNumber,
    Message,
    MessageId,
    Parts,
    PendingTurn,
    Reach,
    Recalled,
    Statement,
    memory_name,
)

SHARE = 0.1
"""Of the prompt's budget: what one search may show."""
SEARCHES = 3
"""So many shares are shown in one turn; the prompt is built so much smaller."""
FENCE_TOKENS = 10
SEARCHED = 40
"""So many of the best are looked through for what the dates allow and the share holds."""
NOTHING = "Nothing about this is remembered, or nothing from that time."
ENOUGH = "That is all that can be looked up for this answer: answer now."
NO_DATE = "since and until must be dates like 2026-05-31: call again."
NO_QUERY = "query must say what to look for: call again."
NOT_SAID = (
    "Not kept: only what the last message itself says can be kept, in its own words "
    "(the speaker's name may stand for I)."
)
FORGOTTEN = "Not kept: this was forgotten meanwhile."


class TurnLookup:
    """A `Lookup` for one turn. It keeps what it showed: that counts as used."""

    def __init__(
        self, store: Store, recall: Recall, turn: PendingTurn, extractor: str, budget_tokens: int
    ) -> None:
        """`extractor`: the model's name. `budget_tokens`: of the whole prompt."""
        self._store = store
        self._recall = recall
        self._turn = turn
        self._extractor = extractor
        self._share = int(budget_tokens * SHARE)
        self.room_tokens = self._share * SEARCHES
        """What the searches of this turn may still show."""
        self._erasures = store.erasures  # before the first read: see `Used.erasures`
        self._memories: dict[MemoryNumber, Parts] = {}
        self._messages: dict[MessageId, Parts] = {}

    def used(self, prompt: Used) -> Used:
        """What the prompt held, and what was shown since."""
        return replace(
            prompt,
            memories=tuple(dict.fromkeys((*prompt.memories, *self._memories))),
            messages=tuple(dict.fromkeys((*prompt.messages, *self._messages))),
            memory_parts=self._memories | prompt.memory_parts,
            message_parts=self._messages | prompt.message_parts,
        )

    async def search_memory(self, query: str, since: str | None, until: str | None) -> str:
        """See `bot.ports.Lookup`."""
        try:
            first, last = _day(since) or date.min, _day(until) or date.max
        except ValueError:
            return NO_DATE
        if not query.strip():
            return NO_QUERY
        room = min(self._share, self.room_tokens)
        if room < self._share / 2:  # it would show scraps
            return ENOUGH
        found = await self._recall.find(
            self._turn.scope,
            self._turn.message.audience,
            query,
            limit=SEARCHED,
            leave_out={self._turn.message.id},
            alone=True,
            asked_at=self._turn.message.sent_at,
            shared=self._turn.reach is Reach.ALL,
            channel=self._turn.only_in,
        )
        dated = [recalled for recalled in found if first <= _said_on(recalled.item) <= last]
        lines = self._show(dated, room - FENCE_TOKENS)
        if not lines:
            return NOTHING
        block = "<memories>\n" + "\n".join(lines) + "\n</memories>"
        self.room_tokens -= count_tokens(block)
        return block

    def _show(self, found: list[Recalled], limit_tokens: int) -> list[str]:
        """The lines of the best items that fit, which are used from now on.

        Where none fits, the best is shortened.
        """
        described = [describe(recalled.item) for recalled in found]
        costs = [count_tokens(line) + 1 for line in described]
        if found and min(costs) > limit_tokens:
            self._use(found[0])
            return [shorten(described[0], limit_tokens)]
        lines: list[str] = []
        for recalled, line, cost in zip(found, described, costs, strict=True):
            if cost <= limit_tokens:
                limit_tokens -= cost
                self._use(recalled)
                lines.append(line)
        return lines

    def _use(self, recalled: Recalled) -> None:
        if isinstance(recalled.item, Memory):
            self._memories[recalled.item.number] = recalled.parts
        else:
            self._messages[recalled.item.id] = recalled.parts

    async def remember(self, text: str) -> str:
        """See `bot.ports.Lookup`.

        Kept is only what the message itself says: what was recalled, quoted or made up never
        becomes a memory this way, and forgetting its source is forgetting it.
        """
        text = one_line(text)
        if not self._says(text):
            return NOT_SAID
        number = await self._store.note_down(self._turn, text, self._extractor, self._erasures)
        return FORGOTTEN if number is None else f"Kept as {memory_name(number)}."

    def _says(self, text: str) -> bool:
        """Whether the message states `text`: with every word but stop words and its speaker's name.

        It passes the guards of every statement, and denies what the message denies.
        """
        message = self._turn.message
        prompt = ExtractionPrompt(message.speaker, (message,), (None,), (), ())
        if is_question(message.text) or not accepts(Statement(text, (1,)), prompt):
            return False
        if denies(text) != denies(own_sentence(text, [message])):
            return False
        own = own_words(message.text)
        noted, said = set(terms(text)), set(terms(own))
        longest = len(own) + len(message.speaker) + 20  # "Alice said that she" for "I"
        return (
            bool(noted & said)
            and noted <= said | set(terms(message.speaker))
            and (len(text) <= longest)
        )


def _said_on(item: Memory | Message) -> date:
    return (item.said_at if isinstance(item, Memory) else item.sent_at).date()


def _day(text: str | None) -> date | None:
    """The day of an ISO date or time; None for none. Raises ValueError."""
    return datetime.fromisoformat(text.strip()).date() if text and text.strip() else None
