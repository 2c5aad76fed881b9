"""How much is measured: the full run takes about ten minutes, the quick one about one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """Sizes of one run.

    (a) ``completions`` timed per database and way, in chunks of ``chunk``, after ``warm_up``. (b) ``rounds`` of a
    loop, ``branch_rounds`` of each of two branches. (d) ``timers`` due at once, after ``idle_seconds`` of measuring
    the API alone. (e) each step is measured ``repeats`` times. (f) each query and page of an inbox with ``open_tasks``
    in the house is measured ``asked`` times. (g) each number of ``items`` is compared with 10.
    """

    completions: int
    warm_up: int
    chunk: int
    rounds: int
    branch_rounds: int
    timers: int
    idle_seconds: float
    repeats: int
    open_tasks: int
    asked: int
    items: tuple[int, ...]


FULL = Scale(400, 40, 20, 5_000, 500, 10_000, 6.0, 9, 1_000_000, 100, (1_000, 10_000))
QUICK = Scale(120, 30, 10, 1_000, 200, 1_000, 2.0, 3, 50_000, 20, (1_000,))
