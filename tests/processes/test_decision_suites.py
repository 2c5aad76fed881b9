"""Every packaged decision has a suite of cases: all hold, every rule fires, every bound is tried from both sides."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

import processes
from engine.dmn.json_values import typed_inputs
from engine.dmn.table import DecisionTable
from processes.scenario.cases import SUFFIX, Suite, read_suite, run_suite

FOLDER = Path(processes.__file__).parent
SUITES = sorted(FOLDER.rglob(f"*{SUFFIX}"))


@cache
def suite(path: Path) -> Suite:
    return read_suite(path)


def number(value: object) -> Decimal | None:
    """A number, or a date as its day; None for what has no order here."""
    if isinstance(value, date):
        return Decimal(value.toordinal())
    return value if isinstance(value, Decimal) else None


def asked(played: Suite) -> dict[tuple[str, int], set[Decimal]]:
    """The values that the cases put to each column (from 0) of each decision's table."""
    found: dict[tuple[str, int], set[Decimal]] = defaultdict(set)
    for case in played.cases:
        if case.error is None:
            given = typed_inputs(played.model.target(case.decision), case.given)
            for made in played.model.evaluate(case.decision, given, now=case.now).trace:
                for table in made.tables:
                    for column, (_, value) in enumerate(table.inputs):
                        if (put := number(value)) is not None:
                            found[made.id, column].add(put)
    return found


def bounds(table: DecisionTable) -> Iterator[tuple[int, Decimal]]:
    """The ends of ranges in the table, with their column."""
    for rule in table.rules:
        for column, cell in enumerate(rule.cells):
            for span in cell.spans if cell else ():
                for end in () if span.single else (span.low, span.high):
                    if (bound := number(end)) is not None:
                        yield column, bound


def test_every_decision_file_has_a_suite() -> None:
    files = sorted(FOLDER.rglob("*.dmn"))
    assert files
    assert [path.with_name(path.name.removesuffix(SUFFIX) + ".dmn") for path in SUITES] == files


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name.removesuffix(SUFFIX))
def test_suite(path: Path) -> None:
    outcome = run_suite(suite(path))
    assert outcome.failures == []
    assert outcome.unhit == {}
    assert {case.decision for case in outcome.suite.cases} == set(outcome.suite.model.decisions)


@pytest.mark.parametrize("path", SUITES, ids=lambda path: path.name.removesuffix(SUFFIX))
def test_every_bound_is_tried_from_both_sides(path: Path) -> None:
    played = suite(path)
    values = asked(played)
    missing = set()
    for table in played.model.tables:
        for column, bound in bounds(table):
            tried = values[table.decision_id, column]
            near = 1 if bound == int(bound) else Decimal("0.01")
            sides = {(value > bound) - (value < bound) for value in tried if abs(value - bound) <= near}
            wanted = {0, 1} if bound == 0 else {-1, 0, 1}
            missing |= {(table.decision_id, column, bound, side) for side in wanted - sides}
    assert missing == set(), "nothing counted is below nothing, so a bound of 0 needs no value below"


def test_cases_of_a_file_have_different_names() -> None:
    for path in SUITES:
        named = [(case.decision, case.name) for case in suite(path).cases]
        assert len(named) == len(set(named)), path.name
