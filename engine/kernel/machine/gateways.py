"""Exclusive gateways; the others wait for tokens (``joins``, ``complex_gateway``) or events (``triggers``)."""

from __future__ import annotations

from engine.kernel.definition import Flow
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.variables import condition
from engine.kernel.machine.work import Visit, Work


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
