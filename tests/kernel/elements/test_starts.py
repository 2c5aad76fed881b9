"""How instances begin: start events, none at all, receive tasks and gateways that instantiate (BPMN 2.0.2, 13.2)."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from engine.kernel import NoSuchStart
from engine.kernel.starting import triggers
from tests.kernel.bpmn import extended, flow, model
from tests.kernel.driver import Deployed, Run, run
from tests.kernel.elements.parts import (
    ROOTS,
    catch,
    end,
    flows,
    gateway,
    handled,
    message,
    process,
    signal,
    start,
    started,
    sub,
    timer,
    user,
)


def begun(model: bytes, *, variables: dict[str, object] | None = None, anyway: bool = False, **options: Any) -> Run:
    """As `run`, with the options of `stimuli.Start`."""
    deployed = Deployed()
    return Run(deployed).start(deployed.deploy(model, anyway=anyway), variables, **options)


# Start events

SEVERAL = process(
    start("plain"), start("told", message()), start("early", timer("PT1H")),
    '<startEvent id="many">' + signal("S") + signal("T") + "</startEvent>",
    user("a", "b", "c", "d"), flows("plain > a", "told > b", "early > c", "many > d"),
)  # fmt: skip


@pytest.mark.parametrize(("event", "task"), [(None, "a"), ("plain", "a"), ("told", "b"), ("early", "c"), ("many", "d")])
def test_an_instance_begins_at_one_start_event_only(event: str | None, task: str) -> None:
    r = begun(SEVERAL) if event is None else begun(SEVERAL, event=event)
    assert r.tasks == [task]
    assert (r.open.timers, r.open.messages, r.open.signals) == ({}, {}, {})
    r.complete(task)
    assert r.ended == "completed"


@pytest.mark.parametrize("options", [{"event": "a"}, {"event": "none"}, {"event": "many", "part": 2}, {"event": "1"}])
def test_nothing_else_starts_an_instance(options: dict[str, Any]) -> None:
    with pytest.raises(NoSuchStart):
        begun(SEVERAL, **options)


def test_a_process_that_only_events_start_has_no_plain_start() -> None:
    only = process(start("told", message()), user("b"), flows("told > b"))
    with pytest.raises(NoSuchStart):
        begun(only)
    assert begun(only, event="told").tasks == ["b"]


def test_the_triggers_of_a_process_are_listed_with_their_parts() -> None:
    deployed = Deployed()
    definition = deployed.get(deployed.deploy(SEVERAL))
    found = [(one.node.id, one.part) for one in triggers(definition)]
    assert found == [("told", 0), ("early", 0), ("many", 0), ("many", 1)]


def test_a_start_event_of_a_subprocess_is_none_of_the_process() -> None:
    inside = start("inner") + user("i") + flows("inner > i")
    with pytest.raises(NoSuchStart):
        begun(process(start(), sub("x", inside), flows("s > x")), event="inner")


# Without start events


def test_without_a_start_event_all_that_nothing_leads_to_begins() -> None:
    timed = catch("wait", timer())
    r = started(user("a"), "<task id='pass'/>", gateway("split"), user("b", "c", "d"), timed,
                flows("a > d", "pass > d", "split > b", "split > c", "wait > d"))  # fmt: skip
    assert r.tasks == ["a", "d", "b", "c"], "the plain task has led to d"
    assert [one.element for one in r.open.timers.values()] == ["wait"]
    for task in ("a", "b", "c", "d"):
        r.complete(task)
    assert r.ended is None
    r.fire("wait")
    r.complete("d")
    r.complete("d")
    assert r.ended == "completed"


def test_what_waits_beside_the_flow_does_not_begin_by_itself() -> None:
    """Not compensation handlers, event subprocesses, boundary events, nor the target of a link."""
    undo = (
        '<boundaryEvent id="b" attachedToRef="a"><compensateEventDefinition/></boundaryEvent>'
        '<userTask id="undo" isForCompensation="true"/>'
    )
    undoes = '<association id="as" sourceRef="b" targetRef="undo" associationDirection="One"/>'
    there = '<intermediateThrowEvent id="go"><linkEventDefinition name="L"/></intermediateThrowEvent>'
    here = '<intermediateCatchEvent id="come"><linkEventDefinition name="L"/></intermediateCatchEvent>'
    r = started(user("a", "k"), undo, there, here, handled("h", signal()), flows("a > go", "come > k"), undoes)
    assert r.tasks == ["a"]
    assert len(r.open.signals) == 1
    r.complete("a")
    assert r.tasks == ["k"]


def test_a_subprocess_without_start_event() -> None:
    r = started(start(), sub("x", user("a", "b"), end("ie"), flows("a > ie", "b > ie")), user("k"), flows("s > x > k"))
    assert r.tasks == ["a", "b"]
    r.complete("b")
    assert r.tasks == ["a"]
    r.complete("a")
    assert r.tasks == ["k"]


def test_a_called_process_without_start_event() -> None:
    called = process(user("a", "b"), id="q")
    r = started(start(), '<callActivity id="x" calledElement="q"/>', user("k"), flows("s > x > k"), called=called)
    r.complete("a")
    r.complete("b")
    assert r.tasks == ["k"]


# Receive tasks and event-based gateways that instantiate

RECEIVE = process(
    '<receiveTask id="r" instantiate="true" messageRef="message_M"/>', user("a"), end(), flows("r > a > e")
)


def test_an_instantiating_receive_task_begins_as_received() -> None:
    r = begun(RECEIVE, event="r", variables={"n": 1})
    assert (r.tasks, r.open.messages, r.variables()) == (["a"], {}, {"n": 1})
    assert r.path() == ["r"]


def test_an_instantiating_receive_task_is_no_plain_start() -> None:
    with pytest.raises(NoSuchStart):
        begun(RECEIVE)


def race(kind: str) -> bytes:
    return process(
        f'<eventBasedGateway id="g" instantiate="true" {kind}/>',
        catch("m", message("M")), catch("n", message("N")), user("a", "b"), end(),
        flows("g > m > a > e", "g > n > b > e"), handled("h", signal(), interrupting=False),
    )  # fmt: skip


EXCLUSIVE = race('eventGatewayType="Exclusive"')
PARALLEL = race('eventGatewayType="Parallel"')


@pytest.mark.parametrize(("event", "task"), [("m", "a"), ("n", "b")])
def test_an_exclusive_instantiating_gateway_goes_with_the_event_that_came(event: str, task: str) -> None:
    r = begun(EXCLUSIVE, event=event, variables={"n": 1})
    assert (r.tasks, r.open.messages) == ([task], {})
    assert r.path() == ["g", event]
    assert len(r.open.signals) == 1, "event subprocesses wait from the beginning"
    r.complete(task)
    assert r.ended == "completed"


@pytest.mark.parametrize(("first", "second"), [("m", "n"), ("n", "m")])
def test_a_parallel_instantiating_gateway_waits_for_the_other_events_too(first: str, second: str) -> None:
    after = {"m": "a", "n": "b"}
    r = begun(PARALLEL, event=first)
    assert r.tasks == [after[first]]
    assert [one.element for one in r.open.messages.values()] == [second]
    r.complete(after[first])
    assert r.ended is None, "all events must come before the instance can end"
    r.deliver(second)
    r.complete(after[second])
    assert r.ended == "completed"


def test_the_gateway_itself_starts_nothing() -> None:
    with pytest.raises(NoSuchStart):
        begun(EXCLUSIVE, event="g")
    with pytest.raises(NoSuchStart):
        begun(EXCLUSIVE)


# Ids

NAMES = ["s", "start", "Root", "root", "__init__", "self", "before", "reset", "None", "a.b", "a.b-c", "a_b", "_1",
         "_1.2", "ROOT", "gateway", "nodes", "任务", "čaj", "x1", "x10", "x100"]  # fmt: skip


def line(names: list[str]) -> str:
    body = "".join(f'<userTask id="{name}"/>' for name in names)
    return body + "".join(flow(a, b, id=f"f-{a}.{b}") for a, b in pairwise(names))


def test_ids_mean_nothing_but_themselves() -> None:
    r = run(model(line(NAMES), process='id="Root.1-start" isExecutable="true"'))
    for name in NAMES:
        assert r.tasks == [name]
        r.complete(name)
    assert r.ended == "completed"


@pytest.mark.parametrize("key", ["p", "Process", "End", "Start", "Root", "__init__", "任务-1.2", "_1"])
def test_process_ids_may_be_anything_also_of_what_is_called(key: str) -> None:
    called = model(line(["x", "y"]), process=f'id="{key}" isExecutable="true"')
    body = start() + f'<callActivity id="{key}_" calledElement="{key}"/>' + flow("s", f"{key}_")
    r = run(model(body, process='id="caller" isExecutable="true"'), None, called)
    r.complete("x")
    r.complete("y")
    assert r.ended == "completed"


FLOWS = ["before", "after", "reset", "beside", "0", "None"]


@pytest.mark.parametrize("kind", ["parallel", "inclusive", "complex"])
def test_flows_into_a_join_may_have_the_names_of_anything(kind: str) -> None:
    """What a token remembers of its way to a join is never taken for something else."""
    names = [f"_{id}" if id[0].isdigit() else id for id in FLOWS]
    condition = "<activationCondition>activationCount &gt;= 6</activationCondition>" if kind == "complex" else ""
    join = f'<{kind}Gateway id="j">{condition}</{kind}Gateway>'
    body = start() + user(*(f"t{n}" for n in range(6)), "k") + join
    body += "".join(flow("s", f"t{n}") + flow(f"t{n}", "j", id=id) for n, id in enumerate(names)) + flow("j", "k")
    r = run(model(body))
    for n in range(6):
        assert "k" not in r.tasks
        r.complete(f"t{n}")
    assert r.tasks == ["k"]
    r.complete("k")
    assert r.ended == "completed"


@pytest.mark.parametrize("name", ["before", "after", "reset", "loopCounter", "items", "1"])
def test_variables_may_have_the_names_of_anything(name: str) -> None:
    data = extended(f'<camunda:inputOutput><camunda:inputParameter name="k">={name}</camunda:inputParameter>'
                    f'<camunda:outputParameter name="{name}">=k + 1</camunda:outputParameter>'
                    "</camunda:inputOutput>")  # fmt: skip
    if name == "1":
        r = started(start(), user("x"), flows("s > x"))
        r.complete("x", **{"1": 2, "": 3, "a b": 4})
        assert (r.ended, r.variables()) == ("completed", {"1": 2, "": 3, "a b": 4})
        return
    r = run(model(start() + f'<userTask id="x">{data}</userTask>' + flows("s > x"), root=ROOTS), {name: 1})
    r.complete("x")
    assert (r.ended, r.variables()[name]) == ("completed", 2)
