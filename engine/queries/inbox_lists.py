"""Which tasks stand in which list: the branches that each has an index for, and the filters on top of them.

Candidate roles are joined at query time: a list of several roles is read role by role, each with its own index. Making
such a statement takes longer than running it, so statements are made for a `Shape`, kept, and run with parameters.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
    tuple_,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute

from engine.access import ROLE, USER, Principal, may_see_case
from engine.errors import InvalidInput
from engine.execution.search_text import SEARCHED, folded
from engine.kernel.definition import HOUSE_ZONE
from engine.model.instance import ProcessInstance
from engine.model.task import NO_DUE, TaskCandidate, UserTask
from engine.queries.literal import containing, is_storable, like
from engine.queries.page import AnySelect
from engine.runtime import Work

MINE, GROUPS, DONE, ALL = "mine", "groups", "done", "all"
LISTS = (MINE, GROUPS, DONE, ALL)
LATE, TODAY, WEEK, NONE = "late", "today", "week", "none"
DUES = (LATE, TODAY, WEEK, NONE)
DUE, OLDEST, NEWEST, PRIORITY = "due", "oldest", "newest", "priority"
SORTS = (DUE, OLDEST, NEWEST, PRIORITY)
Column: TypeAlias = "InstrumentedAttribute[Any] | ColumnElement[Any]"

# Literals, because neither database uses a partial index for a condition on a bound parameter.
IS_OPEN = UserTask.status == literal_column("'open'")
_FREE = UserTask.assignee.is_(None)
_HELD = UserTask.assignee.is_not(None)
_IS_MINE = and_(UserTask.assignee == bindparam("me"), _HELD)


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
        """Raises `InvalidInput` for a list, a ``due`` or a ``sort`` that is none, and a text that cannot be found."""
        for field, value, known in (("show", self.show, LISTS), ("sort", self.sort, SORTS), ("due", self.due, DUES)):
            if value not in known and (field, value) != ("due", None):
                raise InvalidInput(f"There is no list with {field} {value!r}.", {field: list(known)})
        if self.text is not None and (len(self.text) > SEARCHED or not is_storable(self.text)):
            raise InvalidInput(f"A search takes at most {SEARCHED} characters.", {"text": [f"at most {SEARCHED}"]})


EVERYTHING = InboxFilter()
# The index of a business key is on the case, not on the task.
_OF_CASE = select(ProcessInstance.id).where(
    ProcessInstance.business_key == bindparam("business_key"), ProcessInstance.parent_id.is_(None)
)
_FILTERS: Mapping[str, ColumnElement[bool]] = {
    "business_key": UserTask.root_id.in_(_OF_CASE),
    "role": UserTask.role == bindparam("role"),
    "assignee": UserTask.assignee == bindparam("assignee"),
    "definition_key": UserTask.definition_key == bindparam("definition_key"),
    "element": UserTask.element == bindparam("element"),
    "due_before": UserTask.due_sort < bindparam("due_before"),
    "due_after": UserTask.due_sort > bindparam("due_after"),
    "due_until": UserTask.due_sort < bindparam("due_until"),
    "no_due": UserTask.due_sort == bindparam("no_due"),
    "text": like(UserTask.search, bindparam("text")),
}


@dataclass(frozen=True, slots=True)
class Branch:
    """Tasks that are read by themselves. ``sought``: few, found through other rows, and sorted when they are found."""

    tasks: AnySelect
    sought: bool = False

    def where(self, *conditions: ColumnElement[bool]) -> Branch:
        """The tasks that also fulfil the conditions."""
        return replace(self, tasks=self.tasks.where(*conditions))

    def first(self, most: int, *keys: str, descending: bool = False) -> AnySelect:
        """At most ``most`` of the tasks, the first ones by the selected columns ``keys``."""
        tasks, columns = self.tasks, self.tasks.selected_columns
        if self.sought:
            # PostgreSQL would read a million tasks in their order to meet the few; OFFSET makes it find them first.
            found = tasks.offset(literal_column("0", Integer)).subquery()
            tasks, columns = select(*found.c), found.c
        order = [columns[key].desc() if descending else columns[key] for key in keys]
        return select(*tasks.order_by(*order).limit(stop_at(most)).subquery().c)


@dataclass(frozen=True, slots=True)
class Shape:
    """What the words of a statement depend on: the list, the filters that are ``given``, how many (role, unit) pairs
    are read. ``seen_by``: whose right to see a case is a condition; ``unseen``: without any such condition.
    """

    show: str
    given: frozenset[str]
    groups: int
    supervises: bool
    seen_by: Principal | None
    unseen: bool

    def filtered(self, statement: AnySelect) -> AnySelect:
        """``statement`` of tasks without those that the filters leave out."""
        return statement.where(*(_FILTERS[name] for name in sorted(self.given)))

    def open_tasks(self, *columns: Column) -> list[Branch]:
        """The open tasks of the list, with ``columns``, branch by branch; only those of `ALL` may overlap."""
        return list(self._branches(self.filtered(select(*columns).where(IS_OPEN))))

    def _branches(self, tasks: AnySelect) -> Iterator[Branch]:
        if self.show == MINE:
            yield Branch(tasks.where(_IS_MINE))
            return
        if self.seen_by is not None or self.unseen:
            yield Branch(tasks if self.seen_by is None else tasks.where(may_see_case(self.seen_by, UserTask.root_id)))
            return
        for kept in (_FREE, _HELD) if self.show == ALL else (_FREE,):
            yield from self._of_groups(tasks.where(kept))
        yield Branch(tasks.where(_is_named(), _FREE) if self.show == GROUPS else tasks.where(_is_named()), sought=True)
        if self.show == ALL:
            yield Branch(tasks.where(_IS_MINE))
            if self.supervises:
                yield Branch(tasks.where(UserTask.unit.in_(bindparam("supervised", expanding=True))))
            yield Branch(tasks.where(UserTask.root_id.in_(_own_cases())), sought=True)

    def _of_groups(self, tasks: AnySelect) -> Iterator[Branch]:
        for number in range(self.groups):
            # In the words of the statement, so that PostgreSQL knows how many tasks each group has whenever it plans.
            role, unit = (_written(f"{part}_{number}") for part in ("role", "unit"))
            yield Branch(tasks.where(UserTask.role == role, UserTask.unit == unit))


def _written(name: str) -> BindParameter[Any]:
    return bindparam(name, literal_execute=True)


def asked(work: Work, wanted: InboxFilter) -> tuple[Shape, dict[str, Any]]:
    """The shape of what ``wanted`` asks for, and the parameters. Raises `InvalidInput`."""
    wanted.check()
    principal = work.principal
    duties = sorted(principal.duties)
    read = [duty for duty in duties if wanted.role in (None, duty[0])]
    given = _given(wanted, work.now)
    unseen = wanted.show == ALL and principal.sees_every_case
    within_case = wanted.show == ALL and wanted.business_key is not None and not unseen
    shape = Shape(
        show=wanted.show,
        given=frozenset(given),
        groups=len(read),
        supervises=bool(principal.supervised_units),
        seen_by=principal if within_case else None,
        unseen=unseen,
    )
    groups = {f"role_{number}": role for number, (role, _) in enumerate(read)}
    groups |= {f"unit_{number}": unit for number, (_, unit) in enumerate(read)}
    held = {"duties": duties, "supervised": principal.supervised_units}
    return shape, {"me": principal.name, **groups, **held, **given}


def stop_at(most: int) -> ColumnElement[int]:
    """A LIMIT that stands in the statement, so that a plan which serves all parameters knows it."""
    return literal_column(str(most), Integer)


def in_list(show: str, shape: Shape) -> Shape:
    """The shape of another list under the same filters."""
    return replace(shape, show=show, seen_by=None, unseen=False)


def _given(wanted: InboxFilter, now: datetime) -> dict[str, Any]:
    """The parameters of the filters that leave something out."""
    names = ("business_key", "role", "assignee", "definition_key", "element", "due_before", "due_after")
    given = {name: getattr(wanted, name) for name in names if getattr(wanted, name) is not None}
    if wanted.text:
        given["text"] = containing(folded(wanted.text))
    tomorrow = now.astimezone(ZoneInfo(HOUSE_ZONE)).date() + timedelta(days=1)
    ends = {
        LATE: now,
        TODAY: datetime.combine(tomorrow, time(), ZoneInfo(HOUSE_ZONE)),
        WEEK: now + timedelta(days=7),
    }
    if wanted.due == NONE:
        given["no_due"] = NO_DUE
    elif wanted.due is not None:
        given["due_until"] = ends[wanted.due]
    return given


def _is_named() -> ColumnElement[bool]:
    """The condition that a task of another group names the principal, or a role that they hold in its unit."""
    duties: BindParameter[Any] = bindparam("duties", expanding=True)
    by_name = and_(TaskCandidate.kind == USER, TaskCandidate.who == bindparam("me"))
    by_role = and_(TaskCandidate.kind == ROLE, tuple_(TaskCandidate.who, TaskCandidate.unit).in_(duties))
    elsewhere = or_(UserTask.role.is_(None), tuple_(UserTask.role, UserTask.unit).not_in(duties))
    return and_(UserTask.id.in_(select(TaskCandidate.task_id).where(or_(by_name, by_role))), elsewhere)


def _own_cases() -> AnySelect:
    """Root ids of the cases that the principal started or worked on."""
    started = select(ProcessInstance.id).where(
        ProcessInstance.started_by == bindparam("me"), ProcessInstance.parent_id.is_(None)
    )
    worked_on = select(UserTask.root_id).where(UserTask.completed_by == bindparam("me"))
    return select(union(started, worked_on).subquery().c.id)
