"""`python -m tests.bench`: the table on stdout, and status 1 if a bound is exceeded."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import calls, discord_platform, process, slack_platform, turn_time
from tests.bench.measure import Measure, table

MOST_SECONDS = 235


async def _measure(folder: Path) -> list[Measure]:
    """Everything, one after the other: two at once would measure one another."""
    return [
        *await turn_time.measure(folder),
        *await asyncio.to_thread(process.version, folder),
        *await asyncio.to_thread(process.first_prompt, folder),
        *await process.memory(folder),
        *await calls.measure(folder),
        *await discord_platform.measure(folder),
        *await slack_platform.measure(folder),
    ]


async def _bounded(folder: Path) -> list[Measure]:
    async with asyncio.timeout(MOST_SECONDS):
        return await _measure(folder)


def main() -> int:
    """Measure, print, and say whether everything kept within its bound."""
    for name in os.environ:
        if name.startswith(("ELLIE_", "OPENAI_", "DISCORD_", "SLACK_")):
            del os.environ[name]
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PYTHONPATH"] = os.getcwd()
        os.chdir(folder)  # an .env in the working folder is not the bench's business
        measures = asyncio.run(_bounded(Path(folder)))
    print(table(measures))
    print(f"{time.monotonic() - start:.0f} s on {os.cpu_count()} cores")
    return int(any(measure.over for measure in measures))


if __name__ == "__main__":
    sys.exit(main())
