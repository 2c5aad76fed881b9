"""Incidents: what stopped and why."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, literal_column, select, true

from engine.access import may_see_case
from engine.errors import InvalidInput, NotFound
from engine.ids import is_id
from engine.model.incident import OPEN, RESOLVED, Incident
from engine.queries.page import Key, Order, Page
from engine.runtime import Work

_OLDEST = Order("incidents", (Key(Incident.created_at, "instant"), Key(Incident.id, "id")))
# A literal, because neither database uses a partial index for a condition on a bound parameter.
_STATUS = {
    OPEN: Incident.status == literal_column("'open'"),
    RESOLVED: Incident.status == literal_column("'resolved'"),
}


@dataclass(frozen=True, slots=True)
class IncidentView:
    """See `engine.model.incident.Incident`. Instants are aware, UTC."""

    id: str
    kind: str
    root_id: str | None
    instance_id: str | None
    job_id: str | None
    step: int | None
    element: str
    code: str
    message: str
    status: str
    created_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None


_COLUMNS = tuple(getattr(Incident, field.name) for field in fields(IncidentView))


@dataclass(frozen=True, slots=True)
class IncidentFilter:
    """``status``: open or resolved; ``root_id``: of one case."""

    status: str = OPEN
    root_id: str | None = None


def view(row: Any) -> IncidentView:
    """The view of an `Incident`, or of a row with its columns."""
    return IncidentView(**{field.name: getattr(row, field.name) for field in fields(IncidentView)})


def incidents(
    work: Work, wanted: IncidentFilter = IncidentFilter(), *, cursor: str | None = None, limit: int = 50
) -> Page[IncidentView]:
    """Incidents of the cases that the principal may see, oldest first. Raises `InvalidInput`."""
    if wanted.status not in _STATUS:
        raise InvalidInput(f"An incident is open or resolved, not {wanted.status!r}.", {"status": [OPEN, RESOLVED]})
    statement = select(*_COLUMNS).where(_STATUS[wanted.status], _seen(work))
    if wanted.root_id is not None:
        if not is_id(wanted.root_id):
            return Page(())
        statement = statement.where(Incident.root_id == wanted.root_id)
    rows = work.session.execute(_OLDEST.apply(statement, cursor, limit))
    return _OLDEST.page(rows, limit, view, lambda row: (row.created_at, row.id))


def incident(work: Work, incident_id: str) -> IncidentView:
    """Raises `NotFound`."""
    row = None
    if is_id(incident_id):
        row = work.session.execute(select(*_COLUMNS).where(Incident.id == incident_id, _seen(work))).one_or_none()
    if row is None:
        raise NotFound("There is no such incident.", incident=incident_id[:64])
    return view(row)


def _seen(work: Work) -> ColumnElement[bool]:
    """An incident without a case (a message nobody wanted) is for those who observe all cases."""
    if work.principal.sees_every_case:
        return true()
    return and_(Incident.root_id.is_not(None), may_see_case(work.principal, Incident.root_id))
