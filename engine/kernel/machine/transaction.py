"""Transactions: a cancel end event ends what runs in one, undoes what completed in it, and leaves by the cancel
boundary event (BPMN 2.0.2, 10.3.5 and 13.3.4). A subprocess in it that had not completed does not take with it what had
completed inside: that is undone too (13.5.5).
"""

from __future__ import annotations

from engine.kernel.definition import Cancel
from engine.kernel.effects import StepLeft
from engine.kernel.errors import Code
from engine.kernel.machine.boundary import interrupt
from engine.kernel.machine.cancel import end_others
from engine.kernel.machine.compensation import undo
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.propagation import owner_of
from engine.kernel.machine.records import transaction_around
from engine.kernel.machine.waits import disarm_scope
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, ScopeKind, parent_of

_UNDOING = "undoing"


def cancel(work: Work, at: Visit) -> None:
    """A cancel end event: the first time it begins to undo, when that is done it leaves the transaction."""
    scope = _transaction(work, at)
    if at.token.flow == _UNDOING:
        _leave(work, at, scope)
        return
    if at.scope == scope:
        token = at
        end_others(work, scope, besides=at.token.number, to_undo=True)
    else:
        work.emit(StepLeft(at.instance, at.token.step, at.node.id, "completed"))
        work.take(at)
        end_others(work, scope, to_undo=True)
        found = work.visit(scope, work.begin(scope, at.node, Phase.CHILD))
        assert found is not None  # noqa: S101 - it was begun just now
        token = found
    inside = work.edit(scope)
    inside.interrupted = True
    disarm_scope(work, scope)
    token.token = token.token._replace(flow=_UNDOING)
    head, inside.record = inside.record, 0
    undo(work, token, scope, head)


def _leave(work: Work, at: Visit, scope: str) -> None:
    outer = owner_of(work, scope)
    while outer is not None and outer.inner is not None:
        outer = owner_of(work, outer.scope)
    assert outer is not None  # noqa: S101 - a transaction lies in a process
    nodes = work.definition_of(outer.scope).nodes
    for id in outer.node.boundary:
        if any(isinstance(event, Cancel) for event in nodes[id].events):
            interrupt(work, outer, nodes[id], {})
            return
    raise StepFailure(Code.NO_FLOW, f"the transaction {outer.node.id} has no boundary event for its cancellation")


def _transaction(work: Work, at: Visit) -> str:
    container = transaction_around(work.definition_of(at.scope), at.node)
    if container is None:
        raise StepFailure(Code.NO_FLOW, f"the cancel end event {at.node.id} lies in no transaction")
    id = at.scope
    while work.scope(id).kind is not ScopeKind.SUB_PROCESS or work.scope(id).element != container:
        id = parent_of(id)
    return id
