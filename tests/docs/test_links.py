import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.docs.session import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])

# Written so that this file does not hold what it looks for.
HOST = re.compile(
    r"(?:pypi|pythonhosted|npmjs|anaconda|crates)\.(?:org|com|io)|--(?:extra-)?index-url|\[\[index\]\]",
    re.IGNORECASE,
)
MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:work|root|home|Users|mnt|tmp)/[\w.-]+")


def anchors(text: str) -> set[str]:
    """What a heading is linked by: small letters, hyphens for blanks, no other signs."""
    headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_relative_link_leads_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        leads_to = document.parent / path if path else document
        assert leads_to.exists(), target
        if anchor:
            assert anchor in anchors(leads_to.read_text("utf-8")), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_named_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    for path in re.findall(r"`((?:bot|adapters|tests|docs|scripts)/[\w./-]*)`", text):
        assert (ROOT / path).exists(), path


@cache
def tracked() -> dict[str, str]:
    """path → text of every text file that git tracks."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    if listed.returncode or not listed.stdout:
        pytest.skip("this is no git checkout")
    texts = {}
    for name in filter(None, listed.stdout.split("\0")):
        try:
            texts[name] = (ROOT / name).read_text("utf-8")
        except (UnicodeDecodeError, FileNotFoundError):
            continue
    return texts


@pytest.mark.parametrize("pattern", [HOST, MACHINE_PATH], ids=["registry", "machine path"])
def test_no_file_names_a_registry_or_a_place_on_somebodys_machine(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name}: {hit[0]}"
        for name, text in tracked().items()
        if name != "tests/docs/test_links.py"
        for hit in pattern.finditer(text)
    ]
    assert not found, "\n" + "\n".join(found)
