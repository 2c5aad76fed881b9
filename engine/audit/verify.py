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

from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.orm import Session

from engine.audit.findings import Fault, Finding, Report
from engine.audit.follow import BATCH, Owner, Tally, chains, check_chain, check_chains
from engine.audit.keys import PayloadKeys
from engine.audit.witnesses import Witnesses, check_checkpoints
from engine.ids import is_id
from engine.model.audit import AuditEvent, AuditPayload, AuditStream
from engine.model.instance import ProcessInstance


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
    tally = Tally()
    witnesses = check_checkpoints(session, checkpoint_file, public_key)
    seen = 0
    for owners in _batches(_owners(session)):
        seen += check_chains(session, owners, witnesses, keys, tally)
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


def _owners(session: Session) -> Iterator[Owner]:
    """The row that owns each chain: root instances, and the streams that have no instance."""
    for row in session.execute(select(AuditStream.stream, AuditStream.seq, AuditStream.head)).all():
        yield Owner(*row)
    after = None
    roots = select(ProcessInstance.id, ProcessInstance.audit_seq, ProcessInstance.audit_head)
    roots = roots.where(ProcessInstance.id == ProcessInstance.root_id).order_by(ProcessInstance.id).limit(BATCH)
    while rows := session.execute(roots if after is None else roots.where(ProcessInstance.id > after)).all():
        for id_, seq, head in rows:
            yield Owner(str(id_), seq, head)
        after = rows[-1].id


def _check_unowned(session: Session, witnesses: Witnesses, keys: PayloadKeys | None, tally: Tally) -> None:
    """Chains whose case is gone."""
    known = set(session.scalars(select(AuditStream.stream)))
    streams = session.scalars(select(AuditEvent.stream).distinct().order_by(AuditEvent.stream)).all()
    for batch in _batches(stream for stream in streams if stream not in known):
        ids = [stream for stream in batch if is_id(stream)]
        owned = select(ProcessInstance.id).where(
            ProcessInstance.id.in_(ids), ProcessInstance.id == ProcessInstance.root_id
        )
        strangers = set(batch) - set(map(str, session.scalars(owned)))
        for stream, rows in chains(session, strangers):
            message = "there is no case of this id: its row was deleted, or the chain was made up"
            tally.findings.append(Finding(Fault.UNOWNED_CHAIN, stream, None, message))
            check_chain(session, stream, rows, None, witnesses, keys, tally)


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
