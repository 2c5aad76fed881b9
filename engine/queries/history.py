"""The steps of a case, in order."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import select

from engine.access import may_see_case
from engine.errors import NotFound
from engine.ids import is_id
from engine.model.instance import ProcessInstance, Step
from engine.queries.page import AnySelect, Key, Order, Page
from engine.runtime import Work

_IN_ORDER = Order("steps", (Key(Step.number, "number"),))


@dataclass(frozen=True, slots=True)
class StepView:
    """One visit of one element. ``outcome`` None while the case is there; ``actor`` who completed it, if a person."""

    root_id: str
    instance_id: str
    number: int
    element: str
    kind: str
    entered_at: datetime
    left_at: datetime | None
    outcome: str | None
    actor: str | None


@dataclass(frozen=True, slots=True)
class StepFilter:
    """``root_id``: the case; ``instance_id``: one instance of it; ``element``: visits of one element."""

    root_id: str
    instance_id: str | None = None
    element: str | None = None


def steps(work: Work, wanted: StepFilter, *, cursor: str | None = None, limit: int = 50) -> Page[StepView]:
    """The steps of a case in order. Raises `NotFound` for a case that the principal may not see, `InvalidInput`."""
    if not is_id(wanted.root_id) or not _seen(work, wanted.root_id):
        raise NotFound("There is no such case.", instance=wanted.root_id[:64])
    columns = tuple(getattr(Step, field.name) for field in fields(StepView))
    statement: AnySelect = select(*columns).where(Step.root_id == wanted.root_id)
    if wanted.instance_id is not None:
        if not is_id(wanted.instance_id):
            return Page(())
        statement = statement.where(Step.instance_id == wanted.instance_id)
    if wanted.element is not None:
        statement = statement.where(Step.element == wanted.element)
    rows = work.session.execute(_IN_ORDER.apply(statement, cursor, limit))
    return _IN_ORDER.page(rows, limit, lambda row: StepView(*row), lambda row: (row.number,))


def _seen(work: Work, root_id: str) -> bool:
    seen = may_see_case(work.principal, ProcessInstance.root_id)
    found = select(ProcessInstance.id).where(ProcessInstance.id == root_id, ProcessInstance.parent_id.is_(None), seen)
    return work.session.scalar(found) is not None
