"""The inbox: tasks to do, tasks one could take, tasks done.

Open tasks are read per branch (the assignee, one branch per role and unit, named candidates, own cases), each with its
own index and ``LIMIT``, and merged: the time does not depend on how many tasks the house has.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, literal_column, select, union

from engine.access import Principal, is_candidate, may_see_case
from engine.errors import InvalidInput
from engine.model.instance import ProcessInstance
from engine.model.task import COMPLETED, TaskCandidate, UserTask
from engine.queries.page import AnySelect, Key, Order, Page
from engine.queries.task import TASK_COLUMNS, TaskView, view
from engine.runtime import Work

MINE, GROUPS, DONE, ALL = "mine", "groups", "done", "all"

# A literal, because neither database uses a partial index for a condition on a bound parameter.
_IS_OPEN = UserTask.status == literal_column("'open'")
_BY_DUE = Order("inbox", (Key(UserTask.due_sort, "instant"), Key(UserTask.id, "id")))
_BY_COMPLETION = Order("done", (Key(UserTask.completed_at, "instant"), Key(UserTask.id, "id")), descending=True)


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """``show``: mine (held by me), groups (what I could take), done (completed by me), all (open ones that I may see).

    ``due_before`` and ``due_after`` are aware instants, both exclusive; a task without a due instant is after all.
    """

    show: str = ALL
    role: str | None = None
    assignee: str | None = None
    business_key: str | None = None
    definition_key: str | None = None
    element: str | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None


def inbox(
    work: Work, wanted: InboxFilter = InboxFilter(), *, cursor: str | None = None, limit: int = 50
) -> Page[TaskView]:
    """A page of tasks: open ones by due instant, done ones latest first. One statement.

    Raises `InvalidInput` for a cursor of another list or a ``show`` that is none.
    """
    if wanted.show == DONE:
        mine = and_(UserTask.completed_by == work.principal.name, UserTask.status == COMPLETED)
        statement = _filtered(select(*TASK_COLUMNS).where(mine), wanted)
        rows = work.session.execute(_BY_COMPLETION.apply(statement, cursor, limit))
        return _BY_COMPLETION.page(rows, limit, view, lambda row: (row.completed_at, row.id))
    branches = [
        _BY_DUE.apply(_filtered(select(UserTask.id).where(_IS_OPEN, branch), wanted), cursor, limit).subquery()
        for branch in _branches(work, wanted)
    ]
    if not branches:
        return Page(())
    found = union(*(select(branch.c.id) for branch in branches)).subquery()
    # All branches give one row more than a page: the merged rows are cut to that again.
    merged = select(*TASK_COLUMNS, UserTask.due_sort).join(found, found.c.id == UserTask.id)
    rows = work.session.execute(_BY_DUE.sorted(merged).limit(limit + 1))
    return _BY_DUE.page(rows, limit, view, lambda row: (row.due_sort, row.id))


def _branches(work: Work, wanted: InboxFilter) -> Iterator[ColumnElement[bool]]:
    principal = work.principal
    if wanted.show == MINE:
        yield UserTask.assignee == principal.name
        return
    if wanted.show == ALL and (principal.sees_every_case or wanted.business_key is not None):
        yield may_see_case(principal, UserTask.root_id)
        return
    if wanted.show not in (GROUPS, ALL):
        raise InvalidInput(f"There is no list {wanted.show!r}.", {"show": [MINE, GROUPS, DONE, ALL]})
    free = [UserTask.assignee.is_(None)] if wanted.show == GROUPS else []
    for role, unit in sorted(principal.duties):
        if wanted.role in (None, role):
            yield and_(UserTask.role == role, UserTask.unit == unit, *free)
    named = select(TaskCandidate.task_id).where(TaskCandidate.who.in_([principal.name, *sorted(principal.roles)]))
    yield and_(UserTask.id.in_(named), is_candidate(principal), *free)
    if wanted.show == ALL:
        yield UserTask.assignee == principal.name
        if principal.supervised_units:
            yield UserTask.unit.in_(principal.supervised_units)
        yield UserTask.root_id.in_(_own_cases(principal))


def _own_cases(principal: Principal) -> AnySelect:
    """Root ids of the cases that the principal started or worked on."""
    started = select(ProcessInstance.id).where(
        ProcessInstance.started_by == principal.name, ProcessInstance.parent_id.is_(None)
    )
    worked_on = select(UserTask.root_id).where(UserTask.completed_by == principal.name)
    return select(union(started, worked_on).subquery().c.id)


def _filtered(statement: AnySelect, wanted: InboxFilter) -> AnySelect:
    if wanted.business_key is not None:
        # The index is on the case, not on the task.
        cases = select(ProcessInstance.id).where(
            ProcessInstance.business_key == wanted.business_key, ProcessInstance.parent_id.is_(None)
        )
        statement = statement.where(UserTask.root_id.in_(cases))
    for column, value in (
        (UserTask.role, wanted.role),
        (UserTask.assignee, wanted.assignee),
        (UserTask.definition_key, wanted.definition_key),
        (UserTask.element, wanted.element),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.due_before is not None:
        statement = statement.where(UserTask.due_sort < wanted.due_before)
    if wanted.due_after is not None:
        statement = statement.where(UserTask.due_sort > wanted.due_after)
    return statement
