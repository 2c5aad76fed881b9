"""How far the audit trail is sealed, and whether its newest seal still fits: cheap enough for every page view.

Compared are the newest checkpoint in itself (Merkle root, hash, signature), its link to the one before, the last line
of the file outside the database, and the rows that its heads name. All rows are compared by `engine.audit.verify`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Select, func, literal_column, select, tuple_
from sqlalchemy.orm import Session

from engine.audit.checkpoint import Checkpoint, last_in_file
from engine.audit.findings import Fault, Finding
from engine.audit.witnesses import CHECKPOINT
from engine.model.audit import AuditCheckpoint, AuditEvent

MOST_HEADS = 500
"""Heads of the newest checkpoint whose rows are looked up."""
MOST_UNSEALED = 1_000
"""Events after the newest checkpoint are counted up to here."""


@dataclass(frozen=True, slots=True)
class ChainState:
    """``checkpoint`` is the number of the newest one (None: there is none yet), taken ``at`` (aware, UTC); ``heads``
    of its chains were compared. ``finding``: the first thing that does not fit. ``unsealed``: events since then,
    counted up to one more than `MOST_UNSEALED`.
    """

    checkpoint: int | None
    at: datetime | None
    heads: int
    finding: Finding | None
    unsealed: int


def chain_state(session: Session, *, public_key: Ed25519PublicKey | None, file: Path | None) -> ChainState:
    """The state now. At most four statements."""
    newest = session.scalars(select(AuditCheckpoint).order_by(AuditCheckpoint.number.desc()).limit(2)).all()
    outside, finding = _outside(file)
    if not newest:
        if outside is not None:
            finding = _wrong(Fault.CHECKPOINT_MISSING, outside.number, "the file has it and the database does not")
        return ChainState(None, None, 0, finding, _unsealed(session, None))
    last = Checkpoint.of_row(newest[0])
    finding = finding or next(_wrongs(last, newest[1:], outside, public_key), None)
    heads = last.heads[:MOST_HEADS]
    finding = finding or _first_changed(session, heads)
    return ChainState(last.number, newest[0].at, len(heads), finding, _unsealed(session, newest[0].at))


def _outside(file: Path | None) -> tuple[Checkpoint | None, Finding | None]:
    if file is None:
        return None, None
    try:
        return last_in_file(file), None
    except (OSError, ValueError) as problem:
        return None, _wrong(Fault.CHECKPOINT_FILE, None, f"{file.name} cannot be read: {problem}")


def _wrongs(
    last: Checkpoint, before: Sequence[AuditCheckpoint], outside: Checkpoint | None, key: Ed25519PublicKey | None
) -> Iterator[Finding]:
    if problem := last.problem(key):
        yield _wrong(Fault.CHECKPOINT_EDITED, last.number, problem)
    number, prev_hash = (before[0].number, before[0].hash) if before else (0, "")
    if number != last.number - 1:
        yield _wrong(Fault.CHECKPOINT_MISSING, last.number - 1, f"the next one is number {last.number}")
    elif prev_hash != last.prev_hash:
        yield _wrong(Fault.CHECKPOINT_EDITED, last.number, "it does not link to the one before it")
    # The file is written after the commit, so it may lag behind; it is never ahead.
    if outside is not None and outside.number > last.number:
        yield _wrong(Fault.CHECKPOINT_MISSING, last.number + 1, "the file has it and the database does not")
    if outside is not None and outside.number == last.number and outside.hash != last.hash:
        yield _wrong(Fault.CHECKPOINT_EDITED, last.number, "the file outside the database holds another one")


def _first_changed(session: Session, heads: Sequence[Sequence[Any]]) -> Finding | None:
    places = [(str(stream), int(seq)) for stream, seq, _ in heads]
    if not places:
        return None
    rows = session.execute(
        select(AuditEvent.stream, AuditEvent.seq, AuditEvent.hash).where(
            tuple_(AuditEvent.stream, AuditEvent.seq).in_(places)
        )
    )
    found = {(stream, seq): hash_ for stream, seq, hash_ in rows}
    for stream, seq, hash_ in heads:
        known = found.get((stream, seq))
        if known is None:
            return Finding(Fault.TAIL_CUT, stream, seq, "a checkpoint saw this row, and it is gone")
        if known != hash_:
            return Finding(Fault.REWRITTEN, stream, seq, "a checkpoint saw another row here")
    return None


def _unsealed(session: Session, since: datetime | None) -> int:
    events: Select[Any] = select(literal_column("1")).select_from(AuditEvent)
    if since is not None:
        events = events.where(AuditEvent.at > since)
    counted = events.limit(MOST_UNSEALED + 1).subquery()
    return session.scalar(select(func.count()).select_from(counted)) or 0


def _wrong(fault: Fault, number: int | None, message: str) -> Finding:
    return Finding(fault, CHECKPOINT, number, message)
