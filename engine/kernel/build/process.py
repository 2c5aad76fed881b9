"""One process of the graph as a `Definition`."""

from __future__ import annotations

from hashlib import sha256

from engine.kernel.build.activities import decision, human_work, multi_instance, process_call, script, service
from engine.kernel.build.data import input_output
from engine.kernel.build.events import event_of
from engine.kernel.build.values import Values
from engine.kernel.definition import Definition, Flow, Kind, Message, Node
from engine.kernel.dialect import properties
from engine.kernel.findings import Report
from engine.kernel.graph import ACTIVITIES, Element, FlowEdge, FlowNode, Graph, Process

_KINDS = {kind.value: kind for kind in Kind}
_HUMAN = frozenset({"userTask", "manualTask"})
_HUMAN_PROPERTIES = frozenset({"sla", "calendar", "escalation", "excludes", "clock"})
_EVENT_PROPERTIES = frozenset({"calendar", "catchUp", "zone", "correlationKey"})
_LOOP_PROPERTIES = frozenset({"outputCollection", "outputElement"})


def build(graph: Graph, report: Report, *, kernel: str = "machine") -> tuple[Definition, ...]:
    """One definition per executable process, ``ref`` being its key. After an error in ``report`` they are not sound:
    elements of unsupported kinds are left out and unreadable expressions are null.
    """
    values = Values(report)
    digest = sha256(graph.xml).hexdigest()
    return tuple(_definition(process, graph, values, digest, kernel) for process in graph.processes)


def _definition(process: Process, graph: Graph, values: Values, digest: str, kernel: str) -> Definition:
    nodes = {
        node.id: _node(node, graph, values, _KINDS[node.kind]) for node in process.nodes.values() if node.kind in _KINDS
    }
    starts: dict[str | None, tuple[str, ...]] = {}
    for node in nodes.values():
        if node.kind is Kind.START_EVENT:
            starts[node.parent] = (*starts.get(node.parent, ()), node.id)
    return Definition(
        ref=process.id,
        key=process.id,
        name=process.element.name,
        digest=digest,
        nodes=nodes,
        starts=starts,
        kernel=kernel,
        xml=graph.xml,
        properties=properties(process.element),
    )


def _node(node: FlowNode, graph: Graph, values: Values, kind: Kind) -> Node:
    element = node.element
    given = properties(element)
    mapped = input_output(element, values)
    event = event_of(node, graph, values, mapped)
    activity = node.kind in ACTIVITIES
    payload = isinstance(event, Message) and bool(event.payload)
    return Node(
        id=node.id,
        kind=kind,
        name=element.name,
        line=element.line,
        column=element.column,
        parent=node.container,
        incoming=tuple(flow.element.id for flow in node.incoming),
        outgoing=tuple(_flow(flow, values) for flow in node.outgoing),
        default=element.get("default"),
        events=() if event is None else (event,),
        attached_to=element.get("attachedToRef"),
        interrupting=element.flag("cancelActivity", default=True),
        boundary=tuple(boundary.id for boundary in node.boundary),
        loop=multi_instance(element, graph, values) if activity else None,
        lane=None if node.lane is None else node.lane.id,
        role=None if node.lane is None else lane_role(node.lane),
        human=human_work(element, given, values) if node.kind in _HUMAN else None,
        service=service(element, values) if kind in (Kind.SERVICE_TASK, Kind.SEND_TASK) else None,
        script=script(element, values) if kind is Kind.SCRIPT_TASK else None,
        decision=decision(element, values) if kind is Kind.BUSINESS_RULE_TASK else None,
        call=process_call(element, values) if kind is Kind.CALL_ACTIVITY else None,
        inputs=() if payload else mapped.inputs,
        outputs=mapped.outputs,
        properties={name: text for name, text in given.items() if name not in _understood(node, activity)},
    )


def _understood(node: FlowNode, activity: bool) -> frozenset[str]:
    if node.kind in _HUMAN:
        return _HUMAN_PROPERTIES | _LOOP_PROPERTIES
    return _LOOP_PROPERTIES | _EVENT_PROPERTIES if activity else _EVENT_PROPERTIES


def _flow(flow: FlowEdge, values: Values) -> Flow:
    element = flow.element
    condition = flow.condition
    expression = None
    if condition is not None:
        values.language(condition, condition.text)
        expression = values.feel(condition, condition.text, "condition")
    return Flow(element.id, flow.source, flow.target, expression, element.name, element.line, element.column)


def lane_role(lane: Element) -> str | None:
    """The role that works in a lane: its property ``role``, else its name; None when it has neither."""
    return properties(lane).get("role") or lane.name or None
