"""BPMN that is not executed is refused; BPMN that only documents is passed with a warning where it could mislead.

Every BPMN tag inside an executable process stands in one of the tables below; a tag in none of them is refused.
"""

from __future__ import annotations

from engine.kernel.findings import Report
from engine.kernel.graph import Element, Graph

EXECUTED = frozenset(
    {
        "process", "startEvent", "endEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent",
        "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "script",
        "businessRuleTask", "exclusiveGateway", "parallelGateway", "eventBasedGateway", "subProcess", "callActivity",
        "sequenceFlow", "conditionExpression", "incoming", "outgoing",
        "laneSet", "childLaneSet", "lane", "flowNodeRef",
        "timerEventDefinition", "timeDate", "timeDuration", "timeCycle", "messageEventDefinition",
        "errorEventDefinition", "terminateEventDefinition", "signalEventDefinition", "escalationEventDefinition",
        "conditionalEventDefinition", "condition", "linkEventDefinition", "source", "target", "cancelEventDefinition",
        "compensateEventDefinition", "eventDefinitionRef", "inclusiveGateway", "complexGateway", "activationCondition",
        "transaction", "adHocSubProcess", "standardLoopCharacteristics", "loopCondition", "complexBehaviorDefinition",
        "event", "implicitThrowEvent",
        "dataObject", "dataObjectReference", "dataStoreReference", "property", "ioSpecification", "dataInput",
        "dataOutput", "inputSet", "outputSet", "dataInputRefs", "dataOutputRefs", "optionalInputRefs",
        "optionalOutputRefs", "whileExecutingInputRefs", "whileExecutingOutputRefs", "inputSetRefs", "outputSetRefs",
        "dataInputAssociation", "dataOutputAssociation", "sourceRef", "targetRef", "transformation", "assignment",
        "from", "to",
        "humanPerformer", "performer", "potentialOwner", "resourceRole", "resourceRef", "resourceAssignmentExpression",
        "formalExpression", "expression",
        "multiInstanceLoopCharacteristics", "loopCardinality", "loopDataInputRef", "loopDataOutputRef",
        "inputDataItem", "outputDataItem", "completionCondition",
        "resourceParameterBinding", "correlationSubscription", "correlationPropertyBinding", "dataPath",
    }
)  # fmt: skip

DOCUMENTS = frozenset(
    {
        "documentation", "extensionElements", "textAnnotation", "text", "association", "group", "categoryValueRef",
        "auditing", "monitoring", "operationRef", "partitionElement", "partitionElementRef", "supports",
        "supportedInterfaceRef", "rendering", "dataState",
    }
)  # fmt: skip
"""No effect on execution in any engine; passed without a word, with all they hold."""

REFUSED: dict[str, tuple[str, str]] = {
    "choreographyTask": ("choreographies are not executed", ""),
    "subChoreography": ("choreographies are not executed", ""),
    "callChoreography": ("choreographies are not executed", ""),
    "ioBinding": ("operations of services are not executed", "use a service task with a topic"),
}
"""Tags with the reason and the advice."""

ATTRIBUTES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "isImmediate": (("true", "1"), "flows that need not be immediate are not executed", "remove isImmediate"),
}
"""Attributes with the values that are executed, the reason and the advice for others."""

_ROOT_WARNINGS = {
    "choreography": "choreographies are never executed",
    "import": "imported files are not read",
}


def check(graph: Graph, report: Report) -> None:
    """Rules ``unsupported/...``."""
    _root(graph, report)
    for process in graph.processes:
        waiting = [process.element]
        while waiting:
            element = waiting.pop()
            if _executed(element, report):
                _attributes(element, report)
                waiting.extend(element.children)


def _executed(element: Element, report: Report) -> bool:
    """Whether what lies inside is to be looked at."""
    tag = element.tag
    if tag in EXECUTED:
        return True
    if tag in DOCUMENTS or tag.startswith("{"):
        return False
    message, advice = REFUSED.get(tag, (f"the element {tag} is not executed", ""))
    report.error("unsupported/element", element, message, advice)
    return False


def _attributes(element: Element, report: Report) -> None:
    for name, (executed, reason, advice) in ATTRIBUTES.items():
        value = element.get(name)
        if value is not None and value not in executed:
            report.error("unsupported/attribute", element, f"{name}={value!r}: {reason}", advice)


def _root(graph: Graph, report: Report) -> None:
    for element in graph.root.children:
        if element.tag in _ROOT_WARNINGS:
            report.warning("unsupported/root", element, _ROOT_WARNINGS[element.tag])
        if element.tag == "extension" and element.flag("mustUnderstand"):
            message = "the file says that an extension must be understood, and it is not"
            report.error("unsupported/extension", element, message)
        if element.tag == "collaboration":
            for inner in element.all("correlationKey"):
                if sum(1 for _ in inner.all("correlationPropertyRef")) > 1:
                    message = "a correlation key of several properties is not executed: a message has one key"
                    report.error("unsupported/element", inner, message, "keep one property")
            for participant in element.all("participant"):
                if (multiplicity := participant.child("participantMultiplicity")) is not None:
                    report.warning("unsupported/root", multiplicity, "the multiplicity of a pool is documentation")
    language = graph.root.get("expressionLanguage")
    if language is not None and "feel" not in language.lower():
        message = f"the file's expression language is {language!r}; all expressions are read as FEEL"
        report.warning("unsupported/language", graph.root, message, "remove expressionLanguage")
