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
        "errorEventDefinition", "terminateEventDefinition",
        "multiInstanceLoopCharacteristics", "loopCardinality", "loopDataInputRef", "loopDataOutputRef",
        "inputDataItem", "outputDataItem", "completionCondition",
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

DATA = {
    "dataObject": "a data object", "dataObjectReference": "a data object", "dataStoreReference": "a data store",
    "property": "a BPMN property", "ioSpecification": "an input/output specification",
    "dataInputAssociation": "a data association", "dataOutputAssociation": "a data association",
    "dataInput": "a data input", "dataOutput": "a data output", "inputSet": "an input set",
    "outputSet": "an output set",
}  # fmt: skip
"""Drawn for the reader: data lives in variables. Passed with a warning, refused where they compute something."""

_GATEWAY = "use exclusive, parallel or event-based gateways"
_EVENT = "use a timer, message or error event"
_LOOP = "draw the loop with an exclusive gateway, or use multi-instance"

REFUSED: dict[str, tuple[str, str]] = {
    "inclusiveGateway": ("inclusive gateways are not executed", _GATEWAY),
    "complexGateway": ("complex gateways are not executed", _GATEWAY),
    "transaction": ("transaction subprocesses are not executed", "use an embedded subprocess"),
    "adHocSubProcess": ("ad-hoc subprocesses are not executed", "use an embedded subprocess"),
    "standardLoopCharacteristics": ("standard loops are not executed", _LOOP),
    "complexBehaviorDefinition": ("complex multi-instance behaviour is not executed", ""),
    "signalEventDefinition": ("signal events are not executed", _EVENT),
    "escalationEventDefinition": ("escalation events are not executed", _EVENT),
    "compensateEventDefinition": ("compensation is not executed", "draw the steps that undo the work"),
    "cancelEventDefinition": ("cancel events are not executed", _EVENT),
    "conditionalEventDefinition": ("conditional events are not executed", _EVENT),
    "linkEventDefinition": ("link events are not executed", "connect the elements with a sequence flow"),
    "eventDefinitionRef": (
        "references to shared event definitions are not executed",
        "put the definition in the event",
    ),
    "implicitThrowEvent": ("implicit throw events are not executed", ""),
    "choreographyTask": ("choreographies are not executed", ""),
    "subChoreography": ("choreographies are not executed", ""),
    "callChoreography": ("choreographies are not executed", ""),
    "event": ("an event without a kind is not executed", ""),
    "correlationSubscription": ("correlation subscriptions are not executed", "set the property correlationKey"),
    "potentialOwner": ("BPMN resource roles are not executed", "use lanes or candidateGroups"),
    "humanPerformer": ("BPMN resource roles are not executed", "use lanes or assignee"),
    "performer": ("BPMN resource roles are not executed", "use lanes or assignee"),
    "resourceRole": ("BPMN resource roles are not executed", "use lanes or candidateGroups"),
    "ioBinding": ("operations of services are not executed", "use a service task with a topic"),
}
"""Tags with the reason and the advice."""

ATTRIBUTES: dict[str, tuple[tuple[str, ...], str, str]] = {
    "isForCompensation": (("false", "0"), "compensation is not executed", "draw the steps that undo the work"),
    "startQuantity": (("1",), "token quantities are not executed", "remove startQuantity"),
    "completionQuantity": (("1",), "token quantities are not executed", "remove completionQuantity"),
    "triggeredByEvent": (("false", "0"), "event subprocesses are not executed", "use boundary events"),
    "instantiate": (("false", "0"), "it would start instances, which is not executed", "use a message start event"),
    "eventGatewayType": (("Exclusive",), "waiting for all events is not executed", "use a parallel gateway"),
    "parallelMultiple": (("false", "0"), "waiting for several events at once is not executed", _EVENT),
    "behavior": (("All",), "events thrown by multi-instance are not executed", "remove behavior"),
    "oneBehaviorEventRef": ((), "events thrown by multi-instance are not executed", "remove it"),
    "noneBehaviorEventRef": ((), "events thrown by multi-instance are not executed", "remove it"),
    "isImmediate": (("true", "1"), "flows that need not be immediate are not executed", "remove isImmediate"),
}
"""Attributes with the values that are executed, the reason and the advice for others."""

_ROOT_WARNINGS = {
    "globalTask": "a call activity calls processes; global tasks are never executed",
    "globalUserTask": "a call activity calls processes; global tasks are never executed",
    "globalManualTask": "a call activity calls processes; global tasks are never executed",
    "globalScriptTask": "a call activity calls processes; global tasks are never executed",
    "globalBusinessRuleTask": "a call activity calls processes; global tasks are never executed",
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
    if tag in DATA:
        _data(element, report)
        return False
    message, advice = REFUSED.get(tag, (f"the element {tag} is not executed", ""))
    report.error("unsupported/element", element, message, advice)
    return False


def _data(element: Element, report: Report) -> None:
    for inner in element.walk():
        if inner.tag in ("assignment", "transformation"):
            message = f"a data association with a {inner.tag} computes something, which is not executed"
            report.error("unsupported/data", inner, message, "use inputOutput parameters or a script task")
            return
    message = f"{DATA[element.tag]} is documentation here and moves no data"
    report.warning("unsupported/data", element, message, "variables carry the data")


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
                message = "correlation keys of collaborations are not executed"
                report.error("unsupported/element", inner, message, "set the property correlationKey on the event")
            for participant in element.all("participant"):
                if (multiplicity := participant.child("participantMultiplicity")) is not None:
                    report.warning("unsupported/root", multiplicity, "the multiplicity of a pool is documentation")
    language = graph.root.get("expressionLanguage")
    if language is not None and "feel" not in language.lower():
        message = f"the file's expression language is {language!r}; all expressions are read as FEEL"
        report.warning("unsupported/language", graph.root, message, "remove expressionLanguage")
