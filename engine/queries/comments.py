"""The conversation of the cases one may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from engine.access import may_see_case
from engine.errors import NotFound
from engine.ids import is_id
from engine.model.comment import Comment
from engine.model.instance import ProcessInstance
from engine.model.task import UserTask
from engine.queries.page import AnySelect, Key, Order, Page
from engine.runtime import Work

_NEWEST = Order("comments", (Key(Comment.id, "id"),), descending=True)


@dataclass(frozen=True, slots=True)
class CommentView:
    """A comment. ``task_id`` and the task's name in both languages only when it was made at a task; ``written_at`` is
    business time, aware, UTC.
    """

    id: str
    root_id: str
    task_id: str | None
    task_name: str | None
    task_name_en: str | None
    text: str
    written_by: str
    written_at: datetime


def comments(work: Work, root_id: str, *, cursor: str | None = None, limit: int = 50) -> Page[CommentView]:
    """The comments on a case, newest first. Two statements. Raises `NotFound` for an unseen case, `InvalidInput`."""
    seen = may_see_case(work.principal, ProcessInstance.root_id)
    case = select(ProcessInstance.id).where(ProcessInstance.id == root_id, ProcessInstance.parent_id.is_(None), seen)
    if not is_id(root_id) or work.session.scalar(case) is None:
        raise NotFound("There is no such case.", instance=root_id[:64])
    statement: AnySelect = (
        select(Comment, UserTask.name, UserTask.name_en)
        .join(UserTask, UserTask.id == Comment.task_id, isouter=True)
        .where(Comment.root_id == root_id)
    )
    rows = work.session.execute(_NEWEST.apply(statement, cursor, limit))
    return _NEWEST.page(rows, limit, lambda row: view(*row), lambda row: (row[0].id,))


def view(row: Any, task_name: str | None, task_name_en: str | None) -> CommentView:
    """The view of a `Comment` made at the task of that name."""
    return CommentView(
        id=row.id,
        root_id=row.root_id,
        task_id=row.task_id,
        task_name=task_name,
        task_name_en=task_name_en,
        text=row.text,
        written_by=row.written_by,
        written_at=row.written_at,
    )
