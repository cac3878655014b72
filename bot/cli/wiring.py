"""The composition root: opens, wires, runs, drains. The only place that knows every part."""

import logging
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

from adapters.console.adapter import ConsoleAdapter
from bot.cli.options import database
from bot.clock import system_clock
from bot.commands import Commands
from bot.config import Settings, load_settings
from bot.consolidation import Consolidation
from bot.errors import StoreError
from bot.llm.notebook import Notebook
from bot.llm.openai_chat import OpenAIChat
from bot.llm.openai_embedder import OpenAIEmbedder
from bot.llm.wordllama_embedder import WordLlamaEmbedder, wordllama_available
from bot.ports import ChatModel, Embedder, Platform, Retention
from bot.privacy import Privacy
from bot.recall import Recall
from bot.store.sqlite.erasure import SqliteStore
from bot.turns import Turns
from bot.types import TurnId, memory_name

WORDS_ONLY = (
    "On this machine I find memories by words and names only, not by meaning: {missing} missing."
)

LIBRARIES = (
    "openai", "httpx2", "httpcore2", "aiosqlite", "asyncio", "discord", "slack_bolt", "slack_sdk",
)  # fmt: skip
"""What would log requests, and so what people say."""


def configure_logging(settings: Settings) -> None:
    """Log to stderr at the chosen level; libraries that would log requests stay at WARNING."""
    logging.basicConfig(
        stream=sys.stderr,
        level=settings.ellie_log_level,
        format="%(levelname)s %(name)s: %(message)s",
    )
    for library in LIBRARIES:
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("discord.client").setLevel(logging.ERROR)  # it warns that voice is missing
    if settings.ellie_log_level != "DEBUG":
        for handler in logging.getLogger().handlers:
            handler.addFilter(_in_one_line)


def _in_one_line(record: logging.LogRecord) -> bool:
    """discord.py logs each lost connection with its traceback; the line alone tells it."""
    if record.name.startswith("discord"):
        record.exc_info = None
    return True


def settings_of(db: str | None) -> Settings:
    """The settings, with the database that `--db` names. Logging is configured by them."""
    settings = load_settings()
    if db is not None:
        settings = settings.model_copy(update={"ellie_db": database(db)})
    configure_logging(settings)
    return settings


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[SqliteStore]:
    """The store, closed at the end."""
    store = await SqliteStore.open(settings.db_path)
    try:
        yield store
    finally:
        await store.close()


def openai_embedder(settings: Settings, model: str) -> OpenAIEmbedder:
    """An embedding model of the server that the settings name; to be closed."""
    secret = settings.openai_api_key
    return OpenAIEmbedder(
        model=model,
        dimension=settings.ellie_embedding_dimensions,
        api_key=None if secret is None else secret.get_secret_value(),
        base_url=settings.openai_base_url,
        timeout_seconds=settings.ellie_model_timeout_seconds,
        retries=settings.ellie_model_retries,
    )


@asynccontextmanager
async def open_models(
    settings: Settings, store: SqliteStore
) -> AsyncIterator[tuple[ChatModel, Embedder | None]]:
    """The chat model and the embedder that the settings name (None: nothing embeds here)."""
    async with AsyncExitStack() as stack:
        secret = settings.openai_api_key
        key = None if secret is None else secret.get_secret_value()
        model: ChatModel = Notebook()
        if settings.has_model:
            chat = OpenAIChat(
                chat_model=settings.ellie_chat_model,
                memory_model=settings.memory_model,
                api_key=key,
                base_url=settings.openai_base_url,
                timeout_seconds=settings.ellie_model_timeout_seconds,
                retries=settings.ellie_model_retries,
            )
            stack.push_async_callback(chat.close)
            model = chat
        embedder: Embedder | None = None
        if not store.driver.vectors:
            pass  # nothing could compare the vectors
        elif settings.has_model and settings.ellie_embedding_model:
            remote = openai_embedder(settings, settings.ellie_embedding_model)
            stack.push_async_callback(remote.close)
            embedder = remote
        elif wordllama_available():
            embedder = WordLlamaEmbedder()
        if embedder is not None:
            await store.use_vectors_of(embedder.name, embedder.dimension)
        yield model, embedder


@asynccontextmanager
async def open_core(settings: Settings, platforms: dict[str, Platform]) -> AsyncIterator[Turns]:
    """The core with everything under it; closed in the reverse order, running turns finished."""
    async with (
        open_store(settings) as store,
        open_models(settings, store) as (model, embedder),
    ):
        if embedder is None:
            missing = (
                "wordllama is" if store.driver.vectors else "an SQLite that loads sqlite-vec is"
            )
            print(WORDS_ONLY.format(missing=missing), file=sys.stderr, flush=True)
        clock = system_clock
        recall = Recall(store, embedder, clock)
        privacy = Privacy(store, settings, clock)
        consolidation = Consolidation(
            store=store,
            model=model,
            embedder=embedder,
            recall=recall,
            settings=settings,
            clock=clock,
        )
        async with Turns(
            store=store,
            model=model,
            recall=recall,
            commands=Commands(store, recall, privacy),
            privacy=privacy,
            consolidation=consolidation,
            settings=settings,
            clock=clock,
            platforms=platforms,
        ) as turns:
            yield turns


async def chat(settings: Settings, *, user: str, space: str, place: str) -> None:
    """One console session. Raises BotError."""
    configure_logging(settings)
    console = ConsoleAdapter(user=user, space=space, place=place, clock=system_clock)
    async with open_core(settings, {console.name: console}) as core:
        await console.run(core)


async def why(settings: Settings, turn: int) -> dict[str, Any]:
    """Why each item was in the prompt of a turn, best first, as JSON values. Raises BotError."""
    configure_logging(settings)
    async with open_store(settings) as store:
        found = await store.used_by(TurnId(turn))
    if found is None:
        raise StoreError(f"There is no answered turn {turn}. /why names a reply's turn.")
    answered_at, used = found
    items = [("memory", memory_name(n), used.memory_parts.get(n)) for n in used.memories]
    items += [("message", str(i), used.message_parts.get(i)) for i in used.messages]
    return {
        "turn": turn,
        "answered_at": answered_at.isoformat(),
        "items": [
            {"kind": kind, "id": name, "score": round(sum((parts or {}).values()), 4),
             "parts": parts or {}}
            for kind, name, parts in sorted(
                items, key=lambda item: -sum((item[2] or {}).values())
            )
        ],
        "summary": used.summary,
        "history_from": used.history_from,
    }  # fmt: skip


async def retention(
    settings: Settings,
    platform: str,
    space: str,
    message_days: int | None,
    memory_days: int | None,
    as_set: bool,
) -> list[str]:
    """Set for how long a space is kept, where anything is named; how it is now, a line each.

    `as_set`: what is not named is as the settings say; else as it was. Raises BotError.
    """
    configure_logging(settings)
    async with open_store(settings) as store:
        own = Retention() if as_set else await store.retention(platform, space)
        if message_days is not None:
            own = replace(own, message_days=message_days)
        if memory_days is not None:
            own = replace(own, memory_days=memory_days)
        if as_set or message_days is not None or memory_days is not None:
            await store.set_retention(platform, space, own.message_days, own.memory_days)
    messages = own.message_days or settings.ellie_message_retention_days
    memories = own.memory_days
    if memories is None:
        memories = settings.ellie_memory_retention_days
    source = {True: "as the settings say", False: "set for this space"}
    return [
        f"messages: {messages} days ({source[own.message_days is None]})",
        f"memories and summaries: {f'{memories} days' if memories else 'never erased'} "
        f"({source[own.memory_days is None]})",
    ]


async def doctor(settings: Settings) -> list[str]:
    """What Ellie runs on and what waits, a line each. Raises BotError."""
    configure_logging(settings)
    async with open_store(settings) as store, open_models(settings, store) as (model, embedder):
        health = await store.health()
        driver = store.driver
    lines = [
        f"database: {settings.db_path}",
        f"SQLite {'.'.join(map(str, driver.version))} by {driver.module.__name__.split('.')[0]}, "
        f"{'with' if driver.vectors else 'without'} sqlite-vec"
        + (", one connection (its WAL is not safe with two)" if driver.one_connection else ""),
        f"model: {settings.ellie_chat_model if settings.has_model else 'none: the notebook'}",
        f"memory model: {model.name}",
        f"embedder: {f'{embedder.name}, {embedder.dimension} dimensions' if embedder else 'none'}",
        f"{health.scopes} people, {health.messages} messages, {health.memories} memories, "
        f"{health.indexed} of {health.passages} texts with a vector",
        f"{health.unanswered} unanswered, {health.unconsolidated} turns to consolidate, "
        f"{health.failing} of them failed before",
        f"{health.calls} model calls, and {health.tool_rounds} more in which the model called its "
        f"tools, {health.tool_calls} times",
    ]
    if health.last_error:
        lines.append(f"last failure: {health.last_error}")
    return lines
