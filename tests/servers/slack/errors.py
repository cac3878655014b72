"""How the loopback Slack says no."""

from tests.servers.slack.ground import Json


class SlackError(Exception):
    """`{"ok": false, "error": …}`; what else is given stands beside it."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    def json(self) -> Json:
        return {"ok": False, "error": self.error} | self.more


def invalid(*reasons: str, error: str = "invalid_arguments") -> SlackError:
    """With Slack's way of telling what is wrong."""
    messages = [f"[ERROR] {reason}" for reason in reasons]
    return SlackError(error, response_metadata={"messages": messages})
