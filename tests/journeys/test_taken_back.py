"""On the console: what was said is said otherwise, and taken back, also in a later session."""

from pathlib import Path

from tests.journeys.process import chat


def grep(file: Path, word: bytes) -> int:
    """How often a word stands in the database and beside it."""
    files = [file, Path(f"{file}-wal"), Path(f"{file}-shm")]
    return sum(one.read_bytes().lower().count(word) for one in files if one.exists())


async def test_a_line_is_said_otherwise_and_taken_back_and_no_byte_of_it_is_left(
    file: Path,
) -> None:
    await chat(file, "I live in Trondheim")
    changed = await chat(file, "/resay I live in Lillehammer")
    assert changed.replies[0].startswith(
        "Your last message says that now; I learn from it anew. Forgotten"
    )
    assert grep(file, b"trondheim") == 0
    later = await chat(file, "/memories", "/unsay", "/memories", "/unsay", "/recall Lillehammer")
    assert "Lillehammer" in later.replies[0]
    assert later.replies[1].startswith("Forgotten and erased: 1 memory (m2)")
    assert later.replies[2] == "I know nothing about you yet."
    assert later.replies[3] == "You have said nothing here that I keep."
    assert "know nothing" in later.replies[4]
    assert grep(file, b"lillehammer") == 0
    assert grep(file, b"lillehamm") == 0
