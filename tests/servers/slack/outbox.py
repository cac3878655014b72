"""Frames to one socket, sent in their order by one task."""

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web


class Outbox:
    """Entered while the socket is open. `put` never waits; `flush` waits until all is sent."""

    def __init__(self, ws: web.WebSocketResponse) -> None:
        self._ws = ws
        self._queue: asyncio.Queue[str | Callable[[], None] | None] = asyncio.Queue()
        self._tasks = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        await self._tasks.__aenter__()
        self._tasks.create_task(self._run())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._queue.put_nowait(None)
        await self._tasks.__aexit__(kind, error, traceback)

    def put(self, frame: str) -> None:
        self._queue.put_nowait(frame)

    def then(self, act: Callable[[], None]) -> None:
        """Do this when what was put before has been sent."""
        self._queue.put_nowait(act)

    async def flush(self) -> None:
        await self._queue.join()

    async def _run(self) -> None:
        while (frame := await self._queue.get()) is not None:
            try:
                if callable(frame):
                    frame()
                elif not self._ws.closed:
                    await self._ws.send_str(frame)
            except (ConnectionError, RuntimeError):
                pass  # it is closed: what was not acknowledged goes out again elsewhere
            finally:
                self._queue.task_done()
        self._queue.task_done()
        while not self._queue.empty():
            self._queue.get_nowait()
            self._queue.task_done()
