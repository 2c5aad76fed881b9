"""What every command on an open task asks first: is it there for this person, still open, and as they saw it?"""

from __future__ import annotations

from sqlalchemy import select

from engine.access import is_candidate, may_see_case
from engine.errors import (
    Forbidden,
    NotFound,
    StaleRevision,
    TaskAlreadyClaimed,
    TaskAlreadyCompleted,
    TaskCancelled,
    TaskNotClaimed,
)
from engine.execution.lock import Root, check_movable, lock_root_of_task
from engine.model.task import CANCELLED, COMPLETED, UserTask
from engine.runtime import Work


def open_task(work: Work, task_id: str, *, revision: int | None = None) -> tuple[Root, UserTask]:
    """Lock the root of the task and return both; the task is open, its case running, its revision the named one.

    Raises `NotFound` (also for a task that the principal may not see), `TaskAlreadyCompleted`, `TaskCancelled`,
    `InstanceEnded`, `InstanceSuspended`, `StaleRevision`; each conflict says who and when.
    """
    root, task = lock_root_of_task(work, task_id)
    if not _plainly_seen(work, task) and not _seen(work, task):
        raise NotFound("There is no such task.", task=task_id)
    if task.status == COMPLETED:
        who, when = task.completed_by, task.completed_at
        raise TaskAlreadyCompleted(f"{task.name!r} was completed by {who}.", who=who, when=when, task=task.id)
    if task.status == CANCELLED:
        who, when = task.changed_by, task.changed_at
        raise TaskCancelled(f"The process no longer needs {task.name!r}.", who=who, when=when, task=task.id)
    check_movable(root)
    if revision is not None and revision != task.revision:
        who, when = task.changed_by, task.changed_at
        text = f"{task.name!r} was changed by {who} since: it has revision {task.revision}, not {revision}."
        raise StaleRevision(text, who=who, when=when, task=task.id, revision=task.revision)
    return root, task


def held_task(work: Work, task_id: str, *, revision: int | None = None) -> tuple[Root, UserTask]:
    """As `open_task`, for whoever holds the task; raises `TaskNotClaimed`, `TaskAlreadyClaimed`, `Forbidden` else."""
    root, task = open_task(work, task_id, revision=revision)
    if task.assignee == work.principal.name:
        return root, task
    if not may_do(work, task):
        raise Forbidden(f"{task.name!r} is not a task of {work.principal.name}.", task=task.id, assignee=task.assignee)
    if task.assignee is None:
        raise TaskNotClaimed(f"{task.name!r} must be claimed first.", task=task.id)
    raise taken(task)


def taken(task: UserTask) -> TaskAlreadyClaimed:
    """The error that somebody else holds ``task``."""
    text = f"{task.name!r} is held by {task.assignee}."
    return TaskAlreadyClaimed(text, who=task.assignee, when=task.claimed_at, task=task.id)


def may_do(work: Work, task: UserTask) -> bool:
    """Whether the principal is a candidate for the task: holds its role in its unit, or is named in some way."""
    if task.assignee == work.principal.name or (task.role is not None and work.principal.holds(task.role, task.unit)):
        return True
    statement = select(UserTask.id).where(UserTask.id == task.id, is_candidate(work.principal))
    return work.session.scalar(statement) is not None


def touch(work: Work, task: UserTask) -> None:
    """One revision more, by the principal, now."""
    task.revision += 1
    task.changed_by, task.changed_at = work.principal.name, work.now


def _plainly_seen(work: Work, task: UserTask) -> bool:
    principal = work.principal
    if principal.name in (task.assignee, task.completed_by) or principal.sees_every_case:
        return True
    if principal.supervises(task.unit):
        return True
    return task.role is not None and principal.holds(task.role, task.unit)


def _seen(work: Work, task: UserTask) -> bool:
    seen = may_see_case(work.principal, UserTask.root_id)
    return work.session.scalar(select(UserTask.id).where(UserTask.id == task.id, seen)) is not None
