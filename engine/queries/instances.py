"""Cases and the instances they called, as somebody may see them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import aliased

from engine.access import may_see_case
from engine.errors import NotFound
from engine.execution.scopes import DatabaseScopes
from engine.ids import is_id
from engine.kernel.state import State
from engine.model.instance import ProcessInstance, Step
from engine.queries.page import AnySelect, Key, Order, Page
from engine.runtime import Work

_NEWEST = Order("instances", (Key(ProcessInstance.id, "id"),), descending=True)


@dataclass(frozen=True, slots=True)
class InstanceView:
    """A case, or an instance it called (``parent_id`` set). Instants are aware, UTC. ``revision`` counts the commands
    on the case; it is kept on the root, as is ``client_name``.
    """

    id: str
    root_id: str
    scope: str
    parent_id: str | None
    called_from: str | None
    definition_id: str
    definition_key: str
    definition_version: int
    business_key: str
    client_name: str | None
    unit: str
    status: str
    revision: int
    started_by: str
    started_at: datetime
    ended_at: datetime | None
    end_event: str | None
    changed_by: str
    changed_at: datetime


_root = aliased(ProcessInstance)
_OF_ROOT = {
    name: select(getattr(_root, name)).where(_root.id == ProcessInstance.root_id).scalar_subquery().label(name)
    for name in ("revision", "client_name")
}
_COLUMNS = tuple(_OF_ROOT.get(field.name, getattr(ProcessInstance, field.name)) for field in fields(InstanceView))


def view(row: Any) -> InstanceView:
    """The view of a `ProcessInstance`, or of a row with its columns."""
    return InstanceView(**{field.name: getattr(row, field.name) for field in fields(InstanceView)})


@dataclass(frozen=True, slots=True)
class InstanceFilter:
    """Without ``root_id`` only cases are listed, with it all instances of that case."""

    business_key: str | None = None
    definition_key: str | None = None
    status: str | None = None
    root_id: str | None = None


@dataclass(frozen=True, slots=True)
class ActiveElement:
    """An element where a token waits; ``number`` is that of its step."""

    instance_id: str
    number: int
    element: str
    kind: str
    entered_at: datetime


def instances(
    work: Work, wanted: InstanceFilter = InstanceFilter(), *, cursor: str | None = None, limit: int = 50
) -> Page[InstanceView]:
    """The cases that the principal may see, newest first. Raises `InvalidInput` for a cursor that is not ours."""
    statement: AnySelect = select(*_COLUMNS).where(may_see_case(work.principal, ProcessInstance.root_id))
    if wanted.root_id is None:
        statement = statement.where(ProcessInstance.parent_id.is_(None))
    elif is_id(wanted.root_id):
        statement = statement.where(ProcessInstance.root_id == wanted.root_id)
    else:
        return Page(())
    for column, value in (
        (ProcessInstance.business_key, wanted.business_key),
        (ProcessInstance.definition_key, wanted.definition_key),
        (ProcessInstance.status, wanted.status),
    ):
        if value is not None:
            statement = statement.where(column == value)
    rows = work.session.execute(_NEWEST.apply(statement, cursor, limit))
    return _NEWEST.page(rows, limit, view, lambda row: (row.id,))


def instance(work: Work, instance_id: str) -> InstanceView:
    """Raises `NotFound` for an instance that does not exist or that the principal may not see."""
    return view(_find(work, instance_id))


def children(work: Work, instance_id: str) -> tuple[InstanceView, ...]:
    """The instances that this one called, in order. Raises `NotFound`."""
    found = _find(work, instance_id)
    rows = work.session.execute(
        select(*_COLUMNS)
        .where(ProcessInstance.root_id == found.root_id, ProcessInstance.parent_id == found.id)
        .order_by(ProcessInstance.id)
    )
    return tuple(view(row) for row in rows)


def instance_variables(work: Work, instance_id: str) -> dict[str, object]:
    """The variables visible in a running instance, as FEEL values; {} when it has ended: its data then stands in the
    audit trail and in the registers. Raises `NotFound`.
    """
    found = _find(work, instance_id)
    scopes = DatabaseScopes(work.session, found.root_id)
    scopes.prefetch(found.scope)
    if not scopes.load([found.scope]):
        return {}
    return dict(State.stored(scopes).variables(found.scope))


def active_elements(work: Work, instance_id: str) -> tuple[ActiveElement, ...]:
    """Where the instance and those below it wait now, in order of entry. Raises `NotFound`."""
    found = _find(work, instance_id)
    within: ColumnElement[bool] = Step.instance_id == found.id
    if found.parent_id is None:
        within = Step.root_id == found.root_id
    columns = (Step.instance_id, Step.number, Step.element, Step.kind, Step.entered_at)
    rows = work.session.execute(
        select(*columns).where(Step.root_id == found.root_id, within, Step.left_at.is_(None)).order_by(Step.number)
    )
    return tuple(ActiveElement(*row) for row in rows)


def _find(work: Work, instance_id: str) -> Any:
    row = None
    if is_id(instance_id):
        seen = may_see_case(work.principal, ProcessInstance.root_id)
        row = work.session.execute(select(*_COLUMNS).where(ProcessInstance.id == instance_id, seen)).one_or_none()
    if row is None:
        raise NotFound("There is no such case.", instance=instance_id[:64])
    return row
