"""One task as somebody may see it, its form and its draft."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.access import may_see_case
from engine.errors import Forbidden, NotFound
from engine.ids import is_id
from engine.model.task import UserTask
from engine.runtime import Work


@dataclass(frozen=True, slots=True)
class TaskView:
    """A task. Instants are aware, UTC; ``sla`` is ISO 8601 working time; ``role`` within ``unit`` may take it."""

    id: str
    root_id: str
    instance_id: str
    definition_key: str
    definition_version: int
    business_key: str
    client_name: str | None
    element: str
    name: str
    name_en: str | None
    role: str | None
    unit: str
    assignee: str | None
    status: str
    suspended: bool
    priority: int
    due: datetime | None
    follow_up: datetime | None
    sla: str | None
    calendar: str | None
    clock: str
    form: str | None
    excludes: tuple[str, ...]
    created_at: datetime
    claimed_at: datetime | None
    completed_at: datetime | None
    completed_by: str | None
    on_behalf_of: str | None
    changed_by: str
    changed_at: datetime
    revision: int


TASK_COLUMNS = tuple(getattr(UserTask, field.name) for field in fields(TaskView))
"""What a query selects to make a `TaskView`."""
_EXCLUDES = [field.name for field in fields(TaskView)].index("excludes")


def view(row: Any) -> TaskView:
    """The view of a row that has `TASK_COLUMNS`, or of a `UserTask`."""
    values = {field.name: getattr(row, field.name) for field in fields(TaskView)}
    return TaskView(**values | {"excludes": tuple(values["excludes"])})


def view_of_first_columns(row: Any) -> TaskView:
    """The view of a row that begins with `TASK_COLUMNS`: for lists, in a third of the time."""
    values = list(row[: len(TASK_COLUMNS)])
    values[_EXCLUDES] = tuple(values[_EXCLUDES])
    return TaskView(*values)


@dataclass(frozen=True, slots=True)
class Draft:
    """The unfinished form of a task; all None when there is none."""

    data: Any
    saved_by: str | None
    saved_at: datetime | None


def task(work: Work, task_id: str) -> TaskView:
    """Raises `NotFound` for a task that does not exist or that the principal may not see."""
    return view(_find(work, task_id, *TASK_COLUMNS))


def draft_of(work: Work, task_id: str) -> Draft:
    """The draft, for its author and whoever holds the task now. Raises `NotFound`, `Forbidden`."""
    row = _find(work, task_id, UserTask.draft, UserTask.drafted_by, UserTask.drafted_at, UserTask.assignee)
    if work.principal.name not in (row.drafted_by, row.assignee) and row.draft is not None:
        raise Forbidden("Only its author and the holder of the task may read a draft.", task=task_id)
    return Draft(row.draft, row.drafted_by, row.drafted_at)


def form_of(work: Work, task_id: str) -> Any:
    """The task's form (form-js JSON) in the version that counts for its process version. Raises `NotFound`."""
    row = _find(work, task_id, UserTask.form, UserTask.definition_key, UserTask.definition_version)
    if row.form is None:
        raise NotFound("This task has no form.", task=task_id)
    definitions = work.sancha.definitions.for_work(work)
    return json.loads(definitions.form(f"{row.definition_key}:{row.definition_version}", row.form))


def _find(work: Work, task_id: str, *columns: Any) -> Any:
    row = None
    if is_id(task_id):
        seen = may_see_case(work.principal, UserTask.root_id)
        row = work.session.execute(select(*columns).where(UserTask.id == task_id, seen)).one_or_none()
    if row is None:
        raise NotFound("There is no such task.", task=task_id[:64])
    return row
