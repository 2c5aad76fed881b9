"""The levels of a process: itself and each subprocess, with the flow nodes that lie directly in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.kernel.graph import CONTAINERS, Element, FlowNode, Graph, Process, definitions_of, is_event_subprocess


@dataclass(frozen=True, slots=True)
class Level:
    """``container`` is the id of the subprocess, None for the process; ``nodes`` in document order."""

    container: str | None
    element: Element
    nodes: list[FlowNode]

    @property
    def what(self) -> str:
        """How a message calls it."""
        return "process" if self.container is None else "subprocess"

    @property
    def ad_hoc(self) -> bool:
        """Whether its elements begin without a start event, in any order."""
        return self.element.tag == "adHocSubProcess"

    @property
    def event_subprocess(self) -> bool:
        """Whether an event begins it."""
        return is_event_subprocess(self.element)

    def of(self, kind: str) -> list[FlowNode]:
        """Its nodes of one kind."""
        return [node for node in self.nodes if node.kind == kind]


def levels(process: Process) -> Iterator[Level]:
    """The process level first, then subprocesses in document order."""
    yield Level(None, process.element, process.inside(None))
    for node in process.nodes.values():
        if node.kind in CONTAINERS:
            yield Level(node.id, node.element, process.inside(node.id))


def subprocess_around(node: FlowNode, process: Process) -> FlowNode | None:
    """The subprocess that a node lies in; None at process level."""
    return None if node.container is None else process.nodes.get(node.container)


def outside_flow(node: FlowNode, graph: Graph) -> bool:
    """Whether a node has no incoming sequence flow by its nature: something else than a flow leads to it."""
    return (
        node.kind == "boundaryEvent"
        or is_event_subprocess(node.element)
        or for_compensation(node)
        or (node.kind == "intermediateCatchEvent" and "linkEventDefinition" in tags(node, graph))
    )


def for_compensation(node: FlowNode) -> bool:
    """Whether it is a compensation handler."""
    return node.element.flag("isForCompensation")


def instantiates(node: FlowNode) -> bool:
    """Whether it starts instances like a start event."""
    return node.kind in ("receiveTask", "eventBasedGateway") and node.element.flag("instantiate")


def tags(node: FlowNode, graph: Graph) -> list[str]:
    """The tags of its event definitions, shared ones resolved."""
    return [definition.tag for definition in definitions_of(node, graph)]


def link_names(node: FlowNode, graph: Graph) -> set[str]:
    """The names of the links that it throws or catches; a link without a name has that of its event."""
    found = (each for each in definitions_of(node, graph) if each.tag == "linkEventDefinition")
    return {definition.name or node.element.name for definition in found} - {""}


def a(kind: str) -> str:
    """A tag with its article: an endEvent, a userTask."""
    return f"{'an' if kind[0] in 'aeio' else 'a'} {kind}"


def trigger(tag: str) -> str:
    """What a message calls an event definition: ``timerEventDefinition`` is a timer."""
    name = tag.removesuffix("EventDefinition")
    return {"compensate": "compensation"}.get(name, name)
