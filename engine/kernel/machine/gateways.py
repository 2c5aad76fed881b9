"""Exclusive and parallel gateways; the event-based one waits like an event (see ``events``)."""

from __future__ import annotations

from engine.kernel.definition import Flow, Node
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.variables import condition
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, Token


def exclusive_flow(work: Work, at: Visit) -> Flow:
    """The first flow in document order whose condition is true (a flow without condition is), else the default.

    Raises `StepFailure` when there is none, or when a condition on the way cannot be evaluated.
    """
    node = at.node
    default = None
    for flow in node.outgoing:
        if flow.id == node.default:
            default = flow
        elif flow.condition is None or condition(work, at.scope, flow.condition, f"condition of flow {flow.id}"):
            return flow
    if default is None:
        raise StepFailure(Code.NO_FLOW, f"no condition of gateway {node.id} is true and it has no default flow")
    return default


def arrive(work: Work, scope: str, node: Node, flow: Flow) -> bool:
    """A token reaches a parallel join; true when one token of every incoming flow is there, and was consumed.

    Tokens are counted per flow: two by the same flow do not make up for a missing other one, and an excess token
    stays for the next round (BPMN 2.0.2, 13.4.1).
    """
    tokens = work.edit(scope).tokens
    number = work.next_number()
    tokens[number] = Token(number, node.id, Phase.JOIN, number, flow=flow.id)
    first: dict[str | None, int] = {}
    for token in tokens.values():
        if token.phase is Phase.JOIN and token.element == node.id:
            first.setdefault(token.flow, token.number)
    if len(first) < len(node.incoming):
        work.parked[scope] = None
        return False
    for consumed in first.values():
        del tokens[consumed]
    return True
