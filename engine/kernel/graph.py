"""A BPMN file as plain data: elements with their places, and the flow graph of each process.

`Element` is the XML without lxml; `Graph` adds what BPMN means by it: which flow nodes and flows a process has, which
subprocess holds them, which lane they lie in. Nothing here is checked yet: references may dangle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"

ACTIVITIES = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask",
        "subProcess", "callActivity", "transaction", "adHocSubProcess",
    }
)  # fmt: skip
GATEWAYS = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway"})
EVENTS = frozenset({"startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent"})
CHOREOGRAPHY = frozenset({"choreographyTask", "subChoreography", "callChoreography", "event"})
FLOW_NODES = ACTIVITIES | GATEWAYS | EVENTS | CHOREOGRAPHY
CONTAINERS = frozenset({"process", "subProcess", "transaction", "adHocSubProcess"})


@dataclass(slots=True, eq=False)
class Element:
    """One XML element. ``tag`` is the local name for BPMN's namespace, else ``{namespace}local``; attributes without a
    namespace, or in BPMN's, have plain names. ``text`` is the text directly inside, unstripped.
    """

    tag: str
    attributes: Mapping[str, str]
    line: int
    column: int
    parent: Element | None = None
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its id, or "" when it has none."""
        return self.attributes.get("id", "").strip()

    @property
    def name(self) -> str:
        """Its name, or ""."""
        return self.attributes.get("name", "").strip()

    @property
    def owner(self) -> str:
        """The id of the nearest element, itself or around it, that has one."""
        return self._owner().id

    @property
    def title(self) -> str:
        """The name of its owner."""
        return self._owner().name

    def _owner(self) -> Element:
        at = self
        while not at.id and at.parent is not None:
            at = at.parent
        return at

    def get(self, attribute: str) -> str | None:
        """An attribute, stripped; None when it is absent or blank."""
        return self.attributes.get(attribute, "").strip() or None

    def flag(self, attribute: str, default: bool = False) -> bool:
        """An xsd:boolean attribute."""
        value = self.get(attribute)
        return default if value is None else value in ("true", "1")

    def child(self, tag: str) -> Element | None:
        """The first child with that tag."""
        return next(self.all(tag), None)

    def all(self, tag: str) -> Iterator[Element]:
        """The children with that tag, in document order."""
        return (child for child in self.children if child.tag == tag)

    def walk(self) -> Iterator[Element]:
        """Itself and everything in it, in document order, without recursion."""
        stack = [self]
        while stack:
            at = stack.pop()
            yield at
            stack.extend(reversed(at.children))


@dataclass(slots=True, eq=False)
class FlowEdge:
    """A sequence flow; ``source`` and ``target`` are ids that may not exist."""

    element: Element
    source: str
    target: str
    container: str | None

    @property
    def condition(self) -> Element | None:
        """Its condition expression."""
        return self.element.child("conditionExpression")


@dataclass(slots=True, eq=False)
class FlowNode:
    """A flow node. ``container`` is the id of the subprocess it lies in, None at process level. ``outgoing`` keeps the
    order of the sequence flows in the document, ``boundary`` that of the boundary events attached to it.
    """

    element: Element
    container: str | None
    incoming: list[FlowEdge] = field(default_factory=list)
    outgoing: list[FlowEdge] = field(default_factory=list)
    boundary: list[FlowNode] = field(default_factory=list)
    lane: Element | None = None

    @property
    def id(self) -> str:
        """Its element id."""
        return self.element.id

    @property
    def kind(self) -> str:
        """Its XML tag."""
        return self.element.tag

    @property
    def event_definitions(self) -> list[Element]:
        """The event definitions in it, in document order; also references to shared ones."""
        return [child for child in self.element.children if child.tag.lower().endswith("eventdefinition")
                or child.tag == "eventDefinitionRef"]  # fmt: skip


@dataclass(slots=True, eq=False)
class Process:
    """One process. ``nodes`` by id in document order (the first of duplicate ids); ``contents`` are the same by the
    subprocess that holds them. ``associations`` are those of all levels; one at a boundary event says what
    compensates.
    """

    element: Element
    nodes: dict[str, FlowNode] = field(default_factory=dict)
    associations: list[Element] = field(default_factory=list)
    flows: list[FlowEdge] = field(default_factory=list)
    contents: dict[str | None, list[FlowNode]] = field(default_factory=dict)
    lanes: list[Element] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The key under which it is deployed."""
        return self.element.id

    def inside(self, container: str | None) -> list[FlowNode]:
        """The flow nodes directly in a subprocess, or at process level (None)."""
        return self.contents.get(container, [])


@dataclass(frozen=True, slots=True)
class Graph:
    """A file: its executable ``processes``, the root elements (messages, errors, ...) by id as ``definitions``, and
    all ``elements`` by id (the first of duplicates).
    """

    file: str
    xml: bytes
    root: Element
    processes: tuple[Process, ...]
    definitions: Mapping[str, Element]
    elements: Mapping[str, Element]

    def referred(self, reference: str | None, tag: str) -> Element | None:
        """The root element with that tag that a QName refers to; its prefix names the file's own namespace."""
        if reference is None:
            return None
        found = self.definitions.get(local_part(reference))
        return found if found is not None and found.tag == tag else None


def definitions_of(node: FlowNode, graph: Graph) -> list[Element]:
    """The event definitions of a node in document order, those kept at the root in place of the references to them;
    references that lead nowhere are left out.
    """
    found = (
        graph.definitions.get(local_part(definition.text)) if definition.tag == "eventDefinitionRef" else definition
        for definition in node.event_definitions
    )
    return [definition for definition in found if definition is not None and definition.tag.endswith("EventDefinition")]


def is_event_subprocess(element: Element) -> bool:
    """Whether it is a subprocess that an event begins (BPMN 2.0.2, 10.3.5)."""
    return element.tag == "subProcess" and element.flag("triggeredByEvent")


def local_part(qname: str) -> str:
    """A QName's part after its prefix."""
    return qname.strip().rsplit(":", 1)[-1]


def executable_processes(root: Element, called: Iterable[Element] = ()) -> Iterator[Process]:
    """The processes of a file whose ``isExecutable`` is not false, and ``called`` ones, with their graphs."""
    for element in root.all("process"):
        if element.flag("isExecutable", default=True):
            yield _process(element)
    yield from (_process(element) for element in called)


def _process(element: Element) -> Process:
    process = Process(element)
    boundaries: list[FlowNode] = []
    containers: list[tuple[Element, str | None]] = [(element, None)]
    for container, container_id in containers:  # grows while it runs: subprocesses breadth first
        for child in container.children:
            if child.tag in FLOW_NODES:
                node = FlowNode(child, container_id)
                process.nodes.setdefault(child.id, node)
                if child.tag == "boundaryEvent":
                    boundaries.append(node)
                if child.tag in CONTAINERS:
                    containers.append((child, child.id))
            elif child.tag == "sequenceFlow":
                source, target = child.get("sourceRef") or "", child.get("targetRef") or ""
                process.flows.append(FlowEdge(child, source, target, container_id))
            elif child.tag == "association":
                process.associations.append(child)
            elif child.tag == "laneSet":
                process.lanes.extend(inner for inner in child.walk() if inner.tag == "lane")
    process.nodes = dict(sorted(process.nodes.items(), key=lambda item: (item[1].element.line, item[1].element.column)))
    for node in process.nodes.values():
        process.contents.setdefault(node.container, []).append(node)
    _connect(process, boundaries)
    return process


def _connect(process: Process, boundaries: list[FlowNode]) -> None:
    for flow in process.flows:
        if (source := process.nodes.get(flow.source)) is not None:
            source.outgoing.append(flow)
        if (target := process.nodes.get(flow.target)) is not None:
            target.incoming.append(flow)
    for boundary in boundaries:
        host = process.nodes.get(boundary.element.get("attachedToRef") or "")
        if host is not None:
            host.boundary.append(boundary)
    for lane in process.lanes:  # outer lanes come first in document order, so the innermost one stays
        for reference in lane.all("flowNodeRef"):
            node = process.nodes.get(reference.text.strip())
            if node is not None:
                node.lane = lane
    for node in process.nodes.values():  # document order: a subprocess has its lane before what lies in it
        if node.lane is None and node.container is not None and node.container in process.nodes:
            node.lane = process.nodes[node.container].lane
        if node.kind == "boundaryEvent" and node.lane is None:
            host = process.nodes.get(node.element.get("attachedToRef") or "")
            node.lane = host.lane if host is not None else None
