"""The streams, keys and signals of this process."""

import asyncio
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from typing import TextIO

from prompt_toolkit.input import Input
from prompt_toolkit.input.typeahead import store_typeahead
from prompt_toolkit.keys import Keys

_LINES_AHEAD = 64  # how many lines of a pipe are read before they can be answered


def forgive(stream: TextIO | None) -> TextIO | None:
    """The same stream, which from now on prints "?" for a letter that it cannot show."""
    if isinstance(stream, TextIOWrapper):
        stream.reconfigure(errors="replace")
    return stream


def drop(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that flushing it at exit does not fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextmanager
def on_signal(number: signal.Signals, callback: Callable[[], None]) -> Iterator[None]:
    """Call back in the event loop for every such signal. Not to be nested for the same signal.

    On Windows, and outside the main thread, the signal stays as it is.
    """
    loop, previous = asyncio.get_running_loop(), signal.getsignal(number)
    try:
        loop.add_signal_handler(number, callback)
    except (NotImplementedError, RuntimeError, ValueError):
        yield
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(number)
        signal.signal(number, previous)


@contextmanager
def on_interrupt_key(keys: Input, callback: Callable[[], None]) -> Iterator[None]:
    """Call back for every Ctrl-C; other keys wait for the next prompt."""

    def read() -> None:
        for press in keys.read_keys():
            if press.key == Keys.ControlC:
                callback()
            else:
                store_typeahead(keys, [press])

    with keys.attach(read):
        yield


async def read_lines(stdin: TextIO | None) -> AsyncIterator[str]:
    """The lines of a stream, undecodable bytes replaced, read by a thread of their own.

    The thread is a daemon that reads the bare descriptor: a read that never returns holds no lock
    that the interpreter needs to end.
    """
    if stdin is None:
        return
    descriptor = stdin.fileno()
    loop, lines = asyncio.get_running_loop(), asyncio.Queue[bytes | None]()
    room = threading.Semaphore(_LINES_AHEAD)

    def read() -> None:
        with suppress(RuntimeError):  # the loop was closed: nobody waits for lines any more
            for line in _split(descriptor):
                room.acquire()
                loop.call_soon_threadsafe(lines.put_nowait, line)
            loop.call_soon_threadsafe(lines.put_nowait, None)

    threading.Thread(target=read, name="console-input", daemon=True).start()
    while (line := await lines.get()) is not None:
        room.release()
        yield line.decode(errors="replace")


def _split(descriptor: int) -> Iterator[bytes]:
    rest = bytearray()
    while True:
        try:
            chunk = os.read(descriptor, 65_536)
        except OSError:  # a terminal that hung up: there is nothing more to come
            chunk = b""
        if not chunk:
            break
        rest += chunk
        if b"\n" in chunk:  # splitting only then keeps a line of megabytes cheap
            *whole, rest = rest.split(b"\n")
            yield from map(bytes, whole)
    if rest:
        yield bytes(rest)
