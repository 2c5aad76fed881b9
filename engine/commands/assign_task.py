"""Hand a task to a person."""

from __future__ import annotations

from sqlalchemy import and_, or_, select

from engine.access import ROLE, USER, people
from engine.errors import Forbidden, InvalidInput
from engine.exclusion import check_exclusions
from engine.execution.holding import open_task, touch
from engine.execution.lock import Root
from engine.execution.record import record
from engine.model.identity import Membership, User
from engine.model.task import TaskCandidate, UserTask
from engine.queries.task import TaskView, view
from engine.runtime import Work


def assign_task(work: Work, task_id: str, user: str, *, revision: int | None = None) -> TaskView:
    """Make ``user`` the holder of the task, whoever held it before.

    For the holder, and for who supervises the task's unit (ADMIN everywhere). ``user`` must be a candidate whose
    earlier work on the case does not exclude this. Raises what `open_task` raises, `Forbidden`, `InvalidInput` for
    somebody unknown, disabled or no candidate, `ExcludedPerformer`.
    """
    root, task = open_task(work, task_id, revision=revision)
    if task.assignee != work.principal.name and not work.principal.supervises(task.unit):
        raise Forbidden(f"{work.principal.name} may not hand out {task.name!r}.", task=task.id)
    if task.assignee == user:
        return view(task)
    if not user.isprintable():
        raise InvalidInput("A user's name has printable characters only.", {"user": ["unknown"]})
    _check_candidate(work, task, user)
    check_exclusions(work, task, people(user))
    return _hand_over(work, root, task, user)


def _check_candidate(work: Work, task: UserTask, user: str) -> None:
    named = (
        select(TaskCandidate.who)
        .where(
            TaskCandidate.task_id == task.id,
            or_(
                and_(TaskCandidate.kind == USER, TaskCandidate.who == user),
                and_(TaskCandidate.kind == ROLE, TaskCandidate.who == Membership.role, Membership.unit == task.unit),
            ),
        )
        .correlate(Membership)
        .exists()
    )
    fits = or_(and_(Membership.role == task.role, Membership.unit == task.unit), named)
    found = work.session.execute(
        select(User.disabled, Membership.role)
        .outerjoin(Membership, and_(Membership.user == User.name, fits))
        .where(User.name == user)
        .limit(1)
    ).one_or_none()
    if found is None or found.disabled:
        raise InvalidInput(f"There is no active user {user!r}.", {"user": ["unknown or disabled"]})
    if found.role is None and not _named(work, task, user):
        text = f"{user} does not hold {task.role} in {task.unit} and is not a candidate for {task.name!r}."
        raise InvalidInput(text, {"user": ["not a candidate"]})


def _named(work: Work, task: UserTask, user: str) -> bool:
    """Whether a user without any fitting role is a candidate by name."""
    statement = select(TaskCandidate.who).where(
        TaskCandidate.task_id == task.id, TaskCandidate.kind == USER, TaskCandidate.who == user
    )
    return work.session.scalar(statement) is not None


def _hand_over(work: Work, root: Root, task: UserTask, user: str) -> TaskView:
    before = task.assignee
    task.assignee, task.claimed_at = user, work.now
    touch(work, task)
    payload = {"task": task.id, "before": {"assignee": before}, "after": {"assignee": user}}
    record(work, root, action="task:assigned", element=task.element, payload=payload)
    return view(task)
