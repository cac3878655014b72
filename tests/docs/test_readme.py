"""If one of these fails after a change that was meant: `python -m tests.docs.readme`."""

import html
import re
from pathlib import Path

import click
import pytest

from bot.cli.main import chat
from bot.config import load_settings
from bot.llm.wordllama_embedder import wordllama_available
from docs.make_session_picture import PICTURE, draw
from tests.docs import readme
from tests.docs.session import undated

TEXT = readme.README.read_text("utf-8")


def test_the_first_lines_name_the_two_commands() -> None:
    opening = TEXT.split("<!-- transcript -->")[0]
    assert opening.startswith("# Ellie\n\nEllie is ")
    assert "make chat" in opening
    assert "make test" in opening


def test_the_transcript_is_what_ellie_says(tmp_path: Path) -> None:
    shown = readme.transcript(TEXT)
    assert shown.count("$ make chat") == 2
    assert undated(readme.replay(shown, tmp_path)) == undated(shown)


def test_a_wrong_transcript_is_noticed(tmp_path: Path) -> None:
    shown = "$ make chat ARGS='--as Kim'\nKim: /new\nellie: No.\n"
    assert readme.replay(shown, tmp_path) != shown


def picture_text(svg: str) -> str:
    """The words of a picture, line by line."""
    lines: dict[float, str] = {}
    for attributes, words in re.findall(r"<text([^>]*)>([^<]*)</text>", svg):
        height = re.search(r'\by="([\d.]+)"', attributes)
        assert height
        at = float(height[1])
        lines[at] = lines.get(at, "") + html.unescape(words)
    return undated("\n".join(lines[at].rstrip() for at in sorted(lines)).replace("\xa0", " "))


@pytest.mark.skipif(not wordllama_available(), reason="drawn where recall goes by meaning too")
def test_the_picture_shows_what_ellie_says(tmp_path: Path) -> None:
    """Renewed by `python -m docs.make_session_picture`; then look at it."""
    shown = picture_text(PICTURE.read_text("utf-8"))
    assert "Alex: /memories" in shown
    assert picture_text(draw(tmp_path)) == shown


def test_the_commands_are_those_that_are_parsed() -> None:
    assert readme.part(TEXT, "commands") == readme.commands()


MODELS = re.findall(
    r"^```sh\n(.*?)```", TEXT.split("## Give it a model")[1], re.DOTALL | re.MULTILINE
)


@pytest.mark.parametrize("lines", MODELS)
def test_what_gives_it_a_model_does(tmp_path: Path, lines: str) -> None:
    (tmp_path / ".env").write_text(lines)
    settings = load_settings()
    names = re.findall(r"^(\w+)=", lines, flags=re.MULTILINE)
    assert {name.lower() for name in names} <= settings.model_fields_set
    assert settings.has_model
    assert settings.ellie_embedding_model in {None, "text-embedding-3-small"}


def test_every_option_of_ellie_chat_is_listed() -> None:
    section = TEXT.split("## `ellie chat`")[1].split("\n## ")[0]
    listed = re.findall(r"^\| `(--\w+) \w+` \|", section, flags=re.MULTILINE)
    options = [option for option in chat.params if isinstance(option, click.Option)]
    assert listed == [option.opts[0] for option in options]
