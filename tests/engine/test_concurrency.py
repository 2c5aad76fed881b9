"""Several people at once: exactly one of them succeeds, and the others hear why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select

from engine.access import SYSTEM
from engine.errors import EngineError
from engine.model.audit import AuditEvent
from engine.model.instance import ProcessInstance
from tests.factories import House, flow, lanes, one_task, process, task


def at_once(*actions: Callable[[], object]) -> Counter[str]:
    """How often each outcome came: ``done``, or an error's code."""
    gate = Barrier(len(actions))

    def run(action: Callable[[], object]) -> str:
        gate.wait(timeout=30)
        try:
            action()
        except EngineError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(len(actions)) as pool:
        return Counter(pool.map(run, actions))


def test_of_many_who_claim_one_gets_the_task(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.task(case.id, "ask")
    outcomes = at_once(*[lambda name=name: house.claim(ask.id, name) for name in ("rm-1", "rm-2") * 4])
    assert outcomes == {"done": 4, "task-already-claimed": 4}
    assert house.actions(case.id) == ["instance:started", "task:claimed"]


def test_of_many_completions_one_counts(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    case = house.start("small")
    ask = house.claim(house.task(case.id, "ask").id, "rm-1")
    outcomes = at_once(*[lambda: house.complete(ask.id, "rm-1")] * 12)
    assert outcomes == {"done": 1, "task-already-completed": 11}
    assert house.actions(case.id) == ["instance:started", "task:claimed", "task:completed"]


def test_parallel_tasks_completed_at_once_join_once(house: House) -> None:
    ways = [f"way{number}" for number in range(6)]
    body = (
        lanes(RM=f"s split join after e {' '.join(ways)}")
        + '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + task("after")
        + "".join(task(way) + flow("split", way) + flow(way, "join") for way in ways)
        + flow("s", "split")
        + flow("join", "after")
        + flow("after", "e")
    )
    house.deploy(wide_bpmn=process("wide", body))
    case = house.start("wide")
    held = [house.claim(each.id, "rm-1") for each in house.tasks(case.id)]
    values = {each.id: {each.element: 1} for each in held}
    outcomes = at_once(*[lambda each=each: house.complete(each.id, "rm-1", values[each.id]) for each in held])
    assert outcomes == {"done": 6}
    assert [each.element for each in house.tasks(case.id)] == ["after"]
    assert house.variables(case.id) == dict.fromkeys(ways, 1)
    with house.sancha.work(SYSTEM, write=False) as work:
        numbers = work.session.scalars(select(AuditEvent.seq).where(AuditEvent.stream == case.id)).all()
    assert sorted(numbers) == list(range(1, house.case(case.id).revision + 1))


def test_excluded_tasks_taken_at_once_are_not_both_done_by_one_person(house: House) -> None:
    body = (
        lanes(RM="s split one two join e")
        + '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + task("one")
        + task("two", excludes="one")
        + flow("s", "split")
        + "".join(flow("split", way) + flow(way, "join") for way in ("one", "two"))
        + flow("join", "e")
    )
    house.deploy(both_bpmn=process("both", body))
    case = house.start("both")
    held = [house.claim(each.id, "rm-1") for each in house.tasks(case.id)]
    assert at_once(*[lambda each=each: house.complete(each.id, "rm-1") for each in held]) == {
        "done": 1,
        "excluded-performer": 1,
    }


def test_case_numbers_of_cases_started_at_once_have_no_gap(house: House) -> None:
    house.deploy(small_bpmn=one_task())
    assert at_once(*[lambda: house.start("small")] * 10) == {"done": 10}
    with house.sancha.work(SYSTEM, write=False) as work:
        keys = work.session.scalars(select(ProcessInstance.business_key)).all()
    assert sorted(int(key[-4:]) for key in keys) == list(range(1, 11))


def test_the_same_content_deployed_at_once_is_one_version(house: House) -> None:
    assert at_once(*[lambda: house.deploy(small_bpmn=one_task())] * 6) == {"done": 6}
    assert at_once(*[lambda n=n: house.deploy(small_bpmn=one_task(name=f"v{n}")) for n in range(4)]) == {"done": 4}
    assert house.start("small").definition_version == 5
