"""The audit trail as somebody may read it: events of the cases one may see; payloads for AUDIT only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select

from engine.access import AUDIT, may_see_case
from engine.errors import NotFound
from engine.ids import is_id
from engine.model.audit import ADMINISTRATION, AuditEvent
from engine.model.instance import ProcessInstance
from engine.queries.page import AnySelect, Key, Order, Page
from engine.runtime import Work

_BY_TIME = Order(
    "audit", (Key(AuditEvent.at, "instant"), Key(AuditEvent.stream, "text"), Key(AuditEvent.seq, "number"))
)
# Within one chain the number is the order: an instant is read before the chain's lock is had.
_BY_NUMBER = Order("chain", (Key(AuditEvent.seq, "number"),))


@dataclass(frozen=True, slots=True)
class AuditEventView:
    """One fact in one chain; ``at`` is aware, UTC. ``payload`` is None for everybody but AUDIT, and when erased."""

    stream: str
    seq: int
    at: datetime
    actor: str
    on_behalf_of: str | None
    action: str
    element: str | None
    definitions: tuple[str, ...]
    subject: str | None
    prev_hash: str
    hash: str
    payload: Any = None


_COLUMNS = tuple(getattr(AuditEvent, field.name) for field in fields(AuditEventView) if field.name != "payload")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """``stream``: a root instance id or ``administration``; ``since`` inclusive, ``until`` exclusive, both aware."""

    stream: str | None = None
    actor: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def audit_events(
    work: Work, wanted: AuditFilter = AuditFilter(), *, cursor: str | None = None, limit: int = 50
) -> Page[AuditEventView]:
    """Events in order of time; those of one chain in order of their number.

    Raises `NotFound` for a chain that the principal may not see, `InvalidInput` for a cursor that is not ours.
    """
    order = _BY_TIME if wanted.stream is None else _BY_NUMBER
    statement = _filtered(visible(work, wanted.stream), wanted)
    rows = list(work.session.execute(order.apply(statement, cursor, limit)))
    payloads: dict[tuple[str, int], Any] = {}
    if work.principal.holds(AUDIT):
        payloads = work.sancha.audit.payloads(work.session, [(row.stream, row.seq) for row in rows[:limit]])
    return order.page(
        rows,
        limit,
        lambda row: view(row, payloads.get((row.stream, row.seq))),
        lambda row: (row.seq,) if order is _BY_NUMBER else (row.at, row.stream, row.seq),
    )


def visible(work: Work, stream: str | None) -> AnySelect:
    """The events that the principal may see, of one chain if it is given. Raises `NotFound` for an unseen one."""
    statement: AnySelect = select(*_COLUMNS)
    if stream is not None:
        if not _may_read(work, stream):
            raise NotFound("There is no such chain.", stream=stream[:64])
        return statement.where(AuditEvent.stream == stream)
    if work.principal.sees_every_case:
        return statement
    seen = select(_plain(cast(ProcessInstance.id, String))).where(
        ProcessInstance.parent_id.is_(None), may_see_case(work.principal, ProcessInstance.id)
    )
    return statement.where(_plain(AuditEvent.stream).in_(seen))


def _may_read(work: Work, stream: str) -> bool:
    if stream == ADMINISTRATION:
        return work.principal.sees_every_case
    if not is_id(stream):
        return False
    seen = may_see_case(work.principal, ProcessInstance.id)
    return work.session.scalar(select(ProcessInstance.id).where(ProcessInstance.id == stream, seen)) is not None


def _plain(identifier: Any) -> ColumnElement[str]:
    """An id without hyphens: SQLite keeps uuids so, and the names of chains with them."""
    return func.replace(identifier, "-", "", type_=String())


def _filtered(statement: AnySelect, wanted: AuditFilter) -> AnySelect:
    if wanted.actor is not None:
        statement = statement.where(AuditEvent.actor == wanted.actor)
    if wanted.action is not None:
        statement = statement.where(AuditEvent.action == wanted.action)
    if wanted.since is not None:
        statement = statement.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        statement = statement.where(AuditEvent.at < wanted.until)
    return statement


def view(row: Any, payload: Any) -> AuditEventView:
    """The view of a row of `visible`."""
    values = {column.key: getattr(row, column.key) for column in _COLUMNS}
    return AuditEventView(**values | {"definitions": tuple(row.definitions)}, payload=payload)
