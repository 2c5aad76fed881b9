"""Bounds of one evaluation, and the `Run` that keeps count of them.

Steps, sizes and depth are counted, so the same expression over the same values stops at the same place everywhere.
The time limit is only a backstop for a slow machine: reaching it is an error, never a different value.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from engine.feel.errors import FeelLimitExceeded, FeelWarning, position

MAX_TEXT = 32_768
"""Characters of one expression."""

MAX_NESTING = 100
"""Levels of one expression: brackets in brackets, paths on paths."""

MAX_DATA_DEPTH = 100
"""Levels of a value that goes in or out: lists in contexts in lists."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one evaluation may use.

    ``steps``: loop rounds, function calls and list items looked at. ``size``: characters of one text, items of one
    list. ``total``: characters, items, and machine words of what holds them, produced altogether. ``depth``: levels of
    user-defined functions calling each other, counted in levels of their bodies. ``seconds``: of processor
    time, so that a busy machine stops nothing earlier.
    """

    steps: int = 300_000
    size: int = 100_000
    total: int = 2_000_000
    depth: int = 250
    seconds: float = 0.15


DEFAULT = Limits()

_CLOCK_INTERVAL = 2_000

LIST_WORDS, CONTEXT_WORDS, ENTRY_WORDS, FUNCTION_WORDS = 8, 29, 5, 80
"""Machine words that a list, a context, each of its entries, and a function value take."""

_MAX_WARNINGS = 50


class Run:
    """One evaluation under way: its instant, its budget, and in ``trace`` what decision tables report of themselves.

    ``standard``: a name that nothing defines is null with a warning, as DMN says, and not an error. ``warnings``: why
    parts of the expression were null, at most `_MAX_WARNINGS`, each place once; a null that follows from another null
    is not reported again.
    """

    __slots__ = (
        "_check",
        "_deadline",
        "_depth",
        "_produced",
        "_steps",
        "_warned",
        "converted",
        "limits",
        "now",
        "standard",
        "trace",
        "warnings",
    )

    def __init__(self, now: datetime | None, limits: Limits, *, standard: bool = False) -> None:
        self.now = now
        self.limits = limits
        self.standard = standard
        self.warnings: list[FeelWarning] = []
        self._warned: set[tuple[str, int]] | None = None
        self.trace: list[object] = []
        self.converted: dict[str | tuple[str, ...], object] = {}
        self._steps = 0
        self._produced = 0
        self._depth = 0
        self._deadline = 0.0
        self._check = _CLOCK_INTERVAL

    def tick(self, steps: int = 1) -> None:
        """Count work done; raises `FeelLimitExceeded` when there was too much of it."""
        self._steps += steps
        if self._steps >= self._check:
            self._look_at_clock()

    def _look_at_clock(self) -> None:
        if self._steps > self.limits.steps:
            raise FeelLimitExceeded(f"the expression took more than {self.limits.steps} steps")
        elapsed = time.thread_time()
        if self._deadline == 0.0:
            # The clock starts late on purpose: short expressions, nearly all of them, never read it.
            self._deadline = elapsed + self.limits.seconds
        elif elapsed > self._deadline:
            raise FeelLimitExceeded(f"the expression took longer than {self.limits.seconds} s")
        self._check = min(self._steps + _CLOCK_INTERVAL, self.limits.steps + 1)

    def warn(self, message: str, text: str, at: int) -> None:
        """Report why something at offset ``at`` of the expression ``text`` is null."""
        if self._warned is None:
            self._warned = set()
        if len(self.warnings) < _MAX_WARNINGS and (text, at) not in self._warned:
            self._warned.add((text, at))
            self.warnings.append(FeelWarning(message, *position(text, at), text))

    def produced(self, size: int, overhead: int = 0) -> None:
        """Count a new text of ``size`` characters or list or context of ``size`` items, and an ``overhead`` of so many
        machine words that it takes besides; call it before building a large one.
        """
        if size > self.limits.size:
            raise FeelLimitExceeded(f"a value grew beyond {self.limits.size} characters or items")
        self._produced += size + overhead
        if self._produced > self.limits.total:
            raise FeelLimitExceeded(f"the expression produced more than {self.limits.total} characters and items")

    def enter(self, levels: int, steps: int = 1) -> None:
        """Go into a function body of so many levels and steps; `leave` it with the same number of levels."""
        self._depth += levels
        self.tick(steps)
        if self._depth > self.limits.depth:
            raise FeelLimitExceeded("functions call each other too deeply")

    def leave(self, levels: int) -> None:
        """Come back from a function body."""
        self._depth -= levels
