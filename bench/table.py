"""The one table that `python -m bench` prints: ratios first, the measured numbers beside them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

HEADINGS = ("", "What", "Ratio", "Measured", "Against", "Aim")
_RIGHT = {2}


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``part`` is the benchmark's letter; ``ratio`` None where a number stands for itself.

    ``measured`` and ``against`` are the two sides of the ratio with their units, ``aim`` what is hoped for.
    """

    part: str
    what: str
    ratio: float | None
    measured: str
    against: str = ""
    aim: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of the line's columns."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return f"({self.part})", self.what, ratio, self.measured, self.against, self.aim


def plain(rows: Iterable[Row]) -> str:
    """The table for a terminal."""
    lines = [HEADINGS, *(row.cells for row in rows)]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(HEADINGS))]
    ruled = [lines[0], tuple("-" * width for width in widths), *lines[1:]]
    return "\n".join("  ".join(_padded(line, widths)).rstrip() for line in ruled)


def markdown(rows: Iterable[Row]) -> str:
    """The table for a document."""
    ruler = "|".join("---:" if column in _RIGHT else "---" for column in range(len(HEADINGS)))
    lines = [f"| {' | '.join(HEADINGS)} |", f"|{ruler}|"]
    return "\n".join(lines + [f"| {' | '.join(row.cells)} |" for row in rows])


def micro(seconds: float) -> str:
    """A duration in seconds as microseconds."""
    return f"{seconds * 1e6:,.0f} µs"


def milli(seconds: float) -> str:
    """A duration in seconds as milliseconds."""
    return f"{seconds * 1e3:,.2f} ms"


def _padded(line: Sequence[str], widths: Sequence[int]) -> list[str]:
    padded = []
    for column, (text, width) in enumerate(zip(line, widths, strict=True)):
        gap = " " * (width - _width(text))
        padded.append(gap + text if column in _RIGHT else text + gap)
    return padded


def _width(text: str) -> int:
    """Columns of a terminal that ``text`` takes: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
