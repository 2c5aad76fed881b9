"""The deployment check: where events may stand, what they name, what is attached to a border."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import around, flow
from tests.kernel.cases import INNER, MESSAGE, START, TIMER, boundary, caught, ended, thrown
from tests.kernel.rule_cases import RuleCase, examined, holds

SIGNAL = '<signalEventDefinition signalRef="sig"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
CONDITION = "<conditionalEventDefinition><condition>a</condition></conditionalEventDefinition>"
COMPENSATION = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"
TERMINATE = "<terminateEventDefinition/>"
LINK = '<linkEventDefinition name="L"/>'
CYCLE = "<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>"
EVENTS = {
    "timer": TIMER, "message": MESSAGE, "signal": SIGNAL, "error": ERROR, "escalation": ESCALATION,
    "condition": CONDITION, "compensation": COMPENSATION, "cancel": CANCEL, "terminate": TERMINATE, "link": LINK,
}  # fmt: skip


def started(inside: str) -> str:
    return f'<startEvent id="x">{inside}</startEvent><endEvent id="e"/>{flow("x", "e")}'


def handled(inside: str, attributes: str = "") -> str:
    """A subprocess with an event subprocess in it that the event begins."""
    start = f'<startEvent id="x" {attributes}>{inside}</startEvent><endEvent id="he"/>{flow("x", "he")}'
    handler = f'<subProcess id="h" triggeredByEvent="true">{start}</subProcess>'
    return around(f'<subProcess id="outer">{INNER}{handler}</subProcess>', "outer")


def bounded(inside: str, attributes: str = "") -> str:
    """A task with a boundary event that leads to an end."""
    return around(boundary(inside, attributes)) + '<endEvent id="be"/>' + flow("b", "be")


ALLOWED = {
    "start": (started, {"timer", "message", "signal", "condition"}),
    "event subprocess": (
        handled,
        {"timer", "message", "signal", "condition", "error", "escalation", "compensation"},
    ),
    "caught": (caught, {"timer", "message", "signal", "condition", "link"}),
    "thrown": (thrown, {"message", "signal", "escalation", "compensation", "link"}),
    "border": (
        bounded,
        {"timer", "message", "signal", "condition", "error", "escalation", "compensation", "cancel"},
    ),
    "end": (ended, {"message", "signal", "error", "escalation", "compensation", "cancel", "terminate"}),
}


@pytest.mark.parametrize("event", EVENTS)
@pytest.mark.parametrize("position", ALLOWED)
def test_each_event_definition_stands_where_the_standard_allows_it(position: str, event: str) -> None:
    make, allowed = ALLOWED[position]
    misplaced = [found for found in examined(make(EVENTS[event])) if found.rule == "events/misplaced"]
    assert bool(misplaced) is (event not in allowed)


SHARED = "<eventDefinitionRef>shared</eventDefinitionRef>"
SECOND = '<boundaryEvent id="b2" attachedToRef="x">{}</boundaryEvent><endEvent id="be2"/>' + flow("b2", "be2")
CASES = [
    RuleCase("events/no-trigger", "x", caught(""), caught(SIGNAL)),
    RuleCase("events/no-trigger", "b", bounded(""), bounded(SIGNAL)),
    RuleCase("events/misplaced", "x", ended(SHARED.replace("shared", "sharedTimer")), ended(SHARED)),
    RuleCase("references/dangling", "x", caught("<eventDefinitionRef>zz</eventDefinitionRef>"), caught(SHARED)),
    RuleCase("references/dangling", "x", caught('<signalEventDefinition signalRef="m"/>'), caught(SIGNAL)),
    RuleCase("references/dangling", "x", thrown('<escalationEventDefinition escalationRef="zz"/>'), thrown(ESCALATION)),
    RuleCase("references/no-signal", "x", thrown("<signalEventDefinition/>"), thrown(SIGNAL)),
    RuleCase("events/several", "x", caught(LINK + MESSAGE), caught(TIMER + MESSAGE)),
    RuleCase("events/twice", "x", caught(MESSAGE + MESSAGE), caught(MESSAGE + SIGNAL)),
    RuleCase(
        "events/parallel-alone",
        "x",
        caught(MESSAGE).replace('id="x"', 'id="x" parallelMultiple="true"'),
        caught(MESSAGE + SIGNAL).replace('id="x"', 'id="x" parallelMultiple="true"'),
    ),
    RuleCase(
        "events/parallel-multiple",
        "b",
        bounded(MESSAGE + ERROR, 'parallelMultiple="true"'),
        bounded(MESSAGE + SIGNAL, 'parallelMultiple="true"'),
    ),
    RuleCase(
        "events/parallel-multiple", "b", bounded(TIMER + ESCALATION, 'parallelMultiple="1"'), bounded(TIMER + ERROR)
    ),
    # codes
    RuleCase("events/no-error-code", "x", ended("<errorEventDefinition/>"), ended(ERROR)),
    RuleCase(
        "events/no-error-code",
        "b",
        bounded('<errorEventDefinition errorRef="codeless"/>'),
        bounded("<errorEventDefinition/>"),
    ),
    RuleCase("events/no-escalation-code", "x", thrown("<escalationEventDefinition/>"), thrown(ESCALATION)),
    RuleCase(
        "events/no-escalation-code",
        "x",
        handled('<escalationEventDefinition escalationRef="quiet"/>'),
        handled("<escalationEventDefinition/>"),
    ),
    # interruption
    RuleCase(
        "events/error-interrupts",
        "b",
        bounded(ERROR, 'cancelActivity="false"'),
        bounded(ESCALATION, 'cancelActivity="0"'),
    ),
    RuleCase(
        "events/error-interrupts",
        "x",
        handled(ERROR, 'isInterrupting="false"'),
        handled(TIMER, 'isInterrupting="false"'),
    ),
    RuleCase("events/cancel-interrupts", "b", bounded(CANCEL, 'cancelActivity="false"'), bounded(SIGNAL)),
    RuleCase(
        "events/compensation-interrupts", "x", handled(COMPENSATION, 'isInterrupting="false"'), handled(COMPENSATION)
    ),
    RuleCase(
        "subprocesses/not-interrupting",
        "x",
        started(TIMER).replace('id="x"', 'id="x" isInterrupting="false"'),
        started(TIMER).replace('id="x"', 'id="x" isInterrupting="true"'),
    ),
    # cycles
    RuleCase("events/cycle", "x", caught(CYCLE), started(CYCLE)),
    RuleCase("events/cycle", "b", bounded(CYCLE), bounded(CYCLE, 'cancelActivity="false"')),
    RuleCase("events/cycle", "x", handled(CYCLE), handled(CYCLE, 'isInterrupting="false"')),
    # the same twice
    RuleCase("events/same-error", "b2", bounded(ERROR) + SECOND.format(ERROR), bounded(ERROR) + SECOND.format(TIMER)),
    RuleCase(
        "events/same-error",
        "b2",
        bounded("<errorEventDefinition/>") + SECOND.format("<errorEventDefinition/>"),
        bounded("<errorEventDefinition/>") + SECOND.format(ERROR),
    ),
    RuleCase(
        "events/same-escalation",
        "b2",
        bounded(ESCALATION) + SECOND.format(ESCALATION),
        bounded(ESCALATION) + SECOND.format("<escalationEventDefinition/>"),
    ),
    RuleCase(
        "events/same-catcher",
        "b2",
        bounded(MESSAGE) + SECOND.format(MESSAGE).replace('id="b2"', 'id="b2" cancelActivity="false"'),
        bounded(MESSAGE) + SECOND.format('<messageEventDefinition messageRef="m2"/>'),
    ),
    RuleCase(
        "events/same-interrupting",
        "b2",
        bounded(SIGNAL) + SECOND.format(SIGNAL),
        bounded(SIGNAL) + SECOND.format(SIGNAL).replace('id="b2"', 'id="b2" cancelActivity="false"'),
    ),
    RuleCase(
        "events/same-interrupting",
        "b2",
        bounded(MESSAGE) + SECOND.format(MESSAGE),
        bounded(MESSAGE) + SECOND.format(SIGNAL),
    ),
    RuleCase(
        "events/same-message",
        "y",
        started(MESSAGE) + f'<startEvent id="y">{MESSAGE}</startEvent>{flow("y", "e")}',
        started(MESSAGE) + f'<startEvent id="y">{TIMER}</startEvent>{flow("y", "e")}',
    ),
    RuleCase(
        "events/same-signal",
        "y",
        started(SIGNAL) + f'<startEvent id="y">{SIGNAL}</startEvent>{flow("y", "e")}',
        started(SIGNAL) + f'<startEvent id="y"><signalEventDefinition signalRef="sig2"/></startEvent>{flow("y", "e")}',
    ),
    # borders
    RuleCase(
        "events/boundary-host",
        "y",
        f'{START}<exclusiveGateway id="g"/><endEvent id="e"/>{flow("s", "g")}{flow("g", "e")}'
        f'<boundaryEvent id="y" attachedToRef="g">{TIMER}</boundaryEvent>{flow("y", "e")}',
        around('<task id="x"/>') + f'<boundaryEvent id="y" attachedToRef="x">{TIMER}</boundaryEvent>{flow("y", "e")}',
    ),
    RuleCase(
        "events/boundary-host",
        "b",
        handled(MESSAGE).replace(
            "</subProcess></subProcess>",
            f'</subProcess><boundaryEvent id="b" attachedToRef="h">{TIMER}</boundaryEvent></subProcess>',
        ),
        handled(MESSAGE) + f'<boundaryEvent id="b" attachedToRef="outer">{TIMER}</boundaryEvent>{flow("b", "e")}',
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule(case: RuleCase) -> None:
    holds(case)
