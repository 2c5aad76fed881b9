"""Following one chain from its first row: each row is computed again and compared with all that should agree with it.

What the findings mean stands in `engine.audit.verify`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, Text, and_, select, type_coerce
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.audit.canonical import event_hash
from engine.audit.findings import Fault, Finding
from engine.audit.keys import DataKey, PayloadKeys
from engine.audit.read import place_bytes
from engine.audit.witnesses import Witnesses
from engine.model.audit import AuditEvent, AuditPayload

BATCH = 500
_NEARBY = 100
"""How far from its place a moved row is looked for."""
_EVENTS: Table = AuditEvent.__table__  # type: ignore[assignment]  # declared as FromClause; a mapped class has a Table
_COLUMNS = [column.name for column in _EVENTS.columns if column.name != "hash"]


@dataclass(frozen=True, slots=True)
class Owner:
    """What the row that owns a chain says of its head."""

    stream: str
    seq: int
    head: str


@dataclass(slots=True)
class Tally:
    """What was found so far."""

    findings: list[Finding] = field(default_factory=list)
    chains: int = 0
    events: int = 0
    payloads: int = 0
    erased: int = 0


def check_chains(
    session: Session, owners: Sequence[Owner], witnesses: Witnesses, keys: PayloadKeys | None, tally: Tally
) -> int:
    """Check the chains of ``owners``; returns how many of them have rows."""
    expected = {owner.stream: owner for owner in owners}
    before = replace(tally, findings=tally.findings.copy())
    found = 0
    try:
        for stream, rows in chains(session, expected):
            found += 1
            check_chain(session, stream, rows, expected.pop(stream), witnesses, keys, tally)
    except OperationalError as problem:
        # SQLite hands out no row with text that is not UTF-8; PostgreSQL never stores such text.
        if session.get_bind().dialect.name != "sqlite" or not isinstance(problem.orig, sqlite3.OperationalError):
            raise
        for field_ in fields(before):
            setattr(tally, field_.name, getattr(before, field_.name))
        if len(owners) > 1:
            return sum(check_chains(session, [owner], witnesses, keys, tally) for owner in owners)
        stream = owners[0].stream
        witnesses.take(stream)
        tally.chains += 1
        message = f"a column cannot be read: {problem.orig}"
        tally.findings.append(Finding(Fault.EDITED, stream, _first_unreadable(session, stream), message))
        return 1
    for owner in expected.values():
        witnesses.take(owner.stream)
        if owner.seq:
            message = f"the case knows {owner.seq} events, and there is none"
            tally.findings.append(Finding(Fault.MISSING_CHAIN, owner.stream, 1, message))
    return found


def _first_unreadable(session: Session, stream: str) -> int | None:
    """The number of the first row that the database does not hand out."""
    for seq in session.scalars(select(_EVENTS.c.seq).where(_EVENTS.c.stream == stream).order_by(_EVENTS.c.seq)).all():
        try:
            session.execute(
                select(*_raw_columns(session)).where(_EVENTS.c.stream == stream, _EVENTS.c.seq == seq)
            ).one()
        except OperationalError:
            return int(seq)
    return None


def chains(session: Session, streams: Collection[str]) -> Iterator[tuple[str, Iterator[Row[Any]]]]:
    """The rows of ``streams`` with their payloads, in order of number; a chain without rows is missing."""
    rows = session.execute(
        select(*_raw_columns(session), AuditPayload.key_id, AuditPayload.salt, AuditPayload.body)
        .join(
            AuditPayload,
            and_(AuditPayload.stream == _EVENTS.c.stream, AuditPayload.seq == _EVENTS.c.seq),
            isouter=True,
        )
        .where(_EVENTS.c.stream.in_(streams))
        .order_by(_EVENTS.c.stream, _EVENTS.c.seq),
        execution_options={"yield_per": BATCH},
    )
    yield from groupby(rows, key=lambda row: str(row.stream))


def check_chain(
    session: Session,
    stream: str,
    rows: Iterable[Row[Any]],
    owner: Owner | None,
    witnesses: Witnesses,
    keys: PayloadKeys | None,
    tally: Tally,
) -> None:
    """Follow one chain; after its first bad row only count on."""
    witnessed = witnesses.take(stream)
    finding: Finding | None = None
    seq, head = 0, ""
    opened: dict[str, DataKey | None] = {}
    tally.chains += 1
    for row in rows:
        tally.events += 1
        if finding is None:
            finding = _check_row(row, seq + 1, head, witnessed.get(row.seq)) or _check_payload(
                session, row, keys, opened, tally
            )
        seq, head = row.seq, row.hash
    finding = finding or _check_end(stream, seq, head, owner, witnessed)
    if finding is not None:
        tally.findings.append(finding)


def _raw_columns(session: Session) -> list[ColumnElement[Any]]:
    """The event's columns as the database has them, so that a value that cannot be decoded is a finding, no crash."""
    raw = {"definitions"} | ({"at"} if session.get_bind().dialect.name == "sqlite" else set())
    return [
        type_coerce(column, Text()).label(column.name) if column.name in raw else column for column in _EVENTS.columns
    ]


def _decoded(row: Row[Any]) -> dict[str, Any]:
    at = row.at if isinstance(row.at, datetime) else datetime.fromisoformat(row.at).replace(tzinfo=UTC)
    definitions = json.loads(row.definitions)
    return {name: getattr(row, name) for name in _COLUMNS} | {"at": at, "definitions": definitions}


def _check_row(row: Row[Any], expected: int, head: str, witnessed: str | None) -> Finding | None:
    def found(fault: Fault, message: str, seq: int = row.seq) -> Finding:
        return Finding(fault, row.stream, seq, message)

    if row.seq != expected:
        return found(Fault.DELETED, f"the chain goes on with number {row.seq}", expected)
    try:
        columns = _decoded(row)
        intact = event_hash(**columns) == row.hash
    except (TypeError, ValueError) as problem:
        return found(Fault.EDITED, f"a column cannot be read: {problem}")
    if not intact:
        for seq in range(max(1, row.seq - _NEARBY), row.seq + _NEARBY + 1):
            if seq != row.seq and event_hash(**(columns | {"seq": seq})) == row.hash:
                return found(Fault.MOVED, f"this row was number {seq}")
        return found(Fault.EDITED, "its columns do not give its hash")
    if row.prev_hash != head:
        return found(Fault.UNLINKED, "it does not continue the row before it")
    if witnessed is not None and witnessed != row.hash:
        return found(Fault.REWRITTEN, "a checkpoint saw another row here: this one or those before it were rewritten")
    return None


def _check_payload(
    session: Session, row: Row[Any], keys: PayloadKeys | None, opened: dict[str, DataKey | None], tally: Tally
) -> Finding | None:
    if row.payload_digest is None:
        return None
    if row.key_id is None:
        tally.erased += 1
        return None
    tally.payloads += 1
    if keys is None:
        return None
    if row.key_id not in opened:
        opened[row.key_id] = keys.for_reading(session, {row.key_id}).get(row.key_id)
    key = opened[row.key_id]
    if key is None:
        tally.erased += 1
        return None
    try:
        if key.digest(key.open(row.body, place_bytes(row.stream, row.seq)), row.salt) == row.payload_digest:
            return None
    except ValueError:
        pass
    message = "the payload does not give the digest that the chain holds"
    return Finding(Fault.PAYLOAD_EDITED, row.stream, row.seq, message)


def _check_end(stream: str, seq: int, head: str, owner: Owner | None, witnessed: dict[int, str]) -> Finding | None:
    last = max(witnessed, default=0)
    if last > seq:
        message = f"the chain ends at number {seq}; a checkpoint saw number {last}"
        return Finding(Fault.TAIL_CUT, stream, seq + 1, message)
    if owner is None or (owner.seq, owner.head) == (seq, head):
        return None
    if owner.seq > seq:
        message = f"the chain ends at number {seq}; the case knows number {owner.seq}"
        return Finding(Fault.TAIL_CUT, stream, seq + 1, message)
    if owner.seq < seq:
        message = f"the case knows only number {owner.seq}: rows were added past it, or its head was set back"
        return Finding(Fault.SURPLUS, stream, owner.seq + 1, message)
    return Finding(Fault.REWRITTEN, stream, seq, "the case knows another head than this row's hash")
