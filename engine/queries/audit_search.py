"""Searching the audit trail, newest first: by case, person, action and period; and one event with what it was about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, or_, select

from engine.access import AUDIT, may_see_case
from engine.errors import NotFound
from engine.ids import is_id
from engine.model.audit import AuditEvent, AuditPayload
from engine.model.identity import User
from engine.model.instance import ProcessInstance
from engine.queries.audit_events import AuditEventView, view, visible
from engine.queries.page import AnySelect, Key, Order, Page
from engine.runtime import Work

_NEWEST = Order(
    "audit-search",
    (Key(AuditEvent.at, "instant"), Key(AuditEvent.stream, "text"), Key(AuditEvent.seq, "number")),
    descending=True,
)
_FEW = 200
"""Cases up to which their chains are gone through one by one."""
MOST_PEOPLE = 100
"""People that a part of a name may stand for."""


@dataclass(frozen=True, slots=True)
class AuditSearch:
    """What to look for; None and "" leave a filter out.

    ``case``: a part of a case number or of a client's name. ``stream``: one chain. ``person``: a sign-in name, or a
    part of a name, as actor or as the one acted for. ``since`` inclusive, ``until`` exclusive, both aware.
    """

    case: str = ""
    stream: str | None = None
    person: str = ""
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseName:
    """What an instance is called: its number, its client if that is known (of a case), its process version; and whether
    it is ``over``.
    """

    business_key: str
    client: str | None
    ref: str
    over: bool = False


@dataclass(frozen=True, slots=True)
class EventOpened:
    """An event with its ``payload`` (in `AuditEventView`). ``readable``: whether this person may read payloads;
    ``erased``: there was one, and it or its key was deleted as retention allows.
    """

    event: AuditEventView
    readable: bool
    erased: bool


def search_audit(
    work: Work, wanted: AuditSearch, *, cursor: str | None = None, limit: int = 50
) -> Page[AuditEventView]:
    """The events that the principal may see, newest first, without payloads. One to three statements.

    Raises `NotFound` for a chain that they may not see, `InvalidInput` for a cursor that is not ours.
    """
    statement = _matching(work, wanted)
    if statement is None:
        return Page(())
    rows = work.session.execute(_NEWEST.apply(statement, cursor, limit))
    return _NEWEST.page(rows, limit, lambda row: view(row, None), lambda row: (row.at, row.stream, row.seq))


def count_audit(work: Work, wanted: AuditSearch, most: int) -> int:
    """How many events there are, counted up to ``most``. Raises as `search_audit` does."""
    statement = _matching(work, wanted)
    if statement is None:
        return 0
    counted = statement.with_only_columns(AuditEvent.seq).limit(most).subquery()
    return work.session.scalar(select(func.count()).select_from(counted)) or 0


def audit_event(work: Work, stream: str, seq: int) -> EventOpened:
    """One event with its payload, which only AUDIT may read. Raises `NotFound`."""
    row = None
    if 0 < seq < 2**31:
        wanted = visible(work, stream).where(AuditEvent.seq == seq).add_columns(AuditEvent.payload_digest)
        row = work.session.execute(wanted).one_or_none()
    if row is None:
        raise NotFound("There is no such event.", stream=stream[:64], seq=seq)
    readable = work.principal.holds(AUDIT)
    place = (row.stream, row.seq)
    if readable:
        payloads = work.sancha.audit.payloads(work.session, [place])
        erased = row.payload_digest is not None and place not in payloads
        return EventOpened(view(row, payloads.get(place)), readable, erased)
    kept = select(AuditPayload.seq).where(AuditPayload.stream == stream, AuditPayload.seq == seq)
    erased = row.payload_digest is not None and work.session.scalar(kept) is None
    return EventOpened(view(row, None), readable, erased)


def earlier_event(work: Work, event: AuditEventView) -> AuditEventView | None:
    """The event before ``event`` at which the same person did the same at the same element of the case, with its
    payload: what a form said before it was returned. None when there is none, or the payload may not be read.
    """
    if event.element is None or not work.principal.holds(AUDIT):
        return None
    same = (
        *(AuditEvent.stream == event.stream, AuditEvent.seq < event.seq, AuditEvent.action == event.action),
        *(AuditEvent.element == event.element, AuditEvent.actor == event.actor),
    )
    before = visible(work, event.stream).where(*same).order_by(AuditEvent.seq.desc()).limit(1)
    row = work.session.execute(before).one_or_none()
    if row is None:
        return None
    payloads = work.sancha.audit.payloads(work.session, [(row.stream, row.seq)])
    return view(row, payloads.get((row.stream, row.seq)))


def case_names(work: Work, ids: Iterable[str | None]) -> Mapping[str, CaseName]:
    """The names of the instances ``ids``, as far as the principal may see them; what is no id is left out (a chain that
    belongs to no case). One statement.
    """
    wanted = sorted({id_ for id_ in ids if id_ is not None and is_id(id_)})
    if not wanted:
        return {}
    instance = ProcessInstance
    rows = work.session.execute(
        select(
            *(instance.id, instance.business_key, instance.client_name),
            *(instance.definition_key, instance.definition_version, instance.ended_at),
        ).where(instance.id.in_(wanted), may_see_case(work.principal, instance.root_id))
    )
    return {
        id_: CaseName(number, client, f"{key}:{version}", ended_at is not None)
        for id_, number, client, key, version, ended_at in rows
    }


def versions_of(work: Work, streams: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """The process versions (``key:version``) of each of the cases whose chains are ``streams``, with those they called,
    as far as the principal may see them. An event names the case's own version alone when nothing moved. One statement.
    """
    wanted = sorted({stream for stream in streams if is_id(stream)})
    if not wanted:
        return {}
    instance = ProcessInstance
    rows = work.session.execute(
        select(instance.root_id, instance.definition_key, instance.definition_version)
        .where(instance.root_id.in_(wanted), may_see_case(work.principal, instance.root_id))
        .group_by(instance.root_id, instance.definition_key, instance.definition_version)
        .order_by(instance.root_id, instance.definition_key, instance.definition_version.desc())
    )
    found: dict[str, tuple[str, ...]] = {}
    for root_id, key, version in rows:
        found[root_id] = (*found.get(root_id, ()), f"{key}:{version}")
    return found


def people_called(work: Work, text: str) -> tuple[str, ...]:
    """The sign-in names of the users that ``text`` may mean, and ``text`` itself: actors need not be users."""
    part = or_(User.name.icontains(text, autoescape=True), User.display_name.icontains(text, autoescape=True))
    found = work.session.scalars(select(User.name).where(part).order_by(User.name).limit(MOST_PEOPLE))
    return tuple(dict.fromkeys((text, *found)))


def _matching(work: Work, wanted: AuditSearch) -> AnySelect | None:
    """The statement for ``wanted``; None when nothing can match."""
    statement = visible(work, wanted.stream)
    if wanted.case:
        statement = statement.where(_of_cases(work, wanted.case))
    if wanted.person:
        names = people_called(work, wanted.person)
        statement = statement.where(or_(AuditEvent.actor.in_(names), AuditEvent.on_behalf_of.in_(names)))
    if wanted.action is not None:
        statement = statement.where(AuditEvent.action == wanted.action)
    if wanted.since is not None:
        statement = statement.where(AuditEvent.at >= wanted.since)
    if wanted.until is not None:
        if wanted.since is not None and wanted.until <= wanted.since:
            return None
        statement = statement.where(AuditEvent.at < wanted.until)
    return statement


def _of_cases(work: Work, text: str) -> ColumnElement[bool]:
    """The condition that an event belongs to a case that ``text`` may mean."""
    called = or_(
        ProcessInstance.business_key.icontains(text, autoescape=True),
        ProcessInstance.client_name.icontains(text, autoescape=True),
    )
    cases = select(ProcessInstance.id).where(ProcessInstance.parent_id.is_(None), called)
    few = work.session.scalars(cases.limit(_FEW + 1)).all()
    if len(few) <= _FEW:
        return AuditEvent.stream.in_(few)
    # A text that means many cases finds events soon wherever one looks: an expression keeps the databases from going
    # through all those chains and sorting them, so they follow the index on time.
    return (AuditEvent.stream + "").in_(cases.with_only_columns(_chain_name(work)))


def _chain_name(work: Work) -> ColumnElement[Any]:
    """A root instance's id as its chain is named: SQLite keeps uuids without hyphens, PostgreSQL as a type."""
    plain = cast(ProcessInstance.id, String)
    if work.session.get_bind().dialect.name != "sqlite":
        return plain
    name: ColumnElement[Any] = func.substr(plain, 1, 8, type_=String())
    for start, length in ((9, 4), (13, 4), (17, 4), (21, 12)):
        name = name + "-" + func.substr(plain, start, length, type_=String())
    return name
