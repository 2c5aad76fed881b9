"""What comes next in the whole installation: the earliest due job or deadline after now. For the demonstration's clock.

Nobody's permissions are asked: it tells no more than case number and step.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from engine.errors import NotFound
from engine.jobs.recurring import RECURRING
from engine.model.instance import ProcessInstance
from engine.model.job import DONE, LEASED, READY, Job
from engine.model.task import OPEN, UserTask
from engine.runtime import Work

TIMERS = ("timer", "start-timer")


@dataclass(frozen=True, slots=True)
class NextDue:
    """``due``: aware, UTC, business time. ``kind``: that of the job, or ``task`` for a deadline. ``business_key`` is
    None for what belongs to no case; ``name`` and ``name_en`` are the element's, None when it has none.
    """

    due: datetime
    kind: str
    element: str
    business_key: str | None
    name: str | None
    name_en: str | None


def next_due(work: Work) -> NextDue | None:
    """The earliest job or deadline that is due after now, housekeeping and suspended cases apart. Three statements."""
    task, job = _next_deadline(work), _next_job(work)
    if task is None or job is None:
        return task or job
    return min(job, task, key=lambda found: found.due)


def fired_since(work: Work, instant: datetime) -> int:
    """How many timers fired at ``instant`` (business time) or later."""
    wanted = select(func.count()).where(Job.kind.in_(TIMERS), Job.status == DONE, Job.finished_at >= instant)
    return work.session.scalar(wanted) or 0


def work_left(work: Work) -> bool:
    """Whether something is due now or being done, housekeeping apart."""
    due = select(Job.id).where(
        Job.status.in_((READY, LEASED)), Job.suspended.is_(False), Job.due <= work.now, Job.kind.not_in(RECURRING)
    )
    return work.session.scalar(due.limit(1)) is not None


def _next_deadline(work: Work) -> NextDue | None:
    columns = (UserTask.due, UserTask.element, UserTask.business_key, UserTask.name, UserTask.name_en)
    wanted = select(*columns).where(UserTask.status == OPEN, UserTask.suspended.is_(False), UserTask.due > work.now)
    row = work.session.execute(wanted.order_by(UserTask.due_sort, UserTask.id).limit(1)).one_or_none()
    return None if row is None else NextDue(row.due, "task", row.element, row.business_key, row.name, row.name_en)


def _next_job(work: Work) -> NextDue | None:
    instance = ProcessInstance
    columns = (Job.due, Job.kind, Job.element, instance.business_key, instance.definition_key)
    wanted = (
        select(*columns, instance.definition_version)
        .outerjoin(instance, instance.id == Job.instance_id)
        .where(Job.status == READY, Job.suspended.is_(False), Job.due > work.now, Job.kind.not_in(RECURRING))
    )
    row = work.session.execute(wanted.order_by(Job.due, Job.id).limit(1)).one_or_none()
    if row is None:
        return None
    name, name_en = _names(work, row.element, f"{row.definition_key}:{row.definition_version}")
    return NextDue(row.due, row.kind, row.element, row.business_key, name, name_en)


def _names(work: Work, element: str, ref: str) -> tuple[str | None, str | None]:
    try:
        node = work.sancha.definitions.for_work(work).get(ref).nodes.get(element)
    except NotFound:  # a job of no case
        return None, None
    return (None, None) if node is None else (node.name or None, node.properties.get("name.en"))
