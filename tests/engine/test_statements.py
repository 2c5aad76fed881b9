"""Completing a task stays cheap through whole packaged cases, not only in the usual step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import Engine

import processes
from engine.commands.complete_task import Completed, complete_task
from engine.model.task import UserTask
from engine.runtime import Work
from processes.scenario import engine_stage
from processes.scenario.run import run_script
from processes.scenario.script import load
from tests.databases import Statements

MOST = 12
"""With the clock, in whose place a request over HTTP authenticates; its idempotency key takes two more."""
MOST_OF_A_LAST_VOTE = MOST + 1
"""The vote that ends a committee also reads what all the other members said: their scopes are no ancestors of its."""
LAST_VOTE = "P05_vote"

_SCENARIOS = Path(processes.__file__).parent / "P00_project_lifecycle" / "scenarios"


@dataclass(frozen=True, slots=True)
class Completion:
    """What completing one task at ``element`` sent."""

    element: str
    statements: int
    text: str


@dataclass(slots=True)
class Counting:
    """Stands for `complete_task` in a scenario and counts what it sends."""

    found: list[Completion] = field(default_factory=list)

    def __call__(self, work: Work, task_id: str, variables: Mapping[str, object]) -> Completed:
        with Statements(cast(Engine, work.session.get_bind())) as sent:
            done = complete_task(work, task_id, variables)
            work.session.flush()
        task = work.session.get_one(UserTask, task_id)
        assert sent.commits == 0, "the one commit comes at the end of the transaction"
        clock = 1  # read when the transaction began
        self.found.append(Completion(task.element, clock + len(sent), str(sent)))
        return done


@pytest.mark.parametrize("name", ["1-wind-farm", "3-returned-four-times"])
def test_every_completion_of_a_case_costs_few_statements(
    name: str, empty_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting = Counting()
    monkeypatch.setattr(engine_stage, "complete_task", counting)
    run_script(load(_SCENARIOS / f"{name}.yaml"), tmp_path, empty_database_url)
    dear = [done for done in counting.found if done.statements > MOST]
    shown = "\n".join(f"{done.statements} at {done.element}\n{done.text}" for done in dear)
    assert len(counting.found) > 20
    assert {done.element for done in dear} <= {LAST_VOTE}, shown
    assert max((done.statements for done in dear), default=0) <= MOST_OF_A_LAST_VOTE, shown
    assert len(dear) <= 1, shown
