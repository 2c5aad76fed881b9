"""Finish a task: check the form, move the case on, record it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from engine.access import people
from engine.execution.advance import advance_root
from engine.execution.completing import check_performers
from engine.execution.holding import held_task
from engine.execution.lock import Root
from engine.execution.payload import check_variables
from engine.kernel.state import State
from engine.kernel.stimuli import CompleteTask
from engine.model.task import COMPLETED, UserTask
from engine.queries.documents import documents_of
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class Completed:
    """A finished task, and the case's new revision. ``completed_at`` is aware, UTC."""

    id: str
    root_id: str
    status: str
    completed_by: str
    completed_at: datetime
    revision: int
    instance_revision: int
    instance_status: str


def complete_task(
    work: Work, task_id: str, variables: Mapping[str, object], *, revision: int | None = None
) -> Completed:
    """Complete the task that the principal holds with ``variables``, as the deployed form cleans them.

    The case moves on until it waits again, all in this transaction. Raises what `held_task` raises (a completed task is
    refused also for who completed it), `ExcludedPerformer`, `FormRefused`, and `InvalidInput` for variables that
    nothing can hold.
    """
    root, task = held_task(work, task_id, revision=revision)
    check_performers(work, root, task, people(work.principal.name, work.on_behalf_of))
    data = check_variables(variables, work.sancha.limits.variables_bytes)
    cleaned = _checked(work, root, task, data)
    revision_after = task.revision + 1
    advance_root(
        work,
        root,
        CompleteTask(task.token, cleaned),
        action="task:completed",
        element=task.element,
        payload={"task": task.id, "form": task.form, "data": cleaned},
    )
    return Completed(
        id=task_id,
        root_id=root.id,
        status=COMPLETED,
        completed_by=work.principal.name,
        completed_at=work.now,
        revision=revision_after,
        instance_revision=root.row.revision,
        instance_status=root.row.status,
    )


def _checked(work: Work, root: Root, task: UserTask, data: dict[str, object]) -> dict[str, object]:
    """What the form makes of ``data``: it may look at the case's variables and refuse."""
    if task.form is None:
        return data
    definitions = work.sancha.definitions.for_work(work)
    form = definitions.form(f"{task.definition_key}:{task.definition_version}", task.form)
    visible = State.stored(root.scopes).variables(task.token.partition(":")[0])
    return dict(work.sancha.check_form(form, data, visible, work.now, partial(documents_of, work, root.id)))
