"""Which tasks stand in which list: the branches that each has an index for, and the filters on top of them.

Candidate roles are joined at query time: a list of several roles is read role by role, each with its own index.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, literal_column, not_, or_, select, union

from engine.access import ROLE, USER, Principal, in_duties, is_candidate, may_see_case
from engine.errors import InvalidInput
from engine.execution.search_text import SEARCHED, folded
from engine.kernel.definition import HOUSE_ZONE
from engine.model.instance import ProcessInstance
from engine.model.task import NO_DUE, TaskCandidate, UserTask
from engine.queries.literal import contains
from engine.queries.page import AnySelect
from engine.runtime import Work

MINE, GROUPS, DONE, ALL = "mine", "groups", "done", "all"
LISTS = (MINE, GROUPS, DONE, ALL)
LATE, TODAY, WEEK, NONE = "late", "today", "week", "none"
DUES = (LATE, TODAY, WEEK, NONE)
DUE, OLDEST, NEWEST, PRIORITY = "due", "oldest", "newest", "priority"
SORTS = (DUE, OLDEST, NEWEST, PRIORITY)

# Literals, because neither database uses a partial index for a condition on a bound parameter.
IS_OPEN = UserTask.status == literal_column("'open'")
_FREE = UserTask.assignee.is_(None)
_HELD = UserTask.assignee.is_not(None)


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """``show``: mine (held by me), groups (what I could take), done (completed by me), all (open ones that I may see).

    ``text`` is found literally, A to Z in either size, in the first 100 characters of case number, client's name and
    the task's names. ``due``: late, today (due before the day ends in Asia/Shanghai), week (within seven days from
    now), none; today and week have the late ones too. ``due_before`` and ``due_after`` are aware instants, both
    exclusive; a task without a due instant is after all. ``sort`` orders open tasks: due, oldest, newest, priority
    (the highest first, then by due instant); done ones always come latest first.
    """

    show: str = ALL
    role: str | None = None
    assignee: str | None = None
    business_key: str | None = None
    definition_key: str | None = None
    element: str | None = None
    due_before: datetime | None = None
    due_after: datetime | None = None
    text: str | None = None
    due: str | None = None
    sort: str = DUE

    def check(self) -> None:
        """Raises `InvalidInput` for a list, a ``due`` or a ``sort`` that is none, and for a text that is too long."""
        for field, value, known in (("show", self.show, LISTS), ("sort", self.sort, SORTS), ("due", self.due, DUES)):
            if value not in known and (field, value) != ("due", None):
                raise InvalidInput(f"There is no list {value!r} of {field}.", {field: list(known)})
        if self.text is not None and len(self.text) > SEARCHED:
            raise InvalidInput(f"A search takes at most {SEARCHED} characters.", {"text": [f"at most {SEARCHED}"]})


EVERYTHING = InboxFilter()


def open_tasks(work: Work, wanted: InboxFilter, *columns: Any) -> list[AnySelect]:
    """The open tasks of a list, one select of ``columns`` for each branch; those of `ALL` may overlap.

    Raises `InvalidInput`.
    """
    wanted.check()
    return [filtered(select(*columns).where(IS_OPEN, branch), wanted, work.now) for branch in _branches(work, wanted)]


def _branches(work: Work, wanted: InboxFilter) -> Iterator[ColumnElement[bool]]:
    principal = work.principal
    if wanted.show == MINE:
        yield and_(UserTask.assignee == principal.name, _HELD)
        return
    if wanted.show == ALL and (principal.sees_every_case or wanted.business_key is not None):
        yield may_see_case(principal, UserTask.root_id)
        return
    for role, unit in sorted(principal.duties):
        if wanted.role in (None, role):
            yield and_(UserTask.role == role, UserTask.unit == unit, _FREE)
            if wanted.show == ALL:
                yield and_(UserTask.role == role, UserTask.unit == unit, _HELD)
    elsewhere = or_(UserTask.role.is_(None), not_(in_duties(principal, UserTask.role, UserTask.unit)))
    named = and_(UserTask.id.in_(_naming(principal)), is_candidate(principal), elsewhere)
    yield and_(named, _FREE) if wanted.show == GROUPS else named
    if wanted.show == ALL:
        yield and_(UserTask.assignee == principal.name, _HELD)
        if principal.supervised_units:
            yield UserTask.unit.in_(principal.supervised_units)
        yield UserTask.root_id.in_(_own_cases(principal))


def _naming(principal: Principal) -> AnySelect:
    """Ids of the tasks, open or not, that name the principal or a role held somewhere as a candidate."""
    by_name = and_(TaskCandidate.kind == USER, TaskCandidate.who == principal.name)
    by_role = and_(TaskCandidate.kind == ROLE, TaskCandidate.who.in_(sorted(principal.roles)))
    return select(TaskCandidate.task_id).where(or_(by_name, by_role) if principal.roles else by_name)


def _own_cases(principal: Principal) -> AnySelect:
    """Root ids of the cases that the principal started or worked on."""
    started = select(ProcessInstance.id).where(
        ProcessInstance.started_by == principal.name, ProcessInstance.parent_id.is_(None)
    )
    worked_on = select(UserTask.root_id).where(UserTask.completed_by == principal.name)
    return select(union(started, worked_on).subquery().c.id)


def filtered(statement: AnySelect, wanted: InboxFilter, now: datetime) -> AnySelect:
    """``statement`` of tasks without those that the filter leaves out; ``now`` is business time."""
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
    if wanted.due is not None:
        statement = statement.where(_due(wanted.due, now))
    if wanted.text:
        statement = statement.where(contains(UserTask.search, folded(wanted.text)))
    return statement


def _due(due: str, now: datetime) -> ColumnElement[bool]:
    if due == NONE:
        return UserTask.due_sort == NO_DUE
    if due == WEEK:
        return UserTask.due_sort <= now + timedelta(days=7)
    tomorrow = now.astimezone(ZoneInfo(HOUSE_ZONE)).date() + timedelta(days=1)
    return UserTask.due_sort < (now if due == LATE else datetime.combine(tomorrow, time(), ZoneInfo(HOUSE_ZONE)))
