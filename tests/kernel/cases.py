"""Small models for the tests of the deployment check."""

from __future__ import annotations

from engine.kernel.check import Finding, Severity, check
from tests.kernel.bpmn import around, extended, flow, model

ROOTS = (
    '<message id="m" name="M"/><message id="nameless"/><error id="err" errorCode="E"/><error id="codeless"/>'
    '<signal id="sig" name="S"/><escalation id="esc" escalationCode="X"/>'
)
TIMER = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
MESSAGE = '<messageEventDefinition messageRef="m"/>'
START = '<startEvent id="s"/>'
TASK = '<task id="x"/>'
PARAMETER = '<camunda:outputParameter name="a">1</camunda:outputParameter>'
PROPERTY = '<camunda:properties><camunda:property name="a" value="1"/></camunda:properties>'
IN_LANE = "<flowNodeRef>x</flowNodeRef>"


Case = tuple[str, str, str]
"""A process body, and the rule and element of the finding it must get."""


def findings(body: str, *, root: str = ROOTS) -> tuple[Finding, ...]:
    return check(model(body, root=root), file="test.bpmn")


def rules(body: str, *, root: str = ROOTS, severity: Severity = Severity.ERROR) -> set[tuple[str, str]]:
    return {(found.rule, found.element) for found in findings(body, root=root) if found.severity is severity}


def boundary(inside: str, attributes: str = "") -> str:
    return f'<task id="x"/><boundaryEvent id="b" attachedToRef="x" {attributes}>{inside}</boundaryEvent>'


def script(text: str, attributes: str = "") -> str:
    return around(f'<scriptTask id="x" {attributes}><script>{text}</script></scriptTask>')


def caught(inside: str) -> str:
    return around(f'<intermediateCatchEvent id="x">{inside}</intermediateCatchEvent>')


def thrown(inside: str) -> str:
    return around(f'<intermediateThrowEvent id="x">{inside}</intermediateThrowEvent>')


def ended(inside: str) -> str:
    return f'{START}<endEvent id="x">{inside}</endEvent>{flow("s", "x")}'


def looped(attributes: str = "", inside: str = "") -> str:
    loop = f"<multiInstanceLoopCharacteristics {attributes}>{inside}</multiInstanceLoopCharacteristics>"
    return around(f'<task id="x">{loop}</task>')


def mapped(tag: str, parameters: str) -> str:
    return around(f'<{tag} id="x">{extended(f"<camunda:inputOutput>{parameters}</camunda:inputOutput>")}</{tag}>')


def choice(*flows: str, attributes: str = "", tag: str = "exclusiveGateway") -> str:
    ends = '<endEvent id="a"/><endEvent id="b"/>'
    return f'{START}<{tag} id="x" {attributes}/>{ends}{flow("s", "x")}{"".join(flows)}'


def waited(target: str, *more: str) -> str:
    other = f'<intermediateCatchEvent id="t">{TIMER}</intermediateCatchEvent>'
    flows = flow("s", "x") + flow("x", "y") + flow("x", "t") + "".join(more)
    return f'{START}<eventBasedGateway id="x"/>{target}{other}{flows}'


BOUNDARY_OF_T = f'<boundaryEvent id="y" attachedToRef="t">{TIMER}</boundaryEvent>'
INNER = f'<startEvent id="is"/><endEvent id="ie"/>{flow("is", "ie")}'
