"""What somebody may do with one task, and what they need for it: the case's data as seen from the task, the draft."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.access import may_see_case, people
from engine.errors import EngineError, ExcludedPerformer, NotFound
from engine.exclusion import check_exclusions
from engine.execution.holding import may_do
from engine.execution.scopes import DatabaseScopes
from engine.ids import is_id
from engine.kernel.state import State
from engine.model.task import OPEN, UserTask
from engine.queries.task import TaskView, view
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class TaskDesk:
    """A task with what the principal may do now. ``barred`` says why they may not work on it, although its role or
    its naming would let them. ``draft`` only for its author and the holder; ``variables`` (FEEL values) are those
    visible from the task, {} once it is closed.
    """

    task: TaskView
    claim: bool
    release: bool
    complete: bool
    barred: EngineError | None
    draft: Any
    drafted_at: datetime | None
    variables: Mapping[str, object]


def task_desk(work: Work, task_id: str) -> TaskDesk:
    """Raises `NotFound` for a task that does not exist or that the principal may not see."""
    task = None
    if is_id(task_id):
        seen = may_see_case(work.principal, UserTask.root_id)
        task = work.session.scalars(select(UserTask).where(UserTask.id == task_id, seen)).one_or_none()
    if task is None:
        raise NotFound("There is no such task.", task=task_id[:64])
    name = work.principal.name
    movable = task.status == OPEN and not task.suspended
    mine = task.assignee == name
    candidate = movable and not mine and may_do(work, task)
    barred = _barred(work, task) if movable and (mine or candidate) else None
    return TaskDesk(
        task=view(task),
        claim=candidate and task.assignee is None and barred is None,
        release=movable and mine,
        complete=movable and mine and barred is None,
        barred=barred,
        draft=task.draft if name in (task.drafted_by, task.assignee) else None,
        drafted_at=task.drafted_at,
        variables=_variables(work, task) if task.status == OPEN else {},
    )


def _barred(work: Work, task: UserTask) -> EngineError | None:
    try:
        check_exclusions(work, task, people(work.principal.name, work.on_behalf_of))
    except ExcludedPerformer as error:
        return error
    return None


def _variables(work: Work, task: UserTask) -> Mapping[str, object]:
    scope = task.token.partition(":")[0]
    scopes = DatabaseScopes(work.session, task.root_id)
    scopes.prefetch(scope)
    return dict(State.stored(scopes).variables(scope)) if scopes.load([scope]) else {}
