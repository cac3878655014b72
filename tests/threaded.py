"""`ellie` in a thread of the test's process: it starts at once, where a process takes a second."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stderr, redirect_stdout

from bot.__main__ import main

LIMIT_SECONDS = 60


def in_thread(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What `ellie` with these arguments says, and the status that it ends with."""
    out, err = io.StringIO(), io.StringIO()
    line = ["ellie", *arguments]

    def call() -> int:
        before, sys.argv = sys.argv, line
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as end:
            return int(end.code or 0)
        finally:
            sys.argv = before
        raise AssertionError("main always ends the process")

    with ThreadPoolExecutor(1) as pool:
        status = pool.submit(call).result(LIMIT_SECONDS)
    return subprocess.CompletedProcess(line, status, out.getvalue(), err.getvalue())
