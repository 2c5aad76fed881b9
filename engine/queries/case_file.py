"""What the file of one case shows beside its history: open tasks, what it called, which version ran where."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import literal_column, select

from engine.model.instance import ProcessInstance
from engine.model.task import UserTask
from engine.queries.instances import InstanceView
from engine.queries.task import TASK_COLUMNS, TaskView, view
from engine.runtime import Work

# A literal, because neither database uses a partial index for a condition on a bound parameter.
_OPEN = UserTask.status == literal_column("'open'")
_MOST_CALLS = 200


def open_tasks(work: Work, root: InstanceView) -> tuple[TaskView, ...]:
    """The open tasks of the case ``root`` (as `instance` gave it), the first due first. One statement."""
    statement = select(*TASK_COLUMNS).where(UserTask.root_id == root.id, _OPEN).order_by(UserTask.due_sort, UserTask.id)
    return tuple(view(row) for row in work.session.execute(statement))


def refs_of(work: Work, root: InstanceView, ids: Collection[str | None]) -> dict[str, str]:
    """Instance id to ``key:version``, for those ``ids`` that are instances of the case. One statement, none without."""
    wanted = sorted({id for id in ids if id is not None})
    if not wanted:
        return {}
    statement = select(ProcessInstance.id, ProcessInstance.definition_key, ProcessInstance.definition_version).where(
        ProcessInstance.root_id == root.id, ProcessInstance.id.in_(wanted)
    )
    return {id: f"{key}:{version}" for id, key, version in work.session.execute(statement)}


def calls_of(work: Work, instance: InstanceView) -> dict[str, list[tuple[str, str]]]:
    """Element to (id, status) of the instances it called from ``instance``, the newest first, at most 200 in all."""
    statement = (
        select(ProcessInstance.called_from, ProcessInstance.id, ProcessInstance.status)
        .where(ProcessInstance.root_id == instance.root_id, ProcessInstance.parent_id == instance.id)
        .order_by(ProcessInstance.id.desc())
        .limit(_MOST_CALLS)
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for element, id, status in work.session.execute(statement):
        if element is not None:
            found.setdefault(element, []).append((id, status))
    return found
