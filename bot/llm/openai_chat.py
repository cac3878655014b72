"""A language model behind OpenAI's Chat Completions, or a server that speaks them."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from bot.errors import ContentFiltered, MalformedOutput, ModelError, ModelRefused, ModelUnavailable
from bot.llm.openai_client import (
    ModelSetting,
    OpenAIClient,
    not_openai,
    refuses,
    refuses_tools,
    translate,
    whole,
    wire,
    wire_errors,
)
from bot.llm.openai_tools import CALLS, Call, Talk, hear_calls
from bot.llm.schema import SHAPE, read_extraction, strict_schema
from bot.ports import Lookup, Reply
from bot.tokens import count_tokens
from bot.types import (
    Extraction,
    ExtractionPrompt,
    PromptMessage,
    ReplyEnd,
    ReplyPrompt,
    SummaryPrompt,
    ToolRound,
    Usage,
)

if TYPE_CHECKING:  # see openai_client
    from openai import AsyncStream
    from openai.types import CompletionUsage
    from openai.types.chat import ChatCompletion, ChatCompletionChunk

# What is asked of the server for JSON, the strictest first; None asks in words alone.
_FORMATS: Final[tuple[dict[str, Any] | None, ...]] = (
    {
        "type": "json_schema",
        "json_schema": {"name": "memories", "strict": True, "schema": strict_schema()},
    },
    {"type": "json_object"},
    None,
)


@dataclass(slots=True)
class _Heard:
    """What has come of a reply so far."""

    pieces: list[str] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    begun: bool = False
    streams: bool = True  # the answer is a stream of events
    finish: str | None = None
    announces: bool = False  # the server's chunks carry a finish_reason, empty until the last
    refused: bool = False
    broken: bool = False  # the connection failed
    usage: "CompletionUsage | None" = None

    @property
    def called(self) -> str:
        """The words of the calls."""
        return "".join(f"{call.name} {call.arguments}" for call in self.calls)

    @property
    def cut(self) -> bool:
        """Whether it broke off. A server that knows no finish_reason ends where its stream ends."""
        if self.finish is None:
            return self.announces or self.broken
        return self.finish in {"length", "content_filter"}


class OpenAIChat:
    """A `ChatModel`. `memory_model` extracts and summarises, and is `name`.

    The other arguments are those of `OpenAIClient`. What a server turns out not to take
    (`stream_options`, `tools`, a `response_format`) is not sent to it again in this object's life.
    """

    summarises = True

    def __init__(
        self,
        *,
        chat_model: str,
        memory_model: str,
        api_key: str | None,
        base_url: str | None,
        timeout_seconds: float,
        retries: int,
    ) -> None:
        self.name = memory_model
        self._chat = ModelSetting("ELLIE_CHAT_MODEL", chat_model)
        self._memory = ModelSetting(
            "ELLIE_CHAT_MODEL" if memory_model == chat_model else "ELLIE_MEMORY_MODEL", memory_model
        )
        self._client = OpenAIClient(
            api_key=api_key, base_url=base_url, timeout_seconds=timeout_seconds, retries=retries
        )
        self._stream_options: dict[str, Any] = {"stream_options": {"include_usage": True}}
        self._takes_tools = True
        self._format = 0  # into _FORMATS: the strictest that this server takes

    async def close(self) -> None:
        """Close the connections; streams still being read break."""
        await self._client.close()

    async def reply(self, prompt: ReplyPrompt, lookup: Lookup | None = None) -> Reply:
        """See `ChatModel.reply`. An answer without a word raises ModelRefused."""
        talk = Talk(prompt, lookup if self._takes_tools else None, self._chat)
        spoken = ""
        while True:
            heard = _Heard()
            gap = "" if not spoken or spoken[-1].isspace() else "\n\n"
            try:
                async with aclosing(self._listen(talk, heard)) as pieces:
                    async for piece in pieces:
                        yield gap + piece
                        gap = ""
            except ModelError:
                if not spoken:
                    raise
                heard.broken = True
            text = "".join(heard.pieces)
            usage = _usage(heard.usage, text + heard.called, talk.tokens)
            if heard.cut or not heard.calls or not talk.tools:
                break
            yield ToolRound(usage, min(len(heard.calls), CALLS))
            await talk.carry_out(text, heard.calls)
            spoken += text
        if not (heard.begun or spoken):
            raise _silence(heard)
        yield ReplyEnd(usage, cut=heard.cut)

    async def _listen(self, talk: Talk, heard: _Heard) -> AsyncGenerator[str, None]:
        """The text of one request's answer. Raises ModelError only before the first piece."""
        stream = await self._open(talk)
        heard.streams = "event-stream" in stream.response.headers.get("content-type", "")
        try:
            async for chunk in stream:
                if (piece := _hear(heard, chunk)) and heard.begun:
                    yield piece
        except wire_errors() as error:
            if not heard.begun:
                raise translate(error, talk.asked) from error
            heard.broken = True
        finally:
            await stream.close()

    async def _open(self, talk: Talk) -> "AsyncStream[ChatCompletionChunk]":
        client = await self._client.get()
        refused_tools = False
        while True:
            sent: dict[str, Any] = {
                "model": talk.asked.model,
                "stream": True,
                **_past_the_check(talk.messages),
                **self._stream_options,
            }
            if talk.tools:
                sent["tools"] = talk.tools
            try:
                stream = await client.chat.completions.create(**sent)
            except wire_errors() as error:
                if self._stream_options and refuses(error, "stream_options", "include_usage"):
                    self._stream_options = {}
                elif (talk.tools or talk.begun) and refuses_tools(error):
                    refused_tools = True
                    talk.withhold()
                else:
                    raise translate(error, talk.asked) from error
            else:
                self._takes_tools = self._takes_tools and not refused_tools
                return cast("AsyncStream[ChatCompletionChunk]", stream)

    async def extract(self, prompt: ExtractionPrompt) -> Extraction:
        """See `ChatModel.extract`. An answer that was cut short raises MalformedOutput too."""
        completion = await self._complete_json(prompt.messages)
        text = _text(completion)
        return read_extraction(text, prompt, _completion_usage(completion, text, prompt.messages))

    async def summarise(self, prompt: SummaryPrompt) -> tuple[str, Usage]:
        """See `ChatModel.summarise`. A text that was cut short raises MalformedOutput."""
        try:
            completion = await self._complete(prompt.messages, None)
        except wire_errors() as error:
            raise translate(error, self._memory) from error
        text = _text(completion).strip()
        if not text:
            raise MalformedOutput("The memory model wrote an empty summary.")
        return text, _completion_usage(completion, text, prompt.messages)

    async def _complete_json(self, messages: Sequence[PromptMessage]) -> "ChatCompletion":
        """The answer in the strictest format that the server takes, which is remembered."""
        for level in range(self._format, len(_FORMATS)):
            wanted = _FORMATS[level]
            asked = messages if level == 0 else _ask_in_words(messages)
            try:
                completion = await self._complete(asked, wanted)
            except wire_errors() as error:
                known = translate(error, self._memory)
                if wanted is None or not (type(known) is ModelRefused and refuses(error)):
                    raise known from error
            else:
                self._format = max(self._format, level)
                return completion
        raise AssertionError("the last format either answers or raises")

    async def _complete(
        self, messages: Sequence[PromptMessage], wanted: dict[str, Any] | None
    ) -> "ChatCompletion":
        client = await self._client.get()
        sent: dict[str, Any] = {"model": self._memory.model, **_past_the_check(wire(messages))}
        if wanted is not None:
            sent["response_format"] = wanted
        return cast("ChatCompletion", await client.chat.completions.create(**sent))


def _past_the_check(messages: list[dict[str, Any]]) -> dict[str, Any]:
    """The messages as arguments of `create`: past the library's check of each, which takes 4 ms."""
    return {"messages": [], "extra_body": {"messages": messages}}


def _ask_in_words(messages: Sequence[PromptMessage]) -> tuple[PromptMessage, ...]:
    """The same with the shape of the answer at its end, for servers that take no schema."""
    *before, last = messages
    content = f"{last.content}\n\nAnswer with one JSON object and nothing else, like this:\n{SHAPE}"
    return (*before, PromptMessage(last.role, content))


def _hear(heard: _Heard, chunk: "ChatCompletionChunk") -> str:
    """Keep what the chunk adds; returns its text, "" if it has none."""
    heard.usage = getattr(chunk, "usage", None) or heard.usage
    choices = getattr(chunk, "choices", None)
    if not choices:
        return ""
    heard.announces |= "finish_reason" in choices[0].model_fields_set
    heard.finish = choices[0].finish_reason or heard.finish
    delta = choices[0].delta
    heard.refused |= bool(getattr(delta, "refusal", None))
    hear_calls(heard.calls, getattr(delta, "tool_calls", None))
    piece = whole(getattr(delta, "content", None) or "")
    if heard.begun or piece.strip():  # white space alone is no answer
        heard.begun = True
        heard.pieces.append(piece)
    return piece


def _silence(heard: _Heard) -> ModelError:
    """Why a stream ended without a word."""
    if heard.finish == "content_filter" or heard.refused:
        return ContentFiltered("The language model's provider declined to answer this message.")
    if heard.finish == "length":
        return ModelRefused(
            "The language model used up its answer's length before the first word: "
            "set a larger limit at the server, or another ELLIE_CHAT_MODEL."
        )
    if heard.finish is not None:
        return ModelRefused("The language model answered without a word: ask again in other words.")
    if not heard.streams:
        return not_openai()
    return ModelUnavailable(
        "The language model's server broke off before the first word: try again."
    )


def _text(completion: "ChatCompletion") -> str:
    """What the memory model wrote. Raises ContentFiltered; MalformedOutput unless it is whole."""
    choices = getattr(completion, "choices", None)  # a web page, for one, arrives here as a str
    if not choices or getattr(choices[0], "message", None) is None:
        raise not_openai()
    first = choices[0]
    if first.finish_reason == "content_filter" or getattr(first.message, "refusal", None):
        raise ContentFiltered("The language model's provider declined to read this conversation.")
    if first.finish_reason == "length":
        raise MalformedOutput("The memory model's answer was cut off at its length limit.")
    return whole(first.message.content or "")


def _completion_usage(
    completion: "ChatCompletion", text: str, messages: Sequence[PromptMessage]
) -> Usage:
    asked = None if completion.usage else sum(count_tokens(message.content) for message in messages)
    return _usage(completion.usage, text, asked or 0)


def _usage(said: "CompletionUsage | None", text: str, tokens_in: int) -> Usage:
    """What the server says, or where it says nothing sensible what was counted."""
    counted_in = getattr(said, "prompt_tokens", None)
    counted_out = getattr(said, "completion_tokens", None)
    return Usage(
        tokens_in=counted_in if isinstance(counted_in, int) else tokens_in,
        tokens_out=counted_out if isinstance(counted_out, int) else count_tokens(text),
    )
