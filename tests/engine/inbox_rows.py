"""Many open tasks at once: copies of a real one, each with changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.access import SYSTEM
from engine.execution.search_text import search_text
from engine.execution.upsert import rows_into
from engine.ids import new_id
from engine.model.task import NO_DUE, UserTask
from engine.queries.inbox import InboxFilter, inbox
from engine.queries.page import Page
from engine.queries.task import TaskView
from tests.factories import House, one_task

__all__ = ["copies", "every_page", "page", "shown", "template"]


def template(house: House) -> str:
    """One open task for RM of the branch."""
    house.deploy(small_bpmn=one_task(sla="PT8H"))
    return house.task(house.start("small").id, "ask").id


def copies(house: House, task_id: str, changes: Iterable[dict[str, Any]]) -> list[str]:
    """Rows like that of the task with ``changes``; their ids, in order."""
    with house.sancha.work(SYSTEM) as work:
        row = work.session.get_one(UserTask, task_id)
        like = {column.key: getattr(row, column.key) for column in UserTask.__table__.columns}
        rows = []
        for number, change in enumerate(changes):
            made = like | {"id": new_id(), "token": f"copy.{number}"} | change
            made["due_sort"] = made["due"] or NO_DUE
            made["priority_sort"] = -made["priority"]
            names = (made["client_name"], made["business_key"], made["name"], made["name_en"])
            rows.append(made | {"search": search_text(*names)})
        work.session.execute(rows_into(UserTask), rows)
    return [row["id"] for row in rows]


def page(house: House, by: str, *, cursor: str | None = None, limit: int = 50, **wanted: object) -> Page[TaskView]:
    """A page of the inbox of a member of the cast."""
    with house.sancha.work(house.who(by), write=False) as work:
        return inbox(work, InboxFilter(**wanted), cursor=cursor, limit=limit)  # type: ignore[arg-type]  # by name


def shown(house: House, by: str, **wanted: object) -> list[str]:
    """The ids on the first page."""
    return [each.id for each in page(house, by, **wanted).items]


def every_page(house: House, by: str, *, limit: int, **wanted: object) -> list[TaskView]:
    """All tasks of the list, page after page."""
    found: list[TaskView] = []
    cursor: str | None = None
    while True:
        part = page(house, by, cursor=cursor, limit=limit, **wanted)
        assert len(part.items) == limit or part.next is None
        found += part.items
        cursor = part.next
        if cursor is None:
            return found
