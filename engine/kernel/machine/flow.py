"""Tokens on their way: leaving along sequence flows, ending.

Which flows leave an element (BPMN 2.0.2, 13.3.1): of an activity, event or inclusive gateway every unconditional flow
and every conditional one that is true; the default flow when no *conditional* flow is true, even beside an
unconditional one. Other gateways choose for themselves. An element without outgoing flows ends its token; the last
token ends the scope.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.kernel.definition import Flow, Kind
from engine.kernel.effects import CallEnded, FlowTaken, InstanceEnded, StepLeft
from engine.kernel.errors import Code
from engine.kernel.machine import ad_hoc, gateways, joins, multi_instance, standard_loop
from engine.kernel.machine.compensation import undone
from engine.kernel.machine.complex_gateway import RESET, chosen_by_complex
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.records import completed, discard, put_away
from engine.kernel.machine.variables import condition
from engine.kernel.machine.waits import arm_continuation, disarm, disarm_scope
from engine.kernel.machine.work import BESIDE, Visit, Work
from engine.kernel.scope import ROOT, Phase, ScopeKind, parent_of
from engine.kernel.values import Json, decode_all

AFTER = "after"
"""What a token remembers that has waited for the transaction after its step."""
AFTER_RESET = "after reset"
"""The same, of a complex gateway in its reset."""


def leave(work: Work, at: Visit) -> None:
    """The activity or event is done: its token goes on, or back to what wraps it."""
    inner = at.inner
    if inner is ScopeKind.LOCAL:
        _leave_local(work, at)
    elif inner is ScopeKind.ITEM:
        multi_instance.item_done(work, at)
    elif inner is ScopeKind.LOOP:
        standard_loop.round_done(work, at)
    elif at.node.async_after and at.token.flow not in (AFTER, AFTER_RESET, BESIDE):
        disarm(work, at)
        arm_continuation(work, at, AFTER_RESET if at.token.flow == RESET else AFTER)
    else:
        go(work, at, [] if at.token.flow == BESIDE else chosen(work, at))


def go(work: Work, at: Visit, flows: Sequence[Flow]) -> None:
    """Ends the visit and follows ``flows``; ends the token when there are none."""
    disarm(work, at)
    completed(work, at)
    work.emit(StepLeft(at.instance, at.token.step, at.node.id, "completed"))
    work.take(at)
    for flow in flows:
        for _ in range(at.node.completion_quantity):
            follow(work, at.scope, flow)
    if at.node.link is not None:  # a sequence flow that nobody drew
        work.begin(at.scope, work.definition_of(at.scope).nodes[at.node.link])
    if at.node.parent is not None and ad_hoc.goes_on(work, at):
        return
    if not flows and at.node.link is None:
        ended(work, at.scope, at.node.id if at.node.kind is Kind.END_EVENT else None)


def ended(work: Work, scope: str, end_event: str | None) -> None:
    """A token of the scope has ended; the last one ends the scope."""
    found = work.scope(scope)
    if not found.tokens and not found.gates:
        finish(work, scope, "completed", end_event)


def chosen(work: Work, at: Visit) -> list[Flow]:
    """The flows that an element leaves by, in document order. Raises `StepFailure`."""
    node = at.node
    if node.kind is Kind.EXCLUSIVE_GATEWAY:
        return [gateways.exclusive_flow(work, at)] if node.outgoing else []
    if node.kind is Kind.COMPLEX_GATEWAY:
        return chosen_by_complex(work, at, reset=at.token.flow in (RESET, AFTER_RESET))
    if node.kind is Kind.PARALLEL_GATEWAY or (node.default is None and all(f.condition is None for f in node.outgoing)):
        return list(node.outgoing)
    true = {
        flow.id
        for flow in node.outgoing
        if flow.condition is not None
        and flow.id != node.default
        and condition(work, at.scope, flow.condition, f"condition of flow {flow.id}")
    }
    flows = [
        flow
        for flow in node.outgoing
        if flow.id in true or (not true if flow.id == node.default else flow.condition is None)
    ]
    if not flows:
        raise StepFailure(Code.NO_FLOW, f"no outgoing flow of {node.id} is true and it has no default flow")
    return flows


def follow(
    work: Work, scope: str, flow: Flow, phase: Phase = Phase.ENTER, payload: Mapping[str, Json] | None = None
) -> None:
    """A new token moves along ``flow`` to its target; ``phase`` and ``payload`` as for `Work.begin`."""
    work.emit(FlowTaken(work.instance_of(scope), flow.id))
    node = work.definition_of(scope).nodes[flow.target]
    if joins.arrive(work, scope, node, flow):
        work.begin(scope, node, phase, payload)


def finish(work: Work, scope: str, outcome: str, end_event: str | None) -> None:
    """An instance or subprocess has no token left: the token that waits for it goes on, or the root instance ends."""
    found = work.scope(scope)
    disarm_scope(work, scope)
    if scope == ROOT:
        work.emit(InstanceEnded(scope, outcome, end_event, decode_all(found.variables)))
        discard(work, scope)
        return
    if found.runner:
        undone(work, scope)
        return
    owner = work.visit(parent_of(scope), found.owner)
    assert owner is not None  # noqa: S101 - a scope ends together with its owner, never after it
    if found.kind is ScopeKind.PROCESS:
        work.emit(CallEnded(owner.instance, found.element, scope, outcome))
    work.change(owner, Phase.OUTPUTS, child=owner.token.child)
    work.enqueue(owner.scope, owner.token.number)


def _leave_local(work: Work, at: Visit) -> None:
    owner = work.visit(parent_of(at.scope), work.scope(at.scope).owner)
    assert owner is not None  # noqa: S101 - a scope ends together with its owner, never after it
    disarm(work, at)
    completed(work, at)
    work.edit(at.scope).tokens.clear()
    put_away(work, at.scope)
    work.change(owner, Phase.LEAVE)
    work.enqueue(owner.scope, owner.token.number)
