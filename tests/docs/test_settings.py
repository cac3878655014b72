"""If one of these fails after a change that was meant:

python -m tests.docs.settings env > .env.example; python -m tests.docs.readme
"""

import re
from pathlib import Path

import pytest

from bot.config import Settings, load_settings
from tests.docs import readme, settings
from tests.docs.session import ROOT

EXAMPLE = (ROOT / ".env.example").read_text("utf-8")


def test_the_readme_lists_every_setting_with_its_default() -> None:
    assert readme.part(readme.README.read_text("utf-8"), "settings") == settings.table()


def test_the_example_lists_every_setting_with_its_default() -> None:
    assert settings.example() == EXAMPLE


def test_every_setting_is_described_in_one_cell_of_the_table() -> None:
    for name, default, description in settings.settings():
        assert description, name
        assert not set("|\n") & set(default + description), name


@pytest.mark.parametrize("written_out", [False, True])
def test_the_example_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written_out: bool
) -> None:
    monkeypatch.delenv("ELLIE_DB")  # the tests' own
    text = re.sub(r"^#(?=[A-Z_]+=)", "", EXAMPLE, flags=re.MULTILINE) if written_out else EXAMPLE
    assert ("\nELLIE_CHAT_MODEL=" in text) is written_out
    (tmp_path / ".env").write_text(text, "utf-8")
    assert load_settings() == Settings.model_construct()
