"""Platforms without wheels: Ellie says so once, and recalls by words and names."""

from pathlib import Path

import pytest

from tests.journeys.process import ROOT, chat

ALL = ("wordllama", "pysqlite3", "sqlite_vec")


def hide(folder: Path, packages: tuple[str, ...]) -> str:
    """A PYTHONPATH on which these packages cannot be imported."""
    folder.mkdir()
    lines = "\n".join(f"sys.modules[{package!r}] = None" for package in packages)
    (folder / "sitecustomize.py").write_text(f"import sys\n{lines}\n")
    return f"{folder}:{ROOT}"


@pytest.mark.parametrize("packages", [ALL, ("wordllama",), ("sqlite_vec",)], ids="+".join)
async def test_ellie_recalls_by_words_and_names_and_says_so_once(
    file: Path, tmp_path: Path, packages: tuple[str, ...]
) -> None:
    path = hide(tmp_path / "hidden", packages)
    first = await chat(
        file, "My friend Sarah works at Google.", "I ride a green Bianchi.", PYTHONPATH=path
    )
    assert (first.status, first.err.count("not by meaning")) == (0, 1)
    second = await chat(
        file, "/new", "Where does SARAH work?", "What do you know about Bianchi?", PYTHONPATH=path
    )
    assert second.status == 0
    _, sarah, bicycle = second.replies
    assert "Google" in sarah
    assert "green Bianchi" in bicycle


async def test_without_pysqlite3_the_standard_driver_serves(file: Path, tmp_path: Path) -> None:
    path = hide(tmp_path / "hidden", ("pysqlite3",))
    ran = await chat(file, "/remember I ride a green Bianchi", "/recall Bianchi", PYTHONPATH=path)
    assert ran.status == 0
    assert "green Bianchi" in ran.replies[1]


async def test_with_all_packages_nothing_is_said(file: Path) -> None:
    pytest.importorskip("wordllama")
    pytest.importorskip("pysqlite3")
    assert "not by meaning" not in (await chat(file, "Hello")).err
