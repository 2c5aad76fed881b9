"""What each task needs to be carried out."""

from __future__ import annotations

from engine.kernel.build.performers import ROLES
from engine.kernel.build.process import lane_role
from engine.kernel.dialect import attribute, extensions, properties, vendor_children
from engine.kernel.findings import Report
from engine.kernel.graph import Element, FlowNode, Graph, Process

INPUTS = frozenset(
    {
        "userTask", "serviceTask", "sendTask", "scriptTask", "businessRuleTask", "callActivity", "subProcess",
        "transaction", "adHocSubProcess", "intermediateThrowEvent", "endEvent",
    }
)  # fmt: skip
_CARRYING = frozenset({"messageEventDefinition", "signalEventDefinition", "eventDefinitionRef"})
OUTPUTS = frozenset(
    {
        "userTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask", "callActivity",
        "subProcess", "transaction", "adHocSubProcess", "intermediateCatchEvent", "boundaryEvent",
    }
)  # fmt: skip


def check(graph: Graph, report: Report) -> None:
    """Rules ``execution/...``."""
    tasks = {node.id for process in graph.processes for node in process.nodes.values() if node.kind == "userTask"}
    for process in graph.processes:
        for node in process.nodes.values():
            if node.kind == "userTask":
                _user_task(node, tasks, report)
            elif node.kind in ("serviceTask", "sendTask"):
                _service(node, report)
            _mappings(node, report)
        _key_collision(process, graph, report)


def _user_task(node: FlowNode, tasks: set[str], report: Report) -> None:
    element = node.element
    given = properties(element)
    people = [name for name in ("assignee", "candidateUsers", "candidateGroups") if attribute(element, name)]
    role = None if node.lane is None else lane_role(node.lane)
    if not people and role is None and not any(child.tag in ROLES for child in element.children):
        message = "nobody is asked to do this task: it lies in no lane and has no assignee or candidates"
        report.warning("execution/no-role", element, message, "put it into a lane, or set candidateGroups")
    if attribute(element, "formKey") is None and attribute(element, "formRef") is None:
        report.warning("execution/no-form", element, "the task has no form", "set formRef")
    if "sla" not in given:
        report.warning("execution/no-sla", element, "the task has no service standard", "set the property sla: PT16H")
    excluded = given.get("excludes", "").replace(",", " ").replace(";", " ").split()
    if element.id in excluded:
        report.error("execution/excludes", element, "the task excludes its own performer, so nobody could do it")
    elsewhere = [name for name in excluded if name not in tasks]
    if elsewhere:
        message = f"excludes names tasks that are not in this file: {', '.join(elsewhere)}"
        report.warning(
            "execution/excludes-elsewhere", element, message, "right only for tasks of calling or called processes"
        )


def _service(node: FlowNode, report: Report) -> None:
    element = node.element
    if attribute(element, "topic") is not None:
        if node.kind == "sendTask" and element.get("messageRef") is not None:
            message = "the task names a topic and a message; only one of them can be carried out"
            report.error("execution/topic-or-message", element, message)
        return
    if node.kind == "serviceTask":
        report.error("execution/no-topic", element, "the service task names no handler", "set camunda:topic")
    elif element.get("messageRef") is None:
        report.error(
            "execution/no-topic", element, "the send task names no handler and no message", "set camunda:topic"
        )
    if attribute(element, "resultVariable") is not None:
        report.error("execution/result", element, "a task without handler gives no result for resultVariable")


def _mappings(node: FlowNode, report: Report) -> None:
    element = node.element
    for group in extensions(element, "inputOutput"):
        for kind, allowed in (("inputParameter", INPUTS), ("outputParameter", OUTPUTS)):
            found = next(vendor_children(group, kind), None)
            if found is not None and (node.kind not in allowed or _plain_event(node)):
                report.error("execution/mapping", found, f"a {kind} has no effect on this {node.kind}")
            elif kind == "outputParameter" and found is not None and _only_throws(node):
                report.error("execution/mapping", found, "a task that throws a message gets nothing back to map")
            _twice(group, kind, report)


def _twice(group: Element, kind: str, report: Report) -> None:
    seen: set[str] = set()
    for parameter in vendor_children(group, kind):
        if parameter.name in seen:
            report.error("execution/mapping", parameter, f"the {kind} {parameter.name!r} is given twice")
        seen.add(parameter.name)


def _only_throws(node: FlowNode) -> bool:
    return node.kind == "sendTask" and attribute(node.element, "topic") is None


def _plain_event(node: FlowNode) -> bool:
    if not node.kind.endswith("Event"):
        return False
    return not any(found.tag in _CARRYING for found in node.event_definitions)


def _key_collision(process: Process, graph: Graph, report: Report) -> None:
    if any(other is not process and other.id == process.id for other in graph.processes):
        report.error("execution/key", process.element, f"another process of the file has the key {process.id!r}")
