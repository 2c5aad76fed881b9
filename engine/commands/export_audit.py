"""Take a part of the audit trail out of the house."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from engine.access import ADMIN, AUDIT
from engine.administration import record_administration
from engine.errors import Forbidden
from engine.queries.audit_search import AuditSearch, count_audit
from engine.runtime import Work

MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True)
class Exported:
    """What may be written out: the events of ``wanted``, whose end lies before this export itself. ``rows`` of them,
    at most `MOST_ROWS`; ``cut`` says that there are more.
    """

    wanted: AuditSearch
    rows: int
    cut: bool


def export_audit(work: Work, wanted: AuditSearch) -> Exported:
    """Record that the events of ``wanted`` leave the house, and say what they are; nothing is read out here.

    AUDIT and ADMIN only: raises `Forbidden`; `NotFound` for a chain that does not exist.
    """
    if not work.principal.sees_every_case:
        raise Forbidden(f"{work.principal.name} may not export the audit trail: this needs {AUDIT} or {ADMIN}.")
    until = work.now if wanted.until is None else min(wanted.until, work.now)
    closed = replace(wanted, until=until)
    found = count_audit(work, closed, MOST_ROWS + 1)
    asked = {field.name: getattr(wanted, field.name) or None for field in fields(wanted)}
    rows = min(found, MOST_ROWS)
    record_administration(work, "audit:exported", {"filters": asked, "rows": rows, "cut": found > MOST_ROWS})
    return Exported(closed, rows, found > MOST_ROWS)
