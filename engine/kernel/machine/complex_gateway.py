"""Complex gateways (BPMN 2.0.2, 13.4.5).

A gateway that waits for its start goes on when its activation condition is true, which is asked with each token that
comes: it consumes one token of every flow that has one. Then it waits for a token of each other flow, as far as one may
still come, consumes those and is reset. Conditions may read ``activationCount`` (tokens that are there),
``waitingForStart``, and how many tokens each incoming flow has, by the flow's id. In the reset only flows whose
condition is true then get a token: one without a condition is taken at the start alone. A gateway with one incoming
flow has nothing to wait for and no reset.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.kernel.definition import Definition, Flow, Node
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.incidents import enter_join, fail
from engine.kernel.machine.variables import condition
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase

RESET = "reset"
"""What a token remembers that leaves the gateway in its reset."""
_Consume = Callable[[Work, str, Iterable[int]], None]
_Expects = Callable[[Work, str, Definition, Node, Iterable[str], Iterable[str]], bool]


def settle_complex(
    work: Work,
    scope: str,
    definition: Definition,
    node: Node,
    here: dict[str, int],
    consume: _Consume,
    expects: _Expects,
) -> bool:
    """Starts or resets the gateway ``node``, if it can be; ``here``: the first waiting token by flow."""
    taken = work.scope(scope).gates.get(node.id)
    if taken is None:
        return start_complex(work, scope, node, here, consume)
    remaining = set(node.incoming).difference(taken)
    arrived = {flow: number for flow, number in here.items() if flow in remaining}
    if expects(work, scope, definition, node, remaining - arrived.keys(), [*taken, *arrived]):
        return False
    consume(work, scope, arrived.values())
    del work.edit(scope).gates[node.id]
    work.begin(scope, node, flow=RESET)
    return True


def start_complex(work: Work, scope: str, node: Node, here: dict[str, int], consume: _Consume) -> bool:
    """Starts the gateway when it waits for its start and its activation condition is true."""
    if node.id in work.scope(scope).gates or not here or not _activated(work, scope, node, here):
        return False
    consume(work, scope, here.values())
    if len(node.incoming) > 1:
        work.edit(scope).gates[node.id] = sorted(here)
    work.begin(scope, node)
    return True


def chosen_by_complex(work: Work, at: Visit, *, reset: bool) -> list[Flow]:
    """The flows that get a token, at the start or in the reset. Raises `StepFailure`."""
    node = at.node
    first = {"waitingForStart": not reset}
    flows = [
        flow
        for flow in node.outgoing
        if flow.id != node.default
        and (
            not reset
            if flow.condition is None
            else condition(work, at.scope, flow.condition, f"condition of flow {flow.id}", first)
        )
    ]
    if not flows and not reset:
        flows = [flow for flow in node.outgoing if flow.id == node.default]
        if not flows and node.outgoing:
            raise StepFailure(Code.NO_FLOW, f"no outgoing flow of {node.id} is true and it has no default flow")
    return flows


def _activated(work: Work, scope: str, node: Node, here: dict[str, int]) -> bool:
    if node.activation is None:
        return True
    tokens = [token for token in work.scope(scope).tokens.values() if token.element == node.id]
    waiting = [token for token in tokens if token.phase is Phase.JOIN]
    counts: dict[str, object] = dict.fromkeys(node.incoming, 0)
    for flow in node.incoming:
        counts[flow] = sum(1 for token in waiting if token.flow == flow)
    first = {**counts, "activationCount": len(waiting), "waitingForStart": True}
    try:
        return condition(work, scope, node.activation, "activation condition", first)
    except StepFailure as failure:
        at = work.visit(scope, next(iter(here.values())))
        assert at is not None  # noqa: S101 - it waits there
        enter_join(work, at)
        fail(work, at, failure.code, failure.message)
        return False
