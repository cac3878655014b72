"""The part of Slack that gives out tokens: oauth.v2.access and auth.test, over a real socket."""

from base64 import b64encode
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Self

from aiohttp import web

CLIENT_ID, CLIENT_SECRET = "1111.2222", "0123456789abcdef"
SIGNED_IN = b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
LASTS = 43_200

Json = dict[str, Any]


@dataclass(slots=True)
class Place:
    """A workspace (T…) or an organisation (E…) in which the app may be installed."""

    at: str
    name: str
    org: bool = False
    enterprise: str | None = None


@dataclass(slots=True)
class Registrar:
    """Codes and refresh tokens are good once. `rotating`: tokens end after twelve hours.

    `down`: each connection is cut.
    """

    rotating: bool = False
    places: dict[str, Place] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """Good tokens, and where they are good."""
    calls: list[str] = field(default_factory=list)
    redirect: str | None = None
    down: bool = False
    _codes: dict[str, str] = field(default_factory=dict)
    _refreshes: dict[str, str] = field(default_factory=dict)
    _numbers: Any = field(default_factory=lambda: count(1))
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/api/oauth.v2.access", self._access)
        app.router.add_post("/api/auth.test", self._test)
        self._runner = web.AppRunner(app, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    @property
    def api(self) -> str:
        assert self._runner is not None
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}/api/"

    def allowed(self, at: str, name: str = "Garden", enterprise: str | None = None) -> str:
        """Somebody allows the app there; the code that Slack sends along."""
        self.places[at] = Place(at, name, at.startswith("E"), enterprise)
        code = f"code-{next(self._numbers)}"
        self._codes[code] = at
        return code

    def revoke(self, at: str) -> None:
        """No token is good there any more."""
        self.tokens = {token: where for token, where in self.tokens.items() if where != at}

    async def _access(self, request: web.Request) -> web.Response:
        self.calls.append("oauth.v2.access")
        if self.down and request.transport is not None:
            request.transport.abort()
        told = dict(await request.post())
        if request.headers.get("Authorization") != f"Basic {SIGNED_IN}":
            return _refused("invalid_client_id")
        if told.get("grant_type") == "refresh_token":
            at = self._refreshes.pop(str(told["refresh_token"]), None)
            return _refused("invalid_refresh_token") if at is None else self._give(at)
        if self.redirect is not None and told.get("redirect_uri") != self.redirect:
            return _refused("bad_redirect_uri")
        at = self._codes.pop(str(told.get("code")), None)
        return _refused("invalid_code") if at is None else self._give(at)

    def _give(self, at: str) -> web.Response:
        number, place = next(self._numbers), self.places[at]
        token = f"xoxb-{at}-{number}"
        self.tokens[token] = at
        given: Json = {
            "ok": True, "access_token": token, "token_type": "bot", "scope": "chat:write",
            "bot_user_id": f"UBOT{at}", "app_id": "A1",
            "team": None if place.org else {"id": at, "name": place.name},
            "enterprise": {"id": at, "name": place.name} if place.org else None,
            "is_enterprise_install": place.org,
            "authed_user": {"id": "UINSTALLER", "access_token": "xoxp-person"},
        }  # fmt: skip
        if place.enterprise is not None:
            given["enterprise"] = {"id": place.enterprise, "name": "Parks"}
        if self.rotating:
            refresh = f"xoxe-1-{number}"
            self._refreshes[refresh] = at
            given |= {"refresh_token": refresh, "expires_in": LASTS}
        return web.json_response(given)

    async def _test(self, request: web.Request) -> web.Response:
        self.calls.append("auth.test")
        if self.down and request.transport is not None:
            request.transport.abort()
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if (at := self.tokens.get(token)) is None:
            return _refused("token_revoked")
        return web.json_response(
            {"ok": True, "user_id": f"UBOT{at}", "bot_id": f"BBOT{at}", "team_id": at,
             "url": "https://garden.slack.com/"}
        )  # fmt: skip


def _refused(error: str) -> web.Response:
    return web.json_response({"ok": False, "error": error})
