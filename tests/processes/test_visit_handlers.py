"""The calendar of visits and what a visit leaves behind."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from engine.business_calendar import Calendar
from engine.working_time import WorkingTime
from processes.registers import Financing, Visit
from processes.services import inputs, visits
from tests.processes.calls import call
from tests.processes.test_financing_handlers import opened

SHANGHAI = ZoneInfo("Asia/Shanghai")


def plan(session: Session, row: Financing, number: int, previous: date, days: int, **changed: Any) -> Any:
    told = {
        "financingId": row.id,
        "visitNo": number,
        "previousDue": previous,
        "intervalDays": days,
        "termEndsOn": date(2041, 6, 2),
        "dueTime": "18:00:00",
        "leadWorkdays": "5",
    }
    return visits.schedule(call(**(told | changed)), session)


def local(instant: object) -> str:
    assert isinstance(instant, datetime)
    return instant.astimezone(SHANGHAI).isoformat(sep=" ", timespec="minutes").removesuffix("+08:00")


def test_the_wind_farms_first_two_visits(session: Session) -> None:
    row = opened(session)
    first = plan(session, row, 1, date(2026, 6, 2), 15)
    assert (local(first["dueAt"]), local(first["opensAt"])) == ("2026-06-17 18:00", "2026-06-10 18:00")
    second = plan(session, row, 2, first["dueOn"], 30)
    assert local(second["dueAt"]) == "2026-07-17 18:00"


def test_a_visit_due_on_a_day_off_is_due_on_the_next_working_day_and_the_interval_does_not_drift(
    session: Session,
) -> None:
    row = opened(session)
    saturday = plan(session, row, 1, date(2026, 6, 5), 15)
    assert saturday["dueOn"] == date(2026, 6, 20)
    assert local(saturday["dueAt"]) == "2026-06-22 18:00"
    assert plan(session, row, 2, saturday["dueOn"], 30)["dueOn"] == date(2026, 7, 20)


def test_the_lead_counts_working_days_of_the_calendar(session: Session) -> None:
    row = opened(session)
    golden_week = {date(2026, 10, day): False for day in range(1, 8)} | {date(2026, 10, 10): True}
    calendar = WorkingTime({"default": Calendar(overrides=golden_week)})
    told = call(
        financingId=row.id,
        visitNo=1,
        previousDue=date(2026, 9, 27),
        intervalDays=15,
        termEndsOn=date(2041, 6, 2),
        dueTime="18:00:00",
        leadWorkdays="5",
    )
    object.__setattr__(told, "working_time", calendar)
    found = visits.schedule(told, session)
    assert local(found["dueAt"]) == "2026-10-12 18:00"
    assert local(found["opensAt"]) == "2026-09-29 18:00", "12, 10, 9 and 8 October, 30 September lie between"


def test_after_the_term_nothing_is_planned(session: Session) -> None:
    row = opened(session)
    last = plan(session, row, 1, date(2026, 6, 2), 15, termEndsOn=date(2026, 6, 17))
    assert last["withinTerm"] is True
    beyond = plan(session, row, 2, date(2026, 6, 17), 30, termEndsOn=date(2026, 7, 16))
    assert (beyond["withinTerm"], beyond["visitId"]) == (False, None)
    assert session.query(Visit).count() == 1


def test_a_planned_visit_may_be_planned_again_a_held_one_not(session: Session) -> None:
    row = opened(session)
    first = plan(session, row, 1, date(2026, 6, 2), 180)
    again = plan(session, row, 1, date(2026, 6, 2), 30)
    assert again["visitId"] == first["visitId"]
    assert session.get_one(Visit, first["visitId"]).interval_days == 30
    done(session, row, first["visitId"], "DONE", None)
    with pytest.raises(inputs.InputFault, match="visit 1 is DONE"):
        plan(session, row, 1, date(2026, 6, 2), 15)


def done(session: Session, row: Financing, visit: object, result: str, warning: str | None) -> None:
    report = {"date": date(2026, 6, 16), "findings": "正常"}
    told = {"financingId": row.id, "visitId": visit, "visit": report, "visitResult": result, "warning": warning}
    visits.record(call(**told), session)


def test_a_visit_keeps_its_report_and_raises_the_warning_but_never_lowers_it(session: Session) -> None:
    row = opened(session)
    ids = [plan(session, row, number, date(2026, 6, 2), 15)["visitId"] for number in (1, 2, 3)]
    levels = []
    for visit, (result, warning) in zip(ids, [("ISSUE", "ORANGE"), ("ISSUE", "YELLOW"), ("DONE", None)], strict=True):
        done(session, row, visit, result, warning)
        levels.append(row.warning_level)
    assert levels == ["ORANGE", "ORANGE", "ORANGE"]
    session.commit()
    session.expire_all()
    kept = session.get_one(Visit, ids[0])
    assert (kept.status, kept.report) == ("ISSUE", {"date": "2026-06-16", "findings": "正常"})


def test_a_late_visit_is_marked_and_stays_marked_when_it_is_held_after_all(session: Session) -> None:
    row = opened(session)
    visit = plan(session, row, 1, date(2026, 6, 2), 15)
    visits.mark_overdue(call(visitId=visit["visitId"]), session)
    stored = session.get_one(Visit, visit["visitId"])
    assert (stored.status, stored.overdue_since) == ("OVERDUE", visit["dueAt"])
    done(session, row, stored.id, "DONE", None)
    visits.mark_overdue(call(visitId=stored.id), session)
    assert (stored.status, stored.overdue_since) == ("DONE", visit["dueAt"])


def test_the_due_time_is_the_models(session: Session) -> None:
    found = plan(session, opened(session), 1, date(2026, 6, 2), 15, dueTime="12:00:00", leadWorkdays="1")
    due = found["dueAt"]
    assert due.astimezone(SHANGHAI).time() == time(12)
    assert due.tzinfo is UTC
    assert local(found["opensAt"]) == "2026-06-16 12:00"
