"""Keep the unfinished form of a task."""

from __future__ import annotations

from collections.abc import Mapping

from engine.execution.holding import held_task, touch
from engine.execution.payload import check_variables, readable
from engine.execution.record import record
from engine.queries.task import TaskView, view
from engine.runtime import Work


def save_draft(work: Work, task_id: str, data: Mapping[str, object], *, revision: int | None = None) -> TaskView:
    """Store ``data`` as the task's draft, unchecked by the form: it is checked when the task is completed.

    For the holder of the task. Raises what `held_task` raises, and `InvalidInput` for what no variable can be.
    """
    root, task = held_task(work, task_id, revision=revision)
    draft = readable(check_variables(data, work.sancha.limits.variables_bytes))
    before = task.draft
    task.draft, task.drafted_by, task.drafted_at = draft, work.principal.name, work.now
    touch(work, task)
    payload = {"task": task.id, "before": before, "after": draft}
    record(work, root, action="task:draft-saved", element=task.element, payload=payload)
    return view(task)
