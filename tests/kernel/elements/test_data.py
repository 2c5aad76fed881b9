"""Data objects, properties, inputs and outputs, associations (BPMN 2.0.2, 10.4)."""

from __future__ import annotations

import pytest

from tests.kernel.driver import Deployed, Run
from tests.kernel.elements.parts import (
    boundary,
    call,
    catch,
    end,
    flows,
    items,
    message,
    process,
    rounds,
    script,
    start,
    started,
    sub,
    user,
    within,
)


def specification(inputs: str = "", outputs: str = "") -> str:
    """``ioSpecification`` with inputs and outputs by id; each has a name that is the id without ``_``."""
    named = [*(("dataInput", id) for id in inputs.split()), *(("dataOutput", id) for id in outputs.split())]
    data = "".join(f'<{tag} id="{id}" name="{id.strip("_")}"/>' for tag, id in named)
    into = "".join(f"<dataInputRefs>{id}</dataInputRefs>" for id in inputs.split())
    out = "".join(f"<dataOutputRefs>{id}</dataOutputRefs>" for id in outputs.split())
    return f"<ioSpecification>{data}<inputSet>{into}</inputSet><outputSet>{out}</outputSet></ioSpecification>"


def into(source: str, target: str, more: str = "") -> str:
    ref = f"<sourceRef>{source}</sourceRef>" if source else ""
    return f"<dataInputAssociation>{ref}<targetRef>{target}</targetRef>{more}</dataInputAssociation>"


def out(source: str, target: str, more: str = "") -> str:
    ref = f"<sourceRef>{source}</sourceRef>" if source else ""
    return f"<dataOutputAssociation>{ref}<targetRef>{target}</targetRef>{more}</dataOutputAssociation>"


def assign(source: str, target: str) -> str:
    return f"<assignment><from>{source}</from><to>{target}</to></assignment>"


def transform(text: str) -> str:
    return f"<transformation>{text}</transformation>"


def task(tag: str, *inside: str, text: str = "", attributes: str = "") -> str:
    body = f"<script>{text}</script>" if text else ""
    return f'<{tag} id="x" {attributes}>{"".join(inside)}{body}</{tag}>'


def ran(activity: str, *more: str, called: bytes | None = None, **variables: object) -> Run:
    """The activity ``x`` alone between start and end."""
    body = (start(), activity, end(), flows("s > x > e"), *more)
    return started(*body, called=called, **variables)  # type: ignore[arg-type]  # the rest are variables


def named(result: str) -> str:
    return f'camunda:resultVariable="{result}"'


SCRIPT = named("result")

# Data objects


def test_a_data_object_is_a_variable_of_its_process_that_is_null_until_written() -> None:
    r = ran(script("x", "seen", "order = null"), '<dataObject id="order"/>')
    assert r.variables() == {"seen": True}
    r = ran(script("x", "order", "1"), '<dataObject id="order"/>')
    assert r.variables() == {"order": 1}


@pytest.mark.parametrize(
    "objects",
    [
        '<dataObject id="order"/>',
        '<dataObject id="d1" name="order"/>',
        '<dataObject id="d1"/><dataObjectReference id="order" name="order" dataObjectRef="d1"/>',
        '<dataObject id="d1" name="order"/><dataObjectReference id="ref" name="Some words" dataObjectRef="d1"/>',
        '<dataObjectReference id="ref" name="order" dataObjectRef="d1"/><dataObject id="d1"/>',
    ],
)
def test_the_name_of_a_data_object_is_its_own_or_that_of_its_reference_or_its_id(objects: str) -> None:
    assert ran(script("x", "seen", "order = null"), objects).variables() == {"seen": True}


def test_two_references_are_one_object() -> None:
    objects = (
        '<dataObject id="d" name="order"/><dataObjectReference id="r1" name="order [new]" dataObjectRef="d"/>'
        '<dataObjectReference id="r2" name="order [done]" dataObjectRef="d"/>'
    )
    first = task("scriptTask", specification("", "one"), out("one", "r1"), text="1", attributes=named("one"))
    second = task("scriptTask", specification("", "two"), out("two", "r2"), text="order + 1", attributes=named("two"))
    second = second.replace('id="x"', 'id="y"')
    r = started(start(), first, second, end(), flows("s > x > y > e"), objects)
    assert r.variables() == {"order": 2}


LOCAL = '<dataObject id="note"/>'


def test_a_data_object_of_a_subprocess_lives_there() -> None:
    inner = sub("x", LOCAL, start("is"), script("i", "note", '"in"'), user("u"), flows("is > i > u"))
    r = ran(inner, note="out")
    scope = r.state.token(r.task("u").token)
    assert scope is not None
    assert r.variables(scope.scope) == {"note": "in"}
    assert r.variables() == {"note": "out"}
    r.complete("u", note="again", other=1)
    assert r.variables() == {"note": "out", "other": 1}


def test_it_hides_a_variable_of_the_same_name_also_before_it_is_written() -> None:
    inner = sub("x", LOCAL, start("is"), script("i", "seen", "note = null"), end("ie"), flows("is > i > ie"))
    assert ran(inner, note="out").variables() == {"note": "out", "seen": True}


def test_what_is_handed_on_as_a_whole_is_what_is_seen() -> None:
    called = process(start("cs"), user("u"), flows("cs > u"), id="q")
    r = ran(sub("x", LOCAL, start("is"), call("i"), end("ie"), flows("is > i > ie")), called=called, note="out", a=1)
    assert r.variables(next(iter(r.open.calls))) == {"a": 1}


@pytest.mark.parametrize("wrapped", [items(3), items(3, sequential=True), rounds(3)])
def test_each_run_of_a_subprocess_has_its_own(wrapped: str) -> None:
    seen = script("i", "seen", "append(seen, note)")
    inner = sub("x", LOCAL, start("is"), seen, script("w", "note", "loopCounter"), user("u"), flows("is > i > w > u"))
    r = ran(within(inner, wrapped), seen=[])
    while r.tasks:
        r.complete("u")
    assert (r.ended, r.variables()) == ("completed", {"seen": [None] * 3})


@pytest.mark.parametrize("holder", ["process", "subprocess"])
def test_properties_are_variables_too(holder: str) -> None:
    count = '<property id="p1" name="count"/>'
    inside = (
        start("is") + script("i", "count", "if count = null then 1 else count + 1") + user("u") + flows("is > i > u")
    )
    if holder == "process":
        r = started(count, inside)
        assert r.variables() == {"count": 1}
    else:
        r = ran(sub("x", count, rounds(2), inside))
        r.complete("u")
        r.complete("u")
        assert r.variables() == {}


# Inputs and outputs


def test_an_input_is_seen_under_its_own_name_and_an_output_leaves_under_that_of_its_target() -> None:
    made = task(
        "scriptTask", specification("order_", "result_"), into("orders", "order_"), out("result_", "total"),
        text="order.amount * 2", attributes=SCRIPT,
    )  # fmt: skip
    r = ran(made, '<dataObject id="orders"/><dataObject id="total"/>', orders={"amount": 4})
    assert r.variables() == {"orders": {"amount": 4}, "total": 8}


def test_an_output_may_leave_to_several_targets() -> None:
    made = task(
        "scriptTask", specification("", "result"), out("result", "a"), out("result", "b"), text="5", attributes=SCRIPT
    )
    assert ran(made, '<dataObject id="a"/><dataObject id="b"/>').variables() == {"a": 5, "b": 5}


def test_outputs_of_a_person_and_what_else_was_given() -> None:
    made = task("userTask", specification("", "grade"), out("grade", "rating"))
    r = ran(made, '<dataObject id="rating"/>')
    r.complete("x", grade="AA", remark="fine")
    assert r.variables() == {"rating": "AA", "remark": "fine"}


def test_an_output_that_was_not_produced_is_an_incident() -> None:
    r = ran(task("userTask", specification("", "grade"), out("grade", "rating")), '<dataObject id="rating"/>')
    r.complete("x")
    assert r.failure("x").code == "UNKNOWN_VARIABLE"
    r.retry("x", grade="B")
    assert r.variables()["rating"] == "B"


def test_a_service_gets_only_its_inputs() -> None:
    topic = 'camunda:type="external" camunda:topic="t"'
    made = task("serviceTask", specification("who", "answer"), into("client", "who"), out("answer", "reply"),
                attributes=topic)  # fmt: skip
    r = ran(made, '<dataObject id="client"/><dataObject id="reply"/>', client="C1", secret="no")
    assert r.service("x").variables == {"who": "C1"}
    r.done("x", answer=7)
    assert r.variables() == {"client": "C1", "secret": "no", "reply": 7}


def test_an_assignment_evaluates_and_says_where_to() -> None:
    made = task(
        "scriptTask", specification("half", "result"), into("orders", "half", assign("orders.amount / 2", "half")),
        out("result", "total", assign("result + 1", "total")), text="half", attributes=SCRIPT,
    )  # fmt: skip
    r = ran(made, '<dataObject id="orders"/><dataObject id="total"/>', orders={"amount": 8})
    assert r.variables()["total"] == 5


def test_a_transformation_evaluates() -> None:
    made = task(
        "scriptTask", specification("all", "result"), into("orders", "all", transform("sum(orders)")),
        out("result", "total", transform("result * 10")), text="all", attributes=SCRIPT,
    )  # fmt: skip
    r = ran(made, '<dataObject id="orders"/><dataObject id="total"/>', orders=[1, 2, 3])
    assert r.variables()["total"] == 60


def test_an_expression_that_fails_is_an_incident_and_writes_nothing() -> None:
    made = task(
        "scriptTask", specification("", "result"), out("result", "a"), out("result", "b", transform("missing")),
        text="5", attributes=SCRIPT,
    )  # fmt: skip
    r = ran(made, '<dataObject id="a"/><dataObject id="b"/>')
    assert (r.failure("x").code, r.variables()) == ("UNKNOWN_VARIABLE", {})
    r.retry("x", missing=1)
    assert (r.variables()["a"], r.variables()["b"]) == (5, 1)


@pytest.mark.parametrize(
    "drawn",
    [
        '<property id="ph" name="__targetRef_placeholder"/>' + into("orders", "ph"),
        out("", "orders").replace("<dataOutputAssociation>", '<dataOutputAssociation id="a1">'),
        '<property id="ph" name="__targetRef_placeholder"/>' + into("orders", "ph") + out("", "orders"),
    ],
)
def test_what_modelers_draw_has_no_effect(drawn: str) -> None:
    r = ran(task("userTask", drawn), '<dataObject id="orders"/>', orders=1)
    r.complete("x", n=2)
    assert (r.ended, r.variables()) == ("completed", {"orders": 1, "n": 2})


# Events

OUTPUTS = "<outputSet><dataOutputRefs>got</dataOutputRefs></outputSet>"


def test_a_throwing_event_carries_its_inputs_and_a_catching_one_puts_its_outputs() -> None:
    sent = (
        '<dataInput id="body" name="body"/>'
        + into("orders", "body")
        + "<inputSet><dataInputRefs>body</dataInputRefs></inputSet>"
    )
    thrown = f'<intermediateThrowEvent id="x">{sent}{message("M")}</intermediateThrowEvent>'
    r = ran(thrown, '<dataObject id="orders"/>', orders=[1])
    (effect,) = [one for one in r.log if type(one).__name__ == "MessageThrown"]
    assert effect.payload == {"body": [1]}  # type: ignore[union-attr]  # found by its name
    got = '<dataOutput id="got" name="body"/>' + out("got", "reply") + OUTPUTS
    caught = f'<intermediateCatchEvent id="x">{got}{message("M")}</intermediateCatchEvent>'
    r = ran(caught, '<dataObject id="reply"/>')
    r.deliver("x", body="hello")
    assert r.variables() == {"reply": "hello"}


def test_a_boundary_event_puts_its_outputs() -> None:
    got = '<dataOutput id="got" name="body"/>' + out("got", "reply") + OUTPUTS
    r = ran(
        user("x"), boundary("b", "x", got + message("M")), user("late"), flows("b > late"), '<dataObject id="reply"/>'
    )
    r.deliver("b", body="hello")
    assert (r.tasks, r.variables()) == (["late"], {"reply": "hello"})


def test_a_start_event_puts_its_outputs() -> None:
    got = '<dataOutput id="got" name="body"/>' + out("got", "reply") + OUTPUTS
    deployed = Deployed()
    begun = start("s", got + message("M")) + '<dataObject id="reply"/>'
    r = Run(deployed).start(deployed.deploy(process(begun, user("x"), flows("s > x"))), {"body": 1, "n": 2}, event="s")
    assert r.variables() == {"reply": 1, "n": 2}


def test_events_without_associations_write_what_came() -> None:
    r = ran(catch("x", message("M")))
    r.deliver("x", body="hello")
    assert r.variables() == {"body": "hello"}


# Subprocesses and calls


def test_a_subprocess_hands_out_what_lives_in_it() -> None:
    inner = f'<subProcess id="x">{out("note", "kept", transform("upper case(note)"))}{LOCAL}{start("is")}' + script(
        "i", "note", '"in"'
    )
    r = ran(inner + end("ie") + flows("is > i > ie") + "</subProcess>", '<dataObject id="kept"/>')
    assert r.variables() == {"kept": "IN"}


def test_an_association_with_two_real_ends_carries_also_without_a_specification() -> None:
    inner = f'<subProcess id="x">{out("note", "kept")}{LOCAL}{start("is")}{script("i", "note", "1")}{end("ie")}'
    assert ran(inner + flows("is > i > ie") + "</subProcess>", '<dataObject id="kept"/>').variables() == {"kept": 1}
    r = ran(task("userTask", out("a", "b")), '<dataObject id="a"/><dataObject id="b"/>', a=1)
    r.complete("x", a=2)
    assert r.variables() == {"a": 2, "b": 2}


IN_OUT = (
    '<camunda:in source="a" target="b"/><camunda:in sourceExpression="=a + 1" target="c"/>'
    '<camunda:out source="d" target="e"/><camunda:out sourceExpression="=d * 2" target="f"/>'
)


def test_a_call_sees_only_what_is_mapped_in_and_leaves_only_what_is_mapped_out() -> None:
    called = process(start("cs"), script("i", "d", "b + c"), user("u"), flows("cs > i > u"), id="q")
    made = f'<callActivity id="x" calledElement="q"><extensionElements>{IN_OUT}</extensionElements></callActivity>'
    r = ran(made, called=called, a=1, hidden=True)
    assert r.variables(next(iter(r.open.calls))) == {"b": 1, "c": 2, "d": 3}
    r.complete("u", other=1)
    assert r.variables() == {"a": 1, "hidden": True, "e": 3, "f": 6}


def test_data_associations_of_a_call_connect_it_with_what_is_called() -> None:
    called = process(start("cs"), script("i", "result", "order + 1"), end("ce"), flows("cs > i > ce"), id="q")
    made = (
        f'<callActivity id="x" calledElement="q">{specification("order", "result")}{into("orders", "order")}'
        f"{out('result', 'total')}</callActivity>"
    )
    r = ran(made, '<dataObject id="orders"/><dataObject id="total"/>', called=called, orders=5)
    assert r.variables() == {"orders": 5, "total": 6}


def test_everything_in_and_out() -> None:
    called = process(start("cs"), user("u"), flows("cs > u"), id="q")
    r = ran(call("x"), called=called, a=1, b={"c": [2]})
    assert r.variables(next(iter(r.open.calls))) == {"a": 1, "b": {"c": [2]}}
    r.complete("u", a=2, d=3)
    assert r.variables() == {"a": 2, "b": {"c": [2]}, "d": 3}
