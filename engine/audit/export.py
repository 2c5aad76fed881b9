"""The audit trail as CSV (RFC 4180, UTF-8), for spreadsheets and the auditor's own tools."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.audit.canonical import canonical, instant_text
from engine.audit.keys import PayloadKeys
from engine.audit.read import read_payloads
from engine.model.audit import AuditEvent

COLUMNS = (
    *("stream", "seq", "at", "actor", "on_behalf_of", "action", "element", "definitions", "subject"),
    *("payload_digest", "prev_hash", "hash", "payload"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV injection); in Chinese also the full-width signs."""
_BATCH = 500
BOM = "\ufeff"
"""Without it, spreadsheets take UTF-8 for the local code page and Chinese becomes unreadable."""


def csv_lines(
    session: Session, *, keys: PayloadKeys | None = None, streams: Iterable[str] | None = None
) -> Iterator[str]:
    """The events of ``streams`` (all by default) in order of chain and number, one line each after the heading.

    ``at`` is UTC. ``payload`` is canonical JSON, empty when erased or when no ``keys`` are given. A cell that a
    spreadsheet would run as a formula begins with an apostrophe.
    """
    yield BOM + csv_line(COLUMNS)
    wanted = select(AuditEvent).order_by(AuditEvent.stream, AuditEvent.seq)
    if streams is not None:
        wanted = wanted.where(AuditEvent.stream.in_(list(streams)))
    for rows in session.scalars(wanted, execution_options={"yield_per": _BATCH}).partitions():
        places = [(row.stream, row.seq) for row in rows if row.payload_digest is not None]
        payloads = {} if keys is None else read_payloads(session, keys, places)
        for row in rows:
            payload = payloads.get((row.stream, row.seq))
            text = "" if payload is None else canonical(payload).decode()
            plain = (row.actor, row.on_behalf_of, row.action, row.element, " ".join(row.definitions), row.subject)
            chain = (row.payload_digest, row.prev_hash, row.hash)
            yield csv_line((row.stream, row.seq, instant_text(row.at), *plain, *chain, text))


def csv_line(cells: Iterable[object]) -> str:
    """One line of RFC 4180 with its end; None is an empty cell, and no cell runs as a formula."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(map(_safe, cells))
    return buffer.getvalue()


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
