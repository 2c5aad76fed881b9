"""The deployment check: data, lanes, pools, message flows and what refers to something."""

from __future__ import annotations

import pytest

from tests.kernel.bpmn import around, flow
from tests.kernel.cases import INNER, MESSAGE, START, TASK
from tests.kernel.rule_cases import RuleCase, holds

OTHER = (
    '<process id="q" isExecutable="false"><startEvent id="qs"/><task id="qt"/><intermediateThrowEvent id="qn"/>'
    f'<exclusiveGateway id="qg"/><boundaryEvent id="qb" attachedToRef="qt">{MESSAGE}</boundaryEvent>'
    f'<endEvent id="qe"/><endEvent id="qm">{MESSAGE}</endEvent></process>'
)
POOLS = '<participant id="pp" processRef="p"/><participant id="pq" processRef="q"/><participant id="box" name="Bank"/>'
BODY = (
    around('<receiveTask id="x" messageRef="m"/>')
    + f'<startEvent id="ms">{MESSAGE}</startEvent>{flow("ms", "x")}<task id="pt"/>{flow("x", "pt")}'
    + f'<intermediateThrowEvent id="mt">{MESSAGE}</intermediateThrowEvent>{flow("pt", "mt")}{flow("mt", "e")}'
    + '<textAnnotation id="note"/>'
)


def pools(*message_flows: tuple[str, str], participants: str = POOLS, more: str = "", after: str = "") -> str:
    flows = "".join(
        f'<messageFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}" {more}/>'
        for source, target in message_flows
    )
    return f'{OTHER}<collaboration id="co">{participants}{flows}{after}</collaboration>'


LEGAL = pools(
    *[("box", "x"), ("box", "ms"), ("mt", "box"), ("mt", "qt"), ("qm", "ms"), ("qt", "x"), ("qt", "s")],
    *[("mt", "qb"), ("pp", "pq"), ("box", "pp"), ("pt", "pq"), ("mt", "qs")],
)


def flowing(rule: str, source: str, target: str) -> RuleCase:
    """A message flow that breaks a rule, against all those that are legal."""
    return RuleCase(rule, f"{source}_{target}", BODY, BODY, pools((source, target)), LEGAL)


def pooled(rule: str, element: str, broken: str, legal: str = LEGAL) -> RuleCase:
    return RuleCase(rule, element, BODY, BODY, broken, legal)


def lanes(*sets: str) -> str:
    return "".join(f'<laneSet id="ls{at}">{lane}</laneSet>' for at, lane in enumerate(sets)) + around(TASK)


def associated(inside: str, data: str = '<dataObject id="d"/><dataObjectReference id="r" dataObjectRef="d"/>') -> str:
    return data + around(f'<task id="x">{inside}</task>')


PROPERTY = '<property id="pr" name="read"/>'
READS = "<dataInputAssociation id='in'><sourceRef>{}</sourceRef><targetRef>pr</targetRef></dataInputAssociation>"
WRITES = "<dataOutputAssociation id='out'><targetRef>{}</targetRef></dataOutputAssociation>"
IN_LANE = "<flowNodeRef>x</flowNodeRef>"
SPECIFICATION = (
    '<ioSpecification id="io"><dataInput id="i"/><dataOutput id="o"/>'
    '<inputSet id="ins"><dataInputRefs>{}</dataInputRefs>'
    '</inputSet><outputSet id="outs"><dataOutputRefs>{}</dataOutputRefs></outputSet></ioSpecification>'
)
INNER_DATA = (
    f'<subProcess id="sub">{INNER}<dataObject id="d"/><dataObjectReference id="r" dataObjectRef="d"/></subProcess>'
)
SEVERAL = (
    "<dataInputAssociation id='in'><sourceRef>r</sourceRef><sourceRef>r2</sourceRef><targetRef>pr</targetRef>{}"
    "</dataInputAssociation>"
)
TWO_OBJECTS = (
    '<dataObject id="d"/><dataObjectReference id="r" dataObjectRef="d"/>'
    '<dataObjectReference id="r2" dataObjectRef="d"/>'
)
INTERFACE = (
    '<interface id="if" name="I"><operation id="op" name="O"><inMessageRef>{}</inMessageRef></operation></interface>'
)
CASES = [
    # message flows
    flowing("messages/source", "s", "qt"),
    flowing("messages/source", "ms", "qt"),
    flowing("messages/source", "e", "qt"),
    flowing("messages/source", "qg", "x"),
    flowing("messages/source", "qb", "x"),
    flowing("messages/source", "qn", "x"),
    flowing("messages/target", "box", "e"),
    flowing("messages/target", "box", "mt"),
    flowing("messages/target", "box", "qg"),
    flowing("messages/target", "box", "note"),
    flowing("messages/same-pool", "mt", "x"),
    flowing("messages/same-pool", "mt", "pp"),
    flowing("messages/same-pool", "box", "box"),
    flowing("messages/direction", "x", "qt"),
    flowing("references/dangling", "box", "zz"),
    pooled(
        "references/dangling",
        "box_x",
        pools(("box", "x"), more='messageRef="zz"'),
        pools(("box", "x"), more='messageRef="m"'),
    ),
    # pools
    pooled("pools/same-process", "p2", pools(participants=POOLS + '<participant id="p2" processRef="p"/>')),
    pooled("pools/dangling", "p2", pools(participants=POOLS + '<participant id="p2" processRef="zz"/>')),
    pooled(
        "pools/multiplicity",
        "p2",
        pools(
            participants=POOLS + '<participant id="p2"><participantMultiplicity minimum="3" maximum="2"/></participant>'
        ),
        pools(
            participants=POOLS + '<participant id="p2"><participantMultiplicity minimum="2" maximum="3"/></participant>'
        ),
    ),
    # lanes
    RuleCase(
        "references/two-lanes",
        "l2",
        lanes(f'<lane id="l1">{IN_LANE}</lane><lane id="l2">{IN_LANE}</lane>'),
        lanes(f'<lane id="l1">{IN_LANE}<childLaneSet id="c"><lane id="l2">{IN_LANE}</lane></childLaneSet></lane>'),
    ),
    RuleCase(
        "lanes/two-sets",
        "l2",
        lanes(f'<lane id="l1">{IN_LANE}</lane>', f'<lane id="l2">{IN_LANE}</lane>'),
        lanes(f'<lane id="l1">{IN_LANE}</lane>', '<lane id="l2"/>'),
    ),
    RuleCase(
        "lanes/dangling",
        "l1",
        lanes('<lane id="l1"><flowNodeRef>zz</flowNodeRef></lane>'),
        lanes(f'<lane id="l1">{IN_LANE}</lane>'),
    ),
    # data
    RuleCase(
        "references/dangling", "in", associated(PROPERTY + READS.format("zz")), associated(PROPERTY + READS.format("r"))
    ),
    RuleCase("references/dangling", "out", associated(WRITES.format("zz")), associated(WRITES.format("r"))),
    RuleCase("data/association-end", "out", associated(WRITES.format("s")), associated(WRITES.format("d"))),
    RuleCase(
        "data/association-end",
        "out",
        associated(SPECIFICATION.format("i", "o") + WRITES.format("i")),
        associated(SPECIFICATION.format("i", "o") + WRITES.format("r")),
    ),
    RuleCase(
        "data/not-visible",
        "out",
        associated(WRITES.format("r"), INNER_DATA) + flow("s", "sub") + flow("sub", "e"),
        f'<dataObject id="d"/>{START}{flow("s", "sub")}'
        f'<subProcess id="sub"><task id="x">{WRITES.format("d")}</task></subProcess>',
    ),
    RuleCase(
        "data/several-sources",
        "in",
        associated(PROPERTY + SEVERAL.format(""), TWO_OBJECTS),
        associated(PROPERTY + SEVERAL.format("<transformation>1</transformation>"), TWO_OBJECTS),
    ),
    RuleCase("data/no-object", "r", associated("", '<dataObjectReference id="r"/>'), associated("")),
    RuleCase(
        "references/dangling", "r", associated("", '<dataObjectReference id="r" dataObjectRef="zz"/>'), associated("")
    ),
    RuleCase(
        "references/dangling",
        "r",
        associated("", '<dataStoreReference id="r" dataStoreRef="zz"/>'),
        associated("", '<dataStoreReference id="r"/><dataStoreReference id="r2" dataStoreRef="store"/>'),
        '<dataStore id="store" name="S"/>',
    ),
    RuleCase(
        "references/dangling",
        "ins",
        associated(SPECIFICATION.format("o", "o")),
        associated(SPECIFICATION.format("i", "o")),
    ),
    RuleCase(
        "data/in-no-set", "o", associated(SPECIFICATION.format("i", "i")), associated(SPECIFICATION.format("i", "o"))
    ),
    RuleCase(
        "data/subprocess-io",
        "io",
        around(f'<subProcess id="x">{SPECIFICATION.format("i", "o")}{INNER}</subProcess>'),
        associated(SPECIFICATION.format("i", "o")),
    ),
    # references
    RuleCase(
        "references/item",
        "d",
        associated("", '<dataObject id="d" itemSubjectRef="zz"/>'),
        associated("", '<dataObject id="d" itemSubjectRef="it"/><dataObject id="d2" itemSubjectRef="xsi:string"/>'),
        '<itemDefinition id="it"/>',
    ),
    pooled(
        "references/dangling",
        "co",
        pools(("box", "x"), after='<conversation id="cv"><participantRef>zz</participantRef></conversation>').replace(
            ' id="cv"', ""
        ),
        pools(("box", "x"), after='<conversation id="cv"><participantRef>box</participantRef></conversation>'),
    ),
    RuleCase("references/dangling", "op", BODY, BODY, INTERFACE.format("zz"), INTERFACE.format("m")),
    RuleCase(
        "references/dangling",
        "x",
        around('<receiveTask id="x" messageRef="m" operationRef="zz"/>'),
        around('<receiveTask id="x" messageRef="m" operationRef="op"/>'),
        INTERFACE.format("m"),
    ),
    RuleCase(
        "references/association",
        "as",
        around(TASK) + '<association id="as" sourceRef="x" targetRef="zz"/>',
        around(TASK) + '<textAnnotation id="n"/><association id="as" sourceRef="x" targetRef="n"/>',
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_rule(case: RuleCase) -> None:
    holds(case)
