"""A loopback Slack: the unmodified slack_sdk and slack_bolt talk to it over real sockets.

    async with SlackServer() as slack:
        slack.team("T1", "Garden")
        slack.person("T1", "U1", "Alice")
        slack.channel("T1", "C1", "general", members=["U1"])
        slack.install("T1", bot_token="xoxb-1")
        client = AsyncWebClient("xoxb-1", base_url=slack.api)
        ...                                          # the app connects with slack.app_token
        ts = await slack.say("U1", "C1", f"<@{slack.bot('T1')}> hello")
        await slack.until(lambda: slack.messages("C1", thread=ts))
        assert slack.problems == []

Read `server.py` (open, close, faults), `acting.py` (what people do), `world.py` (what there is).
The clock stands still until `slack.clock.advance(seconds)`: deadlines are counted by it, and it
can be the core's clock. Everything is named by its id, a string. An `AssertionError` of the server
means that Slack would not have let the person do that.
"""

from tests.servers.slack.ground import Clock
from tests.servers.slack.installs import EVENTS, SCOPES, Installation
from tests.servers.slack.messages import File, Message
from tests.servers.slack.parcels import Parcel
from tests.servers.slack.server import SlackServer
from tests.servers.slack.webapi import Call

__all__ = [
    "EVENTS", "SCOPES", "Call", "Clock", "File", "Installation", "Message", "Parcel",
    "SlackServer",
]  # fmt: skip
