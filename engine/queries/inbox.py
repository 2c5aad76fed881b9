"""The inbox: tasks to do, tasks one could take, tasks done.

Open tasks are read per branch (the assignee, one branch per role and unit, named candidates, own cases), each with its
own index and ``LIMIT``, and merged: the time does not depend on how many tasks the house has.
"""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import and_, bindparam, select, union, union_all

from engine.model.task import COMPLETED, UserTask
from engine.queries.filter_choices import FilterChoices, filter_choices
from engine.queries.inbox_counts import TabCounts, counts, mark, newer
from engine.queries.inbox_lists import (
    ALL,
    DONE,
    DUE,
    EVERYTHING,
    GROUPS,
    MINE,
    NEWEST,
    OLDEST,
    PRIORITY,
    SORTS,
    InboxFilter,
    Shape,
    asked,
    stop_at,
)
from engine.queries.page import AnySelect, Key, Order, Page, checked_limit
from engine.queries.task import TASK_COLUMNS, TaskView, view_of_first_columns
from engine.runtime import Work

__all__ = [
    "ALL",
    "DONE",
    "GROUPS",
    "MINE",
    "SORTS",
    "FilterChoices",
    "InboxFilter",
    "TabCounts",
    "counts",
    "filter_choices",
    "inbox",
    "mark",
    "newer",
]

_ID, _DUE = Key(UserTask.id, "id"), Key(UserTask.due_sort, "instant")
# Ids are made in order of time when a task is opened, so they are its age.
_ORDERS = {
    DUE: Order("inbox", (_DUE, _ID)),
    OLDEST: Order("inbox-oldest", (_ID,)),
    NEWEST: Order("inbox-newest", (_ID,), descending=True),
    PRIORITY: Order("inbox-priority", (Key(UserTask.priority_sort, "number"), _DUE, _ID)),
}
_BY_COMPLETION = Order("done", (Key(UserTask.completed_at, "instant"), _ID), descending=True)
_SHOWN = (*TASK_COLUMNS, UserTask.priority_sort, UserTask.due_sort)


def inbox(
    work: Work, wanted: InboxFilter = EVERYTHING, *, cursor: str | None = None, limit: int = 50
) -> Page[TaskView]:
    """A page of tasks: open ones in the order asked for, done ones latest first. One statement.

    Raises `InvalidInput` for a cursor of another list or order, and for a list, order or text that cannot be.
    """
    shape, parameters = asked(work, wanted)
    order = _BY_COMPLETION if wanted.show == DONE else _ORDERS[wanted.sort]
    parameters |= order.parameters(cursor)
    statement = _statement(shape, order, cursor is not None, checked_limit(limit) + 1)
    names = [str(key.column.key) for key in order.keys]
    rows = work.session.execute(statement, parameters)
    return order.page(rows, limit, view_of_first_columns, lambda row: [getattr(row, name) for name in names])


@lru_cache(maxsize=256)
def _statement(shape: Shape, order: Order, further: bool, most: int) -> AnySelect:
    """``most`` rows of `_SHOWN`: the first ones, or ``further`` ones after those of a cursor."""
    names = [str(key.column.key) for key in order.keys]
    if shape.show == DONE:
        mine = and_(UserTask.completed_by == bindparam("me"), UserTask.status == COMPLETED)
        statement = shape.filtered(select(*_SHOWN).where(mine))
        return order.sorted(statement.where(order.beyond) if further else statement).limit(stop_at(most))
    # Each branch gives the keys of as many rows as are wanted, from its index; the rows themselves come afterwards.
    branches = shape.open_tasks(*(key.column for key in order.keys))
    if further:
        branches = [branch.where(order.beyond) for branch in branches]
    parts = [branch.first(most, *names, descending=order.descending) for branch in branches]
    if len(parts) > 1:
        found = (union(*parts) if shape.show == ALL else union_all(*parts)).subquery()
        keys = [found.c[name].desc() if order.descending else found.c[name] for name in names]
        parts = [select(found.c.id).order_by(*keys).limit(stop_at(most))]
    chosen = parts[0].subquery()
    return order.sorted(select(*_SHOWN).join(chosen, chosen.c.id == UserTask.id))
