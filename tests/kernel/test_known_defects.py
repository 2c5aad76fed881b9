"""What SpiffWorkflow's runtime was measured to get wrong and these elements touch; each has a test on our machine.

Tested where the element is: an undefined variable in a condition, several flows from a task (``test_gateways``), a
finished task completed again, Decimal in data, payloads of thrown messages (``test_tasks``), unquoted timers, a missed
cycle, a script's error at a boundary event (``test_events``), lanes in called processes, interrupting a subprocess
(``test_subprocess_and_call``), long loops and straight lines (``test_flatness``).
"""

from __future__ import annotations

import pytest

from engine.kernel import NotWaiting, State, advance
from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import around, extended, flow, model
from tests.kernel.driver import START, Deployed, Run, run
from tests.kernel.test_flatness import on_a_small_stack, shape

PARALLEL = (
    '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><userTask id="b"/><userTask id="c"/>'
    + flow("s", "f")
    + flow("f", "a")
    + flow("f", "b")
    + flow("f", "c")
)


def test_history_is_immutable_and_siblings_share_nothing_by_accident() -> None:
    data = {"list": [1], "nested": {"x": 1}}
    r = run(model(PARALLEL), {"data": data})
    started = next(one for one in r.log if isinstance(one, e.VariablesWritten))
    data["list"].append(2)
    seen = r.variables()["data"]
    assert seen == {"list": [1], "nested": {"x": 1}}
    seen["nested"]["x"] = 99
    r.complete("a", other=[seen["list"]])
    assert r.variables()["data"] == {"list": [1], "nested": {"x": 1}}
    assert started.values == {"data": {"list": [1], "nested": {"x": 1}}}


def test_branches_do_not_overwrite_newer_values_with_stale_copies() -> None:
    r = run(model(PARALLEL), {"a": 0, "b": 0})
    r.complete("a", a=1)
    r.complete("b", b=1)
    assert r.variables() == {"a": 1, "b": 1}
    r.complete("c", a=2)
    assert r.variables() == {"a": 2, "b": 1}


def test_a_task_that_is_not_reached_yet_cannot_be_completed() -> None:
    r = run(model(around('<userTask id="x"/>')))
    for handle in ("1:4", "1:99", "1:2", "2:1", "1", "1:", "1:x", "x:3", "1.1:3", "1:-3", "1:٣"):
        with pytest.raises(NotWaiting):
            r.send(s.CompleteTask(handle))


def test_catch_events_behind_an_event_gateway_keep_their_own_definitions() -> None:
    timers = "".join(
        f'<intermediateCatchEvent id="t{hours}"><timerEventDefinition><timeDuration>PT{hours}H</timeDuration>'
        f'</timerEventDefinition></intermediateCatchEvent><userTask id="u{hours}"/>'
        + flow("g", f"t{hours}")
        + flow(f"t{hours}", f"u{hours}")
        for hours in (1, 2)
    )
    r = run(model('<startEvent id="s"/><eventBasedGateway id="g"/>' + flow("s", "g") + timers))
    assert (r.timer("t2").due - r.timer("t1").due).total_seconds() == 3600
    r.fire("t2")
    assert r.tasks == ["u2"]


def test_a_loop_of_timers_and_calls_does_not_stall() -> None:
    called = model(around('<userTask id="x"/>'), process='id="child" isExecutable="true"')
    data = extended('<camunda:out source="n" target="n"/>')
    body = (
        '<startEvent id="s"/><exclusiveGateway id="in"/><intermediateCatchEvent id="t"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></intermediateCatchEvent>"
        f'<callActivity id="c" calledElement="child">{data}</callActivity>'
        + flow("s", "in")
        + flow("in", "t")
        + flow("t", "c")
        + flow("c", "in")
    )

    def work() -> None:
        deployed = Deployed(called)
        r = Run(deployed, checks=False).start(deployed.deploy(model(body)))
        shapes = set()
        for n in range(1_000):
            r.fire("t")
            r.complete("x", n=n)
            r.log.clear()
            shapes.add(shape(r).replace("-", ""))
        assert len({len(one) for one in list(shapes)[1:]}) <= 2
        assert r.variables() == {"n": 999}
        assert list(r.store.scopes) == ["1"]

    on_a_small_stack(work)


def test_what_fails_outside_the_model_leaves_everything_as_it_was() -> None:
    class Broken(Deployed):
        def decision(self, *args: object) -> None:
            raise RuntimeError("the disk is full")

    deployed = Broken()
    body = (
        '<startEvent id="s"/><userTask id="x"/>'
        '<businessRuleTask id="d" camunda:decisionRef="D" camunda:resultVariable="r"/>'
        + flow("s", "x")
        + flow("x", "d")
    )
    ref = deployed.deploy(model(body))
    before = advance(deployed, State.new(), s.Start(ref), START).state
    text = before.snapshot()
    with pytest.raises(RuntimeError, match="disk"):
        advance(deployed, before, s.CompleteTask("1:3", {"a": 1}), START)
    assert before.snapshot() == text
