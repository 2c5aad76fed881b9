"""The inbox: tasks to do, tasks one could take, tasks done.

Open tasks are read per branch (the assignee, one branch per role and unit, named candidates, own cases), each with its
own index and ``LIMIT``, and merged: the time does not depend on how many tasks the house has.
"""

from __future__ import annotations

from sqlalchemy import and_, select, union, union_all

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
    filtered,
    open_tasks,
)
from engine.queries.page import Key, Order, Page
from engine.queries.task import TASK_COLUMNS, TaskView, view
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
_SORT_COLUMNS = (UserTask.priority_sort, UserTask.due_sort)


def inbox(
    work: Work, wanted: InboxFilter = EVERYTHING, *, cursor: str | None = None, limit: int = 50
) -> Page[TaskView]:
    """A page of tasks: open ones in the order asked for, done ones latest first. One statement.

    Raises `InvalidInput` for a cursor of another list or order, and for a list, order or text that cannot be.
    """
    wanted.check()
    if wanted.show == DONE:
        mine = and_(UserTask.completed_by == work.principal.name, UserTask.status == COMPLETED)
        statement = filtered(select(*TASK_COLUMNS).where(mine), wanted, work.now)
        rows = work.session.execute(_BY_COMPLETION.apply(statement, cursor, limit))
        return _BY_COMPLETION.page(rows, limit, view, lambda row: (row.completed_at, row.id))
    order = _ORDERS[wanted.sort]
    names = [str(key.column.key) for key in order.keys]
    if wanted.show == MINE:
        (mine_open,) = open_tasks(work, wanted, *TASK_COLUMNS, *_SORT_COLUMNS)
        statement = order.apply(mine_open, cursor, limit)
    else:
        columns = [key.column for key in order.keys]
        branches = [order.apply(branch, cursor, limit).subquery() for branch in open_tasks(work, wanted, *columns)]
        parts = [select(*branch.c) for branch in branches]
        found = (union(*parts) if wanted.show == ALL else union_all(*parts)).subquery()
        # All branches give one row more than a page: the merged rows are cut to that again.
        first = [found.c[name].desc() if order.descending else found.c[name] for name in names]
        top = select(found.c.id).order_by(*first).limit(limit + 1).subquery()
        statement = order.sorted(select(*TASK_COLUMNS, *_SORT_COLUMNS).join(top, top.c.id == UserTask.id))
    rows = work.session.execute(statement)
    return order.page(rows, limit, view, lambda row: [getattr(row, name) for name in names])
