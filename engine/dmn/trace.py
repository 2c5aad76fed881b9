"""What an evaluation reports of itself: rules that fired, decisions that were made, and remarks; see `trace_of`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import cast

from engine.feel.limits import Run
from engine.feel.values import Value


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that gave (part of) a result: ids as in the file, ``index`` the row from 1, ``outputs`` by column name (a
    single unnamed one under "").
    """

    decision_id: str
    table_id: str | None
    rule_id: str | None
    index: int
    outputs: dict[str, Value] = field(default_factory=dict, compare=False)

    @property
    def ref(self) -> str:
        """The rule's id, or ``decision#row`` for a rule without one."""
        return self.rule_id or f"{self.decision_id}#{self.index}"


@dataclass(frozen=True, slots=True)
class TableTrace:
    """One run of a decision table: what its columns asked (label and value) and the rules that fired. ``owner``: the
    decision or function that holds it.
    """

    owner: str
    table_id: str | None
    inputs: tuple[tuple[str, Value], ...]
    rules: tuple[RuleMatch, ...]


@dataclass(frozen=True, slots=True)
class DecisionTrace:
    """One decision that was made: the values it required by name, its result, and the tables that ran for it."""

    id: str
    name: str
    inputs: dict[str, Value]
    value: Value
    tables: tuple[TableTrace, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """Why a value is null in standard mode. ``element``: id of the nearest XML element, ``line`` from 1. ``error``: the
    model itself is wrong there; otherwise these inputs were.
    """

    message: str
    file: str = ""
    line: int | None = None
    element: str | None = None
    error: bool = False

    def __str__(self) -> str:
        place = ", ".join(part for part in (self.file, f"line {self.line}" if self.line else "") if part)
        return f"{self.message} ({place})" if place else self.message


MAX_REMARKS = 100
"""Remarks kept of one evaluation; a loop may repeat the same mistake thousands of times."""

MAX_KEPT = 1_000
"""Runs of tables, and decisions, kept of one evaluation: a decision service may be called in a loop."""


class Trace(list[object]):
    """The `RuleMatch`es in order, as the run's trace; with it what else is known of the evaluation.

    ``strict``: a mistake raises `DecisionFailed` instead of giving null and a remark.
    """

    def __init__(self, *, strict: bool) -> None:
        super().__init__()
        self.strict = strict
        self.remarks: dict[Remark, None] = {}
        self.tables: list[TableTrace] = []
        self.decisions: list[DecisionTrace] = []

    def remark(self, remark: Remark) -> None:
        """Keep a remark, each once."""
        if len(self.remarks) < MAX_REMARKS:
            self.remarks[remark] = None

    def table(self, table: TableTrace) -> None:
        """Keep what a table did."""
        if len(self.tables) < MAX_KEPT:
            self.extend(table.rules)
            self.tables.append(table)

    def decision(self, made: DecisionTrace) -> None:
        """Keep that a decision was made; the last one always, because it is the one that was asked for."""
        if len(self.decisions) == MAX_KEPT:
            self.decisions.pop()
        self.decisions.append(made)


def trace_of(run: Run) -> Trace:
    """The trace of an evaluation that `engine.dmn` began."""
    return cast(Trace, run.trace)
