"""The deployment check: structure, references, flows, gateways, events. One small model per rule."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import around, flow, props
from tests.kernel.cases import (
    BOUNDARY_OF_T,
    IN_LANE,
    INNER,
    MESSAGE,
    START,
    TASK,
    TIMER,
    Case,
    boundary,
    caught,
    choice,
    ended,
    rules,
    thrown,
    waited,
)

ERRORS: dict[str, Case] = {
    # structure
    "no start": ('<task id="x"/>' + flow("x", "x"), "structure/no-start", "p"),
    "empty process": ("", "structure/empty", "p"),
    "empty subprocess": (around('<subProcess id="x"/>'), "structure/empty", "x"),
    "second start inside": (
        around('<subProcess id="x"><startEvent id="a"/><startEvent id="b"/></subProcess>'),
        "structure/several-starts",
        "b",
    ),
    "subprocess without start": (
        around(f'<subProcess id="x"><task id="t"/>{flow("t", "t")}</subProcess>'),
        "structure/no-start",
        "x",
    ),
    "subprocess with trigger": (
        around(f'<subProcess id="x"><startEvent id="y">{TIMER}</startEvent></subProcess>'),
        "structure/start-trigger",
        "y",
    ),
    "long id": (around(f'<task id="{"i" * 201}"/>', "i" * 201), "structure/long-id", "i" * 201),
    "node without id": (around('<task id="x"/><task name="nameless"/>'), "structure/no-id", "p"),
    "flow without id": (f'{START}<sequenceFlow sourceRef="s" targetRef="s"/>', "structure/no-id", "p"),
    # references
    "unknown target": (START + flow("s", "nowhere"), "references/dangling", "s_nowhere"),
    "unknown source": (f'{START}<task id="x"/>' + flow("nowhere", "x"), "references/dangling", "nowhere_x"),
    "unknown default": (
        choice(flow("x", "a", "c"), attributes='default="zz"'),
        "references/dangling",
        "x",
    ),
    "unknown host": (
        f'{START}<boundaryEvent id="x" attachedToRef="zz">{TIMER}</boundaryEvent>',
        "references/dangling",
        "x",
    ),
    "unknown message": (caught('<messageEventDefinition messageRef="zz"/>'), "references/dangling", "x"),
    "no message": (caught("<messageEventDefinition/>"), "references/no-message", "x"),
    "receive without message": (around('<receiveTask id="x"/>'), "references/no-message", "x"),
    "message of the wrong kind": (caught('<messageEventDefinition messageRef="err"/>'), "references/dangling", "x"),
    "unknown error": (ended('<errorEventDefinition errorRef="zz"/>'), "references/dangling", "x"),
    "two lanes": (
        f'<laneSet id="ls"><lane id="l1">{IN_LANE}</lane><lane id="l2">{IN_LANE}</lane></laneSet>{around(TASK)}',
        "references/two-lanes",
        "l2",
    ),
    # flows
    "across a border": (
        around(f'<subProcess id="x">{INNER}</subProcess>') + flow("is", "e", id="f"),
        "flows/crosses-border",
        "f",
    ),
    "flow in the wrong place": (
        around(f'<subProcess id="x">{INNER}{flow("s", "e", id="f")}</subProcess>'),
        "flows/misplaced",
        "f",
    ),
    "into a start": (around('<task id="x"/>') + flow("x", "s", id="f"), "flows/into-start", "f"),
    "out of an end": (around('<task id="x"/>') + flow("e", "x", id="f"), "flows/out-of-end", "f"),
    "into a boundary": (around(boundary(TIMER)) + flow("x", "b", id="f"), "flows/into-boundary", "f"),
    "default with condition": (
        choice(flow("x", "a", "c"), flow("x", "b", "d"), attributes='default="x_b"'),
        "flows/default-condition",
        "x_b",
    ),
    "condition after an event": (f'{START}<endEvent id="e"/>{flow("s", "e", "a")}', "flows/ignored-condition", "s_e"),
    "condition after a parallel gateway": (
        choice(flow("x", "a", "c"), flow("x", "b"), tag="parallelGateway"),
        "flows/ignored-condition",
        "x_a",
    ),
    # gateways
    "one of two without condition": (
        choice(flow("x", "a", "c"), flow("x", "b")),
        "gateways/no-condition",
        "x_b",
    ),
    "event gateway to a task": (waited('<userTask id="y"/>'), "gateways/not-an-event", "x_y"),
    "event gateway without events": (f'{START}<eventBasedGateway id="x"/>{flow("s", "x")}', "gateways/no-event", "x"),
    "shared event": (
        waited(f'<intermediateCatchEvent id="y">{MESSAGE}</intermediateCatchEvent><task id="z"/>', flow("z", "y")),
        "gateways/shared-event",
        "y",
    ),
    "bounded event": (
        waited(f'<receiveTask id="y" messageRef="m"/><boundaryEvent id="b" attachedToRef="y">{TIMER}</boundaryEvent>'),
        "gateways/bounded-event",
        "y",
    ),
    # events
    "catching nothing": (caught(""), "events/no-trigger", "x"),
    "boundary of nothing": (around(boundary("")), "events/no-trigger", "b"),
    "link beside a message": (caught('<linkEventDefinition name="L"/>' + MESSAGE), "events/several", "x"),
    "throwing a timer": (ended(TIMER), "events/misplaced", "x"),
    "catching an error in the middle": (caught("<errorEventDefinition/>"), "events/misplaced", "x"),
    "terminating in the middle": (thrown("<terminateEventDefinition/>"), "events/misplaced", "x"),
    "error that does not interrupt": (
        around(boundary("<errorEventDefinition/>", 'cancelActivity="false"')),
        "events/error-interrupts",
        "b",
    ),
    "boundary on a gateway": (
        choice(flow("x", "a")) + f'<boundaryEvent id="y" attachedToRef="x">{TIMER}</boundaryEvent>',
        "events/boundary-host",
        "y",
    ),
    "boundary of another subprocess": (
        around(f'<subProcess id="x">{INNER}{BOUNDARY_OF_T}</subProcess>') + '<task id="t"/>',
        "events/boundary-host",
        "y",
    ),
    "error end without error": (ended("<errorEventDefinition/>"), "events/no-error-code", "x"),
    "error end without code": (ended('<errorEventDefinition errorRef="codeless"/>'), "events/no-error-code", "x"),
    "catching an error without code": (
        around(boundary('<errorEventDefinition errorRef="codeless"/>')),
        "events/no-error-code",
        "b",
    ),
    "the same error twice": (
        around(boundary('<errorEventDefinition errorRef="err"/>'))
        + '<boundaryEvent id="b2" attachedToRef="x"><errorEventDefinition errorRef="err"/></boundaryEvent>',
        "events/same-error",
        "b2",
    ),
    "the same start message twice": (
        f'<startEvent id="s">{MESSAGE}</startEvent><startEvent id="x">{MESSAGE}</startEvent>',
        "events/same-message",
        "x",
    ),
    "message without name": (caught('<messageEventDefinition messageRef="nameless"/>'), "events/message", "nameless"),
    "timer without time": (caught("<timerEventDefinition/>"), "events/timer", "x"),
    "empty timer": (caught("<timerEventDefinition><timeDate> </timeDate></timerEventDefinition>"), "events/timer", "x"),
    "unknown zone": (caught(props(zone="Mars/Base") + TIMER), "events/timer", "x"),
    "unknown catch-up": (caught(props(catchUp="never") + TIMER), "events/timer", "x"),
    "calendar on a cycle": (
        caught(props(calendar="cn") + "<timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition>"),
        "events/calendar",
        "x",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_refused(case: str) -> None:
    body, rule, element = ERRORS[case]
    assert (rule, element) in rules(body)
