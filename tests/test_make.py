import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
CANDIDATES = ("python3.13", "python3.12", "python3.11", "python3")

Install = Callable[[str, str], None]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with what a shell script needs, and no Python."""
    folder = tmp_path / "bin of its own"
    folder.mkdir()
    for tool in ("sh", "dirname", "cat", "cksum"):
        found = shutil.which(tool)
        assert found is not None
        (folder / tool).symlink_to(found)
    return folder


@pytest.fixture
def install(path: Path) -> Install:
    """Put a program of this name on the PATH: a line of shell."""

    def put(name: str, line: str) -> None:
        (path / name).write_text(f"#!/bin/sh\n{line}\n")
        (path / name).chmod(0o755)

    return put


def which(path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The choice of `scripts/venv`, with only this on the PATH."""
    return subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "venv"), "--which"],
        env={"PATH": str(path), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    return done.stderr


THIS = f"exec '{sys.executable}' \"$@\""
BROKEN_SHIM = "echo 'pyenv: version not installed' >&2; exit 127"
OLD = "echo old 3.9.18"
WITHOUT_VENV = "echo lacks ensurepip 3.11.2"


def test_a_shim_that_fails_is_skipped_silently(path: Path, install: Install) -> None:
    for name in CANDIDATES[:3]:
        install(name, BROKEN_SHIM)
    install("python3", THIS)
    done = which(path)
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.strip()).name.startswith("python3")


def test_the_python_of_a_virtual_environment_stands_for_the_one_it_was_made_with(
    path: Path, install: Install
) -> None:
    install("python3", THIS)
    # sys._base_executable is what `venv` itself goes by.
    assert which(path).stdout.strip() == getattr(sys, "_base_executable", sys.executable)


def test_the_newest_python_comes_first(path: Path, install: Install) -> None:
    install("python3.13", "echo ok 3.13.0 /new")
    install("python3.12", "echo ok 3.12.1 /old")
    assert which(path).stdout == "/new\n"


def test_no_python_at_all_is_one_line_with_the_fix(path: Path) -> None:
    assert "No Python of 3.11 or newer was found" in one_line(which(path))


def test_only_old_pythons_are_one_line_with_the_fix(path: Path, install: Install) -> None:
    install("python3", OLD)
    assert "No Python of 3.11 or newer was found" in one_line(which(path))


def test_a_python_without_venv_is_one_line_with_the_fix(path: Path, install: Install) -> None:
    install("python3", WITHOUT_VENV)
    line = one_line(which(path))
    assert "apt install python3-venv (or python3.11-venv)" in line


def test_a_python_without_venv_is_passed_over_for_a_whole_one(path: Path, install: Install) -> None:
    install("python3.11", WITHOUT_VENV)
    install("python3", "echo ok 3.12.1 /whole")
    assert which(path).stdout == "/whole\n"


@pytest.mark.parametrize(
    ("program", "said"),
    [
        (BROKEN_SHIM, "does not run"),
        (OLD, "is Python 3.9.18, and Ellie needs 3.11 or newer"),
        (WITHOUT_VENV, "apt install python3-venv"),
        ("echo lacks ssl 3.12.1", "was built without ssl"),
    ],
)
def test_a_named_python_that_cannot_be_used_is_one_line(
    path: Path, install: Install, program: str, said: str
) -> None:
    install("python3", THIS)
    install("mine", program)
    line = one_line(which(path, PYTHON="mine"))
    assert line.startswith("ellie: PYTHON: mine ")
    assert said in line


def test_a_named_python_wins(path: Path, install: Install) -> None:
    install("python3.13", "echo ok 3.13.0 /first")
    install("mine", "echo ok 3.11.2 /folder of mine/python")
    assert which(path, PYTHON="mine").stdout == "/folder of mine/python\n"


def test_an_unknown_option_is_one_line(path: Path) -> None:
    done = subprocess.run(
        ["/bin/sh", str(ROOT / "scripts" / "venv"), "--frob"],
        env={"PATH": str(path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "--frob" in one_line(done)


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_alone_lists_the_targets() -> None:
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    listed = subprocess.run(
        ["make"], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    for target in ("chat", "test", "check", "bench"):
        assert f"make {target}" in listed.stdout


def test_the_scripts_can_be_run() -> None:
    for script in ("scripts/venv", ".ci/run"):
        assert os.access(ROOT / script, os.X_OK)


def test_constraints_are_exact_versions_and_nothing_else() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert text.endswith("\n")
    names = []
    for line in text.splitlines():
        pinned = re.fullmatch(r"([A-Za-z0-9._-]+)==[A-Za-z0-9.!+]+", line)
        assert pinned, line
        names.append(re.sub(r"[-_.]+", "-", pinned[1]).lower())
    assert len(names) == len(set(names))
    assert {"click", "pytest", "openai"} <= set(names)
    assert {"ellie-bot", "pip", "setuptools"}.isdisjoint(names)


# --- requirements where no wheel fits -----------------------------------------------------------

PROJECT: Mapping[str, object] = {
    "dependencies": ["click>=8", "sqlite_vec>=0.1.9; sys_platform == 'linux'", "WordLlama>=0.4"],
    "optional-dependencies": {"test": ["pytest>=9", "wordllama-extras"]},
}


@pytest.fixture
def requirements() -> ModuleType:
    spec = importlib.util.spec_from_file_location("requirements", ROOT / "scripts/requirements.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_on_musl_what_has_no_wheel_is_left_out(requirements: ModuleType) -> None:
    assert requirements.requirements(PROJECT, []) == ["click>=8"]


def test_on_musl_an_extra_adds_what_it_asks_for(requirements: ModuleType) -> None:
    listed = requirements.requirements(PROJECT, ["test"])
    assert listed == ["click>=8", "pytest>=9", "wordllama-extras"]


@pytest.mark.parametrize(
    ("variable", "value", "musl"),
    [
        ("SOABI", "cpython-312-x86_64-linux-musl", True),
        ("HOST_GNU_TYPE", "x86_64-alpine-linux-musl", True),
        ("SOABI", "cpython-312-x86_64-linux-gnu", False),
        ("SOABI", None, False),
    ],
)
def test_musl_is_told_from_how_python_was_built(
    requirements: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    variable: str,
    value: str | None,
    musl: bool,
) -> None:
    built = {variable: value}
    monkeypatch.setattr(requirements.sysconfig, "get_config_var", built.get)
    assert requirements.is_musl() is musl


def test_the_project_itself_can_be_read(requirements: ModuleType) -> None:
    done = subprocess.run(
        [sys.executable, "scripts/requirements.py", "test"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    names = {re.split(r"[^A-Za-z0-9._-]", line)[0] for line in done.stdout.splitlines()}
    assert {"click", "pytest"} <= names
    assert requirements.NO_MUSL_WHEEL.isdisjoint(names)
