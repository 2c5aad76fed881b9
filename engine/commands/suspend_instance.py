"""Halt a case."""

from __future__ import annotations

from engine.access import ADMIN, require
from engine.execution.lock import check_revision, lock_root
from engine.execution.record import record
from engine.execution.suspension import flag
from engine.model.instance import SUSPENDED
from engine.queries.instances import InstanceView, view
from engine.runtime import Work


def suspend_instance(work: Work, instance_id: str, reason: str, *, revision: int | None = None) -> InstanceView:
    """Halt the whole case that ``instance_id`` belongs to: no task, timer, message or service result moves it.

    ADMIN only. Raises `NotFound`, `Forbidden`, `InstanceEnded`, `InstanceSuspended` when it is so already,
    `StaleRevision`.
    """
    require(work.principal, ADMIN, "suspend cases")
    root = lock_root(work, instance_id)
    check_revision(root, revision)
    before = root.row.status
    root.row.status = SUSPENDED
    flag(work, root, suspended=True)
    payload = {"reason": reason, "before": {"status": before}, "after": {"status": SUSPENDED}}
    record(work, root, action="instance:suspended", element=None, payload=payload)
    return view(root.row)
