"""(b) A loop's late round against an early one: the kernel alone, its state stored as text after every step."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bench import models
from bench.scale import Scale
from bench.table import Row, micro
from engine.kernel import BoundDecision, NotDeployed, State, advance
from engine.kernel.compile import compile_model
from engine.kernel.definition import Binding, Definition
from engine.kernel.effects import TaskOpened, TimerSet
from engine.kernel.state import direct_children
from engine.kernel.stimuli import CompleteTask, FireTimer, Start, Stimulus

EARLY = 10
_TURNS = 300
_NOW = datetime(2026, 6, 15, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class OneDefinition:
    """Definitions in which one process is deployed and nothing else."""

    definition: Definition

    def get(self, ref: str) -> Definition:
        """The definition."""
        return self.definition

    def called(self, key: str, binding: Binding, version: int | None, caller_ref: str) -> Definition:
        """Raises `NotDeployed`."""
        raise NotDeployed(f"process {key}")

    def decision(self, key: str, binding: Binding, version: int | None, caller_ref: str) -> BoundDecision:
        """Raises `NotDeployed`."""
        raise NotDeployed(f"decision {key}")

    def stored(self, name: str) -> object | None:
        """None: nothing was ever written."""
        return None

    def add_working_time(self, start: datetime, duration: str, calendar: str) -> datetime:
        """Raises ValueError: the loops count no working time."""
        raise ValueError(calendar)


@dataclass(slots=True)
class StoredCase:
    """One running case whose scopes lie as texts in ``stored``, as they would in a database; also its own source.

    ``tasks`` and ``timers`` are the tokens and waits opened last, by element; ``opened`` the tokens of all tasks that
    this very case has opened, in order, for whoever takes them out.
    """

    definitions: OneDefinition
    stored: dict[str, str] = field(default_factory=dict)
    tasks: dict[str, str] = field(default_factory=dict)
    timers: dict[str, str] = field(default_factory=dict)
    opened: deque[str] = field(default_factory=deque)
    now: datetime = _NOW

    def copy(self) -> StoredCase:
        """The case as it stands."""
        return replace(self, stored=dict(self.stored), tasks=dict(self.tasks), timers=dict(self.timers), opened=deque())

    def load(self, ids: Collection[str]) -> Mapping[str, str]:
        """See `ScopeSource`."""
        return {id: self.stored[id] for id in ids if id in self.stored}

    def children(self, id: str) -> list[str]:
        """See `ScopeSource`."""
        return direct_children(id, self.stored)

    def step(self, stimulus: Stimulus) -> float:
        """Move on by ``stimulus``; the seconds it took to read touched scopes, advance and encode what changed."""
        self.now += timedelta(minutes=1)
        began = time.perf_counter()
        state = State.new() if isinstance(stimulus, Start) else State.stored(self)
        outcome = advance(self.definitions, state, stimulus, self.now)
        changed = outcome.state.changed
        took = time.perf_counter() - began
        self.stored.update(changed)
        for gone in outcome.state.removed:
            self.stored.pop(gone, None)
        for effect in outcome.effects:
            match effect:
                case TaskOpened():
                    self.tasks[effect.element] = effect.token
                    self.opened.append(effect.token)
                case TimerSet():
                    self.timers[effect.element] = effect.wait
        return took

    @property
    def bytes(self) -> int:
        """The size of the whole state in UTF-8."""
        return sum(len(text.encode()) for text in self.stored.values())


Round = Callable[[StoredCase, int], tuple[int, float]]
"""Plays one round (numbered from 1) of a case and returns its steps and the seconds they took."""


def bench_loops(scale: Scale) -> list[Row]:
    """The rows of (b)."""
    kinds: tuple[tuple[str, bytes, Round, int], ...] = (
        ("user task + non-interrupting timer", models.loop(), timer_then_task(), scale.rounds),
        (
            "the same, an escalation of round 3 open beside it",
            models.loop_with_escalation(),
            timer_then_task(fires=lambda number: number == 3),
            scale.rounds,
        ),
        ("subprocess with task and timer", models.subprocess_in_loop(), timer_then_task(), scale.rounds),
        ("two branches that loop side by side", models.two_branches(), both_branches, scale.branch_rounds),
    )
    return [row for what, model, play, rounds in kinds for row in _measure(what, model, play, rounds)]


def timer_then_task(fires: Callable[[int], bool] = lambda _number: True) -> Round:
    """Rounds in which the timer beside the task fires, where ``fires``, and then the task is completed."""

    def play(case: StoredCase, number: int) -> tuple[int, float]:
        took, steps = 0.0, 1
        if fires(number):
            took += case.step(FireTimer(case.timers["late"]))
            steps += 1
        took += case.step(CompleteTask(case.tasks["ask"], {"finished": False, "round": number}))
        return steps, took

    return play


def both_branches(case: StoredCase, number: int) -> tuple[int, float]:
    """A round of each of the two branches."""
    took = 0.0
    for name in ("left", "right"):
        took += case.step(FireTimer(case.timers[f"late_{name}"]))
        took += case.step(CompleteTask(case.tasks[name], {f"finished_{name}": False, "round": number}))
    return 4, took


def play_rounds(model: bytes, play: Round, rounds: int) -> tuple[StoredCase, StoredCase]:
    """The case as it stands before round `EARLY` and, ``rounds`` later or so, before its last round."""
    (definition,) = compile_model(model, file="loop.bpmn")
    case = StoredCase(OneDefinition(definition))
    case.step(Start(definition.ref))
    early = case
    for number in range(1, rounds):
        if number == min(EARLY, rounds - 1):
            early = case.copy()
        play(case, number)
    return early, case


def _measure(what: str, model: bytes, play: Round, rounds: int) -> list[Row]:
    cases = play_rounds(model, play, rounds)
    numbers = (min(EARLY, rounds - 1), rounds)
    seconds: tuple[list[float], list[float]] = ([], [])
    # The same two rounds again and again, in turn: what else the machine does meets both alike.
    for _ in range(_TURNS):
        for case, number, found in zip(cases, numbers, seconds, strict=True):
            steps, took = play(case.copy(), number)
            found.append(took / steps)
    early, late = (statistics.median(found) for found in seconds)
    first, last = (case.bytes for case in cases)
    compared = f"round {rounds:,} against {EARLY}"
    return [
        Row("b", f"{what}: step, {compared}", late / early, micro(late), micro(early), "≤ 1.3"),
        Row("b", f"{what}: state, {compared}", last / first, f"{last:,} B", f"{first:,} B", "flat"),
    ]
