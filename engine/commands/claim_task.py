"""Take a task, so that nobody else works on it."""

from __future__ import annotations

from engine.access import people
from engine.errors import Forbidden
from engine.exclusion import check_exclusions
from engine.execution.holding import may_do, open_task, taken, touch
from engine.execution.record import record
from engine.queries.task import TaskView, view
from engine.runtime import Work


def claim_task(work: Work, task_id: str, *, revision: int | None = None) -> TaskView:
    """Make the principal the holder of the task; claiming one's own task again changes nothing.

    Raises what `open_task` raises, `TaskAlreadyClaimed` when another person holds it, `Forbidden` for somebody who is
    no candidate, `ExcludedPerformer` for somebody whose earlier work on the case excludes this.
    """
    root, task = open_task(work, task_id, revision=revision)
    who = work.principal.name
    if task.assignee == who:
        return view(task)
    if not may_do(work, task):
        raise Forbidden(f"{who} is not a candidate for {task.name!r}.", task=task.id, role=task.role, unit=task.unit)
    if task.assignee is not None:
        raise taken(task)
    check_exclusions(work, task, people(who, work.on_behalf_of))
    task.assignee, task.claimed_at = who, work.now
    touch(work, task)
    payload = {"task": task.id, "before": {"assignee": None}, "after": {"assignee": who}}
    record(work, root, action="task:claimed", element=task.element, payload=payload)
    return view(task)
