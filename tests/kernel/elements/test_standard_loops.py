"""Standard loops on every kind of activity (BPMN 2.0.2, 10.3.8 and 13.3.6)."""

from __future__ import annotations

import pytest

from tests.kernel.driver import Decision, Deployed, Run
from tests.kernel.elements.parts import (
    boundary,
    call,
    end,
    error,
    flows,
    items,
    message,
    process,
    script,
    service,
    start,
    started,
    sub,
    timer,
    took,
    user,
    within,
)


def loop(condition: str = "", *, before: bool = False, most: int | None = None) -> str:
    asked = f"<loopCondition>{condition.replace('<', '&lt;')}</loopCondition>" if condition else ""
    maximum = "" if most is None else f'loopMaximum="{most}"'
    return (
        f'<standardLoopCharacteristics testBefore="{str(before).lower()}" {maximum}>{asked}'
        "</standardLoopCharacteristics>"
    )


def looped(activity: str, characteristics: str, **options: object) -> Run:
    """A start event, the activity ``x`` with that loop, an end event."""
    called = options.pop("called", None)
    assert called is None or isinstance(called, bytes)
    body = (start(), within(activity, characteristics), end(), flows("s > x > e"))
    return started(*body, called=called, **options)  # type: ignore[arg-type]  # the rest are variables


COUNT = script("x", "n", "n + 1")


@pytest.mark.parametrize(
    ("before", "condition", "most", "rounds"),
    [
        (False, "n < 3", None, 3),
        (True, "n < 3", None, 3),
        (False, "false", None, 1),
        (True, "false", None, 0),
        (False, "true", 4, 4),
        (True, "true", 4, 4),
        (False, "", 2, 2),
        (False, "n < 3", 2, 2),
        (False, "n < 3", 9, 3),
        (True, "n < 3", 2, 2),
        (False, "loopCounter < 5", None, 5),
        (True, "loopCounter < 5", None, 5),
        (False, "loopCounter < 1", None, 1),
    ],
)
def test_rounds(before: bool, condition: str, most: int | None, rounds: int) -> None:
    r = looped(COUNT, loop(condition, before=before, most=most), n=0)
    assert (r.ended, r.variables()["n"]) == ("completed", rounds)
    assert len(took(r, "x")) == rounds + 1, "each round is a step, and the activity itself"


def test_the_counter_of_the_rounds_before_is_visible_inside() -> None:
    r = looped(script("x", "seen", "append(seen, loopCounter)"), loop(most=4), seen=[])
    assert r.variables() == {"seen": [0, 1, 2, 3]}


def test_a_condition_that_fails_is_an_incident_of_the_round() -> None:
    r = looped(user("x"), loop("again"))
    r.complete("x")
    assert r.failure("x").code == "UNKNOWN_VARIABLE"
    r.retry("x", again=True)
    assert r.tasks == ["x"]
    r.complete("x", again=None)
    assert r.failure("x").code == "CONDITION_NOT_BOOLEAN"
    r.retry("x", again=False)
    assert r.ended == "completed"


def test_a_condition_before_the_first_round_that_fails() -> None:
    r = looped(user("x"), loop("again", before=True))
    assert (r.tasks, r.failure("x").code) == ([], "UNKNOWN_VARIABLE")
    r.retry("x", again=True)
    assert r.tasks == ["x"]


INSIDE = start("is") + user("i", "k") + end("ie") + flows("is > i > k > ie")
WAITING = {
    "userTask": user("x"),
    "serviceTask": service("x"),
    "receiveTask": '<receiveTask id="x" messageRef="message_M"/>',
    "subProcess": sub("x", INSIDE),
    "callActivity": call("x"),
    "adHocSubProcess": '<adHocSubProcess id="x"><userTask id="i"/></adHocSubProcess>',
    "transaction": f'<transaction id="x">{INSIDE}</transaction>',
}


def one_round(r: Run, kind: str, **variables: object) -> None:
    match kind:
        case "userTask":
            r.complete("x", **variables)
        case "serviceTask":
            r.done("x", **variables)
        case "receiveTask":
            r.deliver("x", **variables)
        case "adHocSubProcess":
            r.complete("i", **variables)
        case _:
            r.complete("i")
            r.complete("k", **variables)


@pytest.mark.parametrize("kind", WAITING)
def test_every_kind_of_activity_can_be_repeated(kind: str) -> None:
    r = looped(WAITING[kind], loop("n < 3"), n=0, called=process(INSIDE, id="q"))
    sizes = set()
    for n in (1, 2, 3):
        assert r.ended is None
        sizes.add(len(r.store.scopes))
        one_round(r, kind, n=n)
    assert len(sizes) == 1, "a round that is over leaves nothing behind"
    assert (r.ended, r.variables()) == ("completed", {"n": 3})


@pytest.mark.parametrize("kind", ["task", "manualTask", "sendTask", "businessRuleTask"])
def test_what_does_not_wait_can_be_repeated(kind: str) -> None:
    attribute = {
        "sendTask": 'messageRef="message_M"',
        "businessRuleTask": 'camunda:decisionRef="d" camunda:resultVariable="amount"',
    }.get(kind, "")
    deployed = Deployed()
    deployed.decisions["d"] = Decision("d:1", lambda variables: variables["amount"] + 1)  # type: ignore[operator]  # a number
    body = (start(), within(f'<{kind} id="x" {attribute}/>', loop(most=3)), end(), flows("s > x > e"))
    r = Run(deployed).start(deployed.deploy(process(*body)), {"amount": 0})
    assert r.ended == "completed"
    assert len(took(r, "x")) == 4
    assert r.variables()["amount"] == (3 if kind == "businessRuleTask" else 0)


def test_a_timer_at_the_boundary_waits_once_for_all_rounds() -> None:
    body = (
        start(), within(user("x"), loop(most=3)), boundary("b", "x", timer()), boundary("c", "x", timer("PT2H"),
        interrupting=False), user("late", "reminded"), end(),
        flows("s > x > e", "b > late", "c > reminded"),
    )  # fmt: skip
    r = started(*body)
    waits = sorted(one.wait for one in r.open.timers.values())
    r.complete("x")
    assert sorted(one.wait for one in r.open.timers.values()) == waits
    r.fire("c")
    assert r.tasks == ["x", "reminded"]
    r.complete("x")
    assert [one.element for one in r.open.timers.values()] == ["b"]
    r.fire("b")
    assert r.tasks == ["reminded", "late"], "the loop is over in the middle of its last round"


def test_an_error_in_a_round_leaves_the_loop() -> None:
    r = started(
        start(), within(service("x"), loop(most=9)), boundary("b", "x", error("E")), user("late"), end(),
        flows("s > x > e", "b > late"),
    )  # fmt: skip
    r.done("x")
    r.error("x", "E")
    assert (r.tasks, list(r.store.scopes)) == (["late"], ["1"])


def test_a_message_that_interrupts_a_repeated_subprocess() -> None:
    r = started(
        start(), within(sub("x", INSIDE), loop(most=9)), boundary("b", "x", message()), user("late"), end(),
        flows("s > x > e", "b > late"),
    )  # fmt: skip
    r.complete("i")
    r.complete("k")
    r.complete("i")
    r.deliver("b")
    assert (r.tasks, list(r.store.scopes)) == (["late"], ["1"])


@pytest.mark.parametrize("sequential", [False, True])
def test_a_loop_inside_each_item(sequential: bool) -> None:
    inner = within(script("i", "seen", "append(seen, [outer, loopCounter])"), loop(most=2))
    keep = script("k", "outer", "loopCounter")
    body = sub("x", '<dataObject id="outer"/>', start("is"), keep, inner, end("ie"), flows("is > k > i > ie"))
    r = looped(body, items(3, sequential=sequential), seen=[])
    pairs = [[item, turn] for item in range(3) for turn in range(2)]
    seen = r.variables()["seen"]
    assert isinstance(seen, list)
    assert sorted(seen) == pairs
    assert r.ended == "completed"


def test_items_inside_each_round() -> None:
    inner = within(script("i", "seen", "append(seen, loopCounter)"), items(2))
    r = looped(sub("x", start("is"), inner, end("ie"), flows("is > i > ie")), loop("count(seen) < 6"), seen=[])
    assert r.variables() == {"seen": [0, 1, 0, 1, 0, 1]}


def test_loops_in_loops_count_each_for_themselves() -> None:
    inner = within(script("i", "seen", "append(seen, loopCounter)"), loop(most=2))
    after = script("k", "outer", "append(outer, loopCounter)")
    r = looped(
        sub("x", start("is"), inner, after, end("ie"), flows("is > i > k > ie")), loop(most=2), seen=[], outer=[]
    )
    assert r.variables() == {"seen": [0, 1, 0, 1], "outer": [0, 1]}


def test_a_loop_with_mapped_data() -> None:
    data = (
        '<extensionElements><camunda:inputOutput><camunda:inputParameter name="half">=n / 2</camunda:inputParameter>'
        '<camunda:outputParameter name="n">=half + loopCounter</camunda:outputParameter></camunda:inputOutput>'
        "</extensionElements>"
    )
    task = f'<scriptTask id="x" camunda:resultVariable="got">{data}{loop(most=3)}<script>half</script></scriptTask>'
    r = started(start(), task, end(), flows("s > x > e"), n=8)
    # 8 -> 4 + 0 -> 2 + 1 -> 1.5 + 2
    assert str(r.variables()["n"]) == "3.5"


def test_an_endless_loop_ends_with_an_incident() -> None:
    r = looped(script("x", "n", "1"), loop("true"))
    assert r.failure("x").code == "LOOP_LIMIT"
    assert r.ended is None
