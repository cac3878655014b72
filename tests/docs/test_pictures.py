"""If one of these fails after a change that was meant: CONTRIBUTING.md says what draws anew."""

import html
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from docs import make_discord_pictures, make_slack_pictures
from docs.drawing_page import Run, wrapped
from tests.docs.session import ROOT, undated

Drawing = Callable[[Path], Awaitable[dict[str, str]]]
DRAWINGS: dict[str, Drawing] = {
    "discord": make_discord_pictures.draw,
    "slack": make_slack_pictures.draw,
}
PICTURES = sorted((ROOT / "docs").glob("*.svg"))
SLACK = [path for path in PICTURES if path.name.startswith("slack-")]
PIECE = re.compile(r'<text x="([\d.]+)" y="([\d.]+)"[^>]* textLength="([\d.]+)"[^>]*>([^<]+)')
EDGE = 12
"""So far from a picture's edge words stay."""


@pytest.mark.parametrize("place", DRAWINGS)
async def test_the_pictures_show_what_ellie_posts(place: str, tmp_path: Path) -> None:
    drawn = await DRAWINGS[place](tmp_path)
    kept = {path.stem: path.read_text("utf-8") for path in PICTURES if place in path.stem}
    assert sorted(drawn) == sorted(kept)
    for name, svg in drawn.items():
        assert undated(svg) == undated(kept[name]), name


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.stem)
def test_every_style_of_a_picture_can_be_read(picture: Path) -> None:
    """A browser passes over a style whose name it cannot read: words are black on black then."""
    names = re.findall(r"^\s*\.(\S+) \{", picture.read_text("utf-8"), flags=re.MULTILINE)
    assert all(re.fullmatch(r"[A-Za-z][\w-]*", name) for name in names), names


@pytest.mark.parametrize("picture", SLACK, ids=lambda path: path.stem)
def test_no_words_are_cut_or_lie_on_others(picture: Path) -> None:
    svg = picture.read_text("utf-8")
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert size
    pieces = [(float(x), float(y), float(w), t) for x, y, w, t in PIECE.findall(svg)]
    assert len(pieces) == svg.count("<text ") > 20
    for at, (x, y, width, words) in enumerate(pieces):
        assert EDGE <= x <= x + width <= float(size[1]) - EDGE, words
        assert EDGE <= y <= float(size[2]) - EDGE, words
        for x2, y2, width2, words2 in pieces[at + 1 :]:
            beside = x + width <= x2 + 0.2 or x2 + width2 <= x + 0.2
            assert beside or abs(y - y2) >= 15, (words, words2)


@pytest.mark.parametrize(
    ("picture", "words"),
    [
        ("slack-thread", ["@Ellie", "3 replies", "/recall Sarah", "Only visible to you"]),
        ("slack-home", ["What I know", "Words, a name, a time", "Forget", "Your privacy"]),
    ],
)
def test_the_pictures_of_slack_show_what_the_readme_says(picture: str, words: list[str]) -> None:
    svg = (ROOT / "docs" / f"{picture}.svg").read_text("utf-8")
    shown = [html.unescape(words) for *_, words in PIECE.findall(svg)]
    assert [one for one in words if one not in shown] == []


def test_words_wrap_where_the_room_ends_and_below_their_bullet() -> None:
    (first, line), (second, rest), (third, last) = wrapped([Run("• one two\nthree")], 50)
    assert [run.text for run in (*line, *rest, *last)] == ["• one ", "two", "three"]
    assert first == third == 0
    assert second == Run("• ").width
