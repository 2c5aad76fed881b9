"""User tasks as rows: opened with their candidates and due instants, closed with who did it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import ColumnElement, Insert, Table, Update, bindparam, func, literal, or_, select, update

from engine.errors import InvalidInput
from engine.execution.search_text import client_part, search_text
from engine.execution.upsert import rows_into
from engine.execution.writing import Writing, split_ref
from engine.ids import new_id
from engine.kernel.effects import TaskClosed, TaskOpened
from engine.model import incident as incidents
from engine.model.identity import Membership, Unit, User
from engine.model.incident import Incident
from engine.model.task import COMPLETED, NO_DUE, OPEN, TaskCandidate, UserTask

HEAD_OFFICE = "HQ"
"""The unit that does what a role does for units without anyone in that role."""
_MAX_LEVELS = 20
_LONGEST = 255


def open_tasks(writing: Writing, opened: Iterable[TaskOpened]) -> None:
    """Insert a task and its further candidates for each effect; at most two statements."""
    tasks: list[dict[str, Any]] = []
    candidates: list[dict[str, Any]] = []
    unclear: list[dict[str, Any]] = []
    for effect in opened:
        row = _task_row(writing, effect)
        tasks.append(row)
        candidates += _candidate_rows(row["id"], effect)
        try:
            row["due"] = _due(writing, effect)
        except (ValueError, LookupError, OverflowError, InvalidInput) as error:
            # The person can do the task without a due instant; that nobody knows it is for the administrator.
            unclear.append(_unclear_row(writing, effect, error))
        row["due_sort"] = row["due"] or NO_DUE
    if tasks:
        writing.session.execute(_insert_tasks(), tasks)
    if candidates:
        writing.session.execute(_insert_candidates(), candidates)
    if unclear:
        writing.session.execute(rows_into(Incident), unclear)


def close_tasks(writing: Writing, closed: Collection[TaskClosed]) -> None:
    """Mark tasks as completed (by the actor) or cancelled; one statement."""
    if not closed:
        return
    session, root_id, now, actor = writing.session, writing.root.id, writing.now, writing.actor
    cancelled = {"done_at": None, "done_by": None, "done_for": None}
    completed = {"done_at": now, "done_by": actor, "done_for": writing.on_behalf_of}
    rows = [
        {"of_root": root_id, "of_token": effect.token, "outcome": effect.outcome, "actor": actor, "now": now}
        | (completed if effect.outcome == COMPLETED else cancelled)
        for effect in closed
    ]
    session.execute(_close_task(), rows)
    tokens = {effect.token for effect in closed}
    for row in list(session.identity_map.values()):
        if isinstance(row, UserTask) and row.root_id == root_id and row.token in tokens:
            session.expire(row)  # whoever looks at it again reads it again


def rename_client(writing: Writing, former: str | None) -> None:
    """Give the open tasks the client's name as it is now; one statement, none when the case is only beginning.

    ``former`` is the name that they have.
    """
    row = writing.root.row
    if row.revision == 0:
        return
    renamed = literal(client_part(row.client_name)) + func.substr(UserTask.search, len(client_part(former)) + 1)
    writing.session.execute(
        update(UserTask)
        .where(UserTask.root_id == row.id, UserTask.status == OPEN)
        .values(client_name=row.client_name, search=renamed),
        execution_options={"synchronize_session": False},
    )


@cache
def _close_task() -> Update:
    tasks = cast(Table, UserTask.__table__)
    return (
        update(tasks)
        .where(tasks.c.root_id == bindparam("of_root"), tasks.c.token == bindparam("of_token"), tasks.c.status == OPEN)
        .values(
            status=bindparam("outcome"),
            completed_at=bindparam("done_at"),
            completed_by=bindparam("done_by"),
            on_behalf_of=bindparam("done_for"),
            changed_by=bindparam("actor"),
            changed_at=bindparam("now"),
            draft=None,
            revision=tasks.c.revision + 1,
        )
    )


def _task_row(writing: Writing, effect: TaskOpened) -> dict[str, Any]:
    root = writing.root
    ref = writing.ref_of(effect.instance)
    key, version = split_ref(ref)
    node = writing.definitions.get(ref).nodes[effect.element]
    name = (effect.name or effect.element)[:_LONGEST]
    name_en = node.properties.get("name.en") or None
    return {
        "id": new_id(),
        "root_id": root.id,
        "instance_id": root.instances[effect.instance],
        "definition_key": key,
        "definition_version": version,
        "business_key": root.row.business_key,
        "client_name": root.row.client_name,
        "token": effect.token,
        "step": effect.step,
        "element": effect.element,
        "name": name,
        "name_en": name_en,
        "role": effect.role,
        "case_role": effect.role,
        "case_unit": root.row.unit,
        "assignee": effect.assignee or None,
        "status": OPEN,
        "suspended": False,
        "priority": effect.priority,
        "priority_sort": -effect.priority,
        "due": None,
        "due_sort": NO_DUE,
        "follow_up": effect.follow_up,
        "sla": effect.sla,
        "calendar": effect.calendar,
        "escalation": effect.escalation,
        "clock": effect.clock,
        "form": effect.form,
        "excludes": list(effect.excludes),
        "search": search_text(root.row.client_name, root.row.business_key, name, name_en),
        "draft": None,
        "drafted_by": None,
        "drafted_at": None,
        "created_at": writing.now,
        "claimed_at": writing.now if effect.assignee else None,
        "completed_at": None,
        "completed_by": None,
        "on_behalf_of": None,
        "changed_by": writing.actor,
        "changed_at": writing.now,
        "revision": 1,
    }


def _candidate_rows(task_id: str, effect: TaskOpened) -> list[dict[str, Any]]:
    named = [("user", user) for user in effect.candidate_users]
    named += [("role", role) for role in effect.candidate_groups if role != effect.role]
    return [{"task_id": task_id, "of_task": task_id, "kind": kind, "who": who} for kind, who in dict.fromkeys(named)]


def _due(writing: Writing, effect: TaskOpened) -> datetime | None:
    if effect.due is not None or effect.sla is None:
        return effect.due
    return writing.work.sancha.working_time.add(writing.now, effect.sla, effect.calendar)


def _unclear_row(writing: Writing, effect: TaskOpened, error: Exception) -> dict[str, Any]:
    return {
        "id": new_id(),
        "kind": "task",
        "root_id": writing.root.id,
        "instance_id": writing.root.instances[effect.instance],
        "job_id": None,
        "handle": effect.token,
        "step": effect.step,
        "element": effect.element,
        "code": "due-unknown",
        "message": f"The due instant of the task cannot be worked out from {effect.sla!r}: {error}",
        "status": incidents.OPEN,
        "created_at": writing.now,
        "resolved_at": None,
        "resolved_by": None,
    }


@cache
def _insert_tasks() -> Insert:
    return rows_into(UserTask).values(unit=_nearest_unit())


@cache
def _insert_candidates() -> Insert:
    unit = select(UserTask.unit).where(UserTask.id == bindparam("of_task", type_=UserTask.id.type)).scalar_subquery()
    return rows_into(TaskCandidate).values(unit=unit)


def _nearest_unit() -> ColumnElement[str]:
    """The candidate unit as part of the insert: the unit of the case if the task's role has a member there, else the
    nearest unit above it that has one, else head office if it has one, else the unit of the case.

    Parameters of each row: ``case_unit``, ``case_role``. Disabled users do not count as members.
    """
    unit, role = bindparam("case_unit", type_=Unit.id.type), bindparam("case_role", type_=Membership.role.type)
    above = select(Unit.id, Unit.parent, literal(0).label("level")).where(Unit.id == unit).cte("above", recursive=True)
    above = above.union_all(
        select(Unit.id, Unit.parent, above.c.level + 1).where(
            Unit.id == above.c.parent, above.c.level < literal(_MAX_LEVELS)
        )
    )
    nearest = (
        select(Membership.unit)
        .join(User, User.name == Membership.user)
        .outerjoin(above, above.c.id == Membership.unit)
        .where(
            Membership.role == role,
            User.disabled.is_(False),
            or_(above.c.id.is_not(None), Membership.unit == HEAD_OFFICE),
        )
        .order_by(func.coalesce(above.c.level, _MAX_LEVELS + 1))
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(nearest, unit)
