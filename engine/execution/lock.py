"""Taking a root instance for writing: the unit of state, of locking and of audit is the root with its whole tree.

On PostgreSQL the root's row is locked (`FOR UPDATE`); on SQLite the transaction already is the only writer. Order of
locks, everywhere: root row, then its task or job row, then correlation keys, then counters.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from engine.errors import InstanceEnded, InstanceSuspended, NotFound, StaleRevision
from engine.execution.epoch import epoch_column, see_epoch
from engine.execution.scopes import DatabaseScopes
from engine.ids import is_id
from engine.model.instance import ACTIVE, SUSPENDED, ProcessInstance
from engine.model.job import Job
from engine.model.task import UserTask
from engine.runtime import Work

ROOT_SCOPE = "1"


@dataclass(slots=True)
class Root:
    """A locked root instance. ``row`` is written at commit; ``instances`` maps the scopes of instances of the tree to
    their ids, as far as they are known without asking.
    """

    row: ProcessInstance
    scopes: DatabaseScopes
    instances: dict[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The id of the root instance: also the name of its audit stream."""
        return self.row.id


def lock_root(work: Work, instance_id: str, *, allow_suspended: bool = False, allow_ended: bool = False) -> Root:
    """Lock the root of the tree that ``instance_id`` (the root itself or an instance it called) belongs to.

    One statement. Raises `NotFound`, `InstanceEnded`, `InstanceSuspended`.
    """
    if not is_id(instance_id):
        raise NotFound("There is no such case.", instance=instance_id[:64])
    found = work.session.execute(_root_of_instance(), {"asked": instance_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such case.", instance=instance_id)
    row, epoch = found
    see_epoch(work, epoch)
    root = _root(work, row)
    check_movable(root, allow_suspended=allow_suspended, allow_ended=allow_ended)
    return root


def lock_root_of_task(work: Work, task_id: str) -> tuple[Root, UserTask]:
    """The root of a task, locked, and the task as it is now; the root may be suspended or ended (`check_movable`).

    One statement. Raises `NotFound`.
    """
    if not is_id(task_id):
        raise NotFound("There is no such task.", task=task_id[:64])
    found = work.session.execute(_root_of_task(), {"asked": task_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such task.", task=task_id)
    row, task, scope, epoch = found
    see_epoch(work, epoch)
    root = _root(work, row)
    root.instances[scope] = task.instance_id
    return root, task


def lock_root_of_job(work: Work, job_id: str) -> tuple[Root, Job]:
    """The root of a job that belongs to an instance, locked, and the job as it is now; see `lock_root_of_task`."""
    if not is_id(job_id):
        raise NotFound("There is no such job.", job=job_id[:64])
    found = work.session.execute(_root_of_job(), {"asked": job_id}).one_or_none()
    if found is None:
        raise NotFound("There is no such job.", job=job_id)
    row, job, scope, epoch = found
    see_epoch(work, epoch)
    root = _root(work, row)
    if scope is not None:
        root.instances[scope] = job.instance_id
    return root, job


def check_movable(root: Root, *, allow_suspended: bool = False, allow_ended: bool = False) -> None:
    """Raises `InstanceEnded` or `InstanceSuspended` with who and when, unless allowed."""
    row = root.row
    who, when = row.changed_by, row.ended_at or row.changed_at
    if row.status == SUSPENDED and not allow_suspended:
        raise InstanceSuspended(f"Case {row.business_key} is suspended.", who=who, when=when, instance=row.id)
    if row.status not in (ACTIVE, SUSPENDED) and not allow_ended:
        raise InstanceEnded(f"Case {row.business_key} has ended ({row.status}).", who=who, when=when, instance=row.id)


def check_revision(root: Root, revision: int | None) -> None:
    """Raises `StaleRevision` with who and when, unless the root has ``revision`` (None: any)."""
    row = root.row
    if revision is not None and revision != row.revision:
        text = f"Case {row.business_key} was changed by {row.changed_by} since: it has revision {row.revision}."
        raise StaleRevision(text, who=row.changed_by, when=row.changed_at, instance=row.id, revision=row.revision)


# Building these three takes longer than running them, and every command needs one: each is built once.


@cache
def _root_of_instance() -> Any:
    asked = aliased(ProcessInstance)
    of_tree = select(asked.root_id).where(asked.id == bindparam("asked")).scalar_subquery()
    return _locking(select(ProcessInstance, epoch_column()).where(ProcessInstance.id == of_tree), ProcessInstance)


@cache
def _root_of_task() -> Any:
    own = aliased(ProcessInstance)
    statement = (
        select(ProcessInstance, UserTask, own.scope, epoch_column())
        .join(UserTask, UserTask.root_id == ProcessInstance.id)
        .join(own, own.id == UserTask.instance_id)
        .where(UserTask.id == bindparam("asked"))
    )
    return _locking(statement, ProcessInstance, UserTask)


@cache
def _root_of_job() -> Any:
    own = aliased(ProcessInstance)
    statement = (
        select(ProcessInstance, Job, own.scope, epoch_column())
        .join(Job, Job.root_id == ProcessInstance.id)
        .outerjoin(own, own.id == Job.instance_id)
        .where(Job.id == bindparam("asked"))
    )
    return _locking(statement, ProcessInstance, Job)


def _root(work: Work, row: ProcessInstance) -> Root:
    return Root(row, DatabaseScopes(work.session, row.id), {ROOT_SCOPE: row.id})


def _locking(statement: Any, *tables: type) -> Any:
    """``FOR UPDATE OF`` exactly ``tables``, in that order: PostgreSQL re-reads the rows it had to wait for."""
    return statement.with_for_update(of=tables).execution_options(populate_existing=True)
