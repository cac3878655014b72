"""The methods of the Web API: their arguments and scopes, as Slack's reference lists them."""

from dataclasses import dataclass

from tests.servers.slack.errors import invalid
from tests.servers.slack.ground import Json

IGNORED = frozenset({"token", "team_id", "pretty", "client_id", "client_secret"})
"""Slack takes these everywhere. `team_id` matters only to tokens of an organisation."""

BOOLEANS = {"1": True, "true": True, "True": True, "0": False, "false": False, "False": False}


@dataclass(frozen=True, slots=True)
class Spec:
    """`needed` and `optional` arguments; those of `booleans`, `numbers` and `structured` (JSON)
    are turned into Python's. `scopes`: one of them is enough; () for none."""

    needed: frozenset[str]
    optional: frozenset[str]
    scopes: tuple[str, ...] = ()
    app_token: bool = False
    open: bool = False
    """No token is asked for."""


STRUCTURED = frozenset(
    {"blocks", "attachments", "metadata", "view", "prompts", "chunks", "files", "loading_messages"}
    | {"unfurled_attachments"}
)
FLAGS = frozenset(
    [
        "as_user",
        "reply_broadcast",
        "unfurl_links",
        "unfurl_media",
        "mrkdwn",
        "link_names",
        "include_locale",
        "include_num_members",
        "inclusive",
        "include_all_metadata",
        "return_im",
        "exclude_archived",
        "prevent_creation",
        "unfurl_app_links",
        "test",
        "include_slackbot_availability",
    ]
)
NUMBERS = frozenset({"limit", "length", "count", "page"})


def spec(needed: str = "", optional: str = "", *scopes: str) -> Spec:
    return Spec(frozenset(needed.split()), frozenset(optional.split()), scopes)


READS = ("channels:read", "groups:read", "im:read", "mpim:read")
HISTORY = ("channels:history", "groups:history", "im:history", "mpim:history")
OPENS = ("im:write", "mpim:write", "channels:manage", "groups:write")
FACE = " icon_emoji icon_url username"
CONTENT = "text blocks attachments markdown_text metadata parse link_names as_user"
PAGE = " cursor limit"
SPAN = PAGE + " latest oldest inclusive include_all_metadata"

SPECS: dict[str, Spec] = {
    "api.test": Spec(frozenset(), frozenset({"error", "foo"}), open=True),
    "auth.test": spec(),
    "auth.revoke": spec("", "test"),
    "apps.connections.open": Spec(frozenset(), frozenset(), ("connections:write",), app_token=True),
    "apps.uninstall": spec("client_id client_secret"),
    "chat.postMessage": spec(
        "channel",
        CONTENT + FACE + " thread_ts reply_broadcast unfurl_links unfurl_media unfurl_app_links"
        " mrkdwn container_id current_draft_last_updated_ts",
        "chat:write",
    ),
    "chat.update": spec(
        "channel ts", CONTENT + " file_ids reply_broadcast unfurled_attachments", "chat:write"
    ),
    "chat.delete": spec("channel ts", "as_user", "chat:write"),
    "chat.postEphemeral": spec("channel user", CONTENT + FACE + " thread_ts", "chat:write"),
    "chat.getPermalink": spec("channel message_ts"),
    "chat.startStream": spec(
        "channel",
        "thread_ts markdown_text chunks recipient_team_id recipient_user_id task_display_mode"
        + FACE,
        "chat:write",
    ),
    "chat.appendStream": spec("channel ts", "markdown_text chunks", "chat:write"),
    "chat.stopStream": spec(
        "channel ts", "markdown_text chunks blocks metadata session_status", "chat:write"
    ),
    "agents.sessions.setStatus": spec(
        "status", "channel_id thread_ts title initiator_user_id" + FACE, "chat:write"
    ),
    "agents.sessions.rename": spec("channel_id title", "thread_ts", "chat:write"),
    "assistant.threads.setStatus": spec(
        "channel_id thread_ts status", "loading_messages" + FACE, "assistant:write", "chat:write"
    ),
    "assistant.threads.setTitle": spec("channel_id thread_ts title", "", "assistant:write"),
    "assistant.threads.setSuggestedPrompts": spec(
        "channel_id prompts", "thread_ts title", "assistant:write"
    ),
    "conversations.list": spec("", "exclude_archived types" + PAGE, *READS),
    "conversations.info": spec("channel", "include_locale include_num_members", *READS),
    "conversations.history": spec("channel", SPAN, *HISTORY),
    "conversations.replies": spec("channel ts", SPAN, *HISTORY),
    "conversations.members": spec("channel", PAGE, *READS),
    "conversations.open": spec("", "channel users return_im prevent_creation", *OPENS),
    "conversations.join": spec("channel", "", "channels:join"),
    "users.info": spec("user", "include_locale", "users:read"),
    "users.list": spec("", "include_locale" + PAGE, "users:read"),
    "users.conversations": spec("", "exclude_archived types user" + PAGE, *READS),
    "team.info": spec("", "team domain include_slackbot_availability", "team:read"),
    "views.open": spec("view", "trigger_id interactivity_pointer"),
    "views.push": spec("view", "trigger_id interactivity_pointer"),
    "views.update": spec("view", "view_id external_id hash"),
    "views.publish": spec("user_id view", "hash interactivity_pointer"),
    "reactions.add": spec("channel name timestamp", "", "reactions:write"),
    "files.info": spec("file", "count page" + PAGE, "files:read"),
    "files.getUploadURLExternal": spec("filename length", "alt_txt snippet_type", "files:write"),
    "files.completeUploadExternal": spec(
        "files", "channel_id channels initial_comment thread_ts blocks", "files:write"
    ),
    "oauth.v2.access": Spec(
        frozenset(), frozenset({"code", "redirect_uri", "grant_type", "refresh_token"}), open=True
    ),
}


def check(method: Spec, given: Json) -> None:
    """`invalid_arguments` where one is missing, or is none of the method's."""
    wrong = [f"missing required field: {name}" for name in sorted(method.needed - given.keys())]
    known = method.needed | method.optional | IGNORED
    wrong += [f"unknown argument: {name}" for name in sorted(given.keys() - known)]
    wrong += [
        f"{name} must be a string"
        for name, value in sorted(given.items())
        if isinstance(value, list | dict | float | int | None)
        and name not in STRUCTURED | FLAGS | NUMBERS
    ]
    if wrong:
        raise invalid(*wrong)
