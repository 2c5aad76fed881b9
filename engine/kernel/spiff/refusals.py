"""What SpiffWorkflow's runtime gets wrong, or what this adapter does not run on it: refused at deployment.

Each reason was measured with SpiffWorkflow 3.2. The token machine (``kernel: machine``) executes all of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from engine.kernel.definition import (
    Cancel,
    Compensate,
    Conditional,
    Definition,
    Error,
    Escalation,
    Kind,
    Link,
    Message,
    Node,
    Signal,
    StandardLoop,
    Timer,
    TimerKind,
)
from engine.kernel.findings import Report

RULE = "spiffworkflow/refused"
ADVICE = "deploy it for the token machine (kernel: machine)"
MAX_NODES = 300

_KINDS = {
    Kind.EVENT_BASED_GATEWAY: "it replaces the definitions of the events behind an event-based gateway",
    Kind.CALL_ACTIVITY: "it has no mappings into and out of a called process and loses its lanes",
    Kind.BUSINESS_RULE_TASK: "its decision tables know neither FEEL nor most hit policies",
    Kind.INCLUSIVE_GATEWAY: "its inclusive join counts the branches of earlier rounds and looks past boundary events",
    Kind.COMPLEX_GATEWAY: "its parser rejects complex gateways",
    Kind.TRANSACTION: "it runs no compensation when a transaction is cancelled",
    Kind.AD_HOC_SUB_PROCESS: "its parser knows no ad-hoc subprocesses",
}
_EVENTS: dict[type, str] = {
    Error: "errors of scripts and services do not reach its error events",
    Signal: "its signal end events throw nothing, and a signal reaches no other instance",
    Escalation: "its escalations do not reach an event subprocess without starting it",
    Conditional: "it looks at conditions only when it is refreshed",
    Link: "its parser makes a none event of a link",
    Cancel: "it runs no compensation when a transaction is cancelled",
    Compensate: "its parser makes none events of compensation",
}
"""Event definitions that it gets wrong."""


@dataclass(frozen=True, slots=True)
class _At:
    owner: str
    title: str
    line: int
    column: int


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rules ``spiffworkflow/...``, for models that ask for this kernel."""
    for definition in definitions:
        for node in definition.nodes.values():
            for reason in _reasons(node, definition):
                report.error(RULE, _At(node.id, node.name, node.line, node.column), reason, ADVICE)
        if not definition.starts.get(None) or len(definition.starts[None]) > 1:
            first = next(iter(definition.nodes.values()))
            message = "its instances begin at exactly one start event"
            report.error(RULE, _At(first.id, first.name, first.line, first.column), message, ADVICE)
        for container, count in Counter(node.parent for node in definition.nodes.values()).items():
            if count > MAX_NODES:
                where = definition.nodes[container] if container is not None else next(iter(definition.nodes.values()))
                message = f"more than {MAX_NODES} elements in a row exceed its recursion"
                report.error(RULE, _At(where.id, where.name, where.line, where.column), message, ADVICE)


def _reasons(node: Node, definition: Definition) -> list[str]:
    found = [_KINDS[node.kind]] if node.kind in _KINDS else []
    if isinstance(node.loop, StandardLoop):
        found.append("it nests a copy of all variables for every round of a loop")
    elif node.loop is not None:
        found.append("it keeps copies of all variables for every item of a multi-instance activity")
    if node.triggered:
        found.append("its event subprocesses begin by themselves, do not interrupt, or keep the instance alive")
    if node.start_quantity > 1 or node.completion_quantity > 1:
        found.append("it drops token quantities")
    if node.instantiates:
        found.append("only a none start event starts its instances")
    if node.for_compensation:
        found.append("its parser makes none events of compensation")
    if node.async_before or node.async_after:
        found.append("it has no transactions of its own for a step")
    if node.data_outputs or node.id in definition.declared:
        found.append("its data objects are copied along with every branch")
    if node.inputs or node.outputs:
        found.append("it has no input and output mappings")
    found += _event_reasons(node)
    found += _flow_reasons(node, definition)
    return found


def _event_reasons(node: Node) -> list[str]:
    event = node.event
    if len(node.events) > 1:
        return ["of several event definitions in one event it keeps the first"]
    if node.kind is Kind.START_EVENT and event is not None:
        return ["its start events with a trigger wait inside an instance instead of starting one"]
    if isinstance(event, Timer) and event.kind is TimerKind.CYCLE:
        return ["it fires every missed tick of a cycle at once, or stops after the first"]
    if type(event) in _EVENTS:
        return [_EVENTS[type(event)]]
    if isinstance(event, Message) and node.kind in (Kind.THROW_EVENT, Kind.END_EVENT, Kind.SEND_TASK):
        return ["a message it throws carries a copy of all variables and can be caught before it leaves the instance"]
    if isinstance(event, Message) and node.kind is Kind.BOUNDARY_EVENT and not node.interrupting:
        return ["a non-interrupting boundary event catches only the first message"]
    return []


def _flow_reasons(node: Node, definition: Definition) -> list[str]:
    found = []
    gateway = node.kind in (Kind.EXCLUSIVE_GATEWAY, Kind.PARALLEL_GATEWAY, Kind.EVENT_BASED_GATEWAY)
    if len(node.outgoing) > 1 and not gateway:
        found.append("several flows out of an element that is no gateway are not supported")
    if not gateway and any(flow.condition is not None for flow in node.outgoing):
        found.append("a condition on a flow out of an element that is no gateway would be ignored")
    if len({flow.target for flow in node.outgoing}) < len(node.outgoing):
        found.append("two flows to the same element cannot be told apart")
    if node.kind is Kind.PARALLEL_GATEWAY and len(node.incoming) > 1 and _in_cycle(node, definition):
        found.append("a parallel join inside a loop counts arrivals of earlier rounds")
    return found


def _in_cycle(node: Node, definition: Definition) -> bool:
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        at = waiting.pop()
        for target in [*(flow.target for flow in at.outgoing), *at.boundary]:
            if target == node.id:
                return True
            if target not in seen and target in definition.nodes:
                seen.add(target)
                waiting.append(definition.nodes[target])
    return False
