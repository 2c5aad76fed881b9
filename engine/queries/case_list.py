"""The list of cases: what they are, where they stand, and who has them now."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from engine.access import may_see_case
from engine.execution.search_text import folded
from engine.model.incident import Incident
from engine.model.instance import ProcessInstance, Step
from engine.model.task import UserTask
from engine.queries.literal import contains, is_storable
from engine.queries.page import AnySelect, Key, Order, Page
from engine.runtime import Work

_NEWEST = Order("cases", (Key(ProcessInstance.id, "id"),), descending=True)
# Literals, because neither database uses a partial index for a condition on a bound parameter.
_OPEN_TASK = UserTask.status == literal_column("'open'")
_OPEN_INCIDENT = Incident.status == literal_column("'open'")


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """``text`` is part of the case number or of the client's name, letters A to Z in either case; ``process`` a key."""

    status: str | None = None
    process: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class CaseTask:
    """An open task: who has it, or which role could take it."""

    id: str
    name: str
    name_en: str | None
    assignee: str | None
    role: str | None
    due: datetime | None
    clock: str


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case. Instants are aware, UTC."""

    id: str
    business_key: str
    client_name: str | None
    definition_key: str
    definition_version: int
    unit: str
    status: str
    end_event: str | None
    started_by: str
    started_at: datetime
    ended_at: datetime | None

    @property
    def ref(self) -> str:
        """``key:version`` of the process."""
        return f"{self.definition_key}:{self.definition_version}"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a case stands: the elements of its own process that are open, its open tasks by due instant (those of
    called processes too), and how many incidents are open.
    """

    open_elements: tuple[str, ...] = ()
    tasks: tuple[CaseTask, ...] = ()
    incidents: int = 0


def case_list(
    work: Work, wanted: CaseFilter = CaseFilter(), *, cursor: str | None = None, limit: int = 50
) -> Page[tuple[CaseRow, Standing]]:
    """The cases that the principal may see, newest first. Four statements, however many cases there are.

    Raises `InvalidInput` for a cursor that is not ours.
    """
    columns = tuple(getattr(ProcessInstance, field.name) for field in fields(CaseRow))
    statement: AnySelect = select(*columns).where(
        ProcessInstance.parent_id.is_(None), may_see_case(work.principal, ProcessInstance.root_id)
    )
    for column, value in (
        (ProcessInstance.status, wanted.status),
        (ProcessInstance.definition_key, wanted.process),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.text is not None:
        if not is_storable(wanted.text):
            return Page(())
        searched = (_small(work, column) for column in (ProcessInstance.business_key, ProcessInstance.client_name))
        statement = statement.where(or_(*(contains(column, folded(wanted.text)) for column in searched)))
    rows = work.session.execute(_NEWEST.apply(statement, cursor, limit))
    page = _NEWEST.page(rows, limit, lambda row: CaseRow(*row), lambda row: (row.id,))
    standing = standings(work, [case.id for case in page.items])
    return Page(tuple((case, standing[case.id]) for case in page.items), page.next)


def standings(work: Work, roots: list[str]) -> dict[str, Standing]:
    """Where cases stand, by root id. Three statements, none without cases. Only for cases that the principal sees."""
    if not roots:
        return {}
    # The steps of the root instances alone are few, and have an index of their own.
    open_steps = (
        select(Step.instance_id, Step.element)
        .where(Step.instance_id.in_(roots), Step.left_at.is_(None))
        .order_by(Step.instance_id, Step.number)
    )
    elements = _grouped(work.session.execute(open_steps))
    columns = tuple(getattr(UserTask, field.name) for field in fields(CaseTask))
    open_tasks = (
        select(UserTask.root_id, *columns)
        .where(UserTask.root_id.in_(roots), _OPEN_TASK)
        .order_by(UserTask.due_sort, UserTask.id)
    )
    tasks = _grouped((row[0], CaseTask(*row[1:])) for row in work.session.execute(open_tasks))
    counted = (
        select(Incident.root_id, func.count(Incident.id))
        .where(Incident.root_id.in_(roots), _OPEN_INCIDENT)
        .group_by(Incident.root_id)
    )
    incidents = {str(root): int(count) for root, count in work.session.execute(counted)}
    return {
        root: Standing(tuple(elements.get(root, ())), tuple(tasks.get(root, ())), incidents.get(root, 0))
        for root in roots
    }


def _small(work: Work, column: InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """``column`` with the letters A to Z made small, as `folded` does; SQLite's lower() knows no others."""
    postgresql = work.session.get_bind().dialect.name == "postgresql"
    return func.lower(column.collate("C") if postgresql else column)


def _grouped(rows: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for root, value in rows:
        found.setdefault(root, []).append(value)
    return found
