"""Handlers of the visit register: when the next visit is due, that it is late, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.ids import new_id
from engine.services import Handler, ServiceCall, WorkingTime
from processes.registers import visit as register
from processes.registers.financing import locked_financing, worse_warning
from processes.registers.visit import Visit
from processes.services import inputs

Result = Mapping[str, object]


def schedule(call: ServiceCall, session: Session) -> Result:
    """Plan visit ``visitNo``, ``intervalDays`` after ``previousDue``, or plan it again while it is only planned.

    It is due at ``dueTime`` of that date, or of the next working day, and opens ``leadWorkdays`` working days earlier.
    Intervals run from the date that follows from the previous one (``dueOn``), not from the day the visit was held nor
    from a due date that a holiday moved. After ``termEndsOn`` nothing is planned: ``withinTerm`` is false.
    """
    given = call.variables
    interval = inputs.whole(given, "intervalDays")
    due_on = inputs.day(given, "previousDue") + timedelta(days=interval)
    clock = time.fromisoformat(inputs.text(given, "dueTime"))
    due_at = _at(_working_day(call.working_time, due_on), clock)
    opens_at = call.working_time.add(due_at, f"-P{inputs.whole(given, 'leadWorkdays')}D")
    within = due_on <= inputs.day(given, "termEndsOn")
    row = _planned(session, given, interval, opens_at, due_at) if within else None
    return {
        "visitId": row.id if row else None,
        "withinTerm": within,
        "dueOn": due_on,
        "dueAt": due_at,
        "opensAt": opens_at,
    }


def mark_overdue(call: ServiceCall, session: Session) -> Result:
    """The visit was not held in time. One that is recorded already stays as it is."""
    row = _visit(call, session)
    if row.status == register.PLANNED:
        row.status = register.OVERDUE
    row.overdue_since = row.overdue_since or row.due_at
    return {"overdueSince": row.overdue_since}


def record(call: ServiceCall, session: Session) -> Result:
    """Keep the visit's report and result; a warning it calls for raises the financing's level, never lowers it."""
    row, result = _visit(call, session), inputs.text(call.variables, "visitResult")
    if result not in (register.DONE, register.ISSUE):
        raise inputs.InputFault(f"{result!r} is not the result of a visit")
    row.status = result
    row.report = inputs.plain(inputs.context(call.variables, "visit"))
    row.warning = inputs.optional_text(call.variables, "warning")
    row.recorded_at = call.now
    if row.warning is not None:
        financing = locked_financing(session, row.financing_id)
        financing.warning_level = worse_warning(financing.warning_level, row.warning)
        financing.updated_at = call.now
    return {"visitResult": result, "warningLevel": row.warning}


def _planned(
    session: Session, given: Mapping[str, object], interval: int, opens_at: datetime, due_at: datetime
) -> Visit:
    financing, number = inputs.text(given, "financingId"), inputs.whole(given, "visitNo")
    known = select(Visit).where(Visit.financing_id == financing, Visit.number == number)
    row = session.scalars(known.with_for_update()).first()
    if row is None:
        row = Visit(id=new_id(), financing_id=financing, number=number, status=register.PLANNED)
        session.add(row)
    elif row.status != register.PLANNED:
        raise inputs.InputFault(f"visit {number} is {row.status} and cannot be planned again")
    row.interval_days, row.opens_at, row.due_at = interval, opens_at, due_at
    session.flush()
    return row


def _visit(call: ServiceCall, session: Session) -> Visit:
    visit_id = inputs.text(call.variables, "visitId")
    row = session.get(Visit, visit_id, with_for_update=True)
    if row is None:
        raise LookupError(f"there is no visit {visit_id}")
    return row


def _working_day(working_time: WorkingTime, day: date) -> date:
    """``day`` if it is worked, else the next that is: the day of the first second of work after it begins."""
    begins = _at(day, time())
    return working_time.add(begins, "PT1S").astimezone(inputs.HOUSE_ZONE).date()


def _at(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=inputs.HOUSE_ZONE).astimezone(UTC)


HANDLERS = (
    Handler("visit.schedule", local=schedule),
    Handler("visit.overdue", local=mark_overdue),
    Handler("visit.record", local=record),
)
