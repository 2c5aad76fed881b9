"""Every row of the table of BPMN support is so: on the token machine, and as it says on SpiffWorkflow's runtime."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from engine.kernel import stimuli as s
from engine.kernel.check import check
from engine.kernel.compile import compile_model
from engine.kernel.findings import Severity
from tests.kernel.bpmn import model
from tests.kernel.driver import Decision, Deployed, Run
from tests.kernel.support.pieces import ROOTS
from tests.kernel.support.rows import Row, Spiff
from tests.kernel.support.table import ROWS
from tests.kernel.support.write import PAGE, table

TREE = Path(__file__).parents[3]


def _played(row: Row, kernel: str) -> Run:
    deployed = Deployed(*row.others)
    deployed.decisions["grade"] = Decision("grade:1", lambda variables: "A")
    (definition, *_) = compile_model(model(row.body, root=ROOTS), file="test.bpmn", kernel=kernel)
    deployed.by_ref["p:1"] = replace(definition, ref="p:1")
    run = Run(deployed, checks=kernel == "machine")
    steps = list(row.steps)
    event = None
    if steps and steps[0][0] == "start":
        event = steps.pop(0)[1]
    run.send(s.Start("p:1", row.start or {}, event=event))
    for kind, name, *rest in steps:
        variables: Mapping[str, object] = rest[0] if rest else {}
        getattr(run, kind)(name, **variables)
    return run


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.element)
def test_the_token_machine_executes_it(row: Row) -> None:
    run = _played(row, "machine")
    assert run.ended == row.ended
    if row.path:
        assert run.path() == list(row.path)
    if row.variables is not None:
        assert run.variables() == row.variables


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.element)
def test_spiffworkflow_runs_or_refuses_it_as_the_table_says(row: Row) -> None:
    findings = check(model(row.body, root=ROOTS), file="test.bpmn", kernel="spiffworkflow")
    refused = {found.rule for found in findings if found.severity is Severity.ERROR}
    if row.spiff is Spiff.REFUSES:
        assert refused == {"spiffworkflow/refused"}
        return
    assert refused == set()
    run = _played(row, "spiffworkflow")
    assert run.ended == row.ended
    assert sorted(run.path()) == sorted(row.path), "as on the token machine"
    if row.variables is not None:
        assert run.variables() == row.variables


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.element)
def test_the_tests_that_the_table_names_exist(row: Row) -> None:
    assert TREE.joinpath(row.tests).is_file()


def test_the_page_shows_the_table() -> None:
    assert table() in PAGE.read_text(encoding="utf-8"), "run python -m tests.kernel.support.write"


def test_every_section_is_of_the_specification() -> None:
    for row in ROWS:
        assert re.match(r"-$|(tables? |\d)", row.section), row.element
