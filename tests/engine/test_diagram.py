"""How far the elements of a case have come: passed, current, failed, cancelled, in loops and in parallel."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.jobs.tick import run_due
from engine.queries.diagram import ElementState, element_states, troubled_elements
from engine.queries.instances import instance
from tests.conftest import TestClock
from tests.databases import Statements
from tests.factories import House, flow, in_a_row, lanes, process, task


def states(house: House, instance_id: str, *loops: str) -> dict[str, ElementState]:
    """The elements of an instance as rm-1 sees them."""
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        return element_states(work, instance(work, instance_id), loops=loops)


def troubled(house: House, root_id: str) -> frozenset[str]:
    """Elements of the root at or below which something stands still."""
    with house.sancha.work(house.who("system"), write=False) as work:
        return troubled_elements(work, instance(work, root_id))


def counts(state: ElementState) -> tuple[int, int, int, int, int]:
    return state.passed, state.current, state.cancelled, state.errors, state.incidents


def looping() -> bytes:
    """RM asks until ``again`` is false."""
    gateway = '<exclusiveGateway id="g" default="g_e"/>'
    back = '<sequenceFlow id="g_ask" sourceRef="g" targetRef="ask"><conditionExpression>again</conditionExpression>'
    ask = task("ask", inner="<incoming>s_ask</incoming><incoming>g_ask</incoming>")
    body = f'<startEvent id="s"/>{ask}{gateway}<endEvent id="e"/>'
    flows = (
        flow("s", "ask")
        + flow("ask", "g")
        + back
        + "</sequenceFlow>"
        + '<sequenceFlow id="g_e" sourceRef="g" targetRef="e"/>'
    )
    return process("loop", lanes(RM="s ask g e") + body + flows)


def test_a_loop_counts_its_rounds(house: House) -> None:
    house.deploy(loop_bpmn=looping())
    case = house.start("loop")
    for again in (True, True):
        house.do(case.id, "ask", "rm-1", again=again)
    found = states(house, case.id)
    assert counts(found["ask"]) == (2, 1, 0, 0, 0)
    assert (found["ask"].state, found["g"].state, found["s"].state) == ("current", "passed", "passed")
    assert counts(found["g"]) == (2, 0, 0, 0, 0)
    assert "e" not in found
    house.do(case.id, "ask", "rm-1", again=False)
    done = states(house, case.id)["ask"]
    assert (counts(done), done.state, done.actor, done.outcome) == ((3, 0, 0, 0, 0), "passed", "rm-1", "completed")
    assert done.left_at is not None
    assert done.entered_at <= done.left_at


def test_the_items_of_a_multi_instance_activity_are_counted_without_what_surrounds_them(house: House) -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="=[1, 2, 3]" camunda:elementVariable="one"/>'
    house.deploy(votes_bpmn=process("votes", lanes(RM="s vote e") + in_a_row(task("vote", inner=loop), ids="vote")))
    case = house.start("votes")
    assert counts(states(house, case.id, "vote")["vote"]) == (0, 3, 0, 0, 0)
    first, *rest = house.tasks(case.id)
    house.claim(first.id, "rm-1")
    house.complete(first.id, "rm-1")
    assert counts(states(house, case.id, "vote")["vote"]) == (1, 2, 0, 0, 0)
    for each in rest:
        house.claim(each.id, "rm-1")
        house.complete(each.id, "rm-1")
    assert counts(states(house, case.id, "vote")["vote"]) == (3, 0, 0, 0, 0)
    assert counts(states(house, case.id)["vote"]) == (4, 0, 0, 0, 0), "only when told that it is one"


def test_what_a_timer_cut_off_is_cancelled(house: House, clock: TestClock) -> None:
    timer = (
        '<boundaryEvent id="late" attachedToRef="ask"><timerEventDefinition id="t"><timeDuration>PT1H</timeDuration>'
        "</timerEventDefinition></boundaryEvent>"
    )
    body = in_a_row(task("ask"), timer, ids="ask") + '<endEvent id="over"/>' + flow("late", "over")
    house.deploy(small_bpmn=process("small", lanes(RM="s ask late over e") + body))
    case = house.start("small")
    clock.move(timedelta(hours=2))
    run_due(house.sancha, "test")
    found = states(house, case.id)
    assert (found["ask"].state, counts(found["ask"])) == ("cancelled", (0, 0, 1, 0, 0))
    assert (found["late"].state, found["over"].state) == ("passed", "passed")


BREAKS = '<scriptTask id="calc"><script>1 + missing</script></scriptTask>'


def test_what_stands_still_is_failed(house: House) -> None:
    house.deploy(small_bpmn=process("small", lanes(RM="s calc e") + in_a_row(BREAKS, ids="calc")))
    case = house.start("small")
    found = states(house, case.id)
    assert (found["calc"].state, counts(found["calc"])) == ("failed", (0, 1, 0, 0, 1))
    assert troubled(house, case.id) == {"calc"}


def test_trouble_inside_a_called_process_shows_at_the_call(house: House) -> None:
    inner = process("inner", lanes(RM="s calc e") + in_a_row(BREAKS, ids="calc"))
    middle = process(
        "middle", lanes(RM="s deep e") + in_a_row('<callActivity id="deep" calledElement="inner"/>', ids="deep")
    )
    asks = task("ask") + '<callActivity id="call" calledElement="middle"/>'
    outer = process("outer", lanes(RM="s ask call e") + in_a_row(asks, ids="ask call"))
    house.deploy(inner_bpmn=inner, middle_bpmn=middle, outer_bpmn=outer)
    case = house.start("outer")
    assert troubled(house, case.id) == frozenset()
    house.do(case.id, "ask", "rm-1")
    assert troubled(house, case.id) == {"call"}
    assert states(house, case.id)["call"].state == "current"
    deep = next(each for each in house.instances(case.id) if each.definition_key == "inner")
    assert states(house, deep.id)["calc"].state == "failed"


def test_an_error_that_the_model_caught_is_no_incident(house: House) -> None:
    error = '<error id="E" name="E" errorCode="NO"/>'
    thrown = '<endEvent id="e"><errorEventDefinition errorRef="E"/></endEvent>'
    child = process(
        "child",
        lanes(RM="s ask e") + in_a_row(task("ask"), ids="ask").replace('<endEvent id="e"/>', thrown),
        root=error,
    )
    caught = '<boundaryEvent id="no" attachedToRef="call"><errorEventDefinition errorRef="E"/></boundaryEvent>'
    call = '<callActivity id="call" calledElement="child"/>'
    body = in_a_row(call, caught, ids="call") + '<endEvent id="refused"/>' + flow("no", "refused")
    house.deploy(child_bpmn=child, outer_bpmn=process("outer", lanes(RM="s call no refused e") + body, root=error))
    case = house.start("outer")
    house.do(case.id, "ask", "rm-1")
    found = states(house, case.id)["call"]
    assert troubled(house, case.id) == frozenset()
    assert found.incidents == found.current == found.passed == 0
    assert (found.state, found.errors) == ("failed", 1)


@pytest.mark.parametrize("rounds", [1, 12])
def test_the_statements_do_not_grow_with_the_history(house: House, rounds: int) -> None:
    house.deploy(loop_bpmn=looping())
    case = house.start("loop")
    for _ in range(rounds):
        house.do(case.id, "ask", "rm-1", again=True)
    with house.sancha.work(house.who("rm-1"), write=False) as work:
        seen = instance(work, case.id)
        with Statements(house.sancha.store.engine) as sent:
            element_states(work, seen)
            troubled_elements(work, seen)
    assert len(sent) == 3, str(sent)
