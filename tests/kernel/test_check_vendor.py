"""The deployment check: extensions of Camunda, Operaton, Flowable and Activiti are never ignored in silence."""

from __future__ import annotations

import pytest

from engine.kernel.check import Severity, check
from engine.kernel.check.vendor_refused import DEFAULTS, REFUSED
from engine.kernel.check.vendor_tables import ATTRIBUTES, ELEMENTS, HARMLESS, IGNORED
from tests.kernel.bpmn import around, extended, model
from tests.kernel.cases import ROOTS, findings, looped

SIGNAL = '<signalEventDefinition signalRef="sig">{}</signalEventDefinition>'
PAYLOAD = extended('<camunda:in source="a" target="b"/>')
CONDITION = "<conditionalEventDefinition {}><condition>=a</condition></conditionalEventDefinition>"


def task(attributes: str = "", inside: str = "") -> str:
    return around(f'<task id="x" {attributes}>{inside}</task>')


def handler(attributes: str = "", inside: str = "") -> str:
    return around(f'<serviceTask id="x" camunda:topic="t" {attributes}>{inside}</serviceTask>')


def thrown(definition: str) -> str:
    return around(f'<intermediateThrowEvent id="x">{definition}</intermediateThrowEvent>')


def caught(definition: str) -> str:
    return around(f'<intermediateCatchEvent id="x">{definition}</intermediateCatchEvent>')


def told(body: str, *, root: str = ROOTS) -> set[tuple[str, Severity]]:
    """Rules about extensions, and how grave they are."""
    return {(found.rule, found.severity) for found in findings(body, root=root) if found.rule.startswith("extensions/")}


REFUSED_RULE = {("extensions/refused", Severity.ERROR)}
IGNORED_RULE = {("extensions/ignored", Severity.WARNING)}
MISPLACED = {("extensions/misplaced", Severity.ERROR)}
UNKNOWN = {("extensions/unknown", Severity.ERROR)}


@pytest.mark.parametrize(
    ("body", "rules"),
    [
        (task('camunda:asyncBefore="true" camunda:asyncAfter="false"'), set()),
        (task('flowable:async="true" flowable:asyncLeave="true"'), set()),
        (task('camunda:asyncBefore="yes"'), REFUSED_RULE),
        (looped('camunda:collection="=a" camunda:asyncBefore="true"'), IGNORED_RULE),
        (task('camunda:exclusive="true"'), set()),
        (task('camunda:exclusive="false"'), IGNORED_RULE),
        (handler('camunda:failedJobRetryTimeCycle="R3/PT10M"'), set()),
        (
            handler("", extended("<camunda:failedJobRetryTimeCycle>R3/PT10M</camunda:failedJobRetryTimeCycle>")),
            set(),
        ),
        (
            task("", extended("<camunda:failedJobRetryTimeCycle>R3/PT1M</camunda:failedJobRetryTimeCycle>")),
            IGNORED_RULE,
        ),
        (task('camunda:failedJobRetryTimeCycle="R3/PT10M"'), IGNORED_RULE),
        (caught(CONDITION.format('camunda:variableName="a" camunda:variableEvents="create, update"')), set()),
        (caught(CONDITION.format('camunda:variableEvents="delete"')), REFUSED_RULE),
        (task('camunda:variableName="a"'), MISPLACED),
        (thrown(SIGNAL.format(PAYLOAD)), set()),
        (caught(SIGNAL.format(PAYLOAD)), MISPLACED),
        (thrown(SIGNAL.format(extended('<camunda:in businessKey="=a"/>'))), REFUSED_RULE),
        (thrown(SIGNAL.format(extended('<camunda:out source="a" target="b"/>'))), MISPLACED),
        (
            thrown('<escalationEventDefinition escalationRef="esc" camunda:escalationCodeVariable="code"/>'),
            set(),
        ),
        (thrown('<errorEventDefinition camunda:escalationCodeVariable="code"/>'), MISPLACED),
        (handler("", extended('<camunda:errorEventDefinition errorRef="err" expression="=a"/>')), REFUSED_RULE),
        (task("", extended("<camunda:executionListener event='start'/>")), REFUSED_RULE),
        (task('flowable:skipExpression="${a}"'), REFUSED_RULE),
        (looped('camunda:collection="=a" flowable:elementIndexVariable="i"'), REFUSED_RULE),
        (handler('flowable:triggerable="true"'), REFUSED_RULE),
        (handler('flowable:triggerable="false"'), set()),
        (handler('flowable:storeResultVariableAsTransient="true"'), REFUSED_RULE),
        (around('<userTask id="x" flowable:formFieldValidation="true"/>'), set()),
        (around('<userTask id="x" flowable:category="credit"/>'), IGNORED_RULE),
        (task('camunda:bogus="1"'), UNKNOWN),
        (around(f"<callActivity id='x' calledElement='p'>{PAYLOAD}</callActivity>"), set()),
        (
            around(
                "<callActivity id='x' calledElement='p'>"
                + extended('<camunda:in source="a" target="b" local="true"/>')
                + "</callActivity>"
            ),
            REFUSED_RULE,
        ),
        (
            around(
                "<callActivity id='x' calledElement='p'>"
                + extended('<flowable:in source="a" target="b" transient="true"/>')
                + "</callActivity>"
            ),
            UNKNOWN,
        ),
        (
            task(
                "",
                extended(
                    '<camunda:inputOutput><camunda:inputParameter name="a"><camunda:script scriptFormat="feel"'
                    ' resource="a.feel">1</camunda:script></camunda:inputParameter></camunda:inputOutput>'
                ),
            ),
            REFUSED_RULE,
        ),
    ],
)
def test_each_extension_is_supported_told_or_refused(body: str, rules: set[tuple[str, Severity]]) -> None:
    assert told(body) == rules


@pytest.mark.parametrize("vendor", ["camunda", "operaton", "flowable", "activiti"])
def test_all_vendors_are_read_alike(vendor: str) -> None:
    body = task(f'{vendor}:exclusive="false"', "").replace(
        "<task", '<task xmlns:activiti="http://activiti.org/bpmn"', 1
    )
    assert told(body) == IGNORED_RULE


@pytest.mark.parametrize(
    ("root", "rules"),
    [
        ('<signal id="other" name="O" flowable:scope="processInstance"/>', REFUSED_RULE),
        ('<signal id="other" name="O" flowable:scope="global"/>', set()),
        ('<error id="other" errorCode="O" camunda:errorMessage="sorry"/>', IGNORED_RULE),
        ('<escalation id="other" escalationCode="O" camunda:bogus="1"/>', UNKNOWN),
        ('<message id="other" name="O" camunda:bogus="1"/>', UNKNOWN),
        ('<process id="drawn" isExecutable="false" camunda:bogus="1"/>', set()),
        ('<globalTask id="called" camunda:bogus="1"/>', UNKNOWN),
    ],
)
def test_extensions_of_root_elements(root: str, rules: set[tuple[str, Severity]]) -> None:
    assert told(task(), root=ROOTS + root) == rules


def test_an_extension_of_the_file_itself() -> None:
    marked = model(task()).replace(b"targetNamespace=", b'camunda:bogus="1" targetNamespace=', 1)
    assert [found.rule for found in check(marked, file="a.bpmn")] == ["extensions/unknown"]
    related = model(task()).replace(b"targetNamespace=", b'camunda:diagramRelationId="1" targetNamespace=', 1)
    assert check(related, file="a.bpmn") == ()


def test_each_name_stands_in_one_table() -> None:
    understood = set(ATTRIBUTES) | set(ELEMENTS)
    assert understood & set(REFUSED) == {"collection"}, "an attribute here, an element in Flowable"
    assert HARMLESS & (understood | set(REFUSED) | set(IGNORED)) == set()
    assert set(REFUSED) & set(IGNORED) == set()
    assert set(DEFAULTS) <= set(REFUSED) | set(IGNORED)


ATTRIBUTES_OF_THE_SCHEMAS = """
    activeTaskIdVariableName assignee async asyncAfter asyncBefore asyncLeave asyncLeaveExclusive
    autoStoreVariables businessCalendarName businessKey calledElementBinding calledElementTenantId
    calledElementType calledElementVersion calledElementVersionTag candidateGroups candidateStarterGroups
    candidateStarterUsers candidateUsers caseBinding caseDefinitionKey caseInstanceName caseRef caseTenantId
    caseVersion category class collection completeAsync decisionRef decisionRefBinding decisionRefTenantId
    decisionRefVersion decisionRefVersionTag delegateExpression diagramRelationId doNotIncludeVariables dueDate
    elementIndexVariable elementVariable endDate errorCodeVariable errorMessage errorMessageVariable
    errorVariableLocalScope errorVariableName errorVariableTransient escalationCodeVariable exclude exclusive
    expression extensionId failedJobRetryTimeCycle fallbackToDefaultTenant followUpDate formFieldValidation
    formHandlerClass formKey formRef formRefBinding formRefVersion historyTimeToLive idVariableName
    inheritBusinessKey inheritVariables initiator isEagerExecutionFetching isStartableInTasklist jobPriority
    mapDecisionResult messageExpression modelerTemplate modelerTemplateVersion noWaitStatesAsyncLeave owner
    parallelInSameTransaction priority processInstanceIdVariableName processInstanceName resource resultVariable
    resultVariableName ruleVariablesInput rules sameDeployment scope signalExpression skipExpression
    storeResultVariableAsTransient taskCompleterVariableName taskIdVariableName taskPriority terminateAll
    terminateMultiInstance topic triggerable type useLocalScopeForOutParameters useLocalScopeForResultVariable
    variableEvents variableMappingClass variableMappingDelegateExpression variableName versionTag
"""
ELEMENTS_OF_THE_SCHEMAS = """
    channelKey collection connector customResource errorEventDefinition eventCorrelationParameter
    eventInParameter eventListener eventOutParameter eventType executionListener failedJobRetryTimeCycle field
    formData formProperty httpRequestHandler httpResponseHandler in inputOutput localization mapException out
    potentialStarter properties sendSynchronously startEventCorrelationConfiguration taskListener
    triggerEventCorrelationParameter triggerEventType value variableAggregation variableListenerEventDefinition
"""


@pytest.mark.parametrize("name", ATTRIBUTES_OF_THE_SCHEMAS.split())
def test_each_attribute_of_the_vendors_schemas_is_known(name: str) -> None:
    """Camunda 7.23, Operaton 1.0, Flowable 7 and Activiti 7: each has a word on it better than "not understood"."""
    assert name in {*ATTRIBUTES, *HARMLESS, *IGNORED, *REFUSED}


@pytest.mark.parametrize("name", ELEMENTS_OF_THE_SCHEMAS.split())
def test_each_element_of_the_vendors_schemas_is_known(name: str) -> None:
    assert name in {*ELEMENTS, *HARMLESS, *IGNORED, *REFUSED}
