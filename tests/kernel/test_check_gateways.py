"""The deployment check: gateways, and what follows an event-based one."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import flow
from tests.kernel.cases import MESSAGE, START, TIMER, choice, waited
from tests.kernel.rule_cases import RuleCase, holds

SIGNAL = '<signalEventDefinition signalRef="sig"/>'
CONDITION = "<conditionalEventDefinition><condition>a</condition></conditionalEventDefinition>"


def catching(inside: str, attributes: str = "") -> str:
    return f'<intermediateCatchEvent id="y" {attributes}>{inside}</intermediateCatchEvent>'


def followed(target: str, *more: str) -> str:
    """An event-based gateway that leads to the target and to a timer, both to an end."""
    return waited(target, *more) + '<endEvent id="e"/>' + flow("y", "e") + flow("t", "e")


def instantiating(target: str, attributes: str = "", *more: str) -> str:
    """A process that begins with an event-based gateway before the target and a message."""
    other = f'<intermediateCatchEvent id="t">{MESSAGE}</intermediateCatchEvent>'
    flows = flow("x", "y") + flow("x", "t") + flow("y", "e") + flow("t", "e") + "".join(more)
    return f'<eventBasedGateway id="x" instantiate="true" {attributes}/>{target}{other}<endEvent id="e"/>{flows}'


def joined(tag: str, inside: str = "", attributes: str = "") -> str:
    """A parallel split, and a gateway that joins its two flows."""
    tasks = '<parallelGateway id="p1"/><task id="t1"/><task id="t2"/>'
    flows = "".join(
        flow(*ends) for ends in [("s", "p1"), ("p1", "t1"), ("p1", "t2"), ("t1", "x"), ("t2", "x"), ("x", "e")]
    )
    return f'{START}{tasks}<{tag} id="x" {attributes}>{inside}</{tag}><endEvent id="e"/>{flows}'


BOTH = (flow("x", "a", "c"), flow("x", "b"))
DEFAULT = 'default="x_b"'
OTHER_MESSAGE = '<messageEventDefinition messageRef="m2"/>'
RECEIVE = '<receiveTask id="y" messageRef="m2"/>'
CASES = [
    RuleCase(
        "gateways/direction",
        "x",
        choice(*BOTH, attributes=f'{DEFAULT} gatewayDirection="Converging"'),
        choice(*BOTH, attributes=f'{DEFAULT} gatewayDirection="Diverging"'),
    ),
    RuleCase(
        "gateways/direction",
        "x",
        joined("parallelGateway", attributes='gatewayDirection="Diverging"'),
        joined("parallelGateway", attributes='gatewayDirection="Converging"'),
    ),
    RuleCase(
        "gateways/direction-unmet",
        "x",
        choice(*BOTH, attributes=f'{DEFAULT} gatewayDirection="Mixed"'),
        choice(*BOTH, attributes=f'{DEFAULT} gatewayDirection="Unspecified"'),
    ),
    RuleCase("gateways/no-condition", "x_b", choice(*BOTH), choice(*BOTH, attributes=DEFAULT)),
    RuleCase(
        "gateways/always-taken",
        "x_b",
        choice(*BOTH, tag="inclusiveGateway"),
        choice(*BOTH, tag="inclusiveGateway", attributes=DEFAULT),
    ),
    RuleCase(
        "gateways/no-default",
        "x",
        choice(flow("x", "a", "c"), flow("x", "b", "d"), tag="inclusiveGateway"),
        choice(*BOTH, tag="inclusiveGateway", attributes=DEFAULT),
    ),
    RuleCase("gateways/no-default", "x", choice(flow("x", "a", "c")), choice(*BOTH, attributes=DEFAULT)),
    RuleCase("gateways/pointless", "x", choice(flow("x", "a")), choice(*BOTH, attributes=DEFAULT)),
    RuleCase(
        "gateways/no-activation",
        "x",
        joined("complexGateway"),
        joined("complexGateway", "<activationCondition>activationCount &gt;= 1</activationCondition>"),
    ),
    RuleCase(
        "gateways/no-activation", "x", joined("complexGateway"), choice(*BOTH, tag="complexGateway", attributes=DEFAULT)
    ),
    RuleCase(
        "gateways/one-event",
        "x",
        f'{START}<eventBasedGateway id="x"/>{RECEIVE}<endEvent id="e"/>'
        + "".join(flow(*ends) for ends in [("s", "x"), ("x", "y"), ("y", "e")]),
        followed(RECEIVE),
    ),
    RuleCase("gateways/no-event", "x", f'{START}<eventBasedGateway id="x"/>{flow("s", "x")}', followed(RECEIVE)),
    RuleCase("gateways/not-an-event", "x_y", followed('<userTask id="y"/>'), followed(catching(SIGNAL))),
    RuleCase(
        "gateways/not-an-event",
        "x_y",
        followed(catching(MESSAGE + SIGNAL, 'parallelMultiple="true"')),
        followed(catching(MESSAGE + SIGNAL)),
    ),
    RuleCase(
        "gateways/not-an-event",
        "x_y",
        followed(f'<intermediateThrowEvent id="y">{SIGNAL}</intermediateThrowEvent>'),
        followed(catching(CONDITION)),
    ),
    RuleCase(
        "gateways/shared-event",
        "y",
        followed(catching(MESSAGE), '<task id="z"/>', flow("s", "z"), flow("z", "y")),
        followed(catching(MESSAGE), '<task id="z"/>', flow("s", "z"), flow("z", "e")),
    ),
    RuleCase(
        "gateways/bounded-event",
        "y",
        followed(f'{RECEIVE}<boundaryEvent id="b" attachedToRef="y">{TIMER}</boundaryEvent>{flow("b", "e")}'),
        followed(RECEIVE),
    ),
    RuleCase(
        "gateways/bounded-event",
        "y",
        followed('<receiveTask id="y" messageRef="m2"><standardLoopCharacteristics loopMaximum="2"/></receiveTask>'),
        followed(RECEIVE),
    ),
    RuleCase(
        "gateways/mixed-receivers",
        "x",
        followed(
            RECEIVE + f'<intermediateCatchEvent id="z">{MESSAGE}</intermediateCatchEvent>',
            flow("x", "z"),
            flow("z", "e"),
        ),
        followed(RECEIVE + '<receiveTask id="z" messageRef="m"/>', flow("x", "z"), flow("z", "e")),
    ),
    RuleCase(
        "gateways/same-event",
        "z",
        followed(
            catching(MESSAGE) + f'<intermediateCatchEvent id="z">{MESSAGE}</intermediateCatchEvent>',
            flow("x", "z"),
            flow("z", "e"),
        ),
        followed(
            catching(MESSAGE) + f'<intermediateCatchEvent id="z">{OTHER_MESSAGE}</intermediateCatchEvent>',
            flow("x", "z"),
            flow("z", "e"),
        ),
    ),
    RuleCase(
        "flows/ignored-condition",
        "f",
        followed(catching(MESSAGE)).replace(flow("x", "y"), flow("x", "y", "c", id="f")),
        followed(catching(MESSAGE)),
    ),
    # gateways that start instances
    RuleCase(
        "gateways/parallel-events",
        "x",
        followed(catching(MESSAGE)).replace('Gateway id="x"', 'Gateway id="x" eventGatewayType="Parallel"'),
        instantiating(catching(OTHER_MESSAGE), 'eventGatewayType="Parallel"'),
    ),
    RuleCase(
        "gateways/instantiate",
        "x",
        instantiating(catching(OTHER_MESSAGE), "", START, flow("s", "x")),
        instantiating(catching(OTHER_MESSAGE)),
    ),
    RuleCase(
        "gateways/instantiate-target",
        "y",
        instantiating(catching(TIMER)),
        instantiating(catching(SIGNAL)),
    ),
    RuleCase(
        "structure/instantiates-inside",
        "x",
        f'{START}<subProcess id="sub">{instantiating(catching(OTHER_MESSAGE))}</subProcess>{flow("s", "sub")}',
        instantiating(catching(OTHER_MESSAGE)),
    ),
    RuleCase(
        "flows/self-loop",
        "x_x",
        choice(*BOTH, flow("x", "x", "d"), attributes=DEFAULT),
        choice(*BOTH, attributes=DEFAULT),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule(case: RuleCase) -> None:
    holds(case)
