"""Where replies may grow as streams: a workspace without agent features has none."""

from slack_sdk.errors import SlackApiError

from adapters.slack.refusals import NOT_HERE, why
from bot.types import Conversation

_CHANNEL = {
    "channel_type_not_supported", "method_not_supported_for_channel_type", "invalid_thread_ts",
}  # fmt: skip
"""What is refused for a channel's sake."""


class Streams:
    """Remembers, until the next start, where Slack has none."""

    def __init__(self) -> None:
        self._without: set[tuple[str, str | None]] = set()

    def may(self, where: Conversation) -> bool:
        """Whether one may be tried there."""
        return self._without.isdisjoint({(where.space, None), (where.space, where.channel)})

    def refused(self, where: Conversation, error: SlackApiError) -> None:
        """Slack refused one there; what may be otherwise the next time is not remembered."""
        said = why(error)
        if said in NOT_HERE:
            self._without.add((where.space, None))
        elif said in _CHANNEL:
            self._without.add((where.space, where.channel))
