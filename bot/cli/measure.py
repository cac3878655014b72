"""`ellie eval retrieval`, run: a file of dialogues in, a table out."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.wiring import openai_embedder
from bot.config import load_settings
from bot.errors import ConfigError
from bot.evaluation.dataset import Dialogue, read_dataset
from bot.evaluation.report import account, table, write_json
from bot.evaluation.retrieval import BUDGETS_TOKENS, Evaluation, evaluate, steps
from bot.llm.openai_embedder import OpenAIEmbedder
from bot.llm.wordllama_embedder import WordLlamaEmbedder

OPENAI_MODEL = "text-embedding-3-small"
"""Asked for where the settings name a server but no embedding model."""


def measure_retrieval(
    dataset: Path,
    embedder: str,
    *,
    budget_tokens: int | None,
    baselines: bool,
    json_file: Path | None,
) -> None:
    """Measure recall on a file and print the table. `embedder`: "local" or "openai".

    Raises BotError; for a wrong file before anything is measured.
    """
    if json_file is not None and (json_file.is_dir() or not json_file.parent.is_dir()):
        raise ConfigError(f"--json: {json_file} is no file that could be written.")
    read = read_dataset(dataset)
    budgets = sorted({*BUDGETS_TOKENS, *([budget_tokens] if budget_tokens else [])})
    measured, name = asyncio.run(_measure(read.dialogues, embedder, budgets, baselines))
    print(f"{table(measured)}\n\n{account(read)}\nEmbedder: {name}.")
    if json_file is not None:
        write_json(measured, json_file)


async def _measure(
    dialogues: Sequence[Dialogue], embedder: str, budgets_tokens: Sequence[int], baselines: bool
) -> tuple[Evaluation, str]:
    """What was measured, and with which embedder."""
    with _progress(steps(dialogues, baselines=baselines)) as advance:
        async with _open_embedder(embedder) as opened:
            measured = await evaluate(
                dialogues,
                opened,
                budgets_tokens=budgets_tokens,
                baselines=baselines,
                advance=advance,
            )
            return measured, f"{opened.name}, {opened.dimension} dimensions"


@asynccontextmanager
async def _open_embedder(name: str) -> AsyncIterator[WordLlamaEmbedder | OpenAIEmbedder]:
    embedder: WordLlamaEmbedder | OpenAIEmbedder = WordLlamaEmbedder()
    if name == "openai":
        settings = load_settings()
        if not settings.has_model:
            raise ConfigError("--embedder openai needs OPENAI_API_KEY or OPENAI_BASE_URL.")
        embedder = openai_embedder(settings, settings.ellie_embedding_model or OPENAI_MODEL)
    try:
        yield embedder
    finally:
        await embedder.close()


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """A bar on the standard error while this is entered; nothing where that is no terminal."""
    columns = (TextColumn("ellie"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    shown = sys.stderr is not None and sys.stderr.isatty()
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not shown
    ) as progress:
        yield partial(progress.advance, progress.add_task("", total=total))
