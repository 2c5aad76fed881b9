"""The rules about what happens at run time, on compiled definitions; one module each."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from engine.kernel.check import conditions, correlation, dataflow, duties, joins, reachability
from engine.kernel.definition import Definition
from engine.kernel.findings import Report

FAMILIES: tuple[Callable[[Iterable[Definition], Report], None], ...] = (
    reachability.check,
    joins.check,
    conditions.check,
    dataflow.check,
    duties.check,
    correlation.check,
)


def check(definitions: Sequence[Definition], report: Report) -> None:
    """Rules ``execution/...`` that follow the paths of a process."""
    for family in FAMILIES:
        family(definitions, report)
