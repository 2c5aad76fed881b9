"""End a case from outside."""

from __future__ import annotations

from engine.access import ADMIN, require
from engine.execution.advance import advance_root
from engine.execution.lock import check_revision, lock_root
from engine.kernel.stimuli import Cancel
from engine.queries.instances import InstanceView, view
from engine.runtime import Work


def cancel_instance(work: Work, instance_id: str, reason: str, *, revision: int | None = None) -> InstanceView:
    """End the whole case that ``instance_id`` belongs to, suspended or not: its tasks, timers, service calls, awaited
    messages and called instances are cancelled.

    ADMIN only. Raises `NotFound`, `Forbidden`, `InstanceEnded`, `StaleRevision`.
    """
    require(work.principal, ADMIN, "cancel cases")
    root = lock_root(work, instance_id, allow_suspended=True)
    check_revision(root, revision)
    payload = {"reason": reason, "before": {"status": root.row.status}}
    advance_root(work, root, Cancel(reason), action="instance:cancelled", element=None, payload=payload)
    return view(root.row)
