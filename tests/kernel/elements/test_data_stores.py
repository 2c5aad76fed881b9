"""Data stores, collections of multi-instance as the standard writes them, mapped inputs and outputs."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from tests.kernel.bpmn import model
from tests.kernel.driver import Deployed, Run, of
from tests.kernel.elements.parts import (
    ROOTS,
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
from tests.kernel.elements.test_data import SCRIPT, assign, into, out, ran, specification, task, transform

ROOT = '<dataStore id="rates" name="Rates"/>'
REF = '<dataStoreReference id="r" name="Some words" dataStoreRef="rates"/>'
LOOSE = '<dataStoreReference id="r" name="Rates"/>'


def deployed(*bodies: str, stores: dict[str, object] | None = None, root: str = ROOT) -> tuple[Deployed, list[str]]:
    found = Deployed()
    found.stores.update(stores or {})
    return found, [
        found.deploy(model(body, root=ROOTS + root, process=f'id="p{n}" isExecutable="true"'))
        for n, body in enumerate(bodies)
    ]


def alone(activity: str, *more: str) -> str:
    return "".join((start(), activity, end(), flows("s > x > e"), *more))


def wrote(r: Run) -> list[tuple[str, object]]:
    return [(one.store, one.value) for one in r.log if isinstance(one, e.StoreWritten)]


WRITE = task("scriptTask", specification("", "result"), out("result", "r"), text="n + 1", attributes=SCRIPT)
READ = task("scriptTask", specification("rate", "result"), into("r", "rate"), text="rate", attributes=SCRIPT)


@pytest.mark.parametrize(("reference", "root"), [(REF, ROOT), (LOOSE, "")])
def test_what_one_instance_writes_another_reads(reference: str, root: str) -> None:
    stores, (writes, reads) = deployed(alone(WRITE, reference), alone(READ, reference), root=root)
    r = Run(stores).start(writes, {"n": 4})
    assert wrote(r) == [("Rates", 5)]
    assert r.variables() == {"n": 4}, "it is no variable"
    assert Run(stores).start(reads).variables() == {"result": 5}


def test_a_store_that_was_never_written_is_null() -> None:
    stores, (reads,) = deployed(alone(READ.replace(">rate</script>", ">rate = null</script>"), REF))
    assert Run(stores).start(reads).variables() == {"result": True}


def test_what_an_instance_writes_it_reads_in_the_same_step() -> None:
    read = READ.replace('id="x"', 'id="y"').replace("result", "found").replace("foundVariable", "resultVariable")
    body = start() + WRITE + read + end() + flows("s > x > y > e") + REF
    stores, (both,) = deployed(body, stores={"Rates": 1})
    assert Run(stores).start(both, {"n": 1}).variables() == {"n": 1, "found": 2}


def test_the_last_value_written_counts() -> None:
    write = task("scriptTask", specification("", "result"), out("result", "r"), rounds(3), text="loopCounter",
                 attributes=SCRIPT)  # fmt: skip
    stores, (loops,) = deployed(alone(write, REF))
    r = Run(stores).start(loops)
    assert wrote(r) == [("Rates", 0), ("Rates", 1), ("Rates", 2)]
    assert stores.stores == {"Rates": 2}


def test_a_store_can_be_transformed_on_the_way() -> None:
    read = task("scriptTask", specification("rate", "result"), into("r", "rate", transform("Rates.base * 2")),
                text="rate", attributes=SCRIPT)  # fmt: skip
    stores, (reads,) = deployed(alone(read, LOOSE), stores={"Rates": {"base": 3}}, root="")
    assert Run(stores).start(reads).variables() == {"result": 6}


def test_a_failure_writes_no_store() -> None:
    failing = task("scriptTask", specification("", "result"), out("result", "r", transform("missing")), text="1",
                   attributes=SCRIPT)  # fmt: skip
    stores, (writes,) = deployed(alone(failing, REF))
    r = Run(stores).start(writes)
    assert (r.failure("x").code, wrote(r)) == ("UNKNOWN_VARIABLE", [])
    r.retry("x", missing=2)
    assert wrote(r) == [("Rates", 2)]


def test_people_services_and_events_write_stores() -> None:
    person = task("userTask", specification("", "grade"), out("grade", "r"))
    stores, (writes,) = deployed(alone(person, REF))
    r = Run(stores).start(writes)
    r.complete("x", grade="AA")
    assert wrote(r) == [("Rates", "AA")]
    got = (
        '<dataOutput id="got" name="body"/>'
        + out("got", "r")
        + "<outputSet><dataOutputRefs>got</dataOutputRefs></outputSet>"
    )
    for body in (
        alone(catch("x", got + message()), REF),
        alone(user("x"), boundary("b", "x", got + message()), REF),
    ):
        stores, (writes,) = deployed(body)
        r = Run(stores).start(writes)
        r.deliver(next(iter(r.open.messages.values())).element, body=1)
        assert wrote(r) == [("Rates", 1)]


def test_subprocesses_and_calls_write_stores() -> None:
    inside = start("is") + script("i", "note", "41") + end("ie") + flows("is > i > ie")
    given = '<dataObject id="note"/>'
    hands_out = out("note", "r", transform("note + 1"))
    stores, (writes,) = deployed(alone(f'<subProcess id="x">{hands_out}{given}{inside}</subProcess>', REF))
    assert wrote(Run(stores).start(writes)) == [("Rates", 42)]
    called = f'<callActivity id="x" calledElement="q">{specification("", "note")}{out("note", "r")}</callActivity>'
    stores, (writes,) = deployed(alone(called, REF))
    stores.deploy(process(given, inside, id="q"))
    r = Run(stores).start(writes)
    assert wrote(r) == [("Rates", 41)]
    assert r.variables() == {}


def test_a_call_reads_stores() -> None:
    called = f'<callActivity id="x" calledElement="q">{specification("rate")}{into("r", "rate")}</callActivity>'
    stores, (reads,) = deployed(alone(called, REF), stores={"Rates": 5})
    stores.deploy(process(start("cs"), user("u"), flows("cs > u"), id="q"))
    r = Run(stores).start(reads)
    assert r.variables(next(iter(r.open.calls))) == {"rate": 5}


# Multi-instance in the standard's own words

STANDARD = (
    '<multiInstanceLoopCharacteristics isSequential="{}"><loopDataInputRef>all_</loopDataInputRef>'
    "<loopDataOutputRef>answers_</loopDataOutputRef>"
    '<inputDataItem id="item_" name="item"/><outputDataItem id="answer_" name="answer"/>'
    "</multiInstanceLoopCharacteristics>"
)


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_collections_go_in_and_out_through_data_associations(sequential: str) -> None:
    made = task("userTask", specification("all_", "answers_"), into("orders", "all_"), out("answers_", "replies"),
                STANDARD.format(sequential))  # fmt: skip
    r = ran(made, '<dataObject id="orders" isCollection="true"/><dataObject id="replies"/>', orders=["a", "b"])
    for n in (1, 2):
        token = r.task("x").token
        scope = r.state.token(token)
        assert scope is not None
        own = r.state.own_variables(scope.scope)
        assert own == {"loopCounter": n - 1, "item": "ab"[n - 1]}
        r.complete("x", answer=n)
    assert r.variables() == {"orders": ["a", "b"], "replies": [1, 2]}


def test_the_item_may_feed_an_input_and_an_output_the_item() -> None:
    made = task(
        "scriptTask", specification("all_ order_", "answers_ result_"), into("orders", "all_"), into("item_", "order_"),
        out("result_", "answer_"), out("answers_", "replies"), STANDARD.format("false"), text="order * 10",
        attributes=SCRIPT,
    )  # fmt: skip
    r = ran(made, '<dataObject id="orders"/><dataObject id="replies"/>', orders=[1, 2, 3])
    assert r.variables() == {"orders": [1, 2, 3], "replies": [10, 20, 30]}


def test_each_item_has_its_own_mapped_data() -> None:
    data = mapped(given("own", "=loopCounter"), taken("sum", "=sum + own"))
    r = ran(f'<userTask id="x">{data}{items(3)}</userTask>', sum=0)
    while r.tasks:
        r.complete("x")
    assert r.variables() == {"sum": 3}


# camunda:inputOutput


def mapped(*parameters: str) -> str:
    return f"<extensionElements><camunda:inputOutput>{''.join(parameters)}</camunda:inputOutput></extensionElements>"


def given(name: str, text: str) -> str:
    return f'<camunda:inputParameter name="{name}">{text}</camunda:inputParameter>'


def taken(name: str, text: str) -> str:
    return f'<camunda:outputParameter name="{name}">{text}</camunda:outputParameter>'


def test_inputs_are_literals_expressions_or_scripts_and_local() -> None:
    texts = given("word", "plain") + given("sum", "=a + 1") + given("juel", "${a + 2}")
    texts += given("made", '<camunda:script scriptFormat="feel">a + 3</camunda:script>')
    r = ran(task("userTask", mapped(texts)), a=1)
    view = r.state.token(r.task("x").token)
    assert view is not None
    assert r.state.own_variables(view.scope) == {"word": "plain", "sum": 2, "juel": 3, "made": 4}
    assert r.variables() == {"a": 1}


def test_with_outputs_nothing_else_leaves() -> None:
    r = ran(task("userTask", mapped(taken("total", "=n * 2"))))
    r.complete("x", n=2, other=3)
    assert r.variables() == {"total": 4}


def test_inputs_alone_hide_a_variable_of_the_same_name_from_what_is_written() -> None:
    r = ran(task("userTask", mapped(given("a", "=a + 1"))), a=1)
    r.complete("x", a=9, b=2)
    assert r.variables() == {"a": 1, "b": 2}


@pytest.mark.parametrize("kind", ["sub", "call", "adhoc", "loop"])
def test_around_everything(kind: str) -> None:
    data = mapped(given("local", "=a + 1"), taken("a", "=local + got"))
    inside = start("is") + user("u") + flows("is > u")
    passing = data.replace(
        "</extensionElements>",
        '<camunda:in variables="all"/><camunda:out source="got" target="got"/></extensionElements>',
    )
    made = {
        "sub": sub("x", data, inside),
        "adhoc": f'<adHocSubProcess id="x">{data}<userTask id="u"/></adHocSubProcess>',
        "call": call("x").replace(call("x").split(">", 1)[1].split("</callActivity>")[0], passing),
        "loop": within(task("userTask", data).replace('"x"', '"x"'), rounds(1)),
    }[kind]
    r = ran(made, called=process(inside, id="q"), a=1)
    r.complete("x" if kind == "loop" else "u", got=10)
    assert r.ended == "completed"
    assert r.variables()["a"] == 12
    assert "local" not in r.variables()


def test_an_incident_in_a_mapping_leaves_the_step_as_it_was() -> None:
    r = ran(task("userTask", mapped(given("local", "=missing"))))
    assert (r.tasks, r.failure("x").code) == ([], "UNKNOWN_VARIABLE")
    r.retry("x", missing=1)
    assert r.tasks == ["x"]
    assert of(e.StepEntered, r.log)[-1].element == "x"  # type: ignore[union-attr]  # of that kind


def test_assignments_into_the_process_without_a_target() -> None:
    made = task("scriptTask", specification("", "result"), out("result", "", assign("result + 1", "anything")),
                text="1", attributes=SCRIPT).replace("<targetRef></targetRef>", "<targetRef>d</targetRef>")  # fmt: skip
    r = started(start(), made, end(), flows("s > x > e"), '<dataObject id="d"/>')
    assert r.variables() == {"anything": 2}
