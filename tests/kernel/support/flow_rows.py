"""Sequence flow, gateways and starts."""

from __future__ import annotations

from tests.kernel.bpmn import flow
from tests.kernel.support.pieces import HOUR, MESSAGE, E, S, catch, end, line, script, user
from tests.kernel.support.rows import Row, Spiff

_T = "tests/kernel/"
_BRANCHES = user("a") + user("b") + E

FLOW_ROWS = (
    Row(
        "process",
        "Each executable one (`isExecutable` is not false) is deployed under its id.",
        "10.2, 13.2",
        _T + "test_compile.py",
        S + user("x") + E + line("s", "x", "e"),
        (("complete", "x"),),
        ("s", "x", "e"),
        spiff=Spiff.RUNS,
    ),
    Row(
        "process (without start event)",
        "Begins at every element that nothing leads to.",
        "13.2",
        _T + "elements/test_starts.py",
        user("a") + user("b") + end("ea") + end("eb") + line("a", "ea") + line("b", "eb"),
        (("complete", "b"), ("complete", "a")),
        ("b", "eb", "a", "ea"),
    ),
    Row(
        "sequenceFlow",
        "Carries one token; several flows into an activity or event without a gateway bring one token each.",
        "7.6.1, 8.4.13, 13.3.1",
        _T + "elements/test_flow.py",
        S + '<task id="x"/><task id="y"/>' + user("z") + E + line("s", "x", "z", "e") + line("s", "y", "z"),
        (("complete", "z"), ("complete", "z")),
        ("s", "x", "y", "z", "e", "z", "e"),
    ),
    Row(
        "conditionExpression",
        "Out of an activity every flow whose condition is true is taken, and every flow without one; the `default` "
        "flow when no condition is true.",
        "8.4.13, 13.3.1",
        _T + "elements/test_flow.py",
        S
        + '<task id="x" default="x_b"/>'
        + _BRANCHES
        + line("s", "x", "b", "e")
        + flow("x", "a", "amount &gt; 5")
        + flow("a", "e"),
        (("complete", "a"),),
        ("s", "x", "a", "e"),
        start={"amount": 6},
    ),
    Row(
        "startQuantity, completionQuantity",
        "An activity begins when so many tokens have come, and puts out so many on each flow.",
        "10.3, 13.3.2",
        _T + "elements/test_flow.py",
        S + '<task id="x" completionQuantity="3"/><task id="y" startQuantity="3"/>' + E + line("s", "x", "y", "e"),
        (),
        ("s", "x", "y", "e"),
    ),
    Row(
        "exclusiveGateway",
        "The first flow in the order of the file whose condition is true, else the `default`; without either the token "
        "stops with an incident.",
        "10.6.2, 13.4.2",
        _T + "test_gateways.py",
        S
        + '<exclusiveGateway id="g" default="g_b"/>'
        + _BRANCHES
        + line("s", "g", "b", "e")
        + flow("g", "a", "amount &gt; 5")
        + flow("a", "e"),
        (("complete", "a"),),
        ("s", "g", "a", "e"),
        start={"amount": 6},
        spiff=Spiff.RUNS,
    ),
    Row(
        "parallelGateway",
        "Takes all flows; joins one token of each incoming flow, and leaves further ones for the next round.",
        "10.6.4, 13.4.1",
        _T + "test_gateways.py",
        S
        + '<parallelGateway id="f"/><parallelGateway id="j"/>'
        + _BRANCHES
        + line("s", "f", "a", "j", "e")
        + line("f", "b", "j"),
        (("complete", "b"), ("complete", "a")),
        ("s", "f", "b", "a", "j", "e"),
        spiff=Spiff.RUNS,
    ),
    Row(
        "inclusiveGateway",
        "Takes every flow whose condition is true, else the `default`; joins when no token can come any more by a flow "
        "that has none, unless it may as well come by one that has.",
        "10.6.3, 13.4.3",
        _T + "elements/test_inclusive.py",
        S
        + '<inclusiveGateway id="f" default="f_c"/><inclusiveGateway id="j"/>'
        + _BRANCHES
        + user("c")
        + line("s", "f", "c", "j", "e")
        + flow("f", "a", "amount &gt; 1")
        + flow("f", "b", "amount &gt; 2")
        + line("a", "j")
        + line("b", "j"),
        (("complete", "b"), ("complete", "a")),
        ("s", "f", "b", "a", "j", "e"),
        start={"amount": 3},
    ),
    Row(
        "complexGateway",
        "Goes on when `activationCondition` is true (it may read `activationCount` and the incoming flows' ids), then "
        "takes in the tokens still to come and is reset; conditions may read `waitingForStart`. A flow without "
        "condition is taken at the start only.",
        "10.6.5, 13.4.5",
        _T + "elements/test_complex.py",
        S + '<parallelGateway id="f"/><complexGateway id="j"><activationCondition>activationCount &gt;= 1'
        "</activationCondition></complexGateway>" + _BRANCHES + line("s", "f", "a", "j", "e") + line("f", "b", "j"),
        (("complete", "b"), ("complete", "a")),
        ("s", "f", "b", "j", "e", "a", "j"),
    ),
    Row(
        "eventBasedGateway",
        "Waits for the first of the events behind it: message, timer, signal, condition, receive task.",
        "10.6.6, 13.4.4",
        _T + "test_gateways.py",
        S
        + '<eventBasedGateway id="g"/>'
        + catch("m1", MESSAGE)
        + catch("t1", HOUR)
        + E
        + line("s", "g", "m1", "e")
        + line("g", "t1", "e"),
        (("deliver", "m1"),),
        ("s", "g", "m1", "e"),
    ),
    Row(
        "eventBasedGateway (instantiate)",
        "The first event behind it begins an instance; with `eventGatewayType` Parallel the instance then waits for "
        "the others too.",
        "10.6.6, 13.4.4",
        _T + "elements/test_starts.py",
        '<eventBasedGateway id="g" instantiate="true" eventGatewayType="Parallel"/>'
        + catch("m1", MESSAGE)
        + catch("n1", '<messageEventDefinition messageRef="n"/>')
        + '<parallelGateway id="j"/>'
        + E
        + line("g", "m1", "j", "e")
        + line("g", "n1", "j"),
        (("start", "m1"), ("deliver", "n1")),
        ("g", "m1", "n1", "j", "e"),
    ),
    Row(
        "receiveTask (instantiate)",
        "Its message begins an instance.",
        "10.3.3, 13.3.3",
        _T + "elements/test_starts.py",
        '<receiveTask id="r" instantiate="true" messageRef="m"/>' + user("x") + E + line("r", "x", "e"),
        (("start", "r"), ("complete", "x")),
        ("r", "x", "e"),
    ),
    Row(
        "laneSet, childLaneSet, lane, flowNodeRef",
        "The innermost lane is the role of what lies in it, also of what lies in its subprocesses.",
        "10.8",
        _T + "test_compile.py",
        '<laneSet id="ls"><lane id="l" name="RM"><flowNodeRef>x</flowNodeRef></lane></laneSet>'
        + S
        + user("x")
        + E
        + line("s", "x", "e"),
        (("complete", "x"),),
        ("s", "x", "e"),
        spiff=Spiff.RUNS,
    ),
    Row(
        "scriptTask, script",
        "FEEL in `script`. Its value goes to `resultVariable`; without one it is a context whose entries become "
        "variables.",
        "10.3.3, 13.3.3",
        _T + "test_tasks.py",
        S + script("x", "n", "amount + 1") + E + line("s", "x", "e"),
        (),
        ("s", "x", "e"),
        start={"amount": 1},
        variables={"amount": 1, "n": 2},
        spiff=Spiff.RUNS,
    ),
)
