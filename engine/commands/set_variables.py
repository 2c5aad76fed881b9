"""Correct the data of a running case."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from engine.access import ADMIN, require
from engine.errors import InstanceEnded, InvalidInput
from engine.execution.advance import advance_root
from engine.execution.lock import check_revision, lock_root
from engine.execution.payload import check_variables
from engine.kernel.state import State
from engine.kernel.stimuli import SetVariables
from engine.model.instance import ACTIVE, ProcessInstance
from engine.queries.instances import InstanceView, view
from engine.runtime import Work


def set_variables(
    work: Work, instance_id: str, variables: Mapping[str, object], *, revision: int | None = None
) -> InstanceView:
    """Write ``variables`` as seen from the instance: where the name lives, else in the instance itself.

    Before and after stand in the audit trail. ADMIN only. Raises `NotFound`, `Forbidden`, `InstanceEnded` (also for a
    called instance that has ended), `InstanceSuspended`, `StaleRevision`, `InvalidInput` for no variable at all or
    values that nothing can hold.
    """
    require(work.principal, ADMIN, "correct the data of cases")
    root = lock_root(work, instance_id)
    check_revision(root, revision)
    data = check_variables(variables, work.sancha.limits.variables_bytes)
    if not data:
        raise InvalidInput("Name at least one variable to set.", {"variables": ["none given"]})
    own = select(ProcessInstance).where(ProcessInstance.id == instance_id)
    instance = root.row if instance_id == root.id else work.session.execute(own).scalar_one()
    if instance.status != ACTIVE:
        raise InstanceEnded(f"The called instance has ended ({instance.status}).", when=instance.ended_at)
    root.instances[instance.scope] = instance.id
    root.scopes.prefetch(instance.scope)
    visible = State.stored(root.scopes).variables(instance.scope)
    before = {name: visible[name] for name in data if name in visible}
    advance_root(
        work,
        root,
        SetVariables(instance.scope, data),
        action="variables:set",
        element=None,
        payload={"instance": instance.id, "before": before, "after": data},
    )
    return view(root.row)
