"""The deployment check: paths, joins, loops, conditions and duties. One small model per rule, and the sound twin."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings

from engine.kernel.check import Severity, check
from tests.kernel.bpmn import flow, model, props
from tests.kernel.cases import ROOTS, findings
from tests.kernel.random.terms import TERMS, Term, numbered
from tests.kernel.random.writer import Writer

S, E = '<startEvent id="s"/>', '<endEvent id="e"/>'
TIMER_START = (
    '<startEvent id="s"><timerEventDefinition><timeCycle>R/PT1H</timeCycle></timerEventDefinition></startEvent>'
)
ENDLESS = '<task id="a"/><task id="b"/>'
HARMLESS = {"execution/no-sla", "execution/no-form", "execution/no-role"}


def flows(text: str) -> str:
    """``a>b`` is a flow, ``a>b?x`` one with a condition; in a row, separated by blanks."""
    made = []
    for part in text.split():
        ends, _, condition = part.partition("?")
        source, target = ends.split(">")
        made.append(flow(source, target, condition.replace("_", " ")))
    return "".join(made)


def tasks(*ids: str, tag: str = "userTask") -> str:
    return "".join(f'<{tag} id="{id}"/>' for id in ids)


def gateway(id: str, kind: str = "exclusive", default: str = "") -> str:
    return f'<{kind}Gateway id="{id}" {f"""default="{id}_{default}" """ if default else ""}/>'


def split_and_join(split: str, join: str, *, conditions: bool, after: str = "c") -> str:
    """Two tasks between two gateways, then a task."""
    ways = "f>a?x=1 f>b" if conditions and split == "exclusive" else "f>a?x=1 f>b?y=1" if conditions else "f>a f>b"
    default = "b" if conditions and split == "exclusive" else ""
    body = S + E + gateway("f", split, default) + gateway("j", join) + tasks("a", "b", "c")
    return body + flows(f"s>f {ways} a>j b>j " + (f"j>{after} {after}>e" if after == "c" else "j>e c>e"))


def fixed(id: str, who: str, excludes: str = "", attribute: str = "assignee") -> str:
    return f'<userTask id="{id}" camunda:{attribute}="{who}">{props(excludes=excludes) if excludes else ""}</userTask>'


def script(id: str, variable: str, text: str) -> str:
    return f'<scriptTask id="{id}" camunda:resultVariable="{variable}"><script>{text}</script></scriptTask>'


def items(key: str) -> str:
    """A multi-instance subprocess whose items wait for a message."""
    wait = f'<receiveTask id="r" messageRef="m">{props(correlationKey=key) if key else ""}</receiveTask>'
    loop = '<multiInstanceLoopCharacteristics camunda:collection="orders" camunda:elementVariable="order"/>'
    inner = f'<startEvent id="is"/>{wait}<endEvent id="ie"/>{flows("is>r r>ie")}'
    return f'{S}{E}<subProcess id="x">{loop}{inner}</subProcess>{flows("s>x x>e")}'


def boundary(id: str, host: str, event: str, attributes: str = "") -> str:
    return f'<boundaryEvent id="{id}" attachedToRef="{host}" {attributes}>{event}</boundaryEvent>'


TIMEOUT = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"

WRONG: dict[str, tuple[str, str, str, Severity]] = {
    "no flow leads there": (
        S + E + tasks("a") + flows("s>e a>e"),
        "execution/unreachable",
        "a",
        Severity.ERROR,
    ),
    "only each other leads there": (
        S + E + tasks("a", "b") + flows("s>e a>b b>a"),
        "execution/unreachable",
        "b",
        Severity.ERROR,
    ),
    "unreachable inside a subprocess": (
        S + E + f'<subProcess id="x"><startEvent id="is"/><endEvent id="ie"/>{tasks("a")}{flows("is>ie a>ie")}'
        + f"</subProcess>{flows('s>x x>e')}",
        "execution/unreachable",
        "a",
        Severity.ERROR,
    ),
    "loop without a way out": (S + ENDLESS + flows("s>a a>b b>a"), "execution/endless-loop", "a", Severity.ERROR),
    "task that follows itself": (S + tasks("a", tag="task") + flows("s>a a>a"), "execution/endless-loop", "a",
                                 Severity.ERROR),
    "loop without a way out that waits": (
        S + tasks("a", "b") + flows("s>a a>b b>a"),
        "execution/no-end",
        "a",
        Severity.WARNING,
    ),
    "loop in which nothing changes": (
        S + E + gateway("w") + gateway("x", default="e") + tasks("a", tag="task") + flows("s>w w>a a>x x>w?n=1 x>e"),
        "execution/idle-loop",
        "w",
        Severity.WARNING,
    ),
    "exclusive split, parallel join": (
        split_and_join("exclusive", "parallel", conditions=True),
        "execution/join-never",
        "j",
        Severity.ERROR,
    ),
    "events, parallel join": (
        S + E + gateway("g", "eventBased") + gateway("j", "parallel")
        + f'<intermediateCatchEvent id="t">{TIMEOUT}</intermediateCatchEvent>'
        + '<receiveTask id="r" messageRef="m"/>' + flows("s>g g>t g>r t>j r>j j>e"),
        "execution/join-never",
        "j",
        Severity.ERROR,
    ),
    "a task or its timeout, joined": (
        S + E + gateway("j", "parallel") + tasks("a") + boundary("t", "a", TIMEOUT) + flows("s>a a>j t>j j>e"),
        "execution/join-never",
        "j",
        Severity.ERROR,
    ),
    "two start events, joined": (
        f'{S}<startEvent id="s2"><messageEventDefinition messageRef="m"/></startEvent>{E}{gateway("j", "parallel")}'
        + flows("s>j s2>j j>e"),
        "execution/join-never",
        "j",
        Severity.ERROR,
    ),
    "one branch may end before the join": (
        S + E + gateway("f", "parallel") + gateway("q", default="e") + gateway("j", "parallel") + tasks("a", "b")
        + flows("s>f f>q f>b q>a?x=1 q>e a>j b>j j>e"),
        "execution/join-may-wait",
        "j",
        Severity.WARNING,
    ),
    "inclusive split, parallel join": (
        split_and_join("inclusive", "parallel", conditions=True),
        "execution/join-may-wait",
        "j",
        Severity.WARNING,
    ),
    "parallel split, exclusive merge": (
        split_and_join("parallel", "exclusive", conditions=False),
        "execution/unsynchronised",
        "j",
        Severity.WARNING,
    ),
    "two flows out of a task, merged in a task": (
        S + E + tasks("a", "b", "c", "d") + flows("s>a a>b a>c b>d c>d d>e"),
        "execution/unsynchronised",
        "d",
        Severity.WARNING,
    ),
    "condition false": (
        S + E + gateway("x", default="e") + tasks("a") + flows("s>x x>a?false x>e a>e"),
        "execution/never-taken",
        "x_a",
        Severity.WARNING,
    ),
    "condition true before the others": (
        S + E + gateway("x", default="e") + tasks("a", "b") + flows("s>x x>a?true x>b?y=1 x>e a>e b>e"),
        "execution/never-taken",
        "x_b",
        Severity.WARNING,
    ),
    "default beside a condition that is always true": (
        S + E + gateway("x", default="e") + tasks("a") + flows("s>x x>a?true x>e a>e"),
        "execution/never-taken",
        "x_e",
        Severity.WARNING,
    ),
    "same condition twice": (
        S + E + gateway("x", default="e") + tasks("a", "b") + flows("s>x x>a?y=1 x>b?y=1 x>e a>e b>e"),
        "execution/same-condition",
        "x_b",
        Severity.WARNING,
    ),
    "variable before it is written": (
        TIMER_START + E + script("a", "x", "y + 1") + script("b", "y", "2") + flows("s>a a>b b>e"),
        "execution/unknown-variable",
        "a",
        Severity.WARNING,
    ),
    "variable counted up from nothing": (
        TIMER_START + E + script("a", "count", "count + 1") + flows("s>a a>e"),
        "execution/unknown-variable",
        "a",
        Severity.WARNING,
    ),
    "variable misspelt": (
        S + E + script("a", "amount", "1") + script("b", "y", "amont * 2") + flows("s>a a>b b>e"),
        "execution/unknown-variable",
        "b",
        Severity.WARNING,
    ),
    "condition with another case": (
        S + E + script("a", "customerId", "1") + gateway("x", default="e") + tasks("b")
        + flows("s>a a>x x>b?customerID=1 x>e b>e"),
        "execution/unknown-variable",
        "x_b",
        Severity.WARNING,
    ),
    "one person for both tasks": (
        S + E + fixed("a", "ann") + fixed("b", "ann", "a") + flows("s>a a>b b>e"),
        "execution/duties",
        "b",
        Severity.ERROR,
    ),
    "one person for both branches": (
        S + E + gateway("f", "parallel") + gateway("j", "parallel") + fixed("a", "ann") + fixed("b", "ann", "a")
        + flows("s>f f>a f>b a>j b>j j>e"),
        "execution/duties",
        "b",
        Severity.ERROR,
    ),
    "two people for three tasks": (
        S + E + fixed("a", "ann,bob", attribute="candidateUsers")
        + fixed("b", "ann,bob", "a", attribute="candidateUsers")
        + fixed("c", "ann,bob", "a, b", attribute="candidateUsers") + flows("s>a a>b b>c c>e"),
        "execution/duties",
        "c",
        Severity.ERROR,
    ),
    "items without a key": (items(""), "execution/same-key", "r", Severity.WARNING),
    "items under one key": (items("=caseNo"), "execution/same-key", "r", Severity.WARNING),
}  # fmt: skip

SOUND: dict[str, str] = {
    "parallel block": split_and_join("parallel", "parallel", conditions=False),
    "exclusive block": split_and_join("exclusive", "exclusive", conditions=True),
    "inclusive block": split_and_join("inclusive", "inclusive", conditions=True),
    "parallel branches that meet in the end event": S + E + gateway("f", "parallel") + tasks("a", "b")
    + flows("s>f f>a f>b a>e b>e"),
    "loop with a way out": S + E + gateway("w") + tasks("a") + gateway("x", default="e")
    + flows("s>w w>a a>x x>w?again=1 x>e"),
    "loop of scripts with a way out": S + E + script("n", "count", "0") + gateway("w") + script("a", "count", "count+1")
    + gateway("x", default="e") + flows("s>n n>w w>a a>x x>w?count=2 x>e"),
    "parallel block in a loop": S + E + gateway("w") + gateway("f", "parallel") + gateway("j", "parallel")
    + tasks("a", "b") + gateway("x", default="e") + flows("s>w w>f f>a f>b a>j b>j j>x x>w?again=1 x>e"),
    "reminders that meet": S + E + tasks("a", "b") + boundary("t", "a", TIMEOUT, 'cancelActivity="false"')
    + boundary("u", "a", TIMEOUT, 'cancelActivity="false"') + flows("s>a a>e t>b u>b"),
    "a task or its timeout, merged": S + E + gateway("j") + tasks("a", "c") + boundary("t", "a", TIMEOUT)
    + flows("s>a a>j t>j j>c c>e"),
    "process without start event": tasks("a", "b") + gateway("j", "parallel") + flows("a>j b>j"),
    "event subprocess": f'{S}{E}{flows("s>e")}<subProcess id="x" triggeredByEvent="true"><startEvent id="is">{TIMEOUT}'
    f'</startEvent><endEvent id="ie"/>{flows("is>ie")}</subProcess>',
    "link": f'{S}{E}<intermediateThrowEvent id="t"><linkEventDefinition name="L"/></intermediateThrowEvent>'
    f'<intermediateCatchEvent id="c"><linkEventDefinition name="L"/></intermediateCatchEvent>{flows("s>t c>e")}',
    "compensation handler": f'{S}{E}{tasks("a")}<task id="undo" isForCompensation="true"/>'
    + boundary("b", "a", "<compensateEventDefinition/>")
    + flows("s>a a>e") + '<association id="as" sourceRef="b" targetRef="undo" associationDirection="One"/>',
    "ad-hoc subprocess": f'{S}{E}<adHocSubProcess id="x">{tasks("a", "b")}</adHocSubProcess>{flows("s>x x>e")}',
    "endless loop that a timer ends": f'{S}{E}<subProcess id="x"><startEvent id="is"/>{tasks("a")}{flows("is>a a>a")}'
    f"</subProcess>{boundary('t', 'x', TIMEOUT)}{flows('s>x x>e t>e')}",
    "inclusive gateway with the same condition twice": S + E + gateway("x", "inclusive") + gateway("j", "inclusive")
    + tasks("a", "b") + flows("s>x x>a?y=1 x>b?y=1 a>j b>j j>e"),
    "two people": S + E + fixed("a", "ann") + fixed("b", "bob", "a") + flows("s>a a>b b>e"),
    "exclusion of a task that comes later": S + E + fixed("a", "ann", "b") + fixed("b", "ann") + flows("s>a a>b b>e"),
    "alternatives": S + E + gateway("f", default="b") + gateway("j") + fixed("a", "ann") + fixed("b", "ann", "a")
    + flows("s>f f>a?x=1 f>b a>j b>j j>e"),
    "enough people for three tasks": S + E + fixed("a", "ann,bob", attribute="candidateUsers")
    + fixed("b", "ann,bob", "a", attribute="candidateUsers")
    + fixed("c", "ann,cy", "a, b", attribute="candidateUsers") + flows("s>a a>b b>c c>e"),
    "items with keys of their own": items("=order.id"),
    "variables that the start may bring": S + E + script("a", "x", "price * 2") + flows("s>a a>e"),
    "variables that the task before may write": TIMER_START + E + tasks("a") + script("b", "x", "price")
    + flows("s>a a>b b>e"),
    "names that differ on purpose": S + E + script("a", "items", "[1]") + script("b", "item", "minAmount + maxAmount")
    + script("c", "rate1", "rate2 + payer + payee + approver") + script("d", "approved", "item1 + item")
    + flows("s>a a>b b>c c>d d>e"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_found(case: str) -> None:
    body, rule, element, severity = WRONG[case]
    found = [each for each in findings(body) if each.rule.startswith("execution/") and each.rule not in HARMLESS]
    assert (rule, element, severity) in [(each.rule, each.element, each.severity) for each in found]
    assert all(each.line > 3 and each.column > 0 and each.message and each.advice for each in found)


@pytest.mark.parametrize("case", SOUND)
def test_nothing_to_say(case: str) -> None:
    found = findings(SOUND[case])
    said = [each for each in found if each.rule.startswith("execution/") and each.rule not in HARMLESS]
    assert not said, [str(each) for each in said]
    assert not [str(each) for each in found if each.severity is Severity.ERROR], "the twin is a model that can run"


def test_what_was_probably_meant_is_named() -> None:
    body = S + E + script("a", "amount", "1") + script("b", "y", "amont * 2") + flows("s>a a>b b>e")
    (found,) = [each for each in findings(body) if each.rule == "execution/unknown-variable"]
    assert found.message == "the script reads 'amont', which nothing in the process writes"
    assert found.advice == "did you mean 'amount'?"


@settings(max_examples=60, deadline=None, database=None, derandomize=True)
@given(TERMS)
def test_models_made_of_blocks_are_sound(term: Term) -> None:
    writer = Writer(numbered(term))
    for xml in (writer.root, *writer.called):
        found = [each for each in check(xml, file="random.bpmn") if each.rule.startswith("execution/")]
        harmless = HARMLESS | {"execution/same-key"}  # their messages are correlated by the business key alone
        assert {each.rule for each in found} <= harmless, [str(each) for each in found]


def test_wide_and_long_models_are_checked_in_seconds() -> None:
    wide = S + E + gateway("f", "parallel") + gateway("j", "parallel") + flows("s>f j>e")
    for n in range(40):
        wide += gateway(f"x{n}", default=f"a{n}") + gateway(f"m{n}") + tasks(f"a{n}", f"b{n}")
        wide += flows(f"f>x{n} x{n}>a{n} x{n}>b{n}?z=1 a{n}>m{n} b{n}>m{n} m{n}>j")
    long = S + E + "".join(script(f"a{n}", f"v{n}", f"v{n - 1} + 1" if n else "1") for n in range(1_500))
    long += flows(" ".join(["s>a0", *(f"a{n}>a{n + 1}" for n in range(1_499)), "a1499>e"]))
    began = time.perf_counter()
    for body in (wide, long):
        assert not [each for each in check(model(body, root=ROOTS), file="big.bpmn") if each.severity is Severity.ERROR]
    assert time.perf_counter() - began < 20
