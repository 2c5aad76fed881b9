"""Reading payloads of the audit trail."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from engine.audit.keys import PayloadKeys
from engine.model.audit import AuditPayload

Place = tuple[str, int]
"""An event's stream and number."""


def place_bytes(stream: str, seq: int) -> bytes:
    """What binds a payload's cipher text to its event."""
    return f"{stream}#{seq}".encode()


def read_payloads(session: Session, keys: PayloadKeys, places: Collection[Place]) -> dict[Place, Any]:
    """The payloads (plain JSON) of the events at ``places``, in two statements.

    One whose row or key was erased is missing. Raises ValueError when one was changed, `WrongMasterKey` when the keys
    were wrapped by another installation.
    """
    if not places:
        return {}
    rows = session.scalars(select(AuditPayload).where(tuple_(AuditPayload.stream, AuditPayload.seq).in_(places))).all()
    opened = keys.for_reading(session, {row.key_id for row in rows})
    return {
        (row.stream, row.seq): json.loads(opened[row.key_id].open(row.body, place_bytes(row.stream, row.seq)))
        for row in rows
        if row.key_id in opened
    }
