"""Where replies may grow as streams: a workspace without agent features has none."""

from slack_sdk.errors import SlackApiError

from adapters.slack.refusals import is_for_later, why
from bot.types import Conversation

_NOT_HERE = {
    "channel_type_not_supported",
    "method_not_supported_for_channel_type",
    "invalid_thread_ts",
}
"""What is refused for a channel's sake."""


class Streams:
    """Remembers, until the next start, where Slack refused one."""

    def __init__(self) -> None:
        self._without: set[tuple[str, str | None]] = set()

    def may(self, where: Conversation) -> bool:
        """Whether one may be tried there."""
        return self._without.isdisjoint({(where.space, None), (where.space, where.channel)})

    def refused(self, where: Conversation, error: SlackApiError) -> None:
        """Slack refused one there."""
        said = why(error)
        if not is_for_later(error):
            self._without.add((where.space, where.channel if said in _NOT_HERE else None))
