"""What lies in a subprocess, a process or a list of items, and what is open in it.

What a region ended or left behind counts no more, whatever is still to be called in it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Then = Callable[[], None]
Env = dict[str, Any]


class Region:
    """Ends (calls ``then``) when everything begun in it has ended. ``path``: the indexes of the items around it.

    ``done``: what completed in it and can be undone, a list of activities and of such lists.
    """

    def __init__(
        self, then: Then, around: Region | None = None, *, item: int | None = None, apart: bool = False
    ) -> None:
        self.live = 1
        self.then = then
        self.around = around
        self.apart = apart  # a called process: what completed in it is nobody else's
        self.path: tuple[int, ...] = (() if around is None else around.path) + (() if item is None else (item,))
        self.done: list[Any] = []
        self.open: list[Region] = []
        self.generation = 0
        self.begun_in = 0 if around is None else around.generation
        self.over = False
        if around is not None:
            around.open.append(self)

    def counts(self) -> bool:
        """Whether it still runs."""
        return not self.over and (
            self.around is None or (self.begun_in == self.around.generation and self.around.counts())
        )

    def leave(self) -> None:
        """One of the things in it is done."""
        self.live -= 1
        if self.live == 0:
            self.end()

    def end(self, *, completed: bool = True) -> None:
        """All of it is over."""
        self.over = True
        if self.around is not None:
            self.around.open.remove(self)
            if completed and self.done and not self.apart:
                self.around.done.append(self.done)
        self.then()

    def interrupt(self) -> None:
        """What runs in it is over; one new thing begins."""
        self.generation += 1
        self.open = []
        self.live = 1

    def undoable(self) -> list[Any]:
        """What completed in it, also in what still runs."""
        return [*self.done, *(one.undoable() for one in self.open if one.counts() and not one.apart)]


@dataclass
class Entry:
    """Something open."""

    name: str
    region: Region
    then: Then
    signal: str = ""
    repeats: bool = False
    generation: int = field(init=False)

    def __post_init__(self) -> None:
        self.generation = self.region.generation

    def counts(self) -> bool:
        return self.generation == self.region.generation and self.region.counts()


def new_env() -> Env:
    """The variables of a process that begins."""
    return {"a": 0, "b": 0, "log": []}


class Join:
    """Goes on when the last of ``number`` has arrived."""

    def __init__(self, number: int, then: Then) -> None:
        self.number = number
        self.then = then

    def arrive(self) -> None:
        self.number -= 1
        if not self.number:
            self.then()


def in_turn(*calls: Callable[[], object]) -> Then:
    """One function that calls all of them."""

    def call() -> None:
        for one in calls:
            one()

    return call
