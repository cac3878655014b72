"""A light page drawn downwards as SVG: words that wrap, boxes, rules.

A reader's machine has fonts of its own: each piece of text is told how wide to be, so that none
runs over the next one or over the edge.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

INK, DIM, EDGE, PAPER = "#1d1c1d", "#616061", "#dddddd", "#ffffff"
FONTS = "Helvetica, Arial, Liberation Sans, DejaVu Sans, sans-serif"
CODE_FONTS = "ui-monospace, Menlo, DejaVu Sans Mono, monospace"
FONT_SIZE, LEADING = 15, 22
# Helvetica's widths of the signs from blank to tilde, in thousandths of the size.
WIDTHS = (
    "278 278 355 556 556 889 667 191 333 333 389 584 278 333 278 278 556 556 556 556 556 556 556 "
    "556 556 556 278 278 584 584 584 556 1015 667 667 722 722 667 611 778 722 278 500 667 556 833 "
    "722 778 667 778 722 667 611 722 667 944 667 667 611 278 278 278 469 556 333 556 556 500 556 "
    "556 278 556 556 222 222 500 222 833 556 556 556 556 333 500 278 556 500 722 500 500 500 334 "
    "260 334 584"
)
WIDTH_OF = {chr(32 + at): int(wide) for at, wide in enumerate(WIDTHS.split())} | {
    "•": 350, "“": 333, "”": 333, "’": 222,
}  # fmt: skip
OTHER_SIGN, CODE_SIGN, CODE_SCALE, BOLD_SCALE = 1000, 602, 0.87, 1.07
BULLET = "• "


@dataclass(frozen=True, slots=True)
class Run:
    """Words in one style. `ground`: the colour behind them."""

    text: str
    bold: bool = False
    code: bool = False
    colour: str = INK
    ground: str | None = None
    size: float = FONT_SIZE

    @property
    def width(self) -> float:
        """How far it reaches."""
        if self.code:
            return len(self.text) * CODE_SIGN / 1000 * CODE_SCALE * self.size
        signs = sum(WIDTH_OF.get(sign, OTHER_SIGN) for sign in self.text)
        return signs / 1000 * self.size * (BOLD_SCALE if self.bold else 1)


Line = list[Run]


def wrapped(runs: Sequence[Run], room: float) -> list[tuple[float, Line]]:
    """Lines that fit, each with its indent: below a bullet goes on what stands beside it."""
    done: list[tuple[float, Line]] = [(0, [])]
    at, hanging = 0.0, 0.0
    for run in runs:
        for token in re.findall(r"\n|[^\S\n]+|\S+", run.text):
            word = replace(run, text=token)
            if token == "\n":
                done.append((0, []))
                at, hanging = 0, 0
                continue
            if at + word.width > room and at > hanging and not token.isspace():
                done.append((hanging, []))
                at = hanging
            if not done[-1][1] and token == BULLET.strip():
                hanging = replace(run, text=BULLET).width
            done[-1][1].append(word)
            at += word.width
    return [(indent, joined(line)) for indent, line in done]


def joined(line: Line) -> Line:
    """The same with neighbours of one style as one."""
    alike = groupby(line, key=lambda run: replace(run, text=""))
    return [replace(style, text="".join(run.text for run in runs)) for style, runs in alike]


@dataclass(slots=True)
class Page:
    """`y` is where the next thing begins."""

    width: float
    y: float = 0
    _drawn: list[str] = field(default_factory=list)

    def text(self, x: float, baseline: float, run: Run) -> None:
        """One piece of text, on one line; blanks around it move it and are not drawn."""
        shown = replace(run, text=run.text.strip())
        if not shown.text:
            return
        x += replace(run, text=run.text[: len(run.text) - len(run.text.lstrip())]).width
        size = run.size * (CODE_SCALE if run.code else 1)
        if run.ground is not None:
            self.box(x - 2, baseline - run.size, shown.width + 4, run.size + 5, run.ground, 3)
        look = ' font-weight="bold"' if run.bold else ""
        look += f' font-family="{CODE_FONTS}"' if run.code else ""
        self._drawn.append(
            f'<text x="{x:.1f}" y="{baseline:.1f}" font-size="{size:.2f}" fill="{run.colour}"'
            f' textLength="{shown.width:.1f}" lengthAdjust="spacingAndGlyphs"{look}>'
            f"{html.escape(shown.text, quote=False)}</text>"
        )

    def line(self, x: float, baseline: float, runs: Sequence[Run]) -> float:
        """Pieces beside each other; where they end."""
        for run in runs:
            self.text(x, baseline, run)
            x += run.width
        return x

    def words(self, x: float, runs: Sequence[Run], right: float) -> None:
        """Words from `x` on, in as many lines as they need to stay left of `right`."""
        for indent, line in wrapped(runs, right - x):
            self.line(x + indent, self.y + FONT_SIZE + 1, line)
            self.y += LEADING

    def box(
        self, x: float, y: float, width: float, height: float, fill: str, radius: float = 0,
        edge: str = "none",
    ) -> None:  # fmt: skip
        """A rectangle; what is drawn later is above it."""
        self._drawn.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}"'
            f' rx="{radius}" fill="{fill}" stroke="{edge}"/>'
        )

    def rule(self, x: float, right: float) -> None:
        """A line across, here."""
        self.box(x, self.y, right - x, 1, EDGE)

    def svg(self, title: str, source: str) -> str:
        """The whole picture. `title`: what screen readers say. `source`: what drew it."""
        height = self.y
        frame = Page(self.width)
        frame.box(0.5, 0.5, self.width - 1, height - 1, PAPER, 8, EDGE)
        return "\n".join(
            [
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {height:g}"'
                f' width="{self.width:g}" height="{height:g}" font-family="{FONTS}" role="img">',
                f"<!-- Drawn by {source} -->",
                f"<title>{html.escape(title)}</title>",
                *frame._drawn,
                *self._drawn,
                "</svg>\n",
            ]
        )
