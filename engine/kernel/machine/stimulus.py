"""Stimuli applied to the work: each finds its token or wait, or raises, before it changes anything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.kernel.effects import StepRecovered, TaskClosed
from engine.kernel.errors import AlreadyStarted, Code, NotWaiting
from engine.kernel.machine import incidents
from engine.kernel.machine.beginning import begin_root
from engine.kernel.machine.cancel import end_root
from engine.kernel.machine.propagation import raise_escalation, throw
from engine.kernel.machine.signals import deliver
from engine.kernel.machine.triggers import happened, resume
from engine.kernel.machine.variables import write_encoded
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase, Wait, WaitKind, ancestors_of, split_handle
from engine.kernel.stimuli import (
    Cancel,
    CompleteTask,
    DeliverMessage,
    DeliverSignal,
    FireTimer,
    JobDone,
    JobFailed,
    Retry,
    SetVariables,
    Start,
    Stimulus,
    ThrowError,
    ThrowEscalation,
)
from engine.kernel.values import encode, encode_all


def apply(work: Work, stimulus: Stimulus) -> None:
    """Does what the stimulus asks for; the queue then holds what became ready."""
    _STIMULI[type(stimulus)](work, stimulus)


def _start(work: Work, stimulus: Start) -> None:
    if work.find(ROOT) is not None or ROOT in work.state.removed:
        raise AlreadyStarted
    begin_root(work, stimulus)


def _complete_task(work: Work, stimulus: CompleteTask) -> None:
    payload = encode_all(stimulus.variables)
    at = _waiting(work, stimulus.token, Phase.TASK)
    work.emit(TaskClosed(at.instance, at.token.step, at.id, at.node.id, "completed"))
    resume(work, at, payload)


def _job_done(work: Work, stimulus: JobDone) -> None:
    at = _waiting(work, stimulus.token, Phase.SERVICE)
    result = None if at.node.service is None else at.node.service.result_variable
    payload = encode_all(stimulus.result) if result is None else {result: encode(stimulus.result)}
    resume(work, at, payload)


def _job_failed(work: Work, stimulus: JobFailed) -> None:
    at = _waiting(work, stimulus.token, Phase.SERVICE)
    incidents.fail(work, at, Code.JOB, stimulus.message, Phase.RUN)


def _throw_error(work: Work, stimulus: ThrowError) -> None:
    variables = encode_all(stimulus.variables)
    at = _waiting(work, stimulus.token, Phase.TASK, Phase.SERVICE)
    if at.token.phase is Phase.TASK:
        work.emit(TaskClosed(at.instance, at.token.step, at.id, at.node.id, "completed"))
    work.change(at, Phase.RUN)  # nobody works on it any more, whatever comes of the error
    throw(work, at, stimulus.code, stimulus.message, variables)


def _throw_escalation(work: Work, stimulus: ThrowEscalation) -> None:
    variables = encode_all(stimulus.variables)
    at = _waiting(work, stimulus.token, Phase.TASK, Phase.SERVICE)
    raise_escalation(work, at, stimulus.code, variables)


def _fire_timer(work: Work, stimulus: FireTimer) -> None:
    happened(work, *_wait(work, stimulus.wait, WaitKind.TIMER), {})


def _deliver(work: Work, stimulus: DeliverMessage) -> None:
    payload = encode_all(stimulus.variables)
    happened(work, *_wait(work, stimulus.wait, WaitKind.MESSAGE), payload)


def _deliver_signal(work: Work, stimulus: DeliverSignal) -> None:
    payload = encode_all(stimulus.variables)
    if work.find(ROOT) is None:
        raise NotWaiting(ROOT)
    deliver(work, stimulus.name, payload)


def _retry(work: Work, stimulus: Retry) -> None:
    variables = encode_all(stimulus.variables)
    at = _visit(work, stimulus.token)
    if not at.token.failed:
        raise NotWaiting(stimulus.token)
    work.emit(StepRecovered(at.instance, at.id, at.node.id))
    write_encoded(work, at.scope, variables, at.node.id)
    at.token = at.token._replace(failed=False)
    work.put(at.scope, at.token)
    if at.token.phase is Phase.JOIN:
        incidents.wait_again(work, at)
    else:
        work.enqueue(at.scope, at.token.number)


def _set_variables(work: Work, stimulus: SetVariables) -> None:
    variables = encode_all(stimulus.variables)
    work.state.preload(ancestors_of(stimulus.scope))
    work.scope(stimulus.scope)
    write_encoded(work, stimulus.scope, variables, "")


def _cancel(work: Work, stimulus: Cancel) -> None:
    if work.find(ROOT) is None:
        raise NotWaiting(ROOT)
    end_root(work, "cancelled")


_STIMULI: dict[type, Callable[[Work, Any], None]] = {
    Start: _start,
    CompleteTask: _complete_task,
    FireTimer: _fire_timer,
    DeliverMessage: _deliver,
    DeliverSignal: _deliver_signal,
    JobDone: _job_done,
    JobFailed: _job_failed,
    ThrowError: _throw_error,
    ThrowEscalation: _throw_escalation,
    Retry: _retry,
    SetVariables: _set_variables,
    Cancel: _cancel,
}


def _visit(work: Work, handle: str) -> Visit:
    scope, number = split_handle(handle)
    work.state.preload(ancestors_of(scope))
    at = work.visit(scope, number)
    if at is None:
        raise NotWaiting(handle)
    return at


def _waiting(work: Work, handle: str, *phases: Phase) -> Visit:
    at = _visit(work, handle)
    if at.token.failed or at.token.phase not in phases:
        raise NotWaiting(handle)
    return at


def _wait(work: Work, handle: str, kind: WaitKind) -> tuple[str, Wait]:
    scope, number = split_handle(handle)
    work.state.preload(ancestors_of(scope))
    found = work.find(scope)
    wait = None if found is None else found.waits.get(number)
    if wait is None or wait.kind is not kind:
        raise NotWaiting(handle)
    return scope, wait
