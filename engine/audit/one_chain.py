"""Verifying the chain of one case while somebody waits for it: every row, bounded in rows and checkpoints.

What only the whole shows (a missing chain, checkpoints that were cut, the file outside the database) is left to
`engine.audit.verify`.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Text, func, select, text, type_coerce
from sqlalchemy.orm import Session

from engine.audit.checkpoint import OVERLAP, Checkpoint
from engine.audit.findings import Fault, Finding
from engine.audit.follow import Owner, Tally, chains, check_chain, check_chains
from engine.audit.keys import PayloadKeys
from engine.audit.witnesses import CHECKPOINT, Witnesses
from engine.errors import NotFound
from engine.ids import is_id
from engine.model.audit import AuditCheckpoint, AuditEvent, AuditStream
from engine.model.instance import ProcessInstance

LONGEST = 20_000
"""Events of a chain that is verified at once; about two seconds."""
MOST_CHECKPOINTS = 2_000
"""The newest checkpoints that a chain is compared with."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The outcome for one chain: how many ``events``, ``payloads`` (``erased``: unreadable ones, which is no finding)
    and ``checkpoints`` that list it were compared. ``finding`` is the first thing wrong, None when all is well.
    ``too_long``: it has more than `LONGEST` events, and nothing was compared.
    """

    stream: str
    events: int = 0
    payloads: int = 0
    erased: int = 0
    checkpoints: int = 0
    finding: Finding | None = None
    too_long: bool = False

    @property
    def intact(self) -> bool:
        """Whether the chain was verified and nothing is wrong."""
        return self.finding is None and not self.too_long


def verify_chain(
    session: Session, stream: str, *, public_key: Ed25519PublicKey | None, keys: PayloadKeys | None
) -> ChainReport:
    """Compute every row of ``stream`` again and compare it with its case, its payloads and the checkpoints.

    ``session``: in a transaction that has sent nothing yet (on PostgreSQL it becomes one snapshot, so that a running
    case can be verified). Raises `NotFound` for a chain that has neither a case nor rows.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    owner = _owner(session, stream)
    first, last = session.execute(
        select(func.min(AuditEvent.seq), func.max(AuditEvent.seq)).where(AuditEvent.stream == stream)
    ).one()
    if owner is None and first is None:
        raise NotFound("There is no such chain.", stream=stream[:64])
    if max(last or 0, owner.seq if owner else 0) > LONGEST:
        return ChainReport(stream, too_long=True)
    witnesses, count = _witnesses(session, stream, public_key)
    tally = Tally()
    if owner is not None:
        check_chains(session, [owner], witnesses, keys, tally)
    else:
        message = "there is no case of this id: its row was deleted, or the chain was made up"
        tally.findings.append(Finding(Fault.UNOWNED_CHAIN, stream, None, message))
        for name, rows in chains(session, [stream]):
            check_chain(session, name, rows, None, witnesses, keys, tally)
    finding = next(iter((*tally.findings, *witnesses.findings)), None)
    return ChainReport(stream, tally.events, tally.payloads, tally.erased, count, finding)


def _owner(session: Session, stream: str) -> Owner | None:
    known = session.execute(select(AuditStream.seq, AuditStream.head).where(AuditStream.stream == stream)).one_or_none()
    if known is None and is_id(stream):
        known = session.execute(
            select(ProcessInstance.audit_seq, ProcessInstance.audit_head).where(
                ProcessInstance.id == stream, ProcessInstance.parent_id.is_(None)
            )
        ).one_or_none()
    return None if known is None else Owner(stream, *known)


def _witnesses(session: Session, stream: str, public_key: Ed25519PublicKey | None) -> tuple[Witnesses, int]:
    """What the checkpoints that list ``stream`` know, and how many they are."""
    began = session.scalar(select(AuditEvent.at).where(AuditEvent.stream == stream).order_by(AuditEvent.seq).limit(1))
    listing = select(AuditCheckpoint).where(
        type_coerce(AuditCheckpoint.heads, Text()).contains(f'"{stream}"', autoescape=True)
    )
    if began is not None:
        listing = listing.where(AuditCheckpoint.at > began - OVERLAP)
    rows = session.scalars(listing.order_by(AuditCheckpoint.number.desc()).limit(MOST_CHECKPOINTS)).all()
    witnesses = Witnesses()
    for row in rows:
        checkpoint = Checkpoint.of_row(row)
        if problem := checkpoint.problem(public_key):
            witnesses.findings.append(Finding(Fault.CHECKPOINT_EDITED, CHECKPOINT, row.number, problem))
        else:
            witnesses.believe(checkpoint)
    return witnesses, len(rows)
