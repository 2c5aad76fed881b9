"""From effects to rows: what opens and closes within one step, what is stored, and what the audit trail keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from engine.access import SYSTEM
from engine.errors import InvalidInput
from engine.execution.fold import fold
from engine.execution.payload import check_variables, decode, encode, readable
from engine.execution.scopes import DatabaseScopes, ancestry
from engine.feel import YearsMonths
from engine.kernel import effects
from engine.model.audit import AuditEvent
from engine.model.instance import ScopeState, Step
from engine.model.job import Job
from engine.model.task import UserTask
from tests.factories import House, flow, in_a_row, lanes, process, task

DUE = datetime(2026, 6, 1, tzinfo=UTC)


def test_what_opens_and_closes_within_one_step_leaves_only_its_visit() -> None:
    changes = fold(
        [
            effects.StepEntered("1", 1, "ask", "userTask", "1"),
            effects.TaskOpened("1", 1, "1:2", "ask", "Ask", "RM"),
            effects.TimerSet("1", "1:3", "late", DUE),
            effects.ServiceRequested("1", 2, "1:4", "svc", "rating", {}),
            effects.AwaitMessage("1", "1:5", "mail", "Answer", "k"),
            effects.AwaitSignal("1", "1:6", "alarm", "ALARM"),
            effects.TaskClosed("1", 1, "1:2", "ask", "cancelled"),
            effects.TimerCleared("1", "1:3"),
            effects.ServiceWithdrawn("1", "1:4"),
            effects.StopAwaiting("1", "1:5"),
            effects.StopAwaiting("1", "1:6"),
            effects.StepLeft("1", 1, "ask", "cancelled"),
        ]
    )
    assert (changes.tasks, changes.closed, changes.timers, changes.services) == ({}, {}, {}, {})
    assert (changes.awaited, changes.unheeded, changes.withdrawn) == ({}, {}, {})
    assert [(visit.element, visit.outcome) for visit in changes.visits.values()] == [("ask", "cancelled")]


def test_a_timer_that_is_cleared_and_set_again_is_both() -> None:
    changes = fold([effects.TimerCleared("1", "1:3"), effects.TimerSet("1", "1:3", "late", DUE)])
    assert list(changes.timers) == list(changes.cleared) == ["1:3"]


def test_a_step_that_fails_and_is_abandoned_at_once_is_no_incident() -> None:
    failed = effects.StepFailed("1", 4, "1:9", "bad", "EXPRESSION_FAILED", "no")
    assert list(fold([failed]).failures) == ["1:9"]
    assert fold([failed, effects.StepLeft("1", 4, "bad", "cancelled")]).failures == {}


def test_an_error_that_nothing_catches_is_an_incident_whatever_becomes_of_its_step() -> None:
    failed = effects.StepFailed("1", 4, "1:9", "bad", "UNCAUGHT_ERROR", "no")
    ended = effects.InstanceEnded("1", "failed", None)
    assert list(fold([failed, effects.StepLeft("1", 4, "bad", "failed"), ended]).failures) == ["1:9"]


def test_of_several_values_for_a_data_store_the_last_counts() -> None:
    written = [effects.StoreWritten("1", step, "x", "rates", step) for step in (4, 5)]
    assert [effect.value for effect in fold(written).stored.values()] == [5]


def test_the_ancestors_of_a_handle_follow_from_it() -> None:
    assert ancestry("1") == ["1"]
    assert ancestry("1.5.12:40") == ["1", "1.5", "1.5.12"]


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        "文",
        Decimal("12.50"),
        date(2026, 6, 1),
        time(9, 30),
        datetime(2026, 6, 1, 9, tzinfo=UTC),
        datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
        timedelta(days=1, microseconds=3),
        YearsMonths(14),
        [1, {"a": [Decimal("0.1")]}],
        {"$": "kind", "$n": "1"},
    ],
    ids=str,
)
def test_values_come_back_as_they_were(value: object) -> None:
    back = decode(encode(value))
    assert back == value
    assert type(back) is type(value)


def test_what_is_read_by_people_and_hashed_is_plain_json() -> None:
    shown = readable(
        {
            "amount": Decimal("120000000.50"),
            "at": datetime(2026, 6, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai")),
            "day": date(2026, 6, 1),
            "for": timedelta(hours=1, minutes=30),
            "term": YearsMonths(14),
            "big": 2**60,
            "names": ("b", "a"),
        }
    )
    assert shown == {
        "amount": "120000000.50",
        "at": "2026-06-01T01:00:00Z",
        "day": "2026-06-01",
        "for": "PT5400S",
        "term": "P1Y2M",
        "big": str(2**60),
        "names": ["b", "a"],
    }


def test_names_and_sizes_of_variables_are_checked() -> None:
    assert check_variables({"a": 1}, 100) == {"a": 1}
    for wrong in ({"": 1}, {"x" * 256: 1}, {"a": "x" * 101}, {"a": "\ud800"}, {"a": {"b": 0.5}}):
        with pytest.raises(InvalidInput):
            check_variables(wrong, 100)


def test_scopes_are_written_read_and_removed(house: House) -> None:
    house.deploy(small_bpmn=process("small", in_a_row(task("ask"), ids="ask")))
    case = house.start("small")
    with house.sancha.work(SYSTEM) as work:
        scopes = DatabaseScopes(work.session, case.id)
        scopes.write({"1.10": "b", "1.9": "a", "1.9.3": "c"}, [])
        again = DatabaseScopes(work.session, case.id)
        assert again.load(["1.9", "1.10", "1.11"]) == {"1.9": "a", "1.10": "b"}
        assert again.children("1") == ["1.9", "1.10"]
        scopes.write({"1.9": "A"}, ["1.10", "1.9.3"])
        assert scopes.load(["1.9", "1.10"]) == {"1.9": "A"}
        assert DatabaseScopes(work.session, case.id).load(["1.9", "1.10"]) == {"1.9": "A"}


def test_open_rows_are_those_of_the_audit_trail(house: House) -> None:
    """Replaying the effects in the audit payloads gives the open tasks, the waiting jobs and the steps."""
    ways = [f"way{number}" for number in range(3)]
    boundary = (
        '<boundaryEvent id="late" attachedToRef="way1" cancelActivity="true"><timerEventDefinition>'
        '<timeDuration>PT4H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="gone"/>'
    )
    body = (
        lanes(RM=f"s split late gone {' '.join(ways)} join e")
        + '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + "".join(task(way) + flow("split", way) + flow(way, "join") for way in ways)
        + boundary
        + flow("s", "split")
        + flow("join", "e")
        + flow("late", "gone")
    )
    house.deploy(wide_bpmn=process("wide", body))
    case = house.start("wide")
    house.do(case.id, "way0", "rm-1")
    with house.sancha.work(SYSTEM, write=False) as work:
        count = len(work.session.scalars(select(AuditEvent.seq).where(AuditEvent.stream == case.id)).all())
        places = [(case.id, number) for number in range(1, count + 1)]
        payloads = work.sancha.audit.payloads(work.session, places)
        tasks: set[str] = set()
        timers: set[str] = set()
        steps: dict[int, str | None] = {}
        for place in places:
            for effect in payloads[place].get("effects", []):
                match effect["type"]:
                    case "TaskOpened":
                        tasks.add(effect["token"])
                    case "TaskClosed":
                        tasks.discard(effect["token"])
                    case "TimerSet":
                        timers.add(effect["wait"])
                    case "TimerCleared":
                        timers.discard(effect["wait"])
                    case "StepEntered":
                        steps[effect["step"]] = None
                    case "StepLeft":
                        steps[effect["step"]] = effect["outcome"]
        session = work.session
        assert tasks == set(session.scalars(select(UserTask.token).where(UserTask.status == "open")))
        assert timers == set(session.scalars(select(Job.handle).where(Job.status == "ready")))
        assert steps == dict(session.execute(select(Step.number, Step.outcome)).all())
        assert len(tasks) == 2


def test_a_loop_leaves_its_state_as_small_as_it_was(house: House) -> None:
    body = (
        lanes(RM="s ask again e")
        + '<startEvent id="s"/><exclusiveGateway id="again" default="back"/><endEvent id="e"/>'
        + task("ask", attributes='camunda:assignee="rm-1"')
        + flow("s", "ask")
        + flow("ask", "again")
        + flow("again", "e", "done")
        + flow("again", "ask", id="back")
    )
    house.deploy(loop_bpmn=process("loop", body))
    case = house.start("loop", variables={"done": False})
    sizes = []
    for _ in range(12):
        house.complete(house.task(case.id, "ask").id, "rm-1")
        with house.sancha.work(SYSTEM, write=False) as work:
            sizes.append(sum(len(body) for body in work.session.scalars(select(ScopeState.body))))
    assert sizes[-1] - sizes[1] <= 4, "only the counter grows, by a digit"
    house.complete(house.task(case.id, "ask").id, "rm-1", {"done": True})
    assert house.case(case.id).status == "completed"
