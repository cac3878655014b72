"""One line of the table."""

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Measure:
    """A value in `unit`, and the bound it must not exceed (None: it is only told)."""

    name: str
    value: float
    unit: str
    bound: float | None = None

    @property
    def over(self) -> bool:
        """Whether the bound is exceeded, or there is no value to compare."""
        return self.bound is not None and not self.value <= self.bound


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that `percent` of them do not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)]


def table(measures: Sequence[Measure]) -> str:
    """The measures as text, a line each."""
    width = max(len(measure.name) for measure in measures)
    lines = [f"{'measure':<{width}}  {'value':>9}  {'bound':>9}"]
    for measure in measures:
        bound = "" if measure.bound is None else f"{measure.bound:g} {measure.unit}"
        verdict = "" if measure.bound is None else "over" if measure.over else "ok"
        digits = max(0, 2 - math.floor(math.log10(max(measure.value, 0.1))))
        value = f"{measure.value:.{digits}f} {measure.unit}"
        lines.append(f"{measure.name:<{width}}  {value:>9}  {bound:>9}  {verdict}".rstrip())
    return "\n".join(lines)
