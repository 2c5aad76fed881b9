"""Extensions of Camunda and its relatives that are refused, and values of extensions with which they say nothing.

Names are local names in the namespaces of all of them; attributes and extension elements share the tables.
"""

from __future__ import annotations

_USE_TOPIC = "use type='external' with a topic and a handler"
_REMOVE = "remove it"
_USE_FORM = "set formRef to a form file"
_USE_MAPPINGS = "use in and out mappings"
_USE_MESSAGES = "use message events"
_USE_OUTPUT = "use the properties outputCollection and outputElement"

DEFAULTS: dict[str, frozenset[str]] = {
    "exclusive": frozenset({"true"}),
    "asyncLeaveExclusive": frozenset({"true"}),
    "calledElementType": frozenset({"key"}),
    "scope": frozenset({"global"}),
    **dict.fromkeys(
        (
            "autoStoreVariables", "completeAsync", "doNotIncludeVariables", "errorVariableLocalScope",
            "errorVariableTransient", "fallbackToDefaultTenant", "inheritBusinessKey", "inheritVariables",
            "noWaitStatesAsyncLeave", "parallelInSameTransaction", "sameDeployment",
            "storeResultVariableAsTransient", "terminateAll", "terminateMultiInstance", "triggerable",
            "useLocalScopeForOutParameters", "useLocalScopeForResultVariable",
        ),
        frozenset({"false"}),
    ),
}  # fmt: skip
"""Attributes with the values that say what happens here anyway: no word about them."""

REFUSED: dict[str, tuple[str, str]] = {
    # Code of another engine
    "class": ("Java classes cannot run here", _USE_TOPIC),
    "delegateExpression": ("Java beans cannot run here", _USE_TOPIC),
    "expression": ("Java expressions cannot run here", _USE_TOPIC),
    "connector": ("connectors do not exist here", _USE_TOPIC),
    "field": ("field injection belongs to Java classes", "use inputOutput parameters"),
    "extensionId": ("tasks of another engine's palette cannot run here", _USE_TOPIC),
    "mapException": ("exceptions of Java classes do not exist here", "raise a BPMN error in the handler"),
    "triggerable": ("it changes when a service task ends", "use a service task with a topic, then a receive task"),
    "parallelInSameTransaction": ("requests of a service task are made by its handler", _USE_TOPIC),
    "executionListener": ("listeners do not run", "draw a script or service task"),
    "taskListener": ("listeners do not run", "draw a script or service task"),
    "eventListener": ("listeners do not run", "draw a script or service task"),
    "resource": ("scripts in other files are not read", "write the script in the model"),
    "customResource": ("resources of another engine do not exist here", "set assignee or candidateGroups"),
    "httpRequestHandler": ("Java classes cannot run here", _USE_TOPIC),
    "httpResponseHandler": ("Java classes cannot run here", _USE_TOPIC),
    "rules": ("Drools does not run here", "set decisionRef to a DMN decision"),
    "ruleVariablesInput": ("Drools does not run here", "set decisionRef to a DMN decision"),
    "exclude": ("Drools does not run here", "set decisionRef to a DMN decision"),
    # Forms and people
    "formData": ("generated forms do not exist here", _USE_FORM),
    "formProperty": ("generated forms do not exist here", _USE_FORM),
    "formHandlerClass": ("Java classes cannot run here", _USE_FORM),
    "formRefVersion": ("a form is taken as it was deployed, not in a version of its own", _REMOVE),
    "initiator": ("the starter is recorded by the engine, not in a variable", _REMOVE),
    "owner": ("a task has no owner beside its assignee", "set assignee"),
    "businessCalendarName": ("calendars of another engine do not exist here", "set the property calendar"),
    "skipExpression": ("skipping a task by an expression is not executed", "draw an exclusive gateway"),
    "taskCompleterVariableName": ("who completed a task is recorded by the engine, not in a variable", _REMOVE),
    "activeTaskIdVariableName": ("ids of tasks are not written into variables", _REMOVE),
    "taskIdVariableName": ("ids of tasks are not written into variables", _REMOVE),
    # Variables
    "autoStoreVariables": ("a script writes its result only", "set resultVariable, or give a context"),
    "doNotIncludeVariables": ("a script sees all variables", _REMOVE),
    "storeResultVariableAsTransient": ("variables that are not stored do not exist here", _REMOVE),
    "useLocalScopeForResultVariable": ("the result is written where the variable lives", "use an outputParameter"),
    "value": ("initial values of data objects are not read", "write them with a script task"),
    "elementIndexVariable": ("the number of an item is in loopCounter", "use loopCounter"),
    "collection": ("the collection of a multi-instance activity is an attribute", "set collection='=...'"),
    "variableAggregation": ("aggregations of variables are not executed", _USE_OUTPUT),
    # Calls and decisions
    "variableMappingClass": ("Java classes cannot run here", _USE_MAPPINGS),
    "variableMappingDelegateExpression": ("Java beans cannot run here", _USE_MAPPINGS),
    "inheritVariables": ("variables are passed by mappings", "use <in variables='all'/>"),
    "useLocalScopeForOutParameters": ("results are written where the variables live", _REMOVE),
    "businessKey": ("the business key is passed by a mapping", "use <in businessKey='...'/>"),
    "inheritBusinessKey": ("the called instance has the caller's business key unless a mapping sets it", _REMOVE),
    "calledElementType": ("a process is called by its id in the model", "set calledElement to that id"),
    "sameDeployment": ("the version is chosen by a binding", "use calledElementBinding or decisionRefBinding"),
    "idVariableName": ("ids of instances are not written into variables", _REMOVE),
    "processInstanceIdVariableName": ("ids of instances are not written into variables", _REMOVE),
    "decisionRefVersionTag": ("version tags are not resolved", "use decisionRefBinding='version'"),
    "calledElementVersionTag": ("version tags are not resolved", "use calledElementBinding='version'"),
    "decisionRefTenantId": ("there are no tenants", _REMOVE),
    "calledElementTenantId": ("there are no tenants", _REMOVE),
    "caseRef": ("CMMN is not executed", "call a process"),
    "caseBinding": ("CMMN is not executed", "call a process"),
    "caseVersion": ("CMMN is not executed", "call a process"),
    "caseTenantId": ("CMMN is not executed", "call a process"),
    "caseDefinitionKey": ("CMMN is not executed", "call a process"),
    "caseInstanceName": ("CMMN is not executed", "call a process"),
    # Events
    "errorEventDefinition": ("errors of a handler are raised by the handler itself", _REMOVE),
    "errorVariableName": ("an error's code and message go to two variables", "use errorCodeVariable"),
    "errorVariableTransient": ("variables that are not stored do not exist here", _REMOVE),
    "errorVariableLocalScope": ("a caught error's variables are written where they live", _REMOVE),
    "scope": ("a signal reaches everything that listens to it", "use a message for one receiver"),
    "signalExpression": ("a signal event names a signal", "set signalRef; the name may be an expression"),
    "messageExpression": ("a message event names a message", "set messageRef"),
    "correlationKey": ("it is read as a property", "set the extension property correlationKey"),
    "endDate": ("a cycle has its end in its text", "write R/PT8H/2026-12-31"),
    "terminateAll": ("a terminate event ends its own process only", "end the calling process by an error"),
    "terminateMultiInstance": ("a terminate event ends its own scope only", "use a completionCondition"),
    "variableListenerEventDefinition": ("listeners of variables are not events", "use a conditional event"),
    **dict.fromkeys(
        (
            "channelKey", "channelName", "eventCorrelationParameter", "eventInParameter", "eventName",
            "eventOutParameter", "eventType", "sendSynchronously", "startEventCorrelationConfiguration",
            "triggerEventCorrelationParameter", "triggerEventType",
        ),
        ("the event registry of another engine does not exist here", _USE_MESSAGES),
    ),
}  # fmt: skip
"""Names with the reason and the advice."""
