"""A life with Ellie: secrets told in three places, corrected, unsaid, forgotten, and moved."""

import json
import re
from pathlib import Path

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


async def test_three_secrets_live_are_corrected_forgotten_and_moved(tmp_path: Path) -> None:
    file = tmp_path / "ellie.db"
    await tell(
        file, "I am allergic to quinces.", "My sister Zephyrine lives in Oslo.", "I like tea."
    )
    await tell(file, "My friend Zebedee works at Google.", "I like marzipan.", at=BOARD)
    await tell(file, "I like zucchini.", "I play the xylophone.", at=HALL)

    # who hears what
    allergic, cake, play = "What am I allergic to?", "Do I like marzipan?", "What do I play?"
    assert await hears(file, "quinces", allergic, DM)
    assert not await hears(file, "quinces", allergic, BOARD)
    assert not await hears(file, "quinces", allergic, HALL)
    assert await hears(file, "marzipan", cake, DM)
    assert await hears(file, "marzipan", cake, BOARD)
    assert not await hears(file, "I like marzipan", cake, HALL)
    for place in (DM, BOARD, HALL):
        assert await hears(file, "xylophone", play, place)

    # one is edited, one unsaid, one forgotten
    (listed,) = await tell(file, "/recall quinces")
    (number,) = re.findall(r"^  (m\d+)  .*quinces", listed, re.M)
    (edited,) = await tell(file, f"/memories edit {number} Alice is allergic to medlars")
    assert "now it says" in edited
    told, unsaid = await tell(file, "I like rhubarb.", "/unsay", at=BOARD)
    assert "rhubarb" in told
    assert "orgotten" in unsaid
    (preview,) = await tell(file, "/forget marzipan")
    assert "Nothing is forgotten yet" in preview
    (ids,) = re.findall(r"/forget ((?:m\d+ ?)+)$", preview, re.M)
    (receipt,) = await tell(file, f"/forget {ids}")
    assert receipt.startswith("Forgotten and erased: ")
    for gone in (b"marzipan", b"rhubarb"):
        assert gone not in bytes_of(file)

    # all of it moves to another Ellie, once
    (said,) = await tell(file, "/privacy export")
    (exported,) = tmp_path.glob("*.json")  # noqa: ASYNC240 (nothing else runs)
    assert exported.name in said
    held = json.loads(exported.read_text("utf-8"))
    assert held["format"] == "ellie-export"
    assert not {"marzipan", "rhubarb"} & set(re.findall(r"\w+", exported.read_text("utf-8")))
    second = tmp_path / "second" / "ellie.db"
    second.parent.mkdir()
    first_time = await run(second, "memory", "import", str(exported))
    again = await run(second, "memory", "import", str(exported))
    assert (first_time.status, again.status) == (0, 0), first_time.err + again.err
    assert await known(second) == await known(file)
    assert await hears(second, "medlars", allergic, DM)
    assert not await hears(second, "medlars", allergic, HALL)

    # and is forgotten on the first, for good
    (preview,) = await tell(file, "/forget everything")
    assert "/forget everything yes" in preview
    assert await hears(file, "medlars", allergic, DM)
    (receipt,) = await tell(file, "/forget everything yes")
    assert receipt.startswith("Forgotten and erased: ")
    back = await run(file, "memory", "import", str(exported))
    assert back.status == 0, back.err
    assert await known(file) == []
    left = bytes_of(file).lower()
    for word in ("quinces", "medlars", "zephyrine", "zebedee", "zucchini", "xylophone", "alice"):
        assert word.encode() not in left, word


async def known(file: Path) -> list[str]:
    """The texts of all that is known of Alice, in order of the alphabet."""
    (page,) = await tell(file, "/memories")
    assert "shows the next page" not in page
    return sorted(re.findall(r"^  m\d+  (.*?)  \(", page, re.M))
