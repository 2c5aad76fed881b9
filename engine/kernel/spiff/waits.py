"""Asking people and handlers for what a token on SpiffWorkflow's runtime waits for."""

from __future__ import annotations

from datetime import datetime

from engine.kernel.definition import HumanWork, TimerKind, Value
from engine.kernel.effects import (
    ServiceRequested,
    ServiceWithdrawn,
    TaskClosed,
    TaskOpened,
)
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.variables import evaluate, everything
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase
from engine.kernel.timers import TimerOutOfRange, TimerSyntaxError, first_due, parse_timer


def ask(work: Work, at: Visit) -> None:
    """Asks the person or the handler that a token waits for. Raises `StepFailure`."""
    if at.token.phase is Phase.TASK:
        work.emit(_task(work, at, at.node.human or HumanWork()))
    elif at.token.phase is Phase.SERVICE and at.node.service is not None:
        variables = everything(work, ROOT)
        work.emit(ServiceRequested(ROOT, at.token.step, at.id, at.node.id, at.node.service.topic, variables))


def withdraw(work: Work, at: Visit, outcome: str) -> None:
    """Tells the person or the handler that the token is gone."""
    if at.token.phase is Phase.TASK:
        work.emit(TaskClosed(ROOT, at.token.step, at.id, at.node.id, outcome))
    elif at.token.phase is Phase.SERVICE and outcome != "completed":
        work.emit(ServiceWithdrawn(ROOT, at.id))


def _task(work: Work, at: Visit, human: HumanWork) -> TaskOpened:
    def text(value: Value | None, what: str) -> str | None:
        if value is None:
            return None
        found = evaluate(work, ROOT, value, what)
        if found is not None and not isinstance(found, str):
            raise StepFailure(Code.BAD_VALUE, f"{what} is no text")
        return found or None

    return TaskOpened(
        instance=ROOT,
        step=at.token.step,
        token=at.id,
        element=at.node.id,
        name=at.node.name,
        role=at.node.role,
        assignee=text(human.assignee, "assignee"),
        candidate_users=_names(work, human.candidate_users, "candidateUsers"),
        candidate_groups=_names(work, human.candidate_groups, "candidateGroups"),
        due=_instant(work, human.due_date, "dueDate"),
        follow_up=_instant(work, human.follow_up_date, "followUpDate"),
        priority=_priority(work, human.priority),
        form=human.form,
        sla=text(human.sla, "sla"),
        calendar=human.calendar,
        escalation=human.escalation,
        excludes=human.excludes,
        clock=human.clock,
    )


def _names(work: Work, value: Value | None, what: str) -> tuple[str, ...]:
    found = None if value is None else evaluate(work, ROOT, value, what)
    if found is None:
        return ()
    if isinstance(found, str):
        return tuple(name for part in found.split(",") if (name := part.strip()))
    if isinstance(found, list) and all(isinstance(name, str) for name in found):
        return tuple(found)
    raise StepFailure(Code.BAD_VALUE, f"{what} is neither text nor a list of texts")


def _instant(work: Work, value: Value | None, what: str) -> datetime | None:
    found = None if value is None else evaluate(work, ROOT, value, what)
    if found is None:
        return None
    problem = ""
    for kind in (TimerKind.DATE, TimerKind.DURATION):
        try:
            return first_due(parse_timer(kind, found), work.now).at
        except (TimerSyntaxError, TimerOutOfRange) as refusal:
            problem = problem or str(refusal)
    raise StepFailure(Code.BAD_VALUE, f"{what}: {problem}")


def _priority(work: Work, value: Value | None) -> int:
    found = 50 if value is None else evaluate(work, ROOT, value, "priority")
    try:
        return int(str(found))
    except ValueError:
        raise StepFailure(Code.BAD_VALUE, "the priority is no whole number") from None
