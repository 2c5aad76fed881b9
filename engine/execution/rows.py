"""What a step did, as rows: one statement per kind of change, however many rows it touches.

What hangs on an instance needs no row of it but the root's, which is there: so the rows of instances go last, when the
audit head is known.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, update

from engine.execution.fold import Changes
from engine.execution.instance_rows import end_root, name_called
from engine.execution.store_rows import write_stores
from engine.execution.task_rows import close_tasks, open_tasks
from engine.execution.upsert import rows_into, upsert_rows
from engine.execution.waiting_rows import (
    add_jobs,
    cancel_jobs,
    delivery_job,
    service_job,
    stop_awaiting,
    stop_listening,
    subscribe,
    thrown_job,
    timer_job,
)
from engine.execution.writing import Writing
from engine.ids import new_id
from engine.model import incident as incidents
from engine.model.incident import Incident
from engine.model.instance import Step


def write_rows(writing: Writing, changes: Changes) -> None:
    """Bring all rows of the root up to ``changes``, but for those of instances, which `write_instances` writes last."""
    name_called(writing, changes)
    writing.know(changes.scopes)
    close_tasks(writing, changes.closed.values())
    open_tasks(writing, changes.tasks.values())
    _write_steps(writing, changes)
    cancel_jobs(writing, timers=changes.cleared, services=changes.withdrawn)
    stop_awaiting(writing, changes.unheeded)
    answered = subscribe(writing, changes.awaited.values())
    add_jobs(
        writing,
        *(timer_job(writing, effect) for effect in changes.timers.values()),
        *(service_job(writing, effect) for effect in changes.services.values()),
        *(delivery_job(writing, pair) for pair in answered),
        *(thrown_job(writing, effect) for effect in changes.thrown),
    )
    _write_incidents(writing, changes)
    write_stores(writing, changes.stored)
    if changes.ended is not None:
        stop_listening(writing)
    end_root(writing, changes)


def _write_steps(writing: Writing, changes: Changes) -> None:
    """One upsert: a visit that began earlier has its row, of which only the end changes."""
    if not changes.visits:
        return
    done = {effect.step for effect in changes.closed.values() if effect.outcome == "completed"}
    rows = [
        {
            "root_id": writing.root.id,
            "number": visit.step,
            # A visit without a kind was entered by an earlier step: its row exists and keeps all but its end, so what
            # stands here in place of its instance and kind has no effect.
            "instance_id": writing.root.instances[visit.instance] if visit.kind else writing.root.id,
            "element": visit.element,
            "kind": visit.kind or "",
            "entered_at": writing.now,
            "left_at": writing.now if visit.outcome else None,
            "outcome": visit.outcome,
            "actor": writing.actor if visit.step in done else None,
        }
        for visit in changes.visits.values()
    ]
    writing.session.execute(upsert_rows(writing.session, Step, "left_at", "outcome", "actor"), rows)


def _write_incidents(writing: Writing, changes: Changes) -> None:
    gone = [*changes.recovered, *changes.withdrawn, *changes.cleared, *changes.failures]
    if changes.recovered or changes.withdrawn or changes.failures or changes.abandoned_steps or changes.ended:
        close_incidents(writing, handles=gone, steps=changes.abandoned_steps, every=changes.ended is not None)
    rows = [
        incident_row(writing, "step", effect.instance, effect.token, effect.element, effect.code, effect.message)
        | {"step": effect.step}
        for effect in changes.failures.values()
    ]
    if rows:
        writing.session.execute(rows_into(Incident), rows)


def incident_row(
    writing: Writing, kind: str, instance: str, handle: str, element: str, code: str, message: str
) -> dict[str, object]:
    """A row of an open incident at ``handle`` in the instance of scope ``instance``."""
    return {
        "id": new_id(),
        "kind": kind,
        "root_id": writing.root.id,
        "instance_id": writing.root.instances[instance],
        "job_id": None,
        "handle": handle,
        "step": None,
        "element": element,
        "code": code,
        # PostgreSQL text takes no NUL.
        "message": message.replace("\x00", ""),
        "status": incidents.OPEN,
        "created_at": writing.now,
        "resolved_at": None,
        "resolved_by": None,
    }


def close_incidents(writing: Writing, *, handles: Iterable[str], steps: Iterable[int], every: bool) -> None:
    """Resolve the open incidents of the root at ``handles`` or ``steps``, or all of them."""
    wanted = or_(Incident.handle.in_(sorted(handles)), Incident.step.in_(sorted(steps)))
    statement = update(Incident).where(Incident.root_id == writing.root.id, Incident.status == incidents.OPEN)
    if not every:
        statement = statement.where(wanted)
    writing.session.execute(
        statement.values(status=incidents.RESOLVED, resolved_at=writing.now, resolved_by=writing.actor),
        execution_options={"synchronize_session": False},
    )
