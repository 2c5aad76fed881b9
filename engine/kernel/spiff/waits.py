"""What a token on SpiffWorkflow's runtime waits for: people, handlers, timers and messages, as effects and waits."""

from __future__ import annotations

from datetime import UTC, datetime

from engine.kernel.definition import HumanWork, Message, Node, Timer, TimerKind, Value
from engine.kernel.effects import (
    AwaitMessage,
    ServiceRequested,
    ServiceWithdrawn,
    StopAwaiting,
    TaskClosed,
    TaskOpened,
    TimerCleared,
    TimerSet,
)
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.variables import evaluate, everything
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase, Wait
from engine.kernel.timers import Tick, TimerOutOfRange, TimerSyntaxError, first_due, parse_timer
from engine.kernel.values import text_of


def open_wait(work: Work, at: Visit) -> None:
    """Asks for what a token waits for. Raises `StepFailure`."""
    if at.token.phase is Phase.TASK:
        work.emit(_task(work, at, at.node.human or HumanWork()))
    elif at.token.phase is Phase.SERVICE and at.node.service is not None:
        variables = everything(work, ROOT)
        work.emit(ServiceRequested(ROOT, at.token.step, at.id, at.node.id, at.node.service.topic, variables))
    elif at.token.phase is Phase.CATCH:
        arm(work, at, at.node)


def withdraw(work: Work, at: Visit, outcome: str) -> None:
    """Tells that a token left what it waited for."""
    if at.token.phase is Phase.TASK:
        work.emit(TaskClosed(ROOT, at.token.step, at.id, at.node.id, outcome))
    elif at.token.phase is Phase.SERVICE and outcome != "completed":
        work.emit(ServiceWithdrawn(ROOT, at.id))


def arm(work: Work, at: Visit, event: Node) -> None:
    """Sets the timer or the subscription of ``event`` for a token. Raises `StepFailure`."""
    if isinstance(event.event, Timer):
        tick = _tick(work, event.event)
        wait = Wait(work.next_number(), at.token.number, event.id, tuple(tick.to_json()))
        work.emit(TimerSet(ROOT, f"{ROOT}:{wait.number}", event.id, tick.at))
    else:
        assert isinstance(event.event, Message)  # noqa: S101 - nothing else is deployed for this kernel
        key = _key(work, event.event)
        wait = Wait(work.next_number(), at.token.number, event.id)
        work.emit(AwaitMessage(ROOT, f"{ROOT}:{wait.number}", event.id, event.event.name, key))
    work.edit(ROOT).waits[wait.number] = wait


def disarm(work: Work, wait: Wait) -> None:
    """Takes a timer or subscription back."""
    del work.edit(ROOT).waits[wait.number]
    handle = f"{ROOT}:{wait.number}"
    work.emit(StopAwaiting(ROOT, handle) if wait.tick is None else TimerCleared(ROOT, handle))


def _tick(work: Work, timer: Timer) -> Tick:
    value = evaluate(work, ROOT, timer.value, "timer")
    try:
        parsed = parse_timer(timer.kind, value, zone=timer.zone)
        if timer.calendar is not None and timer.kind is TimerKind.DURATION:
            due = work.definitions.add_working_time(work.now, str(value), timer.calendar).astimezone(UTC)
            return Tick(due, 1, work.now.astimezone(UTC))
        return first_due(parsed, work.now)
    except (TimerSyntaxError, TimerOutOfRange, ValueError) as problem:
        raise StepFailure(Code.TIMER, str(problem)) from None


def _key(work: Work, message: Message) -> str:
    if message.correlation_key is None:
        return work.scope(ROOT).business_key
    key = text_of(evaluate(work, ROOT, message.correlation_key, "correlation key"))
    if key is None:
        raise StepFailure(Code.BAD_VALUE, "the correlation key has no text")
    return key


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
