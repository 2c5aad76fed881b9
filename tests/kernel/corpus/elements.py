"""Scenarios of the elements that the second format brought: event subprocesses, signals, joins, loops, compensation."""

from __future__ import annotations

from tests.kernel.bpmn import flow
from tests.kernel.corpus.scenario import Scenario, Script
from tests.kernel.driver import Run
from tests.kernel.elements.compensating import (
    CANCEL_END,
    asking,
    event_sub,
    handled,
    logged,
    process,
    row,
    script,
    sub,
    tasks,
    throw,
    transaction,
)

_ROOTS = '<signal id="go" name="go"/><message id="m" name="RATING"/><dataStore id="book" name="book"/>'
_S, _E = '<startEvent id="s"/>', '<endEvent id="e"/>'
_GO = '<signalEventDefinition signalRef="go"/>'
_CATCH = f'<intermediateCatchEvent id="c">{_GO}</intermediateCatchEvent>'
_HOUR = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
_BOTH = 'parallelMultiple="true"'
_EACH = '<multiInstanceLoopCharacteristics camunda:collection="rows" camunda:elementVariable="one"/>'


def _when(variable: str) -> str:
    return f"<conditionalEventDefinition><condition>{variable} &gt; 5</condition></conditionalEventDefinition>"


def _scenario(body: str, before: tuple[Script, ...], after: tuple[Script, ...], **variables: object) -> Scenario:
    return Scenario((process(body, root=_ROOTS),), {"log": [], **variables}, before, after)


def _done(*elements: str, **variables: object) -> tuple[Script, ...]:
    """The tasks are completed one after the other."""

    def one(element: str) -> Script:
        return lambda r: r.complete(element, **variables)

    return tuple(one(element) for element in elements)


def _go(r: Run) -> None:
    r.signal("go", told=1)


_HANDLER = event_sub("h", _GO, tasks("ht"), "ht", 'isInterrupting="false"')
_WATCHED = _S + tasks("x") + _HANDLER + row("s", "x")
_CONDITION = f'<boundaryEvent id="b" attachedToRef="x" cancelActivity="false">{_when("n")}</boundaryEvent>'
_CONDITIONAL = (
    _S + '<parallelGateway id="f"/>' + tasks("x", "set", "set2", "y") + _CONDITION + flow("b", "y") + row("s", "f", "x")
) + row("f", "set", "set2")
_INCLUSIVE = (
    (_S + '<inclusiveGateway id="f"/><inclusiveGateway id="j"/>' + tasks("a", "b", "c", "x"))
    + row("s", "f", "a", "j", "x")
    + (flow("f", "b", "n = 1") + flow("f", "c", "n = 2") + flow("b", "j") + flow("c", "j"))
)
_COMPLEX = (
    _S
    + '<parallelGateway id="f"/><complexGateway id="j">'
    + "<activationCondition>activationCount &gt;= 2</activationCondition></complexGateway>"
    + tasks("a", "b", "c", "x")
    + row("s", "f", "a", "j", "x")
    + row("f", "b", "j")
    + row("f", "c", "j")
)
_LOOP = "<standardLoopCharacteristics><loopCondition>n &lt; 3</loopCondition></standardLoopCharacteristics>"
_ROUNDS = _S + sub("x", _LOOP + '<startEvent id="is"/>' + tasks("i") + row("is", "i")) + row("s", "x")
_UNDONE = (
    _S
    + sub("x", '<startEvent id="is"/>' + logged("a") + handled(tasks("b"), "b", asking("b")) + row("is", "a", "b"))
    + handled(f'<userTask id="c">{_EACH}</userTask>', "c", script("undo_c", "log", "append(log, one)"))
    + tasks("y")
    + throw("t")
    + row("s", "x", "c", "y", "t")
).replace('<scriptTask id="undo_c"', '<scriptTask isForCompensation="true" id="undo_c"')
_CANCELLED = (
    _S
    + transaction(
        "x",
        '<startEvent id="is"/>'
        + logged("a")
        + handled(tasks("b"), "b", asking("b"))
        + CANCEL_END
        + row("is", "a", "b", "cancel"),
    )
    + row("s", "x")
)  # fmt: skip - one element per line
_ADHOC = (
    '<adHocSubProcess id="x" ordering="Sequential">'
    + tasks("a", "b", "c")
    + "<completionCondition>n &gt; 1</completionCondition></adHocSubProcess>"
)
_TWO = f'<intermediateCatchEvent id="x" {_BOTH}>{_GO}<messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
_STORED = (
    '<dataStoreReference id="ref" dataStoreRef="book"/>'
    '<userTask id="x"><ioSpecification><dataOutput id="o" name="entry"/><inputSet/><outputSet>'
    "<dataOutputRefs>o</dataOutputRefs></outputSet></ioSpecification><dataOutputAssociation><sourceRef>o</sourceRef>"
    "<targetRef>ref</targetRef></dataOutputAssociation></userTask>"
    '<userTask id="y"><ioSpecification><dataInput id="i" name="entry"/><inputSet><dataInputRefs>i</dataInputRefs>'
    "</inputSet><outputSet/></ioSpecification><dataInputAssociation><sourceRef>ref</sourceRef><targetRef>i</targetRef>"
    "</dataInputAssociation></userTask>"
)

ELEMENTS: dict[str, Scenario] = {
    "event-subprocess-waiting": _scenario(_WATCHED, (), (_go, _go, *_done("ht", "x", "ht"))),
    "event-subprocess-running": _scenario(_WATCHED, (_go,), (*_done("x"), _go, *_done("ht", "ht"))),
    "event-subprocess-interrupting": _scenario(
        _S + tasks("x") + event_sub("h", _HOUR, tasks("ht"), "ht") + row("s", "x"),
        (lambda r: r.fire("h_s"),),
        _done("ht"),
    ),
    "signals": _scenario(
        _S
        + '<parallelGateway id="f"/>'
        + sub(
            "w", f'<startEvent id="ws"/><intermediateCatchEvent id="c">{_GO}</intermediateCatchEvent>' + row("ws", "c")
        )
        + tasks("x", "y")
        + f'<intermediateThrowEvent id="t">{_GO}</intermediateThrowEvent>'
        + row("s", "f", "w")
        + row("f", "x", "t", "y"),
        (),
        _done("x", "y"),
    ),
    "condition-false": _scenario(_CONDITIONAL, (), (*_done("set", n=6), *_done("set2", n=7), *_done("x", "y")), n=1),
    "condition-true": _scenario(_CONDITIONAL, _done("set", n=6), (*_done("set2", n=7), *_done("x", "y")), n=1),
    "inclusive-waiting": _scenario(_INCLUSIVE, _done("b"), _done("a", "x"), n=1),
    "complex-waiting": _scenario(_COMPLEX, _done("b"), _done("a", "c", "x")),
    "complex-reset": _scenario(_COMPLEX, _done("b", "c"), _done("x", "a")),
    "loop-round": _scenario(_ROUNDS, _done("i", n=1), (*_done("i", n=2), *_done("i", n=3)), n=0),
    "compensation-records": _scenario(_UNDONE, _done("a", "b", "c", "c"), _done("y", "undo_b"), rows=[1, 2], amount=3),
    "compensation-running": _scenario(_UNDONE, _done("a", "b", "c", "c", "y"), _done("undo_b"), rows=[1, 2], amount=3),
    "compensation-beside": _scenario(
        _S + handled(tasks("a"), "a", asking("a")) + throw("t", wait="false") + tasks("x") + row("s", "a", "t", "x"),
        _done("a"),
        _done("x", "undo_a"),
    ),
    "transaction-cancelling": _scenario(_CANCELLED, _done("a", "b"), _done("undo_b", "cancelled")),
    "ad-hoc-sequential": _scenario(_S + _ADHOC + row("s", "x"), _done("a"), (*_done("b"), *_done("c", n=2)), n=0),
    "parallel-multiple": _scenario(_S + _TWO + _E + row("s", "x", "e"), (_go,), (lambda r: r.deliver("x", grade="A"),)),
    "async-before": _scenario(
        _S + '<userTask id="x" camunda:asyncBefore="true"/>' + row("s", "x"), (), (lambda r: r.fire("x"), *_done("x"))
    ),
    "async-after": _scenario(
        _S + '<userTask id="x" camunda:asyncAfter="true"/>' + tasks("y") + row("s", "x", "y"),
        _done("x"),
        (lambda r: r.fire("x"), *_done("y")),
    ),
    "data-store": _scenario(
        _S + _STORED + row("s", "x", "y"), _done("x", entry="AA"), _done("y", note="read"), entry="none"
    ),
}
