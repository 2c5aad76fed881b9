"""The deployment check: links, compensation and sequence flows."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import around, flow
from tests.kernel.cases import INNER, MESSAGE, START, TIMER, choice
from tests.kernel.rule_cases import RuleCase, examined, holds

COMPENSATION = "<compensateEventDefinition/>"
UNDO = '<task id="u" isForCompensation="true"/>'
TO_UNDO = '<association id="as" associationDirection="One" sourceRef="c" targetRef="u"/>'
ON_UNDO = f'<boundaryEvent id="c" attachedToRef="x">{COMPENSATION}</boundaryEvent>'


def throwing(name: str, id: str = "t") -> str:
    return f'<intermediateThrowEvent id="{id}"><linkEventDefinition name="{name}"/></intermediateThrowEvent>'


def catching(name: str, id: str = "c") -> str:
    return f'<intermediateCatchEvent id="{id}"><linkEventDefinition name="{name}"/></intermediateCatchEvent>'


def linked(throws: str, catches: str, *more: str) -> str:
    """From the start to the link ``t``, and from the link ``c`` to the end."""
    return f'{START}{throws}{catches}<endEvent id="e"/>{flow("s", "t")}{flow("c", "e")}{"".join(more)}'


def undone(border: str = ON_UNDO, handler: str = UNDO, association: str = TO_UNDO, more: str = "") -> str:
    """A task with a compensation boundary event and its handler."""
    return around('<task id="x"/>') + border + handler + association + more


def thrown(attributes: str = "", body: str = "") -> str:
    """A task that can be compensated, then an event that compensates."""
    event = f'<intermediateThrowEvent id="y"><compensateEventDefinition {attributes}/></intermediateThrowEvent>'
    flows = flow("s", "x") + flow("x", "y") + flow("y", "e")
    return f'{START}<task id="x"/>{event}<endEvent id="e"/>{flows}{body}'


TWO_WAYS = (
    f'{START}{throwing("L")}{throwing("L", "t2")}{catching("L")}<endEvent id="e"/><parallelGateway id="g"/>'
    + "".join(flow(*ends) for ends in [("s", "g"), ("g", "t"), ("g", "t2"), ("c", "e")])
)
PAIR = linked(throwing("L"), catching("L"))
SUB = '<subProcess id="sub">{}</subProcess>'
INNER_THROW = f'<startEvent id="is"/>{throwing("L")}{flow("is", "t")}'
HANDLED = ON_UNDO + UNDO + TO_UNDO
BESIDE = '<task id="v"/>' + flow("x", "v") + flow("v", "e")
EVENT_SUB = (
    f'<subProcess id="h" triggeredByEvent="true"><startEvent id="hs">{COMPENSATION}</startEvent>'
    '<endEvent id="he"><compensateEventDefinition activityRef="{}"/></endEvent>' + flow("hs", "he") + "</subProcess>"
)
OUTER = f'<startEvent id="is"/><task id="x"/><endEvent id="ie"/>{flow("is", "x")}{flow("x", "ie")}' + HANDLED
CASES = [
    RuleCase("links/no-catch", "t", linked(throwing("L"), catching("M")), PAIR),
    RuleCase("links/no-throw", "c", linked(throwing("M"), catching("L")), TWO_WAYS),
    RuleCase(
        "links/no-catch",
        "t",
        around(SUB.format(INNER_THROW), "sub") + catching("L") + flow("c", "e"),
        around(SUB.format(INNER_THROW + catching("L") + f'<endEvent id="ie"/>{flow("c", "ie")}'), "sub"),
    ),
    RuleCase("links/no-name", "t", linked(throwing(" "), catching(" ")), PAIR),
    RuleCase("links/two-catches", "c2", PAIR + catching("L", "c2") + flow("c2", "e"), TWO_WAYS),
    RuleCase("links/outgoing", "t_e", PAIR + flow("t", "e"), PAIR),
    RuleCase("links/incoming", "s_c", PAIR + flow("s", "c"), PAIR),
    # compensation handlers
    RuleCase("compensation/no-handler", "c", undone(association=""), undone()),
    RuleCase(
        "compensation/no-handler",
        "c",
        undone(association='<textAnnotation id="n"><text>a</text></textAnnotation>' + TO_UNDO.replace('"u"', '"n"')),
        undone(association=TO_UNDO.replace('sourceRef="c" targetRef="u"', 'sourceRef="u" targetRef="c"')),
    ),
    RuleCase(
        "compensation/two-handlers",
        "c",
        undone(more='<task id="w" isForCompensation="true"/><association id="a2" sourceRef="c" targetRef="w"/>'),
        undone(more='<textAnnotation id="n"/><association id="a2" sourceRef="c" targetRef="n"/>'),
    ),
    RuleCase(
        "compensation/two-handlers",
        "d",
        undone(more=ON_UNDO.replace('"c"', '"d"') + TO_UNDO.replace('"c"', '"d"').replace('"as"', '"a2"')),
        undone(more=f'<boundaryEvent id="d" attachedToRef="x">{TIMER}</boundaryEvent>{flow("d", "e")}'),
    ),
    RuleCase("compensation/not-marked", "u", undone(handler='<task id="u"/>'), undone()),
    RuleCase(
        "compensation/other-level",
        "u",
        undone(handler=SUB.format(INNER + UNDO), more=flow("x", "sub") + flow("sub", "e")),
        undone(),
    ),
    RuleCase("compensation/outgoing", "c_u", undone(more=flow("c", "u")), undone()),
    RuleCase("compensation/in-flow", "u_e", undone(more=flow("u", "e")), undone()),
    RuleCase("compensation/in-flow", "x_u", undone(more=flow("x", "u")), undone()),
    RuleCase("compensation/unattached", "u", around('<task id="x"/>') + UNDO, undone()),
    # throwing compensation
    RuleCase("compensation/nothing", "y", thrown(), thrown(body=HANDLED)),
    RuleCase(
        "compensation/nothing",
        "y",
        thrown(body='<subProcess id="sub">' + INNER + "</subProcess>" + flow("x", "sub") + flow("sub", "e")),
        thrown(body='<callActivity id="sub" calledElement="q"/>' + flow("x", "sub") + flow("sub", "e")),
    ),
    RuleCase("references/dangling", "y", thrown('activityRef="zz"', HANDLED), thrown('activityRef="x"', HANDLED)),
    RuleCase("references/dangling", "y", thrown('activityRef="s"', HANDLED), thrown('activityRef="x"', HANDLED)),
    RuleCase(
        "compensation/not-compensable",
        "y",
        thrown('activityRef="v"', HANDLED + BESIDE),
        thrown('activityRef="x"', HANDLED + BESIDE),
    ),
    RuleCase(
        "compensation/not-visible",
        "y",
        thrown(
            'activityRef="x2"', SUB.format(OUTER.replace('"x"', '"x2"')) + flow("x", "sub") + flow("sub", "e")
        ).replace("x_ie", "x2_ie"),
        thrown('activityRef="sub"', SUB.format(OUTER.replace('"x"', '"x2"')) + flow("x", "sub") + flow("sub", "e")),
    ),
    RuleCase(
        "compensation/not-visible",
        "he",
        around(SUB.format(OUTER + EVENT_SUB.format("v")), "sub") + BESIDE.replace('"x"', '"sub"').replace("x_v", "s_v"),
        around(SUB.format(OUTER + EVENT_SUB.format("x")), "sub"),
    ),
    # sequence flows
    RuleCase(
        "flows/twice",
        "f",
        around('<task id="x"/>') + flow("s", "x", id="f"),
        choice(flow("x", "a", "c"), flow("x", "a", "d", id="f"), flow("x", "b"), attributes='default="x_b"'),
    ),
    RuleCase(
        "flows/default-never",
        "x",
        around('<task id="x" default="x_e"/>') + '<task id="y"/>' + flow("x", "y") + flow("y", "e"),
        around('<task id="x" default="x_e"/>') + '<task id="y"/>' + flow("x", "y", "c") + flow("y", "e"),
    ),
    RuleCase(
        "flows/no-default",
        "x",
        f'{START}<task id="x"/><endEvent id="e"/>{flow("s", "x")}{flow("x", "e", "c")}',
        around('<task id="x"/>') + '<task id="y"/>' + flow("x", "y", "c") + flow("y", "e"),
    ),
    RuleCase(
        "flows/crosses-pool",
        "f",
        around('<task id="x"/>') + flow("x", "qe", id="f"),
        around('<task id="x"/>'),
        f'<process id="q" isExecutable="true"><startEvent id="qs"/><endEvent id="qe"/>{flow("qs", "qe")}</process>',
    ),
    RuleCase(
        "flows/dead-end", "x", f'{START}<task id="x"/><endEvent id="e"/>{flow("s", "x")}{flow("s", "e")}', undone()
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule(case: RuleCase) -> None:
    holds(case)


def test_links_and_compensation_handlers_are_no_dead_ends() -> None:
    for body in (PAIR, undone(), around('<task id="x"/>') + EVENT_SUB.format("x").replace(COMPENSATION, MESSAGE)):
        assert [found.element for found in examined(body) if found.rule == "flows/dead-end"] == []


def test_an_event_subprocess_without_an_id_does_not_confuse_what_lies_around_what() -> None:
    body = thrown('activityRef="x"', HANDLED) + EVENT_SUB.format("x").replace('id="h" ', "")
    assert {"structure/no-id"} <= {found.rule for found in examined(body)}
