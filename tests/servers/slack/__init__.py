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

Where to read: `server.py` (open, close, calls, faults, HTTP), `world.py` (what there is: teams,
people, channels, DMs, installations), `acting.py` (people write, edit, delete, join),
`interacting.py` and `submitting.py` (commands, presses, shortcuts, modals, the Home tab),
`happenings.py` (channels and people change, the stop button), `oauth_methods.py` (allow, leave),
`sessions.py` (statuses, streams, prompts), `messages.py`, `views.py` and `acts.py` (what is seen).

The clock stands still until `slack.clock.advance(seconds)`: every deadline is counted by it (3 s
to acknowledge, retries after 0, 60 and 300 s, triggers, response_urls, streams, tokens), and it
can be the core's clock. Only `limit` and the timestamps of signatures are the machine's time.
Everything is named by its id, a string. An `AssertionError` of the server means that Slack would
not have let the person do that; `problems` collects what Slack would not have understood.

Where it is stricter than Slack: unknown arguments and unknown fields of blocks are refused, ids
are unique over a whole message. Where it is looser: events wait for a first socket for ever, an
app that is installed anew is in its channels again, commands may be given by people from outside.
Seen elsewhere and not documented: streams end after 300 s, `feature_disabled` for streams,
blocks over 13,200 characters. What it has not: user tokens, search, canvases, workflows, calls.
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
