"""Let a suspended case go on."""

from __future__ import annotations

from sqlalchemy import select

from engine.access import ADMIN, require
from engine.errors import Conflict
from engine.execution.lock import Root, check_revision, lock_root
from engine.execution.record import record
from engine.execution.suspension import flag
from engine.jobs.correlation import lock_keys, match_parked
from engine.model.instance import ACTIVE, SUSPENDED
from engine.model.subscription import MESSAGE, Subscription
from engine.queries.instances import InstanceView, view
from engine.runtime import Work


def resume_instance(work: Work, instance_id: str, *, revision: int | None = None) -> InstanceView:
    """Let the suspended case that ``instance_id`` belongs to go on; what came due meanwhile happens now.

    ADMIN only. Raises `NotFound`, `Forbidden`, `InstanceEnded`, `Conflict` when it is not suspended, `StaleRevision`.
    """
    require(work.principal, ADMIN, "resume cases")
    root = lock_root(work, instance_id, allow_suspended=True)
    check_revision(root, revision)
    row = root.row
    if row.status != SUSPENDED:
        text = f"Case {row.business_key} is not suspended."
        raise Conflict(text, who=row.changed_by, when=row.changed_at, instance=row.id)
    row.status = ACTIVE
    _deliver_parked(work, root)
    flag(work, root, suspended=False)
    payload = {"before": {"status": SUSPENDED}, "after": {"status": ACTIVE}}
    record(work, root, action="instance:resumed", element=None, payload=payload)
    return view(row)


def _deliver_parked(work: Work, root: Root) -> None:
    """Messages for the case were parked while it was suspended. Signals wait as jobs, which `flag` lets go."""
    of_root = (Subscription.root_id == root.id, Subscription.kind == MESSAGE)
    awaited = select(Subscription.name, Subscription.key).where(*of_root)
    pairs = [(name, key) for name, key in work.session.execute(awaited)]
    lock_keys(work.session, pairs)
    match_parked(work.session, pairs, work.now)
