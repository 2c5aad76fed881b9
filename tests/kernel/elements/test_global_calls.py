"""Global tasks called by call activities that are repeated, many, guarded (BPMN 2.0.2, 10.3.6)."""

from __future__ import annotations

from typing import Any

import pytest

from engine.kernel import effects as e
from tests.kernel.bpmn import model
from tests.kernel.driver import Decision, Deployed, Run, of
from tests.kernel.elements.parts import ROOTS, boundary, end, error, flows, items, rounds, start, timer, user

DATA = '<extensionElements><camunda:in source="n" target="n"/><camunda:out source="n" target="n"/></extensionElements>'
PERSON = '<globalUserTask id="g" name="Ask"/>'
SCRIPT = '<globalScriptTask id="g" camunda:resultVariable="n"><script>n + 1</script></globalScriptTask>'
RULE = '<globalBusinessRuleTask id="g" camunda:decisionRef="d" camunda:resultVariable="n"/>'


def ran(task: str, *more: str, inside: str = "", **variables: Any) -> Run:
    """A call activity ``x`` of the global task between start and end."""
    body = start() + f'<callActivity id="x" calledElement="g">{DATA}{inside}</callActivity>' + end()
    deployed = Deployed()
    deployed.decisions["d"] = Decision("d:1", lambda found: found["amount"])
    ref = deployed.deploy(model(body + flows("s > x > e") + "".join(more), root=ROOTS + task))
    return Run(deployed).start(ref, variables)


def test_a_person_works_on_it_in_an_instance_of_its_own() -> None:
    r = ran(PERSON, n=1)
    (called,) = r.open.calls
    assert (r.tasks, r.task("g").instance, r.task("g").name) == (["g"], called, "Ask")
    r.complete("g", n=5, other=6)
    assert (r.ended, r.variables()) == ("completed", {"n": 5})
    assert of(e.CallEnded, r.log)


def test_a_script_and_one_without_work() -> None:
    assert ran(SCRIPT, n=1).variables() == {"n": 2}
    assert ran('<globalTask id="g"/>', n=1).variables() == {"n": 1}
    assert ran('<globalManualTask id="g"/>', n=1).variables() == {"n": 1}


@pytest.mark.parametrize(("loop", "n"), [(rounds(3), 4), (items(3), 2), (items(3, sequential=True), 4)])
def test_repeated_and_many(loop: str, n: int) -> None:
    r = ran(SCRIPT, inside=loop, n=1)
    assert r.ended == "completed"
    called = [one for one in r.log if isinstance(one, e.CallStarted)]
    assert len(called) == 3
    assert r.variables() == {"n": n}, "parallel ones all began with what there was"


def test_what_guards_the_call_ends_the_task() -> None:
    r = ran(PERSON, boundary("b", "x", timer()), user("late"), flows("b > late"), n=1)
    r.fire("b")
    assert (r.tasks, r.open.calls) == (["late"], {})
    r = ran(PERSON, boundary("b", "x", error("E")), user("late"), flows("b > late"), n=1)
    r.error("g", "E")
    assert (r.tasks, r.open.calls) == (["late"], {})


def test_a_decision_is_taken() -> None:
    given = DATA.replace("</extensionElements>", '<camunda:in source="n" target="amount"/></extensionElements>')
    deployed = Deployed()
    deployed.decisions["d"] = Decision("d:1", lambda found: found["amount"])
    body = start() + f'<callActivity id="x" calledElement="g">{given}</callActivity>' + end() + flows("s > x > e")
    r = Run(deployed).start(deployed.deploy(model(body, root=RULE)), {"n": 7})
    assert (r.ended, r.variables()) == ("completed", {"n": 7})
