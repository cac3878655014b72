"""agents.sessions.*, assistant.threads.*, reactions.add: signs of life in a thread."""

from tests.servers.slack.errors import SlackError, invalid
from tests.servers.slack.ground import Json
from tests.servers.slack.places import Channel
from tests.servers.slack.sessions import Sessions
from tests.servers.slack.stream_methods import STATUSES, need_agent
from tests.servers.slack.telling import TIMESTAMP
from tests.servers.slack.webapi import Asking, Method

TITLE = 200
MOST_PROMPTS = 4
MOST_LOADING = 10
WARNING = "missing_agent_session_stopped_event_subscription"


class AgentMethods:
    """What an app that is an agent says of its work."""

    def __init__(self, world: Sessions) -> None:
        self._world = world

    def table(self) -> dict[str, Method]:
        return {
            "agents.sessions.setStatus": self.set_session, "agents.sessions.rename": self.rename,
            "assistant.threads.setStatus": self.set_status,
            "assistant.threads.setTitle": self.set_title,
            "assistant.threads.setSuggestedPrompts": self.set_prompts,
            "reactions.add": self.react,
        }  # fmt: skip

    def set_session(self, asking: Asking) -> Json:
        world = self._world
        status, title = asking.text("status"), asking.text("title")
        if status not in STATUSES:
            raise SlackError("invalid_status")
        channel = self._in(asking)
        need_agent(world, asking, channel)
        if asking.args.keys() & {"icon_emoji", "icon_url", "username"}:
            asking.need("chat:write.customize")
        thread = self._thread(asking)
        if len(title) > TITLE:
            raise invalid(f"title: must be less than {TITLE + 1} characters")
        initiator = asking.text("initiator_user_id")
        if initiator and initiator not in world.people:
            raise SlackError("user_not_found")
        session = world.set_session(channel.id, thread, status, title)
        if "agent_session_stopped" not in asking.installation.events:
            asking.warnings.append(WARNING)
        return {"status": status, "agent_status": status, "title": session.title}

    def _in(self, asking: Asking) -> Channel:
        channel = self._world.see(asking.installation, asking.text("channel_id"))
        if asking.installation.bot_user not in channel.members:
            raise SlackError("not_authorized")
        return channel

    def _thread(self, asking: Asking) -> str:
        thread = asking.text("thread_ts")
        if not thread:
            raise SlackError("thread_ts_required")
        if not TIMESTAMP.fullmatch(thread):
            raise invalid("thread_ts is no timestamp")
        return thread

    def rename(self, asking: Asking) -> Json:
        channel, title = self._in(asking), asking.text("title")
        need_agent(self._world, asking, channel)
        session = self._world.agent_sessions.get((channel.id, self._thread(asking)))
        if session is None:
            raise SlackError("session_not_found")
        if not title or len(title) > TITLE:
            raise invalid(f"title: must be 1 to {TITLE} characters")
        session.title = title
        return {"title": title}

    def set_status(self, asking: Asking) -> Json:
        channel, thread = self._thread_of(asking)
        messages = asking.args.get("loading_messages") or []
        if not isinstance(messages, list) or len(messages) > MOST_LOADING:
            raise invalid(f"no more than {MOST_LOADING} loading_messages")
        if asking.args.keys() & {"icon_emoji", "icon_url", "username"}:
            asking.need("chat:write.customize")
        self._world.show_status(channel.id, thread, asking.text("status"))
        return {}

    def set_title(self, asking: Asking) -> Json:
        channel, thread = self._thread_of(asking)
        self._world.titles[(channel.id, thread)] = asking.text("title")
        return {}

    def _thread_of(self, asking: Asking) -> tuple[Channel, str]:
        """A thread that there is: its root stands in the channel."""
        channel = self._world.see(asking.installation, asking.text("channel_id"))
        need_agent(self._world, asking, channel)
        thread = asking.text("thread_ts")
        if thread not in self._world.said(channel.id):
            raise SlackError("invalid_thread_ts")
        return channel, thread

    def set_prompts(self, asking: Asking) -> Json:
        world = self._world
        if not world.agent:
            raise SlackError("not_agent_app")
        channel, thread = world.see(asking.installation, asking.text("channel_id")), ""
        need_agent(world, asking, channel)
        if asking.text("thread_ts"):
            channel, thread = self._thread_of(asking)
        prompts = asking.args["prompts"]
        if not isinstance(prompts, list) or not 0 < len(prompts) <= MOST_PROMPTS:
            raise invalid(f"prompts must be 1 to {MOST_PROMPTS}")
        if any(not isinstance(p, dict) or p.keys() != {"title", "message"} for p in prompts):
            raise invalid("each prompt has a title and a message")
        world.prompts[(channel.id, thread)] = prompts
        world.changed()
        return {}

    def react(self, asking: Asking) -> Json:
        world, by = self._world, asking.installation
        channel = world.see(by, asking.text("channel"))
        if by.bot_user not in channel.members:
            raise SlackError("not_in_channel")
        message = world.message(channel.id, asking.text("timestamp"))
        users = message.reactions.setdefault(asking.text("name"), [])
        if by.bot_user in users:
            raise SlackError("already_reacted")
        users.append(by.bot_user)
        world.changed()
        return {}
