"""Plays packaged scenarios and looks at every open task on the way, as the task page would."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.execution.scopes import DatabaseScopes
from engine.kernel.state import State
from engine.model.instance import ProcessInstance
from engine.model.task import OPEN, UserTask
from engine.queries.instances import instance_variables
from engine.runtime import Work
from processes.scenario import run
from processes.scenario.engine_stage import EngineStage
from processes.scenario.script import load

Look = Callable[[Work, UserTask, Mapping[str, object]], None]


def play(file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, look: Look) -> None:
    """Plays ``file``; after each verb ``look`` gets every open task, with the variables its page would have.

    For every case whose task list may have changed it also gets a call with the case's root variables, the task being
    the oldest open one.
    """

    class Watching(EngineStage):
        def start(self, process: str, by: str, variables: Mapping[str, Any]) -> str:
            case = super().start(process, by, variables)
            self._watch()
            return case

        def complete(self, task: str, by: str, data: Mapping[str, Any]) -> None:
            super().complete(task, by, data)
            self._watch()

        def callback(
            self, case: str, message: str, key: str | None, payload: Callable[[str], Mapping[str, Any]]
        ) -> None:
            super().callback(case, message, key, payload)
            self._watch()

        def advance(self, to: datetime) -> None:
            super().advance(to)
            self._watch()

        def _watch(self) -> None:
            with self._sancha.work(SYSTEM, write=False) as work:
                tasks = work.session.scalars(select(UserTask).where(UserTask.status == OPEN).order_by(UserTask.id))
                for task in tasks.all():
                    look(work, task, visible(work, task))

    monkeypatch.setattr(run, "EngineStage", Watching)
    run.run_script(load(file), folder)


def visible(work: Work, task: UserTask) -> dict[str, object]:
    """What is visible from the task, over the variables of the case's root."""
    scopes = DatabaseScopes(work.session, task.root_id)
    scopes.prefetch(task.token)
    return {
        **instance_variables(work, task.root_id),
        **State.stored(scopes).variables(task.token.partition(":")[0]),
    }


def cases(work: Work) -> list[ProcessInstance]:
    """All cases, oldest first."""
    wanted = select(ProcessInstance).where(ProcessInstance.parent_id.is_(None)).order_by(ProcessInstance.id)
    return list(work.session.scalars(wanted))
