"""A loopback server that speaks what Ellie uses of OpenAI's HTTP API, with faults on request.

    async with OpenAIServer() as server:             # 127.0.0.1, a free port
        model = OpenAIChat(base_url=server.base_url, ...)
        server.on_chat = lambda body: "Hello."       # default: "You said: <last user message>"
        server.on_extract = lambda body: {"memories": []}   # a dict, or the raw text of the answer
        server.fail("chat", rate_limited())          # the next request; times=None: all that follow
        ...
        assert server.requests[-1].body["model"] == "gpt-4.1-mini"

There are five endpoints, by what a request is for: "chat" (a streamed completion), "extract" (a
completion with a `response_format`, or one for which `is_extraction(body)` says so), "summary"
(any other completion), "embeddings" and "models". Faults are queued by endpoint, first in, first
out; one with `times=None` stays at the head. What a server lacks for good is set by its attributes
(`accepts_json_schema`, `accepts_stream_options`, `sends_usage`, `embedding_dimension` ...).
The faults are in `openai_faults.py`; `on_chat` may return calls of tools (`openai_calls.py`).
Nothing sleeps: `Stall` waits for `release` or until the client goes away, which sets `gone`.
Vectors are hashed bags of words (`hashed_words.py`).
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self

from aiohttp import web

from tests.servers.hashed_words import embed, words
from tests.servers.openai_calls import Calling
from tests.servers.openai_faults import (
    Cut,
    ErrorEvent,
    Fault,
    Finish,
    Raw,
    Stall,
    Status,
    Trickle,
    Vectors,
    bad_key,
)

Body = dict[str, Any]
Endpoint = Literal["chat", "extract", "summary", "embeddings", "models"]


@dataclass(frozen=True, slots=True)
class Request:
    """What came in. Header names are in lower case; `body` is {} where there was none."""

    endpoint: Endpoint
    path: str
    body: Body
    headers: Mapping[str, str]


class OpenAIServer:
    """The server; `base_url` ends in /v1 and is there once it is entered.

    `api_key`: where set, other keys are answered 401. `embedding_dimension` is what comes where a
    request asks for no `dimensions`, or `ignores_dimensions`.
    """

    def __init__(self) -> None:
        self.base_url = ""
        self.requests: list[Request] = []
        self.api_key: str | None = None
        self.models = ["gpt-4.1-mini", "text-embedding-3-small"]
        self.on_chat: Callable[[Body], str | Calling] = lambda body: (
            f"You said: {last_user_text(body)}"
        )
        self.on_extract: Callable[[Body], Body | str] = lambda body: {"memories": []}
        self.on_summary: Callable[[Body], str] = lambda body: "They talked about this and that."
        self.is_extraction: Callable[[Body], bool] = lambda body: False
        self.accepts_json_schema = True
        self.accepts_json_object = True
        self.accepts_stream_options = True
        self.refuses_tools: Fault | None = None
        self.accepts_dimensions = True
        self.ignores_dimensions = False
        self.sends_usage = True
        self.sends_finish_reason = True
        self.embedding_dimension = 1536
        self.release = asyncio.Event()
        self.gone = asyncio.Event()
        self._faults: dict[Endpoint, deque[tuple[Fault, int | None]]] = {}
        self._runner: web.AppRunner | None = None

    def fail(self, endpoint: Endpoint, fault: Fault, *, times: int | None = 1) -> None:
        """Answer the next `times` requests of the endpoint so; None: all that follow."""
        self._faults.setdefault(endpoint, deque()).append((fault, times))

    def heal(self) -> None:
        """Forget all faults."""
        self._faults.clear()

    def asked(self, endpoint: Endpoint) -> list[Request]:
        """The requests of one endpoint, oldest first."""
        return [request for request in self.requests if request.endpoint == endpoint]

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._completions)
        app.router.add_post("/v1/embeddings", self._embeddings)
        app.router.add_get("/v1/models", self._models)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.base_url = f"http://{host}:{port}/v1"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release.set()
        if self._runner is not None:
            await self._runner.cleanup()

    async def _receive(self, request: web.Request, endpoint: Endpoint, body: Body) -> Fault | None:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append(Request(endpoint, request.path, body, headers))
        if self.api_key is not None and headers.get("authorization") != f"Bearer {self.api_key}":
            return bad_key()
        queue = self._faults.get(endpoint)
        if not queue:
            return None
        fault, times = queue.popleft()
        if times is None or times > 1:
            queue.appendleft((fault, None if times is None else times - 1))
        if isinstance(fault, Stall) and endpoint != "chat":
            await self._stall()
        elif isinstance(fault, Cut) and endpoint != "chat" and request.transport is not None:
            request.transport.close()
        return fault

    async def _stall(self) -> None:
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.gone.set()
            raise

    async def _completions(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        endpoint = self._endpoint(body)
        fault = await self._receive(request, endpoint, body) or self._refusal(body)
        if (early := _early(request, fault)) is not None:
            return early
        answer, finish = self._answer(endpoint, body), "stop"
        if isinstance(answer, Calling):
            return await self._stream(request, body, answer, "tool_calls", fault)
        text = answer
        if isinstance(fault, Finish):
            text, finish = text if fault.text is None else fault.text, fault.reason or ""
        if endpoint == "chat":
            return await self._stream(request, body, Calling((), text), finish, fault)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text},
            "finish_reason": finish or None,
        }
        return web.json_response(
            {
                "id": "c1", "object": "chat.completion", "created": 0, "model": body["model"],
                "choices": [choice],
            }
            | (self._usage(body, text) if self.sends_usage else {})
        )  # fmt: skip

    def _endpoint(self, body: Body) -> Endpoint:
        if body.get("stream"):
            return "chat"
        return "extract" if "response_format" in body or self.is_extraction(body) else "summary"

    def _refusal(self, body: Body) -> Fault | None:
        kind = (body.get("response_format") or {}).get("type")
        if kind == "json_schema" and not self.accepts_json_schema:
            return Status(400, "Invalid parameter: 'response_format' of type 'json_schema'.")
        if kind == "json_object" and not self.accepts_json_object:
            return Status(422, "response_format is not supported")
        if self.refuses_tools and ("tools" in body or body["messages"][-1]["role"] == "tool"):
            return self.refuses_tools
        if "stream_options" in body and not self.accepts_stream_options:
            return Status(400, "Unrecognized request argument supplied: stream_options")
        return None

    def _answer(self, endpoint: Endpoint, body: Body) -> str | Calling:
        if endpoint == "chat":
            return self.on_chat(body)
        if endpoint == "summary":
            return self.on_summary(body)
        answer = self.on_extract(body)
        return answer if isinstance(answer, str) else json.dumps(answer)

    def _usage(self, body: Body, text: str) -> Body:
        asked = sum(len(words(str(message["content"]))) for message in body["messages"])
        said = len(words(text))
        return {
            "usage": {
                "prompt_tokens": asked,
                "completion_tokens": said,
                "total_tokens": asked + said,
            }
        }

    async def _stream(
        self, request: web.Request, body: Body, answer: Calling, finish: str, fault: Fault | None
    ) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        base = {
            "id": "c1", "object": "chat.completion.chunk", "created": 0, "model": body["model"],
        }  # fmt: skip

        async def send(choices: list[Body], **more: object) -> None:
            line = json.dumps(base | {"choices": choices} | more)
            await response.write(f"data: {line}\n\n".encode())

        pieces: list[Body | None] = [{"tool_calls": [delta]} for delta in answer.deltas]
        texts = re.findall(r"\s*\S+\s*", answer.text) or ([] if pieces else [answer.text])
        pieces[:0] = [{"content": text} for text in texts]
        for number, piece in enumerate([*pieces, None]):
            if isinstance(fault, Stall) and number == fault.after:
                await self._stall()
            elif isinstance(fault, Trickle):
                await fault.wait(self.release)
            elif isinstance(fault, Cut) and number == fault.after:
                if not fault.clean and request.transport is not None:
                    request.transport.close()
                return response
            elif isinstance(fault, ErrorEvent) and number == fault.after:
                error = json.dumps({"error": {"message": "No.", "code": fault.code}})
                await response.write(f"data: {error}\n\n".encode())
                return response
            if piece is not None:
                choice: Body = {"index": 0, "delta": piece}
                await send([choice | ({"finish_reason": None} if self.sends_finish_reason else {})])
        if finish and self.sends_finish_reason:
            await send([{"index": 0, "delta": {}, "finish_reason": finish}])
        if self.sends_usage and (body.get("stream_options") or {}).get("include_usage"):
            await send([], **self._usage(body, answer.text))
        await response.write(b"data: [DONE]\n\n")
        return response

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        fault = await self._receive(request, "embeddings", body)
        if fault is None and "dimensions" in body and not self.accepts_dimensions:
            fault = Status(400, "This model does not support specifying dimensions.")
        if (early := _early(request, fault)) is not None:
            return early
        length = self.embedding_dimension
        if not self.ignores_dimensions:
            length = body.get("dimensions", length)
        texts = [body["input"]] if isinstance(body["input"], str) else body["input"]
        vectors: list[list[float]] = [embed(text, length) for text in texts]
        if isinstance(fault, Vectors):
            vectors = [[float("nan") if x is None else x for x in v] for v in fault.vectors]
        entries = [
            {"object": "embedding", "index": number, "embedding": vector}
            for number, vector in enumerate(vectors)
        ]
        asked = sum(len(words(text)) for text in texts)
        usage = {"prompt_tokens": asked, "total_tokens": asked}
        return web.json_response(
            {"object": "list", "model": body["model"], "data": entries, "usage": usage}
        )

    async def _models(self, request: web.Request) -> web.StreamResponse:
        fault = await self._receive(request, "models", {})
        if (early := _early(request, fault)) is not None:
            return early
        entries = [{"id": m, "object": "model", "created": 0, "owned_by": "x"} for m in self.models]
        return web.json_response({"object": "list", "data": entries})


def last_user_text(body: Body) -> str:
    """The content of the last user message of a completion request; "" if there is none."""
    said = [m["content"] for m in body["messages"] if m["role"] == "user"]
    return str(said[-1]) if said else ""


def _early(request: web.Request, fault: Fault | None) -> web.StreamResponse | None:
    match fault:
        case Status(status, message, code, kind, headers):
            error = {"message": message, "type": kind, "param": None, "code": code}
            return web.json_response({"error": error}, status=status, headers=dict(headers))
        case Raw(text, content_type):
            return web.Response(text=text, content_type=content_type)
        case _:
            return None
