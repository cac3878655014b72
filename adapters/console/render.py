"""What the core answers, as plain lines for a terminal."""

from dataclasses import replace

from adapters.console.normalise import OWN_FORMS
from adapters.wording.answers import answer
from adapters.wording.parts import Style
from bot.receipts import Revised
from bot.results import CommandResult, Help

_STYLE = Style(
    written=str, named=str, typed=str, placed=str, item="  ", under="      ", gap="  ", wide=True
)


def render(result: CommandResult) -> str:
    """The answer to a command: lines without a final line end, safe for a terminal."""
    if isinstance(result, Help):
        result = replace(result, forms=(*result.forms, *OWN_FORMS))
    return _STYLE.draw(answer(result))


def resaid(revised: Revised | None) -> str:
    """What became of an edited message; None: it was not changed."""
    if revised is None:
        return "Your last message says that already."
    gone = revised.receipt
    changed = "Your last message says that now; I learn from it anew."
    went = gone.memories or gone.messages > 1 or gone.summaries  # its old words are one of these
    return f"{changed} {render(gone)}" if went else changed
