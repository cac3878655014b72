"""The loopback Slack's Web API: one entrance that reads, records, refuses and answers."""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from tests.servers.slack.arguments import BOOLEANS, FLAGS, NUMBERS, SPECS, STRUCTURED, check
from tests.servers.slack.errors import SlackError, invalid
from tests.servers.slack.faults import Fault
from tests.servers.slack.ground import Json
from tests.servers.slack.installs import Installation
from tests.servers.slack.world import World


@dataclass(slots=True)
class Call:
    """A call of a method. `args` is what was given by query, form, JSON or multipart, together,
    without the token; `at` is the clock's; `error` is None where it was answered with ok."""

    method: str
    args: Json
    token: str
    at: datetime
    verb: str
    headers: Mapping[str, str]
    error: str | None = None
    warnings: list[str] = field(default_factory=list)
    received: float = field(default_factory=time.monotonic)
    """When it came, on the machine's monotonic clock."""


@dataclass(slots=True)
class Asking:
    """What a method gets: the arguments, and who asks."""

    method: str
    args: Json
    installation: Installation
    headers: Mapping[str, str]
    warnings: list[str]

    def text(self, name: str) -> str:
        """An argument that is a string; "" where it is not given."""
        return str(self.args.get(name) or "")

    def need(self, *scopes: str) -> None:
        """`missing_scope` where the installation has none of these."""
        require(self.installation.scopes, scopes)


Method = Callable[[Asking], Json]
"""Answers without `ok`. It raises SlackError; it never waits."""


class WebApi:
    """`POST or GET /api/{method}`."""

    def __init__(self, world: World, methods: Mapping[str, Method]) -> None:
        self._world = world
        self._methods = methods
        self.calls: list[Call] = []

    async def serve(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        token, args = await _read(request)
        now = self._world.clock()
        call = Call(method, dict(args), token, now, request.method, dict(request.headers))
        self.calls.append(call)
        self._world.changed()
        await self._world.faults.pause(method)
        fault = self._world.faults.take(method)
        if fault is None and self._world.faults.limited(method, str(args.get("channel", ""))):
            fault = Fault(method, 1, 429, "ratelimited", 1, False)
        if fault is not None and not fault.after_commit:
            call.error = fault.error
            return self._fault(request, fault)
        answer, installation = self._answer(call, args)
        call.error = answer.get("error")
        self._world.changed()
        if fault is not None:
            return self._fault(request, fault)
        return web.json_response(answer, headers=_headers(method, installation))

    def _answer(self, call: Call, args: Json) -> tuple[Json, Installation | None]:
        spec = SPECS.get(call.method)
        if spec is None or call.method not in self._methods:
            return SlackError("unknown_method", req_method=call.method).json(), None
        installation = None
        try:
            if spec.app_token:
                self._check_app_token(call)
            elif not spec.open:
                installation = self._installation(call.token)
                if spec.scopes:
                    require(installation.scopes, spec.scopes)
            args |= _typed(args)
            call.args = dict(args)
            check(spec, args)
            by = installation or _nobody()
            asking = Asking(call.method, args, by, call.headers, call.warnings)
            answer: Json = {"ok": True} | self._methods[call.method](asking)
        except SlackError as refusal:
            return refusal.json(), installation
        if call.warnings:
            told = answer.get("response_metadata", {}) | {"warnings": call.warnings}
            answer |= {"warning": ",".join(call.warnings), "response_metadata": told}
        return answer, installation

    def _check_app_token(self, call: Call) -> None:
        if call.verb != "POST":
            raise SlackError("insecure_request")
        if not call.token:
            raise SlackError("not_authed")
        if not call.token.startswith("xapp-"):
            raise SlackError("not_allowed_token_type")
        if call.token != self._world.app_token:
            raise SlackError("invalid_auth")

    def _installation(self, token: str) -> Installation:
        if not token:
            raise SlackError("not_authed")
        for installation in self._world.installations:
            if installation.token == token:
                if installation.revoked is not None:
                    raise SlackError(installation.revoked)
                ends = installation.expires_at
                if ends is not None and self._world.clock.time() >= ends:
                    raise SlackError("token_expired")
                return installation
        raise SlackError("invalid_auth")

    def _fault(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        """What the fault says; status 0 cuts the connection instead."""
        self._world.changed()
        if fault.status == 0 and request.transport is not None:
            request.transport.abort()
        if fault.status >= 500:
            return web.Response(status=fault.status, text="upstream error")
        return web.json_response(fault.json(), status=fault.status or 200, headers=fault.headers())


def require(granted: frozenset[str], scopes: tuple[str, ...]) -> None:
    """`missing_scope` with what is needed and what there is, unless one of these is granted."""
    if not any(scope in granted for scope in scopes):
        provided = ",".join(sorted(granted))
        raise SlackError("missing_scope", needed=",".join(scopes), provided=provided)


def _nobody() -> Installation:
    return Installation("", False, "", "", "", frozenset(), frozenset(), [])


def _headers(method: str, installation: Installation | None) -> dict[str, str]:
    headers = {"X-Slack-Req-Id": "loopback"}
    if installation is not None:
        headers["X-OAuth-Scopes"] = ",".join(sorted(installation.scopes))
        headers["X-Accepted-OAuth-Scopes"] = ",".join(SPECS[method].scopes)
    return headers


async def _read(request: web.Request) -> tuple[str, Json]:
    """The token and the arguments, from wherever they stand."""
    args: Json = dict(request.query)
    if request.content_type == "application/json":
        text = await request.text()
        try:
            given = json.loads(text) if text else {}
        except ValueError:
            given = {"": text}
        args |= given if isinstance(given, dict) else {"": given}
    else:
        form = await request.post()
        args |= {name: value for name, value in form.items() if isinstance(value, str)}
    scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
    stated = args.pop("token", None)
    token = bearer if scheme == "Bearer" else stated
    return str(token or ""), args


def _typed(args: Json) -> Json:
    """Strings of forms and queries as what they mean; what is empty or null was not given."""
    typed: Json = {}
    for name, value in args.items():
        if name in STRUCTURED and isinstance(value, str):
            try:
                typed[name] = json.loads(value)
            except ValueError:
                raise _not_json(name) from None
        elif name in FLAGS and isinstance(value, str):
            if value not in BOOLEANS:
                raise invalid(f"{name} must be a boolean")
            typed[name] = BOOLEANS[value]
        elif name in NUMBERS and isinstance(value, str):
            if not value.lstrip("-").isdecimal():
                raise invalid(f"{name} must be a number")
            typed[name] = int(value)
    return typed


def _not_json(name: str) -> SlackError:
    own = {"blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format"}
    return SlackError(own[name]) if name in own else invalid(f"{name} is not JSON")
