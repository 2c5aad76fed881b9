"""A compiled `Definition` as SpiffWorkflow specs: what its runtime executes.

The specs are built from our graph, not by SpiffWorkflow's parser: that one recurses along the sequence flows, orders
the flows of a gateway by their height in the diagram and reads conditions as Python. Names of specs are element ids;
conditions and scripts are flow and element ids, which `script.FeelEngine` resolves to compiled FEEL. Events are
`Awaited`: they happen when a stimulus says so, never by SpiffWorkflow's own clock.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Any

from SpiffWorkflow.bpmn.specs import defaults
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.control import BoundaryEventJoin, BoundaryEventSplit
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import NoneEventDefinition, TerminateEventDefinition

from engine.kernel.definition import Definition, Kind, Node, Terminate

SPLIT = ".BoundaryEventSplit"
JOIN = ".BoundaryEventJoin"
_CACHED = 64


class Awaited(EventDefinition):  # type: ignore[misc]  # SpiffWorkflow has no types
    """A timer or message: fired by a stimulus that names its wait."""

    def catches(self, my_task: Any, event: Any) -> bool:
        """Events thrown inside SpiffWorkflow never reach it."""
        return False


@dataclass(frozen=True, slots=True)
class Specs:
    """The spec of the process, and those of its embedded subprocesses by element id."""

    process: BpmnProcessSpec
    subprocesses: dict[str, BpmnProcessSpec]


_specs: OrderedDict[tuple[str, str], Specs] = OrderedDict()
_lock = Lock()


def specs_of(definition: Definition) -> Specs:
    """The specs of a definition; kept for the definitions used last. Never changed after they are built."""
    key = (definition.digest, definition.key)
    with _lock:
        found = _specs.get(key)
        if found is None:
            found = _specs[key] = _build(definition)
            while len(_specs) > _CACHED:
                _specs.popitem(last=False)
        _specs.move_to_end(key)
        return found


def _build(definition: Definition) -> Specs:
    containers: dict[str | None, list[Node]] = {None: []}
    for node in definition.nodes.values():
        containers.setdefault(node.parent, []).append(node)
        if node.kind is Kind.SUB_PROCESS:
            containers.setdefault(node.id, [])
    specs = {container: _container_spec(container or definition.key, nodes) for container, nodes in containers.items()}
    process = specs[None]
    return Specs(process, {id: spec for id, spec in specs.items() if id is not None})


def _container_spec(name: str, nodes: list[Node]) -> BpmnProcessSpec:
    spec = BpmnProcessSpec(name=name, description=name)
    made = {node.id: _MAKERS[node.kind](spec, node) for node in nodes}
    entries = dict(made)
    for node in nodes:
        if node.kind is Kind.START_EVENT:
            spec.start.connect(made[node.id])
        if node.boundary:
            split = BoundaryEventSplit(spec, node.id + SPLIT)
            join = BoundaryEventJoin(spec, node.id + JOIN, split_task=split.name, cancel=True)
            entries[node.id] = split
            for part in (node.id, *node.boundary):
                split.connect(made[part])
                made[part].connect(join)
    for node in nodes:
        if not node.outgoing:
            made[node.id].connect(spec.end)
        for flow in node.outgoing:
            target = entries[flow.target]
            if flow.condition is None or flow.id == node.default:
                made[node.id].connect(target)
            else:
                made[node.id].connect_outgoing_if(flow.id, target)
    return spec


def _plain(spec_class: Callable[..., Any], **given: Any) -> Callable[[BpmnProcessSpec, Node], Any]:
    return lambda spec, node: spec_class(spec, node.id, **given)


def _end(spec: BpmnProcessSpec, node: Node) -> Any:
    event = TerminateEventDefinition() if isinstance(node.event, Terminate) else NoneEventDefinition()
    return defaults.EndEvent(spec, node.id, event_definition=event)


_MAKERS: dict[Kind, Callable[[BpmnProcessSpec, Node], Any]] = {
    Kind.START_EVENT: _plain(defaults.StartEvent, event_definition=NoneEventDefinition()),
    Kind.END_EVENT: _end,
    Kind.CATCH_EVENT: _plain(defaults.IntermediateCatchEvent, event_definition=Awaited()),
    Kind.THROW_EVENT: _plain(defaults.IntermediateThrowEvent, event_definition=NoneEventDefinition()),
    Kind.BOUNDARY_EVENT: lambda spec, node: defaults.BoundaryEvent(
        spec, node.id, event_definition=Awaited(), cancel_activity=node.interrupting
    ),
    Kind.TASK: _plain(defaults.NoneTask),
    Kind.USER_TASK: _plain(defaults.UserTask),
    Kind.MANUAL_TASK: _plain(defaults.ManualTask),
    Kind.SERVICE_TASK: _plain(defaults.UserTask),  # the handler's answer completes it, as a person's would
    Kind.SEND_TASK: _plain(defaults.UserTask),
    Kind.RECEIVE_TASK: _plain(defaults.ReceiveTask, event_definition=Awaited()),
    Kind.SCRIPT_TASK: lambda spec, node: defaults.ScriptTask(spec, node.id, script=node.id),
    Kind.EXCLUSIVE_GATEWAY: _plain(defaults.ExclusiveGateway),
    Kind.PARALLEL_GATEWAY: _plain(defaults.ParallelGateway),
    Kind.SUB_PROCESS: lambda spec, node: defaults.SubWorkflowTask(spec, node.id, subworkflow_spec=node.id),
}
