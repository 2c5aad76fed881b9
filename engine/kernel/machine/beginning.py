"""How a root instance begins: at a start event, at what instantiates without one, or everywhere at once."""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.definition import Definition, Kind, Node
from engine.kernel.effects import StepLeft
from engine.kernel.errors import NoSuchStart
from engine.kernel.machine.event_subprocess import first_phase
from engine.kernel.machine.flow import follow
from engine.kernel.machine.subprocess import begin_all
from engine.kernel.machine.variables import put_here
from engine.kernel.machine.work import Work
from engine.kernel.scope import ROOT, Phase, Scope, ScopeKind
from engine.kernel.stimuli import Start
from engine.kernel.values import Json, encode_all


def begin_root(work: Work, stimulus: Start) -> None:
    """Opens the root scope and begins in it. Raises `NotDeployed`, `NoSuchStart`, `UnsupportedValue`."""
    definition = work.definitions.get(stimulus.definition)
    variables = encode_all(stimulus.variables)
    begin_at = _begin_at(definition, stimulus)
    root = Scope(ScopeKind.PROCESS, definition=definition.ref, business_key=stimulus.business_key, counter=1)
    work.create(ROOT, root)
    kept = frozenset() if isinstance(begin_at, list) else begin_at.produced  # leaves the event by associations only
    put_here(work, ROOT, {name: value for name, value in variables.items() if name not in kept}, "")
    if isinstance(begin_at, list):
        begin_all(work, ROOT, begin_at)
    elif begin_at.kind is Kind.START_EVENT:
        _at_start_event(work, begin_at, stimulus, variables)
    elif begin_at.instantiates:
        work.begin(ROOT, begin_at, first_phase(work, ROOT, happened=True), variables)
    else:
        _behind_gateway(work, definition, begin_at, variables)


def _begin_at(definition: Definition, stimulus: Start) -> list[Node] | Node:
    """The nodes to begin at, or the one whose event has happened. Raises `NoSuchStart`."""
    nodes = definition.nodes
    if stimulus.event is None:
        found = [nodes[id] for id in definition.entries.get(None, ())]
        if not found:
            raise NoSuchStart(definition.ref, None)
        return found
    node = nodes.get(stimulus.event)
    if node is None or node.parent is not None or not 0 <= stimulus.part < max(1, len(node.events)):
        raise NoSuchStart(definition.ref, stimulus.event)
    if node.kind is Kind.START_EVENT or (node.kind is Kind.RECEIVE_TASK and node.instantiates):
        return node
    if _gateway(definition, node) is not None:
        return node
    raise NoSuchStart(definition.ref, stimulus.event)


def _gateway(definition: Definition, node: Node) -> Node | None:
    """The instantiating gateway before an event."""
    for other in definition.nodes.values():
        leads_there = any(flow.target == node.id for flow in other.outgoing)
        if other.kind is Kind.EVENT_BASED_GATEWAY and other.instantiates and leads_there:
            return other
    return None


def _at_start_event(work: Work, node: Node, stimulus: Start, variables: Mapping[str, Json]) -> None:
    if node.parallel_multiple:
        work.begin(ROOT, node, first_phase(work, ROOT, happened=False), flow=str(stimulus.part))
    elif node.data_outputs or node.outputs:
        work.begin(ROOT, node, first_phase(work, ROOT, happened=True), variables)
    else:
        work.begin(ROOT, node, first_phase(work, ROOT, happened=False))


def _behind_gateway(work: Work, definition: Definition, node: Node, variables: Mapping[str, Json]) -> None:
    """An event behind an instantiating gateway has happened; a parallel gateway waits for its other ones too."""
    gateway = _gateway(definition, node)
    assert gateway is not None  # noqa: S101 - looked at before anything began
    at = work.visit(ROOT, work.begin(ROOT, gateway))
    assert at is not None  # noqa: S101 - it was begun just now
    work.emit(StepLeft(at.instance, at.token.step, gateway.id, "completed"))
    work.take(at)
    phase = first_phase(work, ROOT, happened=True)
    for flow in gateway.outgoing:
        if flow.target == node.id:
            follow(work, ROOT, flow, phase, variables)
        elif gateway.all_events:
            follow(work, ROOT, flow, Phase.ENTER)
