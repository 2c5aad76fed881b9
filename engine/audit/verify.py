"""Verification: every chain is computed again from its rows and compared with all that should agree with it.

======================  =============================================================================================
an edited row           its columns no longer give its hash
a moved row             its columns give its hash only under another number
a deleted row           a number is missing
an unlinked row         it does not continue the row before it (rows were swapped, or inserted and renumbered)
a cut tail              the chain ends before the head that its case, or a checkpoint, knows
a rewritten chain       whole in itself, but another one than a checkpoint saw
a missing chain         a case or a checkpoint knows it, and there is no row of it
payloads                do not give the digest in the chain, or belong to no event
checkpoints             do not give their hash, do not link, are not signed by us, or differ from the file's lines
======================  =============================================================================================
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import ColumnElement, Row, Table, Text, and_, func, or_, select, text, type_coerce
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from engine.audit.canonical import event_hash
from engine.audit.findings import Fault, Finding, Report
from engine.audit.keys import DataKey, PayloadKeys
from engine.audit.read import place_bytes
from engine.audit.witnesses import Witnesses, check_checkpoints
from engine.ids import is_id
from engine.model.audit import AuditEvent, AuditPayload, AuditStream
from engine.model.instance import ProcessInstance

BATCH = 500
_NEARBY = 100
"""How far from its place a moved row is looked for."""
_EVENTS: Table = AuditEvent.__table__  # type: ignore[assignment]  # declared as FromClause; a mapped class has a Table
_COLUMNS = [column.name for column in _EVENTS.columns if column.name != "hash"]


@dataclass(frozen=True, slots=True)
class _Owner:
    """What the row that owns a chain says of its head."""

    stream: str
    seq: int
    head: str


@dataclass(slots=True)
class _Tally:
    """What was found so far."""

    findings: list[Finding] = field(default_factory=list)
    chains: int = 0
    events: int = 0
    payloads: int = 0
    erased: int = 0


def verify(
    session: Session,
    *,
    checkpoint_file: Path | None = None,
    public_key: Ed25519PublicKey | None = None,
    keys: PayloadKeys | None = None,
) -> Report:
    """Check all chains and name the first bad row of each bad one.

    ``session``: in a transaction that has sent nothing yet (on PostgreSQL it becomes one snapshot, so that a running
    system can be verified). Without ``checkpoint_file``, ``public_key`` or ``keys`` the file, the signatures or the
    payloads' digests are not checked, and a note says so. Memory is bounded by the number of chains, not of events.
    """
    notes = [
        note
        for given, note in (
            (checkpoint_file, "no checkpoint file was given: a cut in database and case alike does not show"),
            (public_key, "no public key was given: the signatures of checkpoints were not checked"),
            (keys, "no payload keys were given: payloads were not compared with their digests"),
        )
        if given is None
    ]
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    tally = _Tally()
    witnesses = check_checkpoints(session, checkpoint_file, public_key)
    seen = 0
    for owners in _batches(_owners(session)):
        seen += _check_chains(session, owners, witnesses, keys, tally)
    if session.scalar(select(func.count(AuditEvent.stream.distinct()))) != seen:
        _check_unowned(session, witnesses, keys, tally)
    tally.findings += witnesses.missing()
    tally.findings += _surplus_payloads(session)
    return Report(
        findings=tuple(witnesses.findings + tally.findings),
        chains=tally.chains,
        events=tally.events,
        payloads=tally.payloads,
        erased=tally.erased,
        checkpoints=witnesses.count,
        notes=tuple(notes + witnesses.notes),
    )


def _owners(session: Session) -> Iterator[_Owner]:
    """The row that owns each chain: root instances, and the streams that have no instance."""
    for row in session.execute(select(AuditStream.stream, AuditStream.seq, AuditStream.head)).all():
        yield _Owner(*row)
    after = None
    roots = select(ProcessInstance.id, ProcessInstance.audit_seq, ProcessInstance.audit_head)
    roots = roots.where(ProcessInstance.id == ProcessInstance.root_id).order_by(ProcessInstance.id).limit(BATCH)
    while rows := session.execute(roots if after is None else roots.where(ProcessInstance.id > after)).all():
        for id_, seq, head in rows:
            yield _Owner(str(id_), seq, head)
        after = rows[-1].id


def _check_chains(
    session: Session, owners: Sequence[_Owner], witnesses: Witnesses, keys: PayloadKeys | None, tally: _Tally
) -> int:
    """Check the chains of ``owners``; returns how many of them have rows."""
    expected = {owner.stream: owner for owner in owners}
    before = replace(tally, findings=tally.findings.copy())
    found = 0
    try:
        for stream, rows in _chains(session, expected):
            found += 1
            _check_chain(session, stream, rows, expected.pop(stream), witnesses, keys, tally)
    except OperationalError as problem:
        # SQLite hands out no row with text that is not UTF-8; PostgreSQL never stores such text.
        if session.get_bind().dialect.name != "sqlite" or not isinstance(problem.orig, sqlite3.OperationalError):
            raise
        for field_ in fields(before):
            setattr(tally, field_.name, getattr(before, field_.name))
        if len(owners) > 1:
            return sum(_check_chains(session, [owner], witnesses, keys, tally) for owner in owners)
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


def _check_unowned(session: Session, witnesses: Witnesses, keys: PayloadKeys | None, tally: _Tally) -> None:
    """Chains whose case is gone."""
    known = set(session.scalars(select(AuditStream.stream)))
    streams = session.scalars(select(AuditEvent.stream).distinct().order_by(AuditEvent.stream)).all()
    for batch in _batches(stream for stream in streams if stream not in known):
        ids = [stream for stream in batch if is_id(stream)]
        owned = select(ProcessInstance.id).where(
            ProcessInstance.id.in_(ids), ProcessInstance.id == ProcessInstance.root_id
        )
        strangers = set(batch) - set(map(str, session.scalars(owned)))
        for stream, rows in _chains(session, strangers):
            message = "there is no case of this id: its row was deleted, or the chain was made up"
            tally.findings.append(Finding(Fault.UNOWNED_CHAIN, stream, None, message))
            _check_chain(session, stream, rows, None, witnesses, keys, tally)


def _chains(session: Session, streams: Collection[str]) -> Iterator[tuple[str, Iterator[Row[Any]]]]:
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


def _check_chain(
    session: Session,
    stream: str,
    rows: Iterable[Row[Any]],
    owner: _Owner | None,
    witnesses: Witnesses,
    keys: PayloadKeys | None,
    tally: _Tally,
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
    session: Session, row: Row[Any], keys: PayloadKeys | None, opened: dict[str, DataKey | None], tally: _Tally
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


def _check_end(stream: str, seq: int, head: str, owner: _Owner | None, witnessed: dict[int, str]) -> Finding | None:
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


def _surplus_payloads(session: Session) -> Iterator[Finding]:
    rows = session.execute(
        select(AuditPayload.stream, AuditPayload.seq)
        .join(
            AuditEvent,
            and_(AuditEvent.stream == AuditPayload.stream, AuditEvent.seq == AuditPayload.seq),
            isouter=True,
        )
        .where(or_(AuditEvent.stream.is_(None), AuditEvent.payload_digest.is_(None)))
        .order_by(AuditPayload.stream, AuditPayload.seq)
    )
    for stream, group in groupby(rows, key=lambda row: str(row.stream)):
        seq = next(group).seq
        yield Finding(Fault.PAYLOAD_SURPLUS, stream, seq, "a payload lies here that no event speaks of")


def _batches(items: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
