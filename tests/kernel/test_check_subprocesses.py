"""The deployment check: levels, event subprocesses, ad-hoc subprocesses, transactions, loops, quantities."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import around, flow
from tests.kernel.cases import INNER, MESSAGE, START, TIMER, looped
from tests.kernel.rule_cases import RuleCase, examined, holds

ERROR = '<errorEventDefinition errorRef="err"/>'
COMPENSATION = "<compensateEventDefinition/>"
CANCEL = "<cancelEventDefinition/>"
SIGNAL_ONE = 'behavior="One" oneBehaviorEventRef="shared"'
RULE = (
    "<complexBehaviorDefinition><condition>true</condition><event id='it'>"
    "<signalEventDefinition signalRef='sig'/></event></complexBehaviorDefinition>"
)


def handler(start: str, id: str = "h", more: str = "", attributes: str = "") -> str:
    """An event subprocess with that start event, which has the id ``<id>s``."""
    inside = f'<startEvent id="{id}s">{start}</startEvent><endEvent id="{id}e"/>{flow(f"{id}s", f"{id}e")}{more}'
    return f'<subProcess id="{id}" triggeredByEvent="true" {attributes}>{inside}</subProcess>'


def sub(inside: str, tag: str = "subProcess", attributes: str = "") -> str:
    return around(f'<{tag} id="x" {attributes}>{inside}</{tag}>')


def transaction(ending: str, border: str = "") -> str:
    end = f'<startEvent id="is"/><endEvent id="ie">{ending}</endEvent>{flow("is", "ie")}'
    return sub(end, "transaction") + border


def called(start: str, executable: str = "true") -> str:
    """A process ``q`` with that start event."""
    ends = f'<startEvent {start}</startEvent><endEvent id="qe"/>{flow("qs", "qe")}'
    return f'<process id="q" isExecutable="{executable}">{ends}</process>'


def loop(attributes: str = "", inside: str = "") -> str:
    return looped(f'{attributes} camunda:collection="a"', inside)


LOOP = '<standardLoopCharacteristics loopMaximum="2"/>'
LOOP_TASK = '<task id="x"><standardLoopCharacteristics>{}</standardLoopCharacteristics></task>'
CALL = around('<callActivity id="x" calledElement="q"/>')
PLAIN = around('<task id="x"/>')
ON_CANCEL = f'<boundaryEvent id="b" attachedToRef="x">{CANCEL}</boundaryEvent>{flow("b", "e")}'
SECOND = ON_CANCEL.replace('"b"', '"b2"').replace("b_e", "b2_e")
CASES = [
    RuleCase("structure/empty", "p", "", PLAIN),
    RuleCase("structure/empty", "x", sub(""), sub(INNER)),
    RuleCase("structure/no-start", "p", '<task id="x"/>' + flow("x", "x"), '<task id="x"/>'),
    RuleCase("structure/no-start", "p", handler(MESSAGE), '<task id="x"/>' + handler(MESSAGE)),
    RuleCase("structure/implicit-start", "p", f'<task id="x"/><endEvent id="e"/>{flow("x", "e")}', '<task id="x"/>'),
    RuleCase(
        "structure/implicit-start",
        "p",
        f'<receiveTask id="x" messageRef="m"/><endEvent id="e"/>{flow("x", "e")}',
        f'<receiveTask id="x" messageRef="m" instantiate="true"/><endEvent id="e"/>{flow("x", "e")}',
    ),
    RuleCase("structure/no-end", "p", f'{START}<task id="x"/>{flow("s", "x")}', PLAIN),
    RuleCase("structure/several-starts", "y", sub(f'{INNER}<startEvent id="y"/>{flow("y", "ie")}'), sub(INNER)),
    RuleCase(
        "structure/several-plain-starts",
        "y",
        f'{PLAIN}<startEvent id="y"/>{flow("y", "x")}',
        f'{PLAIN}<startEvent id="y">{MESSAGE}</startEvent>{flow("y", "x")}',
    ),
    RuleCase("structure/start-trigger", "is", sub(INNER.replace('"is"/>', f'"is">{TIMER}</startEvent>')), sub(INNER)),
    RuleCase(
        "structure/instantiates-inside",
        "y",
        sub('<receiveTask id="y" messageRef="m" instantiate="true"/>'),
        f'<receiveTask id="y" messageRef="m" instantiate="true"/><endEvent id="e"/>{flow("y", "e")}',
    ),
    # event subprocesses
    RuleCase("subprocesses/connected", "x_h", PLAIN + handler(MESSAGE) + flow("x", "h"), PLAIN + handler(MESSAGE)),
    RuleCase("subprocesses/connected", "h_x", PLAIN + handler(MESSAGE) + flow("h", "x"), PLAIN + handler(TIMER)),
    RuleCase(
        "subprocesses/loop",
        "h",
        PLAIN + handler(MESSAGE).replace('<startEvent id="hs">', LOOP + '<startEvent id="hs">'),
        PLAIN + handler(MESSAGE),
    ),
    RuleCase(
        "subprocesses/one-start",
        "h",
        PLAIN + handler(MESSAGE, more=f'<startEvent id="h2">{TIMER}</startEvent>{flow("h2", "he")}'),
        PLAIN + handler(MESSAGE + TIMER),
    ),
    RuleCase(
        "subprocesses/one-start",
        "h",
        PLAIN + '<subProcess id="h" triggeredByEvent="true"><task id="ht"/></subProcess>',
        PLAIN + '<subProcess id="h" triggeredByEvent="true">'
        f'<startEvent id="hs">{MESSAGE}</startEvent><task id="ht"/>{flow("hs", "ht")}</subProcess>',
    ),
    RuleCase("subprocesses/no-trigger", "hs", PLAIN + handler(""), PLAIN + handler(ERROR)),
    RuleCase("compensation/start-level", "hs", PLAIN + handler(COMPENSATION), sub(INNER + handler(COMPENSATION))),
    RuleCase(
        "compensation/two-handlers",
        "gs",
        sub(INNER + handler(COMPENSATION) + handler(COMPENSATION, "g")),
        sub(INNER + handler(COMPENSATION) + handler(MESSAGE, "g")),
    ),
    RuleCase(
        "events/same-error",
        "gs",
        PLAIN + handler(ERROR) + handler(ERROR, "g"),
        PLAIN + handler(ERROR) + handler("<errorEventDefinition/>", "g"),
    ),
    RuleCase("subprocesses/kind", "x", sub(INNER, "transaction", 'triggeredByEvent="true"'), sub(INNER, "transaction")),
    # ad-hoc subprocesses
    RuleCase(
        "subprocesses/ad-hoc-empty",
        "x",
        sub(f'<intermediateThrowEvent id="y"/>{handler(MESSAGE)}', "adHocSubProcess"),
        sub(f'<task id="y"/>{handler(MESSAGE)}', "adHocSubProcess"),
    ),
    RuleCase(
        "subprocesses/ad-hoc-event",
        "is",
        sub(f'<startEvent id="is"/><task id="y"/>{flow("is", "y")}', "adHocSubProcess"),
        sub(f'<task id="z"/><task id="y"/>{flow("z", "y")}', "adHocSubProcess"),
    ),
    RuleCase(
        "subprocesses/ad-hoc-event",
        "ie",
        sub(f'<endEvent id="ie"/><task id="y"/>{flow("y", "ie")}', "adHocSubProcess"),
        sub('<task id="y"/>', "adHocSubProcess"),
    ),
    # transactions
    RuleCase(
        "transactions/outside",
        "ie",
        sub(INNER.replace('"ie"/>', f'"ie">{CANCEL}</endEvent>')),
        transaction(CANCEL, ON_CANCEL),
    ),
    RuleCase("transactions/no-catcher", "x", transaction(CANCEL), transaction(CANCEL, ON_CANCEL)),
    RuleCase("transactions/never-cancelled", "b", transaction("", ON_CANCEL), transaction(CANCEL, ON_CANCEL)),
    RuleCase(
        "transactions/two-catchers", "b2", transaction(CANCEL, ON_CANCEL + SECOND), transaction(CANCEL, ON_CANCEL)
    ),
    RuleCase("transactions/not-a-transaction", "b", sub(INNER) + ON_CANCEL, transaction(CANCEL, ON_CANCEL)),
    # activities and loops
    RuleCase("activities/called-start", "x", CALL, CALL, called(f'id="qs">{MESSAGE}'), called('id="qs">')),
    RuleCase(
        "activities/called-not-executable", "x", CALL, CALL, called('id="qs">', "false"), called('id="qs">', "true")
    ),
    RuleCase(
        "activities/quantity",
        "x",
        around('<task id="x" startQuantity="0"/>'),
        around('<task id="x" startQuantity="1"/>'),
    ),
    RuleCase(
        "activities/quantity",
        "x",
        around('<task id="x" completionQuantity="-1"/>'),
        around('<task id="x" completionQuantity="2"/>'),
    ),
    RuleCase(
        "activities/instantiate",
        "x",
        around('<receiveTask id="x" messageRef="m" instantiate="true"/>'),
        around('<receiveTask id="x" messageRef="m" instantiate="false"/>'),
    ),
    RuleCase(
        "loops/cardinality",
        "x",
        looped("", "<loopCardinality>-1</loopCardinality>"),
        looped("", "<loopCardinality>1</loopCardinality>"),
    ),
    RuleCase("loops/complex-behavior", "x", loop('behavior="Complex"'), loop('behavior="Complex"', RULE)),
    RuleCase("loops/unused-event", "x", loop("", RULE), loop('behavior="Complex"', RULE)),
    RuleCase("loops/unused-event", "x", loop('oneBehaviorEventRef="shared"'), loop(SIGNAL_ONE)),
    RuleCase("references/dangling", "x", loop('behavior="None" noneBehaviorEventRef="zz"'), loop('behavior="None"')),
    RuleCase(
        "loops/endless",
        "x",
        around('<task id="x"><standardLoopCharacteristics/></task>'),
        around('<task id="x"><standardLoopCharacteristics loopMaximum="3"/></task>'),
    ),
    RuleCase(
        "loops/maximum",
        "x",
        around('<task id="x"><standardLoopCharacteristics loopMaximum="0"/></task>'),
        around(LOOP_TASK.format("<loopCondition>a</loopCondition>")),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule(case: RuleCase) -> None:
    holds(case)


def test_a_process_without_start_and_end_events_is_legal() -> None:
    body = f'<task id="a"/><task id="b"/>{flow("a", "b")}'
    assert [found.rule for found in examined(body) if found.rule.startswith("structure/")] == []
