"""Which extensions of Camunda and its relatives are understood where, which have no effect, which are refused."""

from __future__ import annotations

_PEOPLE = frozenset({"userTask", "manualTask"})
_SERVICES = frozenset({"serviceTask", "sendTask"})
_RESULTS = _SERVICES | {"scriptTask", "businessRuleTask"}
_EVENTS = frozenset({"startEvent", "intermediateCatchEvent", "intermediateThrowEvent", "boundaryEvent", "endEvent"})
_TIMERS = frozenset({"startEvent", "intermediateCatchEvent", "boundaryEvent", "timerEventDefinition"})
_MESSAGES = _EVENTS | {"messageEventDefinition", "receiveTask", "sendTask"}
_ACTIVITIES = frozenset(
    {
        "task", "userTask", "manualTask", "serviceTask", "sendTask", "receiveTask", "scriptTask", "businessRuleTask",
        "subProcess", "callActivity",
    }
)  # fmt: skip
_LOOPS = _ACTIVITIES | {"multiInstanceLoopCharacteristics"}

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
}
"""Understood attributes, with the tags on which they have an effect."""

ELEMENTS: dict[str, frozenset[str]] = {
    "properties": frozenset(),
    "inputOutput": _ACTIVITIES | _EVENTS,
    "in": frozenset({"callActivity"}),
    "out": frozenset({"callActivity"}),
}
"""Understood extension elements, with the tags on which they have an effect (empty: any)."""

HARMLESS = frozenset(
    {
        "modelerTemplate", "modelerTemplateVersion", "modelerTemplateIcon", "versionTag", "isStartableInTasklist",
        "http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace",
        "http://camunda.org/schema/modeler/1.0", "http://bpmn.io/schema/bpmn/biocolor/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/color/1.0",
        "http://www.omg.org/spec/BPMN/non-normative/extensions/color/1.0",
    }
)  # fmt: skip
"""Names and namespaces that say nothing about execution."""

IGNORED: dict[str, str] = {
    "asyncBefore": "every step is its own transaction",
    "asyncAfter": "every step is its own transaction",
    "async": "every step is its own transaction",
    "exclusive": "work of one case is always settled one at a time",
    "jobPriority": "jobs are taken in the order in which they are due",
    "taskPriority": "jobs are taken in the order in which they are due",
    "failedJobRetryTimeCycle": "retries are a setting of the engine",
    "historyTimeToLive": "retention is a policy of the institution",
    "candidateStarterUsers": "who may start a process is decided by permissions",
    "candidateStarterGroups": "who may start a process is decided by permissions",
}
"""Names with the reason why leaving them out changes nothing that the designer relies on."""

_USE_TOPIC = "use type='external' with a topic and a handler"

REFUSED: dict[str, tuple[str, str]] = {
    "class": ("Java classes cannot run here", _USE_TOPIC),
    "delegateExpression": ("Java beans cannot run here", _USE_TOPIC),
    "expression": ("Java expressions cannot run here", _USE_TOPIC),
    "connector": ("connectors do not exist here", _USE_TOPIC),
    "field": ("field injection belongs to Java classes", "use inputOutput parameters"),
    "executionListener": ("listeners do not run", "draw a script or service task"),
    "taskListener": ("listeners do not run", "draw a script or service task"),
    "eventListener": ("listeners do not run", "draw a script or service task"),
    "formData": ("generated forms do not exist here", "set formRef to a form file"),
    "formProperty": ("generated forms do not exist here", "set formRef to a form file"),
    "formHandlerClass": ("Java classes cannot run here", "set formRef to a form file"),
    "formRefVersion": ("a form is taken as it was deployed, not in a version of its own", "remove it"),
    "resource": ("scripts in other files are not read", "write the script in the model"),
    "initiator": ("the starter is recorded by the engine, not in a variable", "remove it"),
    "errorEventDefinition": ("errors of a handler are raised by the handler itself", "remove it"),
    "variableMappingClass": ("Java classes cannot run here", "use in and out mappings"),
    "variableMappingDelegateExpression": ("Java beans cannot run here", "use in and out mappings"),
    "decisionRefVersionTag": ("version tags are not resolved", "use decisionRefBinding='version'"),
    "calledElementVersionTag": ("version tags are not resolved", "use calledElementBinding='version'"),
    "decisionRefTenantId": ("there are no tenants", "remove it"),
    "calledElementTenantId": ("there are no tenants", "remove it"),
    "caseRef": ("CMMN is not executed", "call a process"),
    "caseBinding": ("CMMN is not executed", "call a process"),
    "caseVersion": ("CMMN is not executed", "call a process"),
    "caseTenantId": ("CMMN is not executed", "call a process"),
    "potentialStarter": ("who may start a process is decided by permissions", "remove it"),
    "variableName": ("conditional events are not executed", ""),
    "variableEvents": ("conditional events are not executed", ""),
    "triggerable": ("it changes when a service task ends", "use a service task with a topic"),
    "skipExpression": ("skipping a task by an expression is not executed", "draw an exclusive gateway"),
    "inheritVariables": ("variables are passed by mappings", "use <in variables='all'/>"),
}
"""Names with the reason and the advice."""

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
