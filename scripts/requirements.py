"""The requirements of pyproject.toml without those that have no wheel for musl (Alpine Linux).

Environment markers cannot tell musl from glibc, so pyproject.toml cannot say it. Ellie does without
them: she then recalls by full text and entities.

    requirements.py --needed    exit status 0 where this Python is built for musl
    requirements.py [EXTRA …]   print what to install there, one requirement a line
"""

import re
import sys
import sysconfig
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NO_MUSL_WHEEL = frozenset({"sqlite-vec", "wordllama"})


def is_musl() -> bool:
    """Whether the running Python is built for musl."""
    built_for = (sysconfig.get_config_var(name) for name in ("HOST_GNU_TYPE", "SOABI"))
    return any("musl" in str(value) for value in built_for)


def requirements(project: Mapping[str, Any], extras: Sequence[str]) -> list[str]:
    """What the `project` table of a pyproject.toml asks for with `extras`, without NO_MUSL_WHEEL.

    Raises KeyError for an extra that it does not have.
    """
    asked: list[str] = list(project["dependencies"])
    for extra in extras:
        asked += project["optional-dependencies"][extra]
    return [requirement for requirement in asked if _name(requirement) not in NO_MUSL_WHEEL]


def _name(requirement: str) -> str:
    name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _main(arguments: Sequence[str]) -> None:
    if list(arguments) == ["--needed"]:
        sys.exit(0 if is_musl() else 1)
    table = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    print("\n".join(requirements(table["project"], arguments)))


if __name__ == "__main__":
    _main(sys.argv[1:])
