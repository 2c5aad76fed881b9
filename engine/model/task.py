"""User tasks: what people are asked to do, and who may do it."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ForeignKey, Index, TextClause, text
from sqlalchemy.orm import Mapped, mapped_column

from engine.model.base import Base
from engine.model.types import Document, Id, LongText, Name, ScopePath, When

OPEN, COMPLETED, CANCELLED = "open", "completed", "cancelled"
NO_DUE = datetime(9999, 12, 31, tzinfo=UTC)
"""``due_sort`` of a task without a due instant: it comes last."""
_OPEN = text("status = 'open'")
_FREE = text("status = 'open' AND assignee IS NULL")
_HELD = text("status = 'open' AND assignee IS NOT NULL")
_DONE = text("completed_by IS NOT NULL")


def _partial(name: str, *columns: str, where: TextClause) -> Index:
    return Index(f"ix_user_task_{name}", *columns, sqlite_where=where, postgresql_where=where)


class UserTask(Base):
    """One task of one case. ``role`` within ``unit`` is the candidate group; more candidates stand in TaskCandidate.

    ``due`` is the instant shown and enforced; ``due_sort`` is the same or the far future, for keyset paging, and
    ``priority_sort`` is ``-priority``, so that the highest comes first. ``client_name`` is the case's. ``search`` is
    what a search looks at (`engine.execution.search_text`). ``sla`` is ISO 8601 working time from ``created_at``;
    ``excludes`` lists element ids whose performers may not work on it; ``suspended`` mirrors the root's suspension.
    ``draft`` is the unfinished form, of ``drafted_by``. ``revision`` grows with each change, made by ``changed_by`` at
    ``changed_at``.
    """

    __tablename__ = "user_task"
    __table_args__ = (
        # What a role may take: one index for each order. Filters by process and text read the index alone.
        _partial("free", "role", "unit", "due_sort", "id", "definition_key", "search", where=_FREE),
        _partial("free_age", "role", "unit", "id", "definition_key", where=_FREE),
        _partial("free_priority", "role", "unit", "priority_sort", "due_sort", "id", "definition_key", where=_FREE),
        _partial("held", "role", "unit", "due_sort", "id", where=_HELD),
        # What one person holds is sorted in no time.
        _partial("assignee", "assignee", "due_sort", "id", where=_HELD),
        _partial("due", "due_sort", "id", where=_OPEN),
        Index("ix_user_task_root", "root_id", "element"),
        _partial("completed_by", "completed_by", "completed_at", "id", where=_DONE),
        Index("ix_user_task_token", "root_id", "token"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True)
    root_id: Mapped[Id] = mapped_column(ForeignKey("process_instance.id"))
    instance_id: Mapped[Id]
    definition_key: Mapped[Name]
    definition_version: Mapped[int]
    business_key: Mapped[Name]
    client_name: Mapped[Name | None]
    token: Mapped[ScopePath]
    step: Mapped[int]
    element: Mapped[Name]
    name: Mapped[Name]
    name_en: Mapped[Name | None]
    role: Mapped[Name | None]
    unit: Mapped[Name]
    assignee: Mapped[Name | None]
    status: Mapped[Name] = mapped_column(default=OPEN)
    suspended: Mapped[bool] = mapped_column(default=False)
    priority: Mapped[int]
    priority_sort: Mapped[int]
    due: Mapped[When | None]
    due_sort: Mapped[When]
    follow_up: Mapped[When | None]
    sla: Mapped[Name | None]
    calendar: Mapped[Name | None]
    escalation: Mapped[Name | None]
    clock: Mapped[Name]
    form: Mapped[Name | None]
    excludes: Mapped[Document]
    search: Mapped[LongText]
    draft: Mapped[Document | None]
    drafted_by: Mapped[Name | None]
    drafted_at: Mapped[When | None]
    created_at: Mapped[When]
    claimed_at: Mapped[When | None]
    completed_at: Mapped[When | None]
    completed_by: Mapped[Name | None]
    on_behalf_of: Mapped[Name | None]
    changed_by: Mapped[Name]
    changed_at: Mapped[When]
    revision: Mapped[int] = mapped_column(default=1)


class TaskCandidate(Base):
    """A candidate beyond the task's lane: ``kind`` is user or role; a role counts within ``unit``, the task's."""

    __tablename__ = "task_candidate"
    __table_args__ = (Index("ix_task_candidate_who", "kind", "who", "unit", "task_id"),)

    task_id: Mapped[Id] = mapped_column(ForeignKey("user_task.id"), primary_key=True)
    kind: Mapped[Name] = mapped_column(primary_key=True)
    who: Mapped[Name] = mapped_column(primary_key=True)
    unit: Mapped[Name]
