"""Sequential and parallel multi-instance on tasks, subprocesses and calls; cost per item."""

from __future__ import annotations

import pytest

from engine.kernel import effects as e
from engine.kernel import stimuli as s
from tests.kernel.bpmn import around, extended, flow, model
from tests.kernel.driver import Deployed, Run, of, run

VOTE = (
    '<camunda:properties><camunda:property name="outputCollection" value="votes"/>'
    '<camunda:property name="outputElement" value="={who: member, vote: vote}"/></camunda:properties>'
)
EACH = 'camunda:collection="members" camunda:elementVariable="member"'


def loop(attributes: str = EACH, inside: str = "", *, sequential: bool = False) -> str:
    flag = ' isSequential="true"' if sequential else ""
    return f"<multiInstanceLoopCharacteristics{flag} {attributes}>{inside}</multiInstanceLoopCharacteristics>"


def user(characteristics: str, more: str = "") -> str:
    return f'<userTask id="x" camunda:assignee="=member">{extended(VOTE)}{more}{characteristics}</userTask>'


MEMBERS = {"members": ["an", "bo", "cai"]}


def vote(r: Run, who: str, vote: str) -> tuple[e.Effect, ...]:
    token = next(one.token for one in r.open.tasks.values() if one.assignee == who)
    return r.send(s.CompleteTask(token, {"vote": vote}))


def test_parallel_items_each_with_their_own_variables_gather_in_item_order() -> None:
    r = run(model(around(user(loop()))), MEMBERS)
    assert [one.assignee for one in r.open.tasks.values()] == ["an", "bo", "cai"]
    scope = r.state.token(r.task("x").token).scope
    assert r.state.own_variables(scope) == {"member": "an", "loopCounter": 0}
    vote(r, "cai", "FOR")
    vote(r, "an", "AGAINST")
    assert r.ended is None
    vote(r, "bo", "FOR")
    assert r.ended == "completed"
    assert r.variables()["votes"] == [
        {"who": "an", "vote": "AGAINST"},
        {"who": "bo", "vote": "FOR"},
        {"who": "cai", "vote": "FOR"},
    ]
    assert "vote" not in r.variables(), "what an item collects is its own"


def test_sequential_items_come_one_after_the_other() -> None:
    r = run(model(around(user(loop(sequential=True)))), MEMBERS)
    for who in ("an", "bo", "cai"):
        assert [one.assignee for one in r.open.tasks.values()] == [who]
        vote(r, who, "FOR")
    assert r.ended == "completed"
    assert [one["who"] for one in r.variables()["votes"]] == ["an", "bo", "cai"]


@pytest.mark.parametrize("sequential", [False, True])
def test_no_items_at_all(sequential: bool) -> None:
    r = run(model(around(user(loop(sequential=sequential)))), {"members": []})
    assert (r.ended, r.variables()["votes"]) == ("completed", [])


def test_a_completion_condition_ends_what_is_open() -> None:
    done = "<completionCondition>nrOfCompletedInstances &gt; nrOfInstances / 2</completionCondition>"
    r = run(model(around(user(loop(inside=done)))), MEMBERS)
    vote(r, "bo", "FOR")
    effects = vote(r, "cai", "FOR")
    assert r.ended == "completed"
    closed = [one.outcome for one in effects if isinstance(one, e.TaskClosed)]
    assert closed == ["completed", "cancelled"]
    assert r.variables()["votes"] == [{"who": "bo", "vote": "FOR"}, {"who": "cai", "vote": "FOR"}]


def test_a_completion_condition_sees_the_item_that_ends() -> None:
    done = '<completionCondition>vote = "AGAINST" and loopCounter = 1</completionCondition>'
    r = run(model(around(user(loop(inside=done, sequential=True)))), MEMBERS)
    vote(r, "an", "AGAINST")
    vote(r, "bo", "AGAINST")
    assert r.ended == "completed"
    assert len(r.variables()["votes"]) == 2


def test_a_failing_output_element_is_an_incident_of_that_item() -> None:
    r = run(model(around(user(loop()))), MEMBERS)
    token = next(one.token for one in r.open.tasks.values() if one.assignee == "bo")
    r.send(s.CompleteTask(token, {}))
    (failure,) = r.open.failed.values()
    assert failure.code == "UNKNOWN_VARIABLE"
    vote(r, "an", "FOR")
    vote(r, "cai", "FOR")
    assert r.ended is None
    r.send(s.Retry(failure.token, {"vote": "ABSTAIN"}))
    assert r.ended == "completed"
    assert [one["vote"] for one in r.variables()["votes"]] == ["FOR", "ABSTAIN", "FOR"]


@pytest.mark.parametrize(("value", "code"), [("none", "BAD_VALUE"), (None, "BAD_VALUE"), (5, "BAD_VALUE")])
def test_a_collection_that_is_no_list_is_an_incident(value: object, code: str) -> None:
    r = run(model(around(user(loop()))), {"members": value})
    assert r.failure("x").code == code
    r.retry("x", members=["an"])
    assert len(r.tasks) == 1


@pytest.mark.parametrize("sequential", [False, True])
def test_cardinality_on_a_script(sequential: bool) -> None:
    items = loop("", "<loopCardinality>n * 2</loopCardinality>", sequential=sequential)
    script = f'<scriptTask id="x" camunda:resultVariable="sum">{items}<script>sum + loopCounter</script></scriptTask>'
    r = run(model(around(script)), {"n": 5, "sum": 0})
    assert (r.ended, r.variables()["sum"]) == ("completed", 45)


@pytest.mark.parametrize("n", ["-1", "1.5", '"x"'])
def test_a_cardinality_that_is_no_whole_number_is_an_incident(n: str) -> None:
    body = around(f'<userTask id="x">{loop("", f"<loopCardinality>{n}</loopCardinality>")}</userTask>')
    r = run(model(body), anyway=True)
    assert r.failure("x").code == "BAD_VALUE"


SUB = '<startEvent id="is"/><userTask id="i"/><userTask id="k"/><endEvent id="ie"/>' + "".join(
    flow(a, b) for a, b in (("is", "i"), ("i", "k"), ("k", "ie"))
)


def test_parallel_subprocesses_do_not_collect_each_others_values() -> None:
    body = around(f'<subProcess id="x">{extended(VOTE)}{loop()}{SUB}</subProcess>')
    r = run(model(body), MEMBERS)
    first = [one.token for one in r.open.tasks.values()]
    for token, value in zip(first, ("A", "B", "C"), strict=True):
        r.send(s.CompleteTask(token, {"vote": value}))
    for token in [one.token for one in r.open.tasks.values()]:
        r.send(s.CompleteTask(token))
    assert [one["vote"] for one in r.variables()["votes"]] == ["A", "B", "C"]
    assert "vote" not in r.variables()


def test_interrupting_a_multi_instance_ends_all_items() -> None:
    body = around(
        f'<subProcess id="x">{loop()}{SUB}</subProcess><userTask id="late"/>'
        '<boundaryEvent id="b" attachedToRef="x"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></boundaryEvent>" + flow("b", "late")
    )
    r = run(model(body), MEMBERS)
    assert len(r.open.timers) == 1, "boundary events belong to the activity, not to its items"
    r.fire("b")
    assert r.tasks == ["late"]
    assert list(r.store.scopes) == ["1"]


def test_an_error_in_one_item_interrupts_the_activity() -> None:
    body = around(
        f'<serviceTask id="x" camunda:type="external" camunda:topic="t">{loop()}</serviceTask><userTask id="late"/>'
        '<boundaryEvent id="b" attachedToRef="x"><errorEventDefinition/></boundaryEvent>' + flow("b", "late")
    )
    r = run(model(body), MEMBERS)
    effects = r.error("x", "E")
    assert r.tasks == ["late"]
    assert len(of(e.ServiceWithdrawn, effects)) == 2


def test_calls_for_each_item_with_mapped_data() -> None:
    data = extended(
        '<camunda:in source="member" target="who"/>',
        '<camunda:out source="grade" target="grade"/>',
        '<camunda:properties><camunda:property name="outputCollection" value="grades"/>'
        '<camunda:property name="outputElement" value="=grade"/></camunda:properties>',
    )
    called = model(
        '<startEvent id="cs"/><userTask id="i" camunda:assignee="=who"/>' + flow("cs", "i"),
        process='id="child" isExecutable="true"',
    )
    body = around(f'<callActivity id="x" calledElement="child">{data}{loop()}</callActivity>')
    r = run(model(body), MEMBERS, called)
    assert [one.assignee for one in r.open.tasks.values()] == ["an", "bo", "cai"]
    for one in reversed(list(r.open.tasks.values())):
        r.send(s.CompleteTask(one.token, {"grade": one.assignee.upper()}))
    assert r.variables()["grades"] == ["AN", "BO", "CAI"]


def test_mapped_inputs_of_each_item() -> None:
    data = (
        '<camunda:inputOutput><camunda:inputParameter name="mail">=member + "@bank"</camunda:inputParameter>'
        '<camunda:outputParameter name="last">=mail</camunda:outputParameter></camunda:inputOutput>'
    )
    topic = 'camunda:type="external" camunda:topic="t"'
    r = run(model(around(f'<serviceTask id="x" {topic}>{extended(data)}{loop()}</serviceTask>')), MEMBERS)
    assert [one.variables for one in r.open.services.values()] == [
        {"mail": "an@bank"},
        {"mail": "bo@bank"},
        {"mail": "cai@bank"},
    ]
    for token in list(r.open.services):
        r.send(s.JobDone(token))
    assert r.variables() == {**MEMBERS, "last": "cai@bank"}


@pytest.mark.parametrize("sequential", [False, True])
def test_a_thousand_items_cost_the_same_each(sequential: bool) -> None:
    deployed = Deployed()
    ref = deployed.deploy(model(around(user(loop(sequential=sequential)))))
    r = Run(deployed, checks=False).start(ref, {"members": [f"m{n}" for n in range(1_000)]})
    read, written = [], []
    for n in range(999):
        (token, *_) = r.open.tasks
        r.send(s.CompleteTask(token, {"vote": "FOR"}))
        # The members are a variable of the root, which every step reads; the items are counted here.
        read.append(len(r.store.loaded))
        written.append(len(r.store.written))
        assert n < 1 or written[-1] == written[0]
    assert max(read) <= 4
    assert max(written) <= 4
    (token,) = r.open.tasks
    r.send(s.CompleteTask(token, {"vote": "AGAINST"}))
    assert r.ended == "completed"
    assert len(r.variables()["votes"]) == 1_000
    assert r.store.scopes == {}


def test_a_thousand_automatic_items_in_one_step() -> None:
    items = loop("", "<loopCardinality>1000</loopCardinality>")
    body = around(f'<scriptTask id="x" camunda:resultVariable="y">{items}<script>loopCounter</script></scriptTask>')
    deployed = Deployed()
    r = Run(deployed, checks=False).start(deployed.deploy(model(body)))
    assert (r.ended, r.variables()) == ("completed", {"y": 999})
