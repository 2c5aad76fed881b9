"""Tasks and jobs show that their case is suspended, so that lists and workers need not look at the case."""

from __future__ import annotations

from sqlalchemy import update

from engine.execution.lock import Root
from engine.model.job import LEASED, READY, Job
from engine.model.task import OPEN, UserTask
from engine.runtime import Work


def flag(work: Work, root: Root, *, suspended: bool) -> None:
    """Set or clear the flag on the open tasks and waiting jobs of the case. Two statements.

    A job that is being worked on is flagged too: its result is refused under the root's lock.
    """
    quiet = {"synchronize_session": False}
    tasks = update(UserTask).where(UserTask.root_id == root.id, UserTask.status == OPEN).values(suspended=suspended)
    work.session.execute(tasks, execution_options=quiet)
    waiting = update(Job).where(Job.root_id == root.id, Job.status.in_((READY, LEASED))).values(suspended=suspended)
    work.session.execute(waiting, execution_options=quiet)
