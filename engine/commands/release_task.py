"""Give a task back to its role."""

from __future__ import annotations

from engine.errors import Forbidden, TaskNotClaimed
from engine.execution.holding import open_task, touch
from engine.execution.record import record
from engine.queries.task import TaskView, view
from engine.runtime import Work


def release_task(work: Work, task_id: str, *, revision: int | None = None) -> TaskView:
    """Leave the task without a holder; its draft stays. For the holder, and for who supervises the task's unit.

    Raises what `open_task` raises, `TaskNotClaimed` when nobody holds it, `Forbidden`.
    """
    root, task = open_task(work, task_id, revision=revision)
    before = task.assignee
    if before is None:
        raise TaskNotClaimed(f"Nobody holds {task.name!r}.", task=task.id)
    if before != work.principal.name and not work.principal.supervises(task.unit):
        raise Forbidden(f"{task.name!r} is held by {before}; only they or a supervisor may release it.", task=task.id)
    task.assignee, task.claimed_at = None, None
    touch(work, task)
    payload = {"task": task.id, "before": {"assignee": before}, "after": {"assignee": None}}
    record(work, root, action="task:released", element=task.element, payload=payload)
    return view(task)
