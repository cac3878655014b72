"""What people write in Slack, as plain text: names for ids, signs for entities."""

import re

_TOKEN = re.compile(r"<([^<>]+)>")
_USER = re.compile(r"<@([UW][A-Z0-9]+)(?:\|[^>]*)?>")


def users_in(text: str) -> list[str]:
    """The users that a text mentions, each once, in order."""
    return list(dict.fromkeys(_USER.findall(text)))


def without_call(text: str, me: str) -> str:
    """`text` without the mention of Ellie at its beginning or its end."""
    call = rf"\s*<@{re.escape(me)}(?:\|[^>]*)?>\s*"
    return re.sub(rf"\A{call}[,:]?\s*|{call}\Z", "", text).strip()


def plain(text: str, names: dict[str, str]) -> str:
    """A message's text as its readers see it. `names`: of the users it mentions, by id."""

    def shown(token: re.Match[str]) -> str:
        target, _, label = token[1].partition("|")
        if target.startswith("@"):
            return f"@{names.get(target[1:]) or label or 'someone'}"
        if target.startswith("#"):
            return f"#{label or 'channel'}"
        if target.startswith("!"):
            return label or f"@{target[1:].partition('^')[0]}"
        address = target.removeprefix("mailto:").removeprefix("tel:")
        if not label or label == address or address.endswith(f"//{label}"):
            return address
        return f"{label} ({address})"

    return _signs(_TOKEN.sub(shown, text))


def escaped(text: str) -> str:
    """`text` with Slack's own three signs written as entities: nothing in it is a command."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _signs(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
