"""A life with Ellie: secrets told in three places, corrected, unsaid, forgotten, and moved."""

import asyncio
import json
import re
import shutil
from pathlib import Path

import pytest

from tests.journeys.process import chat, run

DM: tuple[str, ...] = ()
BOARD = ("--place", "closed:board")
HALL = ("--place", "open:hall")


async def tell(file: Path, *lines: str, at: tuple[str, ...] = DM) -> list[str]:
    """One session in one place: its replies."""
    ran = await chat(file, *lines, options=at)
    assert ran.status == 0, ran.err
    return ran.replies


async def hears(file: Path, secret: str, question: str, at: tuple[str, ...]) -> bool:
    (answer,) = await tell(file, question, at=at)
    return secret in answer


def bytes_of(file: Path) -> bytes:
    return b"".join(
        path.read_bytes() for path in sorted(file.parent.glob(f"{file.name}*")) if path.is_file()
    )


@pytest.fixture(scope="module")
def a_life(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Alice's first Ellie, who was told things in three places."""
    file = tmp_path_factory.mktemp("life") / "ellie.db"
    asyncio.run(live(file))
    return file


@pytest.fixture
def told(a_life: Path, tmp_path: Path) -> Path:
    """A copy of it, to be changed."""
    return Path(shutil.copy(a_life, tmp_path / "ellie.db"))


async def live(file: Path) -> None:
    await tell(file, "I am allergic to quinces.", "My sister Zephyrine lives in Oslo.")
    await tell(file, "My friend Zebedee works at Google.", "I like marzipan.", at=BOARD)
    await tell(file, "I like zucchini.", "I play the xylophone.", at=HALL)


@pytest.mark.parametrize(
    ("place", "heard"),
    [(DM, (True, True, True)), (BOARD, (False, True, True)), (HALL, (False, False, True))],
    ids=["alone", "the board", "the hall"],
)
async def test_each_place_hears_what_it_could_have_heard(
    told: Path, place: tuple[str, ...], heard: tuple[bool, ...]
) -> None:
    answers = await tell(
        told, "What am I allergic to?", "Do I like marzipan?", "What do I play?", at=place
    )
    secrets = ("quinces", "likes marzipan", "xylophone")
    found = [one in answer for one, answer in zip(secrets, answers, strict=True)]
    assert found == list(heard)


async def test_secrets_are_corrected_unsaid_forgotten_moved_and_gone(told: Path) -> None:
    file = told
    await correct_unsay_and_forget(file)
    exported = await export(file)
    second = file.parent / "second" / "ellie.db"
    second.parent.mkdir()
    for _ in range(2):
        ran = await run(second, "memory", "import", str(exported))
        assert ran.status == 0, ran.err
    assert await known(second) == await known(file) != []
    assert await hears(second, "medlars", "What am I allergic to?", DM)
    assert not await hears(second, "medlars", "What am I allergic to?", HALL)

    (preview,) = await tell(file, "/forget everything")
    assert "/forget everything yes" in preview
    assert await hears(file, "medlars", "What am I allergic to?", DM)
    (receipt,) = await tell(file, "/forget everything yes")
    assert receipt.startswith("Forgotten and erased: ")
    back = await run(file, "memory", "import", str(exported))
    assert back.status == 0, back.err
    left = bytes_of(file).lower()
    for word in ("quinces", "medlars", "zephyrine", "zebedee", "zucchini", "xylophone", "alice"):
        assert word.encode() not in left, word
    assert await known(file) == []


async def correct_unsay_and_forget(file: Path) -> None:
    """One secret is edited, one unsaid, one forgotten by query."""
    (listed,) = await tell(file, "/recall quinces")
    (number,) = re.findall(r"^  (m\d+)  .*quinces", listed, re.M)[:1]
    (edited,) = await tell(file, f"/memories edit {number} Alice is allergic to medlars")
    assert "now it says" in edited
    noted, unsaid = await tell(file, "I like rhubarb.", "/unsay", at=BOARD)
    assert "rhubarb" in noted
    assert "orgotten" in unsaid
    (preview,) = await tell(file, "/forget marzipan")
    assert "Nothing is forgotten yet" in preview
    (ids,) = re.findall(r"/forget ((?:m\d+ ?)+)$", preview, re.M)
    (receipt,) = await tell(file, f"/forget {ids}")
    assert receipt.startswith("Forgotten and erased: ")
    for gone in (b"marzipan", b"rhubarb"):
        assert gone not in bytes_of(file)


async def export(file: Path) -> Path:
    """What `/privacy export` hands out."""
    (said,) = await tell(file, "/privacy export")
    (exported,) = file.parent.glob("*.json")
    assert exported.name in said
    text = exported.read_text("utf-8")
    assert json.loads(text)["format"] == "ellie-export"
    assert not {"marzipan", "rhubarb"} & set(re.findall(r"\w+", text))
    return exported


async def known(file: Path) -> list[str]:
    """The texts of all that is known of Alice, in order of the alphabet."""
    (page,) = await tell(file, "/memories")
    assert "shows the next page" not in page
    return sorted(re.findall(r"^  m\d+  (.*?)  \(", page, re.M))
