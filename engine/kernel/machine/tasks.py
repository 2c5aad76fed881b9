"""Tasks: what each kind does when its token runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from engine.feel import FeelError, YearsMonths
from engine.kernel.definition import HumanWork, TimerKind, Value
from engine.kernel.effects import DecisionTaken, ServiceRequested, TaskOpened
from engine.kernel.errors import Code, DecisionFailed, NotDeployed
from engine.kernel.machine import results
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.flow import leave
from engine.kernel.machine.names import name_of, names_of, whole_number
from engine.kernel.machine.propagation import owner_of
from engine.kernel.machine.throwing import send_or_pass
from engine.kernel.machine.variables import Visible, evaluate, everything
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, ScopeKind
from engine.kernel.timers import TimerSyntaxError, first_due, parse_timer
from engine.kernel.values import decode_all, encode, encode_all, text_of

_NOBODY = HumanWork()


def pass_on(work: Work, at: Visit) -> None:
    """A gateway, a plain task, an event without definition: nothing to do but to leave."""
    leave(work, at)


def open_manual(work: Work, at: Visit) -> None:
    """A manual task waits for a person only when it names somebody."""
    if at.node.asks:
        open_task(work, at)
    else:
        pass_on(work, at)


def open_task(work: Work, at: Visit) -> None:
    """A user task asks a person and waits. Raises `StepFailure` when an attribute cannot be evaluated."""
    human = at.node.human or _NOBODY

    def text(value: Value | None, what: str) -> str | None:
        return None if value is None else name_of(evaluate(work, at.scope, value, what), what)

    work.emit(
        TaskOpened(
            instance=at.instance,
            step=at.token.step,
            token=at.id,
            element=at.node.id,
            name=at.node.name,
            role=_role(work, at),
            assignee=text(human.assignee, "assignee"),
            candidate_users=_ids(work, at, human.candidate_users, "candidate users"),
            candidate_groups=_ids(work, at, human.candidate_groups, "candidate groups"),
            due=_instant(work, at, human.due_date, "due date"),
            follow_up=_instant(work, at, human.follow_up_date, "follow-up date"),
            priority=_priority(work, at, human.priority),
            form=human.form,
            sla=text(human.sla, "sla"),
            calendar=human.calendar,
            escalation=human.escalation,
            excludes=human.excludes,
            clock=human.clock,
        )
    )
    work.change(at, Phase.TASK)


def request_service(work: Work, at: Visit) -> None:
    """A service or send task hands its work to the handler of its topic; a send task without one throws a message."""
    service = at.node.service
    if service is None:
        send_or_pass(work, at)
        return
    if at.inner is ScopeKind.LOCAL:
        variables = decode_all(work.scope(at.scope).variables)
    else:
        variables = everything(work, at.scope)
    work.emit(ServiceRequested(at.instance, at.token.step, at.id, at.node.id, service.topic, variables, service.retry))
    work.change(at, Phase.SERVICE)


def run_script(work: Work, at: Visit) -> None:
    """A script's value goes to its result variable; without one it is a context, whose entries become variables."""
    script = at.node.script
    assert script is not None  # noqa: S101 - the compiler gives every script task its script
    value = evaluate(work, at.scope, script.expression, "script")
    if script.result_variable is not None:
        payload: Mapping[str, object] = {script.result_variable: value}
    elif isinstance(value, Mapping):
        payload = value
    else:
        raise StepFailure(Code.BAD_VALUE, "the script has no result variable and gives no context of variables")
    work.change(at, Phase.OUTPUTS, payload=encode_all(payload))


def take_decision(work: Work, at: Visit) -> None:
    """A business rule task takes its decision in the version bound now."""
    call = at.node.decision
    assert call is not None  # noqa: S101 - the compiler gives every business rule task its decision
    key = text_of(evaluate(work, at.scope, call.decision, "decision"))
    try:
        decision = work.definitions.decision(key or "", call.binding, call.version, work.definition_of(at.scope).ref)
        output, rules, inputs, trace = decision.evaluate(Visible(work, at.scope), work.now)
    except NotDeployed as problem:
        raise StepFailure(Code.NOT_DEPLOYED, str(problem)) from None
    except (DecisionFailed, FeelError) as problem:
        raise StepFailure(Code.DECISION, f"decision {key}: {problem}") from None
    result = results.shaped(output, call.result_shape)
    if call.result_variable is not None:
        payload = {call.result_variable: encode(result)}
    elif isinstance(result, Mapping):
        payload = encode_all(result)
    else:
        raise StepFailure(Code.BAD_VALUE, f"decision {key} has no result variable and gives no context of variables")
    made = (decision.ref, dict(inputs), output, tuple(rules), tuple(trace))
    effect = DecisionTaken(at.instance, at.token.step, at.node.id, *made)
    work.emit(effect)
    work.change(at, Phase.OUTPUTS, payload=payload)


def _role(work: Work, at: Visit) -> str | None:
    """The role of the task's lane; in a called process without lanes that of the calling activity's lane."""
    visit: Visit | None = at
    while visit is not None:
        if visit.node.role is not None:
            return visit.node.role
        visit = owner_of(work, visit.instance)
    return None


def _ids(work: Work, at: Visit, value: Value | None, what: str) -> tuple[str, ...]:
    return () if value is None else names_of(evaluate(work, at.scope, value, what), what)


def _instant(work: Work, at: Visit, value: Value | None, what: str) -> datetime | None:
    """A date, a date and time, or a duration from now; None for null."""
    found = None if value is None else evaluate(work, at.scope, value, what)
    if found is None:
        return None
    duration = isinstance(found, timedelta | YearsMonths) or (isinstance(found, str) and found.strip().startswith("P"))
    if not isinstance(found, str | date | timedelta | YearsMonths):
        raise StepFailure(Code.BAD_VALUE, f"{what}: a value of type {type(found).__name__} is no date")
    try:
        return first_due(parse_timer(TimerKind.DURATION if duration else TimerKind.DATE, found), work.now).at
    except (TimerSyntaxError, ValueError) as problem:
        raise StepFailure(Code.BAD_VALUE, f"{what}: {problem}") from None


def _priority(work: Work, at: Visit, value: Value | None) -> int:
    found = None if value is None else evaluate(work, at.scope, value, "priority")
    return 50 if found is None else whole_number(found, "priority")
