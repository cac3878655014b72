"""What Ellie asks of Slack: from here listeners are registered and the manifest is printed."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """A command under "/". `hint` is shown behind its name; empty: nothing follows it."""

    name: str
    says: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """An entry of a message's menu ("message") or of the composer's ("global")."""

    callback_id: str
    name: str
    type: Literal["message", "global"]
    says: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """A way to begin, offered in the Messages tab: what is shown, and what is said by it."""

    title: str
    message: str


COMMANDS: tuple[SlashCommand, ...] = (
    SlashCommand("remember", "Keep this, for you", "[--private] what to keep"),
    SlashCommand("recall", "What I know about something, or the newest", "what to look for"),
    SlashCommand(
        "forget",
        "Erase memories, and everything that holds them",
        "m3 m5, words, last, since DATE, before DATE, about NAME, or everything",
    ),
    SlashCommand(
        "memories",
        "What I know about you, to be read, corrected and forgotten",
        "a page, an id, about NAME, edit ID TEXT, promote ID, shared, everywhere, or undo",
    ),
    SlashCommand("why", "What my last reply was made from"),
    SlashCommand(
        "privacy",
        "What is kept about you, for how long, who can see it, and your rights",
        "pause, resume, export, opt-out, opt-in, or everywhere",
    ),
    SlashCommand("new", "Start a fresh conversation; memories are kept"),
)

EVENTS: tuple[str, ...] = (
    # what is said
    "app_mention",
    "message.channels",
    "message.groups",
    "message.im",
    "message.mpim",
    # the app itself
    "app_home_opened",
    "app_context_changed",
    "agent_session_stopped",
    # where Ellie is installed
    "app_uninstalled",
    "tokens_revoked",
    "team_access_granted",
    "team_access_revoked",
    # who can read a channel
    "channel_shared",
    "channel_unshared",
    "member_joined_channel",
    "team_join",
    "user_change",
    # what is gone with all that was said in it
    "channel_deleted",
    "group_deleted",
)
"""As the manifest names them: "message.im" comes as an event of the type "message"."""

SHORTCUTS: tuple[Shortcut, ...] = (
    Shortcut("remember_message", "Remember this", "message", "Keep this message, for you"),
    Shortcut("recall", "Recall", "global", "Look for what I know about something"),
)

SCOPES: tuple[str, ...] = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "im:write",
    "mpim:history",
    "mpim:read",
    "users:read",
)

PROMPTS: tuple[Prompt, ...] = (
    Prompt("What do you know about me?", "memories"),
    Prompt("What do you keep, and who sees it?", "privacy"),
    Prompt("What can I ask of you?", "help"),
    Prompt("Remember something for me", "Remember that I prefer short answers."),
)


def event_types() -> frozenset[str]:
    """The types by which Bolt tells the events."""
    return frozenset(event.partition(".")[0] for event in EVENTS)
