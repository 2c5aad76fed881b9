"""Scopes, tokens and waits: what a running instance consists of, and their stored form.

A **scope id is its path**: the root instance is ``1``, a child ``1.5``, its child ``1.5.12``. A token or a wait is
``<scope>:<number>``. Scopes, tokens and waits take their numbers from one counter in scope ``1``; none is reused. The
ancestors of a token follow from its id, so that a step loads and writes only the scopes it touches.

Their stored form is written and read by ``encoding``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from engine.kernel.values import Json

FORMAT: Final = 2
"""Version of the stored form, kept in the root scope. 2 adds event subprocesses, signals, conditions, loops, complex
gateways and compensation to 1; what 1 wrote is read as it was.
"""

ROOT: Final = "1"


class ScopeKind(StrEnum):
    """What a scope stands for; the values are stored."""

    PROCESS = "p"
    """A process instance: the root, or one that a call activity started."""
    SUB_PROCESS = "s"
    BODY = "b"
    """All items of a multi-instance activity: only counters, never a list of its items."""
    ITEM = "i"
    """One item of a multi-instance activity, with its own variables and the token that runs the activity once."""
    LOOP = "o"
    """One round of a standard loop; ``index`` rounds were done before it."""
    UNDO = "u"
    """A compensation that runs: opened by the event that threw it. What it undoes lies in the scope ``target``."""
    RECORD = "c"
    """A completed activity that may be compensated: ``snapshot`` is what was visible when it completed."""
    LOCAL = "l"
    """The evaluated inputs of an activity that maps inputs, around the token that runs it."""


class Phase(StrEnum):
    """What a token does next (`ACTIVE`) or waits for; the values are stored."""

    OPEN = "h"
    """Arm the event subprocesses of the scope, then enter."""
    ENTER = "e"
    """Arm the boundary events."""
    RUN = "r"
    """Do what the element does."""
    OUTPUTS = "o"
    """Write the results (``payload``, and those of the finished child scope)."""
    LEAVE = "l"
    """Choose the outgoing flows."""
    TASK = "t"
    SERVICE = "s"
    CATCH = "c"
    EVENTS = "g"
    CHILD = "k"
    JOIN = "j"
    ASYNC = "y"
    """Goes on in a transaction of its own; ``flow`` says where."""
    THROW = "n"
    """A signal is about to be thrown: when all others have settled. Never stored."""


ACTIVE: Final = frozenset({Phase.OPEN, Phase.ENTER, Phase.RUN, Phase.OUTPUTS, Phase.LEAVE})


class Token(NamedTuple):
    """One visit of an element. ``step`` is the visit's number (that of the outer token for an inner one).

    ``failed``: waits for a retry of ``phase``. ``child``: number of the child scope it waits for. ``waits``: numbers of
    its waits, ``flow``: the flow by which it came to a join (or a word of the element's own). ``payload``: encoded
    results not written yet.
    """

    number: int
    element: str
    phase: Phase
    step: int
    failed: bool = False
    child: int | None = None
    waits: tuple[int, ...] = ()
    flow: str | None = None
    payload: Mapping[str, Json] | None = None


class WaitKind(StrEnum):
    """What a wait listens to; the values are stored."""

    MESSAGE = ""
    TIMER = "t"
    SIGNAL = "s"
    """``text`` is the signal's name."""
    CONDITION = "c"
    """``text`` is "1" while the condition is true: it happens when it becomes so."""
    DONE = "d"
    """One event of several that must all happen; it has."""


class Wait(NamedTuple):
    """What the token ``token`` (0: the scope itself, for an event subprocess) listens to, for the event ``element``.

    ``tick``: an armed timer's `timers.Tick` as JSON (None: no timer). ``text``: the evaluated interval of a cycle, or
    see ``kind``. ``part``: which of the element's event definitions.
    """

    number: int
    token: int
    element: str
    tick: tuple[str | int, ...] | None = None
    text: str | None = None
    kind: WaitKind = WaitKind.MESSAGE
    part: int = 0


@dataclass(frozen=True, slots=True)
class Items:
    """Counters of a multi-instance body. Item *k* (from 0) is the child scope with the number ``first + k``."""

    first: int
    total: int
    started: int
    done: int = 0


@dataclass(slots=True)
class Scope:
    """One scope. ``element`` and ``owner`` (a token's number) are where it was opened, in the parent scope.

    ``variables`` hold encoded values. ``definition`` and ``business_key`` belong to process instances, ``items`` to
    multi-instance bodies, ``index`` and ``result`` (the finished item's output, kept until the body ends) to items,
    ``counter`` to the root. ``signals`` and ``conditions`` count the waits of those kinds here and below, so that a
    signal or a changed variable finds them without looking everywhere. ``interrupted``: an event subprocess has
    interrupted what was here, and no other one may begin. ``gates``: the flows whose tokens a complex gateway has taken
    since it was activated, by gateway. ``todo``: activities that a sequential ad-hoc subprocess has still to begin.

    Compensation: ``record`` is the number of the latest child scope that may be compensated, and that one's
    ``previous`` the number of the one before (0: none). While a compensation runs, ``runner`` is the scope that goes on
    when this one is done, ``running`` the scope that this one waits for, ``target`` where the records of an `UNDO` are
    (of a scope that a cancelled transaction ended before it completed: itself). ``kept``: a finished scope that stays
    only to be compensated. ``snapshot`` is read after ``variables``; what its handler writes is no longer in it.
    """

    kind: ScopeKind
    element: str = ""
    owner: int = 0
    variables: dict[str, Json] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    waits: dict[int, Wait] = field(default_factory=dict)
    definition: str = ""
    business_key: str = ""
    items: Items | None = None
    index: int = 0
    result: Json = None
    counter: int = 0
    signals: int = 0
    conditions: int = 0
    interrupted: bool = False
    gates: dict[str, list[str]] = field(default_factory=dict)
    todo: tuple[str, ...] = ()
    record: int = 0
    previous: int = 0
    runner: str = ""
    running: str = ""
    target: str = ""
    kept: bool = False
    snapshot: Mapping[str, Json] = field(default_factory=dict)

    def copy(self) -> Scope:
        """A copy that can be changed; the values inside are never changed in place and stay shared."""
        return Scope(
            self.kind,
            self.element,
            self.owner,
            dict(self.variables),
            dict(self.tokens),
            dict(self.waits),
            self.definition,
            self.business_key,
            self.items,
            self.index,
            self.result,
            self.counter,
            self.signals,
            self.conditions,
            self.interrupted,
            dict(self.gates),
            self.todo,
            self.record,
            self.previous,
            self.runner,
            self.running,
            self.target,
            self.kept,
            self.snapshot,
        )


def parent_of(scope: str) -> str:
    """The id of the scope around ``scope``; empty for the root."""
    return scope.rpartition(".")[0]


def ancestors_of(scope: str) -> list[str]:
    """``scope`` and all scopes around it, the root first."""
    parts = scope.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def split_handle(handle: str) -> tuple[str, int]:
    """The scope and the number of a token or wait id; ``("", 0)`` for text that is no such id."""
    scope, _, number = handle.partition(":")
    if scope.split(".")[0] != ROOT or not number.isascii() or not number.isdigit():
        return "", 0
    return scope, int(number)
