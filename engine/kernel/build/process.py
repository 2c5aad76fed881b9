"""One process of the graph as a `Definition`."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from engine.feel import Expression
from engine.kernel.build.activities import decision, human_work, process_call, script, service
from engine.kernel.build.containers import connected, containers
from engine.kernel.build.data import (
    Mappings,
    data_inputs,
    data_outputs,
    declared_names,
    input_output,
    produced_names,
)
from engine.kernel.build.events import events_of
from engine.kernel.build.loops import ad_hoc, loop_of
from engine.kernel.build.values import Values
from engine.kernel.definition import DataMapping, Definition, Flow, Kind, Message, Node, ProcessCall, Signal
from engine.kernel.dialect import attribute, properties
from engine.kernel.findings import Report
from engine.kernel.graph import (
    ACTIVITIES,
    CONTAINERS,
    Element,
    FlowEdge,
    FlowNode,
    Graph,
    Process,
    is_event_subprocess,
)

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
    made = {
        node.id: _node(node, process, graph, values, _KINDS[node.kind])
        for node in process.nodes.values()
        if node.kind in _KINDS
    }
    nodes = connected(made, process)
    within = containers(nodes)
    return Definition(
        ref=process.id,
        key=process.id,
        name=process.element.name,
        digest=digest,
        nodes=nodes,
        starts=within.starts,
        entries=within.entries,
        handlers=within.handlers,
        undoing=within.undoing,
        declared=_declared(process, graph),
        kernel=kernel,
        xml=graph.xml,
        properties=properties(process.element),
    )


def _declared(process: Process, graph: Graph) -> dict[str | None, frozenset[str]]:
    found: dict[str | None, frozenset[str]] = {None: declared_names(process.element, graph)}
    for node in process.nodes.values():
        if node.kind in CONTAINERS:
            found[node.id] = declared_names(node.element, graph)
    return {container: names for container, names in found.items() if names}


def _node(node: FlowNode, process: Process, graph: Graph, values: Values, kind: Kind) -> Node:
    element = node.element
    given = properties(element)
    mapped = input_output(element, values)
    read, written = data_inputs(element, graph, values), data_outputs(element, graph, values)
    own_inputs = mapped.inputs if kind is Kind.CALL_ACTIVITY else (*mapped.inputs, *read)
    mapped = Mappings(own_inputs, mapped.outputs)
    events = events_of(node, graph, values, mapped)
    activity = node.kind in ACTIVITIES
    payload = any(isinstance(event, Message | Signal) and event.payload for event in events)
    interrupting = element.flag("isInterrupting" if kind is Kind.START_EVENT else "cancelActivity", default=True)
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
        events=events,
        parallel_multiple=element.flag("parallelMultiple") and len(events) > 1,
        attached_to=element.get("attachedToRef"),
        interrupting=interrupting,
        boundary=tuple(boundary.id for boundary in node.boundary),
        loop=loop_of(element, graph, values) if activity else None,
        lane=None if node.lane is None else node.lane.id,
        role=None if node.lane is None else lane_role(node.lane),
        human=human_work(element, given, values) if node.kind in _HUMAN else None,
        service=service(element, values) if kind in (Kind.SERVICE_TASK, Kind.SEND_TASK) else None,
        script=script(element, values) if kind is Kind.SCRIPT_TASK else None,
        decision=decision(element, values) if kind is Kind.BUSINESS_RULE_TASK else None,
        call=_call(element, read, written, values) if kind is Kind.CALL_ACTIVITY else None,
        inputs=() if payload or not activity else own_inputs,
        outputs=mapped.outputs,
        properties={name: text for name, text in given.items() if name not in _understood(node, activity)},
        triggered=is_event_subprocess(element),
        for_compensation=element.flag("isForCompensation"),
        start_quantity=values.integer(element, element.get("startQuantity"), "startQuantity") or 1,
        completion_quantity=values.integer(element, element.get("completionQuantity"), "completionQuantity") or 1,
        instantiates=element.flag("instantiate"),
        all_events=element.get("eventGatewayType") == "Parallel",
        ad_hoc=ad_hoc(element, values) if kind is Kind.AD_HOC_SUB_PROCESS else None,
        activation=_activation(element, values) if kind is Kind.COMPLEX_GATEWAY else None,
        async_before=_flagged(element, "asyncBefore") or _flagged(element, "async"),
        async_after=_flagged(element, "asyncAfter"),
        data_outputs=() if kind is Kind.CALL_ACTIVITY else written,
        produced=produced_names(element, graph),
    )


def _call(
    element: Element, read: tuple[DataMapping, ...], written: tuple[DataMapping, ...], values: Values
) -> ProcessCall | None:
    """Data associations of a call activity connect it with the data inputs and outputs of what it calls."""
    call = process_call(element, values)
    return call and replace(call, inputs=(*call.inputs, *read), outputs=(*call.outputs, *written))


def _flagged(element: Element, name: str) -> bool:
    return attribute(element, name) == "true"


def _activation(element: Element, values: Values) -> Expression | None:
    condition = element.child("activationCondition")
    if condition is None:
        return None
    values.language(condition, condition.text)
    return values.feel(condition, condition.text, "activation condition")


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
