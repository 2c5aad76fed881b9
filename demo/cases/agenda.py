"""Plays stories side by side: business time goes from instant to instant, and whoever's turn it is acts then."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from demo.cases.desk import Desk

Steps = Iterator[datetime]
"""A story that runs: it yields the instant at which it goes on. One that has passed means at once."""
Story = Callable[[Desk], Steps]


def play(desk: Desk, stories: Sequence[Story], turned: Callable[[int], None]) -> None:
    """Play all ``stories`` to their ends, in the order of their instants; ``turned`` is told how often one acted."""
    waiting: list[tuple[datetime, int, Steps]] = []
    turns = 0
    for number, story in enumerate(stories):
        steps = story(desk)
        waiting.append((next(steps), number, steps))
    heapq.heapify(waiting)
    while waiting:
        instant, number, steps = heapq.heappop(waiting)
        desk.advance(instant)
        if (following := next(steps, None)) is not None:
            heapq.heappush(waiting, (following, number, steps))
        turns += 1
        turned(turns)
