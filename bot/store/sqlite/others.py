"""What of a person's export other people's words went into: its text stays behind."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Numbers:
    """What the rows of a scope are called outside of the file."""

    messages: dict[int, int] = field(default_factory=dict)
    turns: dict[int, int] = field(default_factory=dict)
    summaries: dict[int, int] = field(default_factory=dict)
    uids: dict[int, str] = field(default_factory=dict)

    def message_ids(self, listed: str) -> tuple[int, ...]:
        """The ids of those messages of a JSON list that are exported."""
        found = (self.messages.get(identity) for identity in json.loads(listed))
        return tuple(sorted(number for number in found if number is not None))

    def turn_up_to(self, turns: Iterable[int], last: int) -> int | None:
        """The last of these turns that is not after `last`."""
        return max((self.turns[turn] for turn in turns if turn <= last), default=None)


@dataclass(slots=True)
class Tainted:
    """The replies (message rows) and summaries that other people's words went into."""

    replies: set[int] = field(default_factory=set)
    summaries: set[int] = field(default_factory=set)


def find_tainted(said: list[sqlite3.Row], folded: list[sqlite3.Row], numbers: Numbers) -> Tainted:
    """Directly, or by way of a tainted reply or summary."""
    found = Tainted()
    replies = [row for row in said if row["role"] == "ellie"]
    before = -1
    while before != (size := len(found.replies) + len(found.summaries)):
        before = size
        for row in folded:
            covered = json.loads(row["covers"])
            if (
                any(one not in numbers.messages or one in found.replies for one in covered)
                or (row["previous_id"] or row["summary_id"]) not in numbers.summaries
                or row["previous_id"] in found.summaries
            ):
                found.summaries.add(row["summary_id"])
        last: dict[str, int] = {}  # by conversation: the newest turn whose reply is tainted
        for row in replies:
            key, turn, since = row["key"], row["turn_id"], row["history_from"]
            since = turn if since is None else since
            if (
                row["heard_others"]
                or any(one not in numbers.uids for one in json.loads(row["memories_held"]))
                or any(
                    one not in numbers.messages or one in found.replies
                    for one in json.loads(row["messages_held"])
                )
                or last.get(key, since - 1) >= since
                or (row["summary_id"] or 0) in found.summaries
                or (row["summary_id"] is not None and row["summary_id"] not in numbers.summaries)
            ):
                found.replies.add(row["id"])
                last[key] = turn
    return found
