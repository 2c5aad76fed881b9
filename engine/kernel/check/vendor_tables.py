"""Which extensions of Camunda and its relatives are understood where, and which have no effect; what is refused stands
in `vendor_refused`.
"""

from __future__ import annotations

from engine.kernel.graph import GATEWAYS

_PEOPLE = frozenset({"userTask", "manualTask"})
_SERVICES = frozenset({"serviceTask", "sendTask"})
_RESULTS = _SERVICES | {"scriptTask", "businessRuleTask"}
_EVENTS = frozenset({"startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "endEvent"})
_TIMERS = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "timerEventDefinition"})
_MESSAGES = _EVENTS | {"messageEventDefinition", "receiveTask", "sendTask"}
_ACTIVITIES = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask",
        "subProcess", "transaction", "adHocSubProcess", "callActivity",
    }
)  # fmt: skip
_LOOPS = _ACTIVITIES | {"multiInstanceLoopCharacteristics"}
_NODES = _ACTIVITIES | _EVENTS | GATEWAYS

ATTRIBUTES: dict[str, frozenset[str]] = {
    **dict.fromkeys(
        ("assignee", "candidateUsers", "candidateGroups", "dueDate", "followUpDate", "priority", "formKey", "formRef"),
        _PEOPLE,
    ),
    "formRefBinding": _PEOPLE,
    "type": _SERVICES,
    "topic": _SERVICES,
    "resultVariable": _RESULTS,
    "resultVariableName": _RESULTS,
    **dict.fromkeys(
        ("decisionRef", "decisionRefBinding", "decisionRefVersion", "mapDecisionResult"),
        frozenset({"businessRuleTask"}),
    ),
    **dict.fromkeys(("calledElementBinding", "calledElementVersion"), frozenset({"callActivity"})),
    **dict.fromkeys(("collection", "elementVariable"), frozenset({"multiInstanceLoopCharacteristics"})),
    **dict.fromkeys(("errorCodeVariable", "errorMessageVariable"), frozenset({"errorEventDefinition"})),
    "escalationCodeVariable": frozenset({"escalationEventDefinition"}),
    **dict.fromkeys(("variableName", "variableEvents", "variableEvent"), frozenset({"conditionalEventDefinition"})),
    **dict.fromkeys(("asyncBefore", "asyncAfter", "async", "asyncLeave"), _NODES),
    "failedJobRetryTimeCycle": _SERVICES,
}
"""Understood attributes, with the tags on which they have an effect."""

ELEMENTS: dict[str, frozenset[str]] = {
    "properties": frozenset(),
    "inputOutput": _ACTIVITIES | _EVENTS,
    "in": frozenset({"callActivity", "signalEventDefinition"}),
    "out": frozenset({"callActivity"}),
    "failedJobRetryTimeCycle": _SERVICES,
}
"""Understood extension elements, with the tags on which they have an effect (empty: any)."""

HARMLESS = frozenset(
    {
        "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "versionTag", "isStartableInTasklist",
        "diagramRelationId", "formFieldValidation", "validateFormFields", "isEagerExecutionFetching",
        "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace",
        "http://camunda.org/schema/modeler/1.0", "http://flowable.org/modeler", "http://activiti.com/modeler",
        "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/extensions/color/1.0",
    }
)  # fmt: skip
"""Names and namespaces that say nothing about execution."""

_TRANSACTION = "every step is its own transaction"
_ORDER = "jobs are taken in the order in which they are due"
_STARTERS = "who may start a process is decided by permissions"

IGNORED: dict[str, str] = {
    **dict.fromkeys(
        ("asyncBefore", "asyncAfter", "async", "asyncLeave"), "a job of its own begins at a flow node only"
    ),
    "exclusive": "work of one case is always settled one at a time",
    "asyncLeaveExclusive": "work of one case is always settled one at a time",
    "noWaitStatesAsyncLeave": _TRANSACTION,
    "completeAsync": _TRANSACTION,
    "jobPriority": _ORDER,
    "taskPriority": _ORDER,
    "jobCategory": _ORDER,
    "failedJobRetryTimeCycle": "only work of a handler is tried again by itself; the rest is an incident",
    "historyTimeToLive": "retention is a policy of the institution",
    "candidateStarterUsers": _STARTERS,
    "candidateStarterGroups": _STARTERS,
    "potentialStarter": _STARTERS,
    "category": "tasks are found by process, role and stage",
    "processInstanceName": "a case is named by its process and client",
    "fallbackToDefaultTenant": "there are no tenants",
    "errorMessage": "an error carries its code; who raises it gives the message",
    "localization": "the English name is the property name.en",
}
"""Names with the reason why leaving them out changes nothing that the designer relies on. Of understood names that
stand here too, where they have no effect.
"""

EXECUTING_NAMESPACES: dict[str, str] = {
    "http://camunda.org/schema/zeebe/1.0": "Camunda 8",
    "http://spiffworkflow.org/bpmn/schema/1.0/core": "SpiffArena",
    "http://www.jboss.org/drools": "jBPM",
    "http://www.bonitasoft.org/ns/bpmn/extensions": "Bonita",
}

HOUSE_PROPERTIES: dict[str, frozenset[str]] = {
    "sla": _PEOPLE,
    "escalation": _PEOPLE,
    "excludes": _PEOPLE,
    "clock": _PEOPLE,
    "calendar": _PEOPLE | _TIMERS,
    "catchUp": _TIMERS,
    "zone": _TIMERS,
    "correlationKey": _MESSAGES,
    "outputCollection": _LOOPS,
    "outputElement": _LOOPS,
    "role": frozenset({"lane"}),
    "stage": _ACTIVITIES,
}
"""Extension properties with a meaning, and the tags on which they have it."""
