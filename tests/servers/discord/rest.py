"""The loopback Discord's REST: one entrance that records, refuses, limits and answers."""

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Protocol
from urllib.parse import unquote

from aiohttp import web

from tests.servers.discord.errors import ApiError, not_found, too_large, unauthorized
from tests.servers.discord.faults import Fault, Faults
from tests.servers.discord.fields import QUERY, unknown
from tests.servers.discord.ground import Json
from tests.servers.discord.limits import REQUEST_BYTES

PREFIX = "/api/v10"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of a multipart request; `index` is the number in `files[n]`."""

    index: int
    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """What came in. `path` is without host, /api/v10 and query; `at` is monotonic seconds."""

    method: str
    path: str
    json: Json | list[Json] | None
    headers: Mapping[str, str]
    at: float
    query: Mapping[str, str]
    files: tuple[str, ...] = ()


@dataclass(slots=True)
class Call:
    """A request on its way to the route that answers it; `ids` are the names in its path."""

    request: Request
    ids: Mapping[str, str]
    uploads: tuple[Upload, ...]
    problems: list[str] = field(default_factory=list)

    def id(self, name: str) -> int:
        """A snowflake of the path; 404 where it is none."""
        if not self.ids[name].isdecimal():
            raise not_found()
        return int(self.ids[name])

    def body(self, known: frozenset[str] | None = None) -> Json:
        """The JSON object; unknown fields become problems."""
        given = self.request.json
        body = given if isinstance(given, dict) else {}
        if known is not None:
            self.report(unknown(body, known))
        return body

    def report(self, fields: list[str]) -> None:
        where = f"{self.request.method} {self.request.path}"
        self.problems += [f"{where}: unknown field {name!r}" for name in fields]


Route = Callable[[Call], object]
"""What a route answers: JSON, or None for 204. It raises ApiError; it never waits."""


class Home(Protocol):
    """What REST asks of the server."""

    token: str
    requests: list[Request]
    invalid_requests: int
    problems: list[str]
    faults: Faults

    def changed(self) -> None: ...
    def route_table(self) -> dict[str, Route]: ...


OPEN = ("/webhooks/", "/interactions/")
"""These carry their token in the path."""


class Rest:
    """The entrance. Routes are written as `POST /channels/{channel}/messages`."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._routes: list[tuple[str, str, re.Pattern[str], Route]] = []
        for spelled, route in home.route_table().items():
            method, template = spelled.split(" ")
            pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", template))
            self._routes.append((method, template, pattern, route))

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Answer it; what was asked is done at once, or not at all."""
        response = await self._serve(request)
        self._home.invalid_requests += response.status in (401, 403, 429)
        self._home.changed()
        return response

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        path = unquote(request.path.removeprefix(PREFIX))
        given, uploads, refused = await _read(request)
        seen = Request(
            request.method, path, given, {k.lower(): v for k, v in request.headers.items()},
            time.monotonic(), dict(request.query), tuple(upload.filename for upload in uploads),
        )  # fmt: skip
        self._home.requests.append(seen)
        self._home.changed()
        await self._home.faults.pause(seen.method, path)
        fault = self._home.faults.take(seen.method, path)
        headers = self._limited(seen)
        try:
            if headers is None:
                fault = Fault(seen.method, path, 429, 1, self._reset(seen), False, False, None)
            if fault is not None and not fault.after_commit:
                return answer_fault(request, fault)
            if refused is not None:
                raise refused
            answer = self._answer(seen, uploads)
            if fault is not None:
                return answer_fault(request, fault)
            status = 204 if answer is None else 200
            return _reply(status, answer, headers or {})
        except ApiError as refusal:
            return _reply(refusal.status, refusal.json(), headers or {})

    def _answer(self, seen: Request, uploads: tuple[Upload, ...]) -> object:
        open_ = seen.path.startswith(OPEN)
        if not open_ and seen.headers.get("authorization") != f"Bot {self._home.token}":
            raise unauthorized()
        where = f"{seen.method} {seen.path}"
        self._home.problems += [f"{where}: unknown query {q!r}" for q in seen.query.keys() - QUERY]
        for method, _, pattern, route in self._routes:
            found = pattern.fullmatch(seen.path)
            if method == seen.method and found is not None:
                return route(Call(seen, found.groupdict(), uploads, self._home.problems))
        self._home.problems.append(f"{where}: the loopback Discord has no such route")
        raise not_found()

    def _limited(self, seen: Request) -> dict[str, str] | None:
        """The headers of the route's bucket; None where the bucket is exhausted."""
        fits = [t for m, t, p, _ in self._routes if m == seen.method and p.fullmatch(seen.path)]
        template = fits[0] if fits else seen.path
        bucket = self._home.faults.bucket(seen.method, seen.path)
        limit, remaining, reset = 1000, 999, 1.0
        if bucket is not None:
            taken = bucket.take(seen.path)
            if taken is None:
                return None
            limit, (remaining, reset) = bucket.limit, taken
        return {
            "X-RateLimit-Bucket": sha256(f"{seen.method} {template}".encode()).hexdigest()[:16],
            "X-RateLimit-Limit": str(limit),
            "X-RateLimit-Remaining": str(remaining),
            "X-RateLimit-Reset-After": f"{reset:.3f}",
            "X-RateLimit-Reset": f"{time.time() + reset:.3f}",
        }

    def _reset(self, seen: Request) -> float:
        bucket = self._home.faults.bucket(seen.method, seen.path)
        return bucket.reset_after(seen.path) if bucket else 0.0


async def _read(
    request: web.Request,
) -> tuple[Json | list[Json] | None, tuple[Upload, ...], ApiError | None]:
    """The JSON and the files; the third is why they could not be read."""
    if (request.content_length or 0) > REQUEST_BYTES:
        return None, (), too_large()
    if request.content_type == "multipart/form-data":
        return await _read_multipart(request)
    text = await request.text()
    if not text:
        return None, (), None
    try:
        return json.loads(text), (), None
    except ValueError:
        return None, (), ApiError(400, 50109, "The request body contains invalid JSON.")


async def _read_multipart(request: web.Request) -> tuple[Json, tuple[Upload, ...], None]:
    given: Json = {}
    uploads: list[Upload] = []
    form = await request.post()
    for name, value in form.items():
        if name == "payload_json" and isinstance(value, str):
            given = json.loads(value)
        elif isinstance(value, web.FileField) and (number := re.fullmatch(r"files\[(\d+)\]", name)):
            uploads.append(Upload(int(number[1]), value.filename, value.file.read()))
    return given, tuple(sorted(uploads, key=lambda upload: upload.index)), None


def answer_fault(request: web.Request, fault: Fault) -> web.StreamResponse:
    """What the fault says; status 0 cuts the connection instead."""
    if fault.status == 0 and request.transport is not None:
        request.transport.abort()
    return _reply(fault.status or 500, fault.json(), fault.headers())


def _reply(status: int, answer: object, headers: Mapping[str, str]) -> web.Response:
    """discord.py reads JSON only where the type is exactly application/json, without charset."""
    if status == 204:
        return web.Response(status=204, headers=headers)
    body = json.dumps(answer).encode()
    return web.Response(status=status, body=body, headers=headers, content_type="application/json")
