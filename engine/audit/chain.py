"""Adding to the audit trail, in the transaction of the command that it speaks of."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Table, insert, select, update
from sqlalchemy.orm import Session

from engine.audit.canonical import canonical, event_hash
from engine.audit.checkpoint import take_checkpoint
from engine.audit.keys import PayloadKeys
from engine.audit.read import Place, place_bytes, read_payloads
from engine.execution.upsert import insert_into
from engine.model.audit import ADMINISTRATION, AuditCheckpoint, AuditEvent, AuditPayload, AuditStream


class AuditTrail:
    """The audit trail of one installation.

    ``master``: 32 bytes under which the payload keys lie. ``signing_key``: Ed25519 seed (32 bytes) of the checkpoints;
    without it none can be made. ``checkpoint_file``: where they are written outside the database, if anywhere.
    """

    def __init__(self, master: bytes, *, signing_key: bytes | None = None, checkpoint_file: Path | None = None) -> None:
        self.keys = PayloadKeys(master)
        self.checkpoint_file = checkpoint_file
        self._signer = None if signing_key is None else Ed25519PrivateKey.from_private_bytes(signing_key)

    @property
    def public_key(self) -> Ed25519PublicKey | None:
        """What checks the checkpoints' signatures."""
        return None if self._signer is None else self._signer.public_key()

    def append(
        self,
        session: Session,
        *,
        stream: str,
        seq: int,
        prev_hash: str,
        at: datetime,
        actor: str,
        on_behalf_of: str | None,
        action: str,
        element: str | None,
        definitions: Sequence[str],
        subject: str | None,
        payload: Mapping[str, object] | None,
    ) -> str:
        """Add event ``seq`` (from 1) to ``stream``, whose head (``prev_hash``, "" at first) the caller holds locked.

        ``action`` is past tense (``task:completed``), ``at`` aware, ``subject`` the client that the payload is about.
        Two statements, one without a payload; more when the client's key is not remembered. Returns the new head.
        """
        key = sealed = None
        if payload is not None:
            key = self.keys.for_writing(session, subject, at)
            sealed = key.seal(canonical(payload), place_bytes(stream, seq))
        columns: dict[str, Any] = {
            "stream": stream,
            "seq": seq,
            "at": at,
            "actor": actor,
            "on_behalf_of": on_behalf_of,
            "action": action,
            "element": element,
            "definitions": list(definitions),
            "subject": subject,
            "payload_digest": None if sealed is None else sealed.digest,
            "prev_hash": prev_hash,
        }
        head = event_hash(**columns)
        session.execute(insert(_EVENTS), columns | {"hash": head})
        if key is not None and sealed is not None:
            stored = {"stream": stream, "seq": seq, "key_id": key.id, "salt": sealed.salt, "body": sealed.body}
            session.execute(insert(_PAYLOADS), stored)
        return head

    def append_administration(
        self,
        session: Session,
        *,
        at: datetime,
        actor: str,
        action: str,
        payload: Mapping[str, object],
        on_behalf_of: str | None = None,
        subject: str | None = None,
    ) -> None:
        """Add an event to the chain of everything that belongs to no case; its head is locked until the end of the
        transaction, so append last.
        """
        wanted = select(AuditStream).where(AuditStream.stream == ADMINISTRATION).with_for_update()
        wanted = wanted.execution_options(populate_existing=True)
        row = session.scalars(wanted).one_or_none()
        if row is None:
            first = insert_into(session, AuditStream).values(stream=ADMINISTRATION, seq=0, head="")
            session.execute(first.on_conflict_do_nothing())
            row = session.scalars(wanted).one()
        head = self.append(
            session,
            stream=ADMINISTRATION,
            seq=row.seq + 1,
            prev_hash=row.head,
            at=at,
            actor=actor,
            on_behalf_of=on_behalf_of,
            action=action,
            element=None,
            definitions=(),
            subject=subject,
            payload=payload,
        )
        session.execute(
            update(AuditStream).where(AuditStream.stream == ADMINISTRATION).values(seq=row.seq + 1, head=head)
        )

    def checkpoint(self, session: Session, *, at: datetime) -> AuditCheckpoint | None:
        """Sign the heads that changed since the last checkpoint; None when none did. See `take_checkpoint`.

        Raises ValueError when the trail has no signing key.
        """
        if self._signer is None:
            raise ValueError("checkpoints need a signing key")
        return take_checkpoint(session, self._signer, self.checkpoint_file, at=at)

    def payloads(self, session: Session, places: Collection[Place]) -> dict[Place, Any]:
        """The payloads of events by (stream, seq), decrypted; erased ones are missing. See `read_payloads`."""
        return read_payloads(session, self.keys, places)


_EVENTS: Table = AuditEvent.__table__  # type: ignore[assignment]  # declared as FromClause; a mapped class has a Table
_PAYLOADS: Table = AuditPayload.__table__  # type: ignore[assignment]  # as above
