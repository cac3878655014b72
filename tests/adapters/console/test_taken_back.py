"""What the console's own lines play: a message deleted, a message edited."""

import pytest

from adapters.console.normalise import Resay, Unsay, taken_back
from adapters.console.render import resaid
from bot.errors import CommandError
from bot.receipts import Receipt, Revised
from bot.types import MemoryNumber


@pytest.mark.parametrize(
    ("line", "change"),
    [
        ("/unsay", Unsay()),
        ("/UNSAY", Unsay()),
        ("/resay I live in Oslo", Resay("I live in Oslo")),
        ("/resay  so ", Resay("so")),
        ("/unsaid", None),
        ("/forget last", None),
        ("unsay", None),
    ],
)
def test_a_line_takes_the_last_message_back_or_changes_it(
    line: str, change: Unsay | Resay | None
) -> None:
    assert taken_back(line) == change


@pytest.mark.parametrize(
    ("line", "says"), [("/unsay that", "takes nothing after it"), ("/resay", "/resay I live")]
)
def test_what_is_missing_or_too_much_is_said(line: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        taken_back(line)


def test_an_edit_says_what_it_took_along() -> None:
    assert resaid(None) == "Your last message says that already."
    learns = "Your last message says that now; I learn from it anew."
    assert resaid(Revised(Receipt((), 1, 0, 1), None)) == learns
    assert resaid(Revised(Receipt((MemoryNumber(3),), 2, 0, 0), None)) == (
        f"{learns} Forgotten and erased: 1 memory (m3) and 2 messages."
    )
