"""Correlation keys, properties and subscriptions of the standard."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from engine.kernel.compile import compile_model
from engine.kernel.definition import Definition, Message
from tests.kernel.bpmn import around, extended, flow, model, props
from tests.kernel.cases import rules
from tests.kernel.driver import Deployed, Run

MESSAGES = '<message id="m" name="RATED"/><message id="other" name="OTHER"/><message id="free" name="FREE"/>'
COLLABORATION = (
    '<collaboration id="c"><participant id="pool" processRef="p"/><correlationKey id="k">'
    "<correlationPropertyRef>cp</correlationPropertyRef></correlationKey></collaboration>"
)


def prop(path: str, message: str = "m", id: str = "cp") -> str:
    retrieval = f'<correlationPropertyRetrievalExpression messageRef="{message}"><messagePath>{path}</messagePath>'
    return f'<correlationProperty id="{id}">{retrieval}</correlationPropertyRetrievalExpression></correlationProperty>'


def subscription(path: str, id: str = "cs") -> str:
    inside = f'<correlationPropertyBinding correlationPropertyRef="cp"><dataPath>{path}</dataPath>'
    inside += "</correlationPropertyBinding>"
    return f'<correlationSubscription id="{id}" correlationKeyRef="k">{inside}</correlationSubscription>'


ROOT = MESSAGES + prop("request.id") + COLLABORATION
PAYLOAD = extended(
    '<camunda:inputOutput><camunda:inputParameter name="request">=case.request</camunda:inputParameter>'
    '<camunda:inputParameter name="grade">AA</camunda:inputParameter></camunda:inputOutput>'
)
CATCH = '<intermediateCatchEvent id="x"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'
THROW = f'<intermediateThrowEvent id="x">{PAYLOAD}<messageEventDefinition messageRef="m"/></intermediateThrowEvent>'
VARIABLES = {"case": {"request": {"id": "R-7"}}, "requestId": "R-7"}


def started(body: str, root: str = ROOT) -> Run:
    deployed = Deployed()
    return Run(deployed).start(deployed.deploy(model(body, root=root)), VARIABLES)


def thrown_by(r: Run) -> list[e.MessageThrown]:
    return [one for one in r.log if isinstance(one, e.MessageThrown)]


def key(definition: Definition) -> object:
    event = definition.nodes["x"].event
    assert isinstance(event, Message)
    return event.correlation_key


def test_what_waits_listens_under_the_value_of_the_case() -> None:
    (wait,) = started(around(CATCH) + subscription("requestId")).open.messages.values()
    assert (wait.name, wait.key) == ("RATED", "R-7")


def test_what_is_thrown_has_the_value_in_the_message() -> None:
    (thrown,) = thrown_by(started(around(THROW) + subscription("requestId")))
    assert (thrown.name, thrown.key, thrown.payload) == ("RATED", "R-7", {"request": {"id": "R-7"}, "grade": "AA"})


def test_a_literal_in_the_payload() -> None:
    (thrown,) = thrown_by(started(around(THROW), ROOT.replace("request.id", '"G-" + grade')))
    assert thrown.key == "G-AA"


@pytest.mark.parametrize("tag", ["receiveTask", "sendTask"])
def test_tasks_that_send_and_receive(tag: str) -> None:
    task = f'<{tag} id="x" messageRef="m">{PAYLOAD if tag == "sendTask" else ""}</{tag}>'
    r = started(around(task) + subscription("requestId"))
    assert [one.key for one in thrown_by(r) or r.open.messages.values()] == ["R-7"]


def test_the_property_of_the_event_comes_first() -> None:
    own = CATCH.replace('"x">', f'"x">{props(correlationKey="=case.request.id + 1")}')
    definition = compile_model(model(around(own), root=ROOT), file="test.bpmn")[0]
    assert getattr(key(definition), "text", "") == "=case.request.id + 1"


def test_other_messages_and_starts_have_no_drawn_key() -> None:
    free = CATCH.replace('"m"', '"free"')
    assert key(compile_model(model(around(free), root=ROOT), file="test.bpmn")[0]) is None
    start = '<startEvent id="x"><messageEventDefinition messageRef="m"/></startEvent><endEvent id="e"/>' + flow(
        "x", "e"
    )
    assert key(compile_model(model(start, root=ROOT), file="test.bpmn")[0]) is None


@pytest.mark.parametrize(
    ("body", "root"),
    [
        (around(CATCH), ROOT),
        (around(CATCH) + subscription("requestId") + subscription("other", "cs2"), ROOT),
        (around(CATCH) + subscription("requestId"), ROOT + prop("request.id", id="cp2")),
        (around(THROW), MESSAGES + prop("order.id") + COLLABORATION),
        (around(THROW), MESSAGES + prop("message/order") + COLLABORATION),
    ],
)
def test_a_key_that_is_not_one_value_is_refused(body: str, root: str) -> None:
    assert rules(body, root=root) == {("events/correlation", "x")}


def test_expressions_are_read_like_others() -> None:
    assert rules(around(CATCH) + subscription("a +"), root=ROOT) == {("expressions/feel", "cs")}
    assert rules(around(THROW), root=MESSAGES + prop("a +") + COLLABORATION) == {("expressions/feel", "cp")}


def test_a_key_of_several_properties_is_refused() -> None:
    two = COLLABORATION.replace(
        "</correlationKey>", "<correlationPropertyRef>cp2</correlationPropertyRef></correlationKey>"
    )
    root = MESSAGES + prop("request.id") + prop("grade", "other", "cp2") + two
    assert ("unsupported/element", "k") in rules(around(CATCH) + subscription("requestId"), root=root)
