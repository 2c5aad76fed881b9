"""What a step did, as rows: one statement per kind of change, however many rows it touches.

The order keeps foreign keys whole: called instances first, then what hangs on them.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import or_, update

from engine.execution.fold import Changes
from engine.execution.task_rows import close_tasks, open_tasks
from engine.execution.upsert import rows_into, upsert_rows
from engine.execution.waiting_rows import (
    clear_timers,
    request_services,
    send_thrown,
    set_timers,
    stop_awaiting,
    subscribe,
    withdraw_services,
)
from engine.execution.writing import Writing, split_ref
from engine.ids import new_id
from engine.model import incident as incidents
from engine.model.incident import Incident
from engine.model.instance import ProcessInstance, Step


def write_rows(writing: Writing, changes: Changes) -> None:
    """Bring all rows of the root up to ``changes``."""
    _insert_called(writing, changes)
    writing.know(changes.scopes)
    close_tasks(writing, changes.closed.values())
    open_tasks(writing, changes.tasks.values())
    _write_steps(writing, changes)
    clear_timers(writing, changes.cleared)
    withdraw_services(writing, changes.withdrawn)
    stop_awaiting(writing, changes.unheeded)
    set_timers(writing, changes.timers.values())
    request_services(writing, changes.services.values())
    subscribe(writing, changes.awaited.values())
    send_thrown(writing, changes.thrown)
    _write_incidents(writing, changes)
    _end_instances(writing, changes)


def _insert_called(writing: Writing, changes: Changes) -> None:
    if not changes.calls:
        return
    root = writing.root
    for scope in changes.calls:
        root.instances[scope] = new_id()
    writing.know({call.instance for call in changes.calls.values()})
    rows = []
    for scope, call in changes.calls.items():
        key, version = split_ref(call.definition)
        ended = changes.called_ended.get(scope)
        rows.append(
            {
                "id": root.instances[scope],
                "root_id": root.id,
                "scope": scope,
                "parent_id": root.instances[call.instance],
                "called_from": call.element,
                "definition_id": writing.definitions.row(call.definition).id,
                "definition_key": key,
                "definition_version": version,
                "business_key": call.business_key or root.row.business_key,
                "unit": root.row.unit,
                "status": ended.outcome if ended else "active",
                "revision": 0,
                "started_by": writing.actor,
                "started_at": writing.now,
                "ended_at": writing.now if ended else None,
                "end_event": changes.end_events.get(scope) if ended else None,
                "changed_by": writing.actor,
                "changed_at": writing.now,
                "subject": None,
                "audit_seq": 0,
                "audit_head": "",
            }
        )
    writing.session.execute(rows_into(ProcessInstance), rows)


def _write_steps(writing: Writing, changes: Changes) -> None:
    """One upsert: a visit that began earlier has its row, of which only the end changes."""
    if not changes.visits:
        return
    done = {effect.step for effect in changes.closed.values() if effect.outcome == "completed"}
    rows = [
        {
            "root_id": writing.root.id,
            "number": visit.step,
            "instance_id": writing.root.instances[visit.instance],
            "element": visit.element,
            # A visit without a kind was entered by an earlier step: its row exists, and keeps kind and entered_at.
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


def _end_instances(writing: Writing, changes: Changes) -> None:
    by_end: dict[tuple[str, str | None], list[str]] = {}
    for scope, end in changes.called_ended.items():
        if scope not in changes.calls:
            by_end.setdefault((end.outcome, changes.end_events.get(scope)), []).append(scope)
    for (outcome, event), scopes in by_end.items():
        writing.session.execute(
            update(ProcessInstance)
            .where(ProcessInstance.root_id == writing.root.id, ProcessInstance.scope.in_(scopes))
            .values(status=outcome, ended_at=writing.now, end_event=event),
            execution_options={"synchronize_session": False},
        )
    if changes.ended is not None:
        row = writing.root.row
        row.status, row.ended_at = changes.ended.outcome, writing.now
        row.end_event = changes.ended.end_event
