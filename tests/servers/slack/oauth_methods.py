"""OAuth v2: people allow the app, codes become tokens, tokens are rotated and revoked."""

import base64
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.servers.slack.acts import enterprise_json
from tests.servers.slack.errors import SlackError
from tests.servers.slack.ground import Clock, Json
from tests.servers.slack.installs import SCOPES, Installation
from tests.servers.slack.submitting import Submitting
from tests.servers.slack.webapi import Asking, Method

TOKEN_LIVES = 43_200
CODE_LIVES = 600.0


@dataclass(slots=True, eq=False)
class Code:
    """What the redirect carried, good for one exchange within ten minutes."""

    at: str
    user: str
    scopes: frozenset[str]
    redirect_uri: str
    issued: float


class Allowing(Submitting):
    """Installing by OAuth, and taking the app away again."""

    def __init__(self, clock: Clock | None = None) -> None:
        super().__init__(clock)
        self.rotation = False
        """New tokens expire after 12 h of the clock and come with refresh tokens."""
        self.codes: dict[str, Code] = {}

    def authorize(self, url: str, user: str, at: str | None = None, *, allow: bool = True) -> str:
        """The person opens this authorize URL and clicks Allow (or Cancel): where Slack sends
        their browser, with code and state. `at`: the workspace or organisation, else their own.

        AssertionError where Slack would show an error page instead.
        """
        parts = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert parts.path == "/oauth/v2/authorize", f"Slack's page is elsewhere: {parts.path}"
        assert query.get("client_id") == self.client_id, "Invalid client_id parameter"
        scopes = frozenset(query.get("scope", "").split(","))
        assert query.get("scope"), "you asked for no scope"
        assert scopes <= SCOPES, f"Invalid permissions requested: {sorted(scopes - SCOPES)}"
        assert query.get("redirect_uri"), "redirect_uri did not match any configured URIs"
        state = {"state": query.get("state", "")}
        if not allow:
            return f"{query['redirect_uri']}?{urlencode({'error': 'access_denied'} | state)}"
        code, where = self.ids.fresh("code-"), at or self.people[user].team
        redirect = query["redirect_uri"]
        self.codes[code] = Code(where, user, scopes, redirect, self.clock.time())
        return f"{redirect}?{urlencode({'code': code} | state)}"

    def method_table(self) -> dict[str, Method]:
        return {
            "oauth.v2.access": self._access, "auth.revoke": self._revoke,
            "apps.uninstall": self._uninstall_method,
        }  # fmt: skip

    def _client(self, asking: Asking) -> None:
        """Whose secret is it? By Basic authentication, or as arguments."""
        scheme, _, coded = asking.headers.get("Authorization", "").partition(" ")
        given = asking.text("client_id"), asking.text("client_secret")
        if scheme == "Basic":
            id_, _, secret = base64.b64decode(coded).decode().partition(":")
            given = id_, secret
        if given[0] != self.client_id:
            raise SlackError("invalid_client_id")
        if given[1] != self.client_secret:
            raise SlackError("bad_client_secret")

    def _access(self, asking: Asking) -> Json:
        self._client(asking)
        grant = asking.text("grant_type") or "authorization_code"
        if grant == "refresh_token":
            return self._refresh(asking)
        if grant != "authorization_code":
            raise SlackError("invalid_grant_type")
        code = self.codes.get(asking.text("code"))
        if code is None or self.clock.time() - code.issued > CODE_LIVES:
            raise SlackError("invalid_code")
        if asking.text("redirect_uri") != code.redirect_uri:
            raise SlackError("bad_redirect_uri")
        del self.codes[asking.text("code")]
        return self._tokens(self._installed_by(code), code.user)

    def _installed_by(self, code: Code) -> Installation:
        """A new installation, or the known one with the scopes added and its token kept."""
        known = [i for i in self.installations if i.at == code.at and i.revoked is None]
        if known:
            known[0].scopes |= code.scopes
            return known[0]
        token = f"xoxb-{code.at}-{self.ids.fresh('')}"
        made = self.install(code.at, token, code.scopes)
        made.installer = code.user
        if self.rotation:
            self._rotate(made)
        return made

    def _rotate(self, installation: Installation) -> None:
        installation.token = f"xoxe.xoxb-1-{installation.at}-{self.ids.fresh('')}"
        installation.refresh_token = f"xoxe-1-{installation.at}-{self.ids.fresh('')}"
        installation.expires_at = self.clock.time() + TOKEN_LIVES

    def _refresh(self, asking: Asking) -> Json:
        given = asking.text("refresh_token")
        for installation in self.installations:
            if given and installation.refresh_token == given and installation.revoked is None:
                self._rotate(installation)
                return self._tokens(installation, installation.installer or "")
        raise SlackError("invalid_refresh_token")

    def _tokens(self, made: Installation, user: str) -> Json:
        team = self.teams[made.teams[0]]
        answer: Json = {
            "access_token": made.token, "token_type": "bot", "app_id": self.app_id,
            "scope": ",".join(sorted(made.scopes)), "bot_user_id": made.bot_user,
            "team": None if made.org else {"id": team.id, "name": team.name},
            "enterprise": enterprise_json(team), "authed_user": {"id": user},
            "is_enterprise_install": made.org,
        }  # fmt: skip
        if made.expires_at is not None:
            left = int(made.expires_at - self.clock.time())
            answer |= {"refresh_token": made.refresh_token, "expires_in": left}
        return answer

    def _revoke(self, asking: Asking) -> Json:
        if not asking.args.get("test"):
            asking.installation.revoked = "token_revoked"
            self._tell_revoked(asking.installation)
        return {"revoked": not asking.args.get("test")}

    def _uninstall_method(self, asking: Asking) -> Json:
        if asking.text("client_id") != self.client_id:
            raise SlackError("invalid_client_id")
        if asking.text("client_secret") != self.client_secret:
            raise SlackError("bad_client_secret")
        self._take_away(asking.installation, ("app_uninstalled", "tokens_revoked"))
        return {}

    async def uninstall(
        self, at: str, order: tuple[str, ...] = ("app_uninstalled", "tokens_revoked")
    ) -> None:
        """An admin takes the app away: its token is dead, and these events come in this order.

        They may be named more than once: Slack repeats them at times.
        """
        found = [i for i in self.installations if i.at == at and i.revoked is None]
        assert found, f"the app is not installed in {at}"
        self._take_away(found[0], order)
        await self.flush()

    def _take_away(self, installation: Installation, order: tuple[str, ...]) -> None:
        installation.revoked = "account_inactive"
        for channel in self.channels.values():
            if installation.bot_user in channel.members and channel.kind.value != "im":
                channel.members.remove(installation.bot_user)
        for name in order:
            if name == "tokens_revoked":
                self._tell_revoked(installation)
            elif name in installation.events:
                self._tell_gone(installation, {"type": name})

    def _tell_revoked(self, installation: Installation) -> None:
        if "tokens_revoked" in installation.events:
            tokens = {"oauth": [], "bot": [installation.bot_user]}
            self._tell_gone(installation, {"type": "tokens_revoked", "tokens": tokens})

    def _tell_gone(self, installation: Installation, event: Json) -> None:
        """Of an organisation the envelope names no workspace."""
        stamped = event | {"event_ts": self.ids.ts()}
        parcel_team = installation.teams[0]
        self.notify(installation, stamped, channel=None, team=parcel_team)
