import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web

from bot import __version__
from bot.cli import ollama

ROOT = Path(__file__).parents[1]


def ellie(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`ellie` with these arguments, in a folder without an .env and with no setting set."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("ELLIE_", "OPENAI_"))
    }
    return subprocess.run(
        [sys.executable, "-m", "bot", *arguments],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_version_is_said_in_one_line(tmp_path: Path) -> None:
    done = ellie(tmp_path, "--version")
    assert (done.returncode, done.stdout) == (0, f"ellie {__version__}\n")


def test_the_version_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys; from bot.__main__ import main\n"
        "try: main()\n"
        "finally: print(*sys.modules, sep='\\n')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--version"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    heavy = {"pydantic", "openai", "rich", "prompt_toolkit", "aiosqlite", "numpy", "wordllama"}
    assert heavy.isdisjoint(done.stdout.split())


def test_ellie_alone_prints_its_help(tmp_path: Path) -> None:
    done = ellie(tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Usage: ellie")
    assert "chat" in done.stdout


def test_an_unknown_option_is_a_usage_error(tmp_path: Path) -> None:
    done = ellie(tmp_path, "chat", "--nope")
    assert done.returncode == 2
    assert "--nope" in done.stderr


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--place", "nowhere"),
        ("--place", ""),
        ("--as", ""),
        ("--space", "\n"),
        ("--db", ""),
        ("--db", "."),
    ],
)
def test_a_wrong_value_is_one_line_and_makes_no_file(
    tmp_path: Path, option: str, value: str
) -> None:
    done = ellie(tmp_path, "chat", option, value)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"ellie: {option}")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ELLIE_CONTEXT_BUDGET_TOKENS=few\n")
    done = ellie(tmp_path, "chat")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("ellie: ELLIE_CONTEXT_BUDGET_TOKENS")
    assert done.stderr.count("\n") == 1


# --- the hint about Ollama ----------------------------------------------------------------------

Serve = Callable[[object], Awaitable[tuple[str, int]]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Start an Ollama server that has these models; None: a server that is no Ollama."""
    runners: list[web.AppRunner] = []

    async def start(tags: object) -> tuple[str, int]:
        app = web.Application()

        async def version(request: web.Request) -> web.Response:
            return web.json_response({"version": "0.9.0"})

        async def models(request: web.Request) -> web.Response:
            return web.json_response(tags)

        if tags is not None:
            app.add_routes([web.get("/api/version", version), web.get("/api/tags", models)])
        runner = web.AppRunner(app)
        await runner.setup()
        runners.append(runner)
        listening = socket.create_server(("127.0.0.1", 0))
        await web.SockSite(runner, listening).start()
        return "127.0.0.1", int(listening.getsockname()[1])

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_a_running_ollama_is_suggested_with_a_model_that_can_talk(serve: Serve) -> None:
    tags = {"models": [{"name": "nomic-embed-text:latest"}, {"name": "qwen3:4b"}]}
    host, port = await serve(tags)
    line = await ollama.suggest((host, port))
    assert line is not None
    assert f"OPENAI_BASE_URL=http://{host}:{port}/v1" in line
    assert line.endswith("ELLIE_CHAT_MODEL=qwen3:4b")


@pytest.mark.parametrize("tags", [{"models": []}, [], {"models": [{"name": "\x1b[2J"}, 7]}])
async def test_an_ollama_without_a_usable_model_says_how_to_get_one(
    serve: Serve, tags: object
) -> None:
    line = await ollama.suggest(await serve(tags))
    assert line is not None
    assert "ollama pull" in line


async def test_another_server_on_that_port_is_not_suggested(serve: Serve) -> None:
    assert await ollama.suggest(await serve(None)) is None


async def test_nothing_is_suggested_where_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = ("127.0.0.1", int(free.getsockname()[1]))
    assert await ollama.suggest(address) is None


async def test_a_server_that_never_answers_does_not_keep_ellie_waiting() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert await ollama.suggest(("127.0.0.1", int(silent.getsockname()[1]))) is None
