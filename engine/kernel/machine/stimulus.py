"""Stimuli applied to the work: each finds its token or wait, or raises, before it changes anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.kernel.definition import Definition, Kind, Node
from engine.kernel.effects import StepLeft, StepRecovered, TaskClosed
from engine.kernel.errors import AlreadyStarted, Code, NoSuchStart, NotWaiting
from engine.kernel.machine import boundary, incidents
from engine.kernel.machine.cancel import cancel_root
from engine.kernel.machine.events import disarm, used
from engine.kernel.machine.flow import follow
from engine.kernel.machine.variables import put_here, write_encoded
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase, Scope, ScopeKind, Wait, ancestors_of, split_handle
from engine.kernel.stimuli import (
    Cancel,
    CompleteTask,
    DeliverMessage,
    FireTimer,
    JobDone,
    JobFailed,
    Retry,
    SetVariables,
    Start,
    Stimulus,
    ThrowError,
)
from engine.kernel.values import Json, encode, encode_all


def apply(work: Work, stimulus: Stimulus) -> None:
    """Does what the stimulus asks for; the queue then holds what became ready."""
    _STIMULI[type(stimulus)](work, stimulus)


def _start(work: Work, stimulus: Start) -> None:
    if work.find(ROOT) is not None or ROOT in work.state.removed:
        raise AlreadyStarted
    definition = work.definitions.get(stimulus.definition)
    variables = encode_all(stimulus.variables)
    start = _start_event(definition, stimulus.event)
    root = Scope(ScopeKind.PROCESS, definition=definition.ref, business_key=stimulus.business_key, counter=1)
    work.create(ROOT, root)
    put_here(work, ROOT, variables, "")
    work.begin(ROOT, start)


def _start_event(definition: Definition, event: str | None) -> Node:
    starts = [definition.nodes[id] for id in definition.starts.get(None, ())]
    for node in starts:
        if node.event is None if event is None else node.id == event:
            return node
    raise NoSuchStart(definition.ref, event)


def _complete_task(work: Work, stimulus: CompleteTask) -> None:
    payload = encode_all(stimulus.variables)
    at = _waiting(work, stimulus.token, Phase.TASK)
    work.emit(TaskClosed(at.instance, at.token.step, at.id, at.node.id, "completed"))
    _resume(work, at, payload)


def _job_done(work: Work, stimulus: JobDone) -> None:
    at = _waiting(work, stimulus.token, Phase.SERVICE)
    result = None if at.node.service is None else at.node.service.result_variable
    payload = encode_all(stimulus.result) if result is None else {result: encode(stimulus.result)}
    _resume(work, at, payload)


def _job_failed(work: Work, stimulus: JobFailed) -> None:
    at = _waiting(work, stimulus.token, Phase.SERVICE)
    incidents.fail(work, at, Code.JOB, stimulus.message, Phase.RUN)


def _throw_error(work: Work, stimulus: ThrowError) -> None:
    variables = encode_all(stimulus.variables)
    at = _waiting(work, stimulus.token, Phase.TASK, Phase.SERVICE)
    if at.token.phase is Phase.TASK:
        work.emit(TaskClosed(at.instance, at.token.step, at.id, at.node.id, "completed"))
    work.change(at, Phase.RUN)  # nobody works on it any more, whatever comes of the error
    incidents.throw(work, at, stimulus.code, stimulus.message, variables)


def _fire_timer(work: Work, stimulus: FireTimer) -> None:
    at, wait = _wait(work, stimulus.wait, timer=True)
    _trigger(work, at, wait, {})


def _deliver(work: Work, stimulus: DeliverMessage) -> None:
    payload = encode_all(stimulus.variables)
    at, wait = _wait(work, stimulus.wait, timer=False)
    _trigger(work, at, wait, payload)


def _trigger(work: Work, at: Visit, wait: Wait, payload: Mapping[str, Json]) -> None:
    node = work.definition_of(at.scope).nodes[wait.element]
    if node.kind is Kind.BOUNDARY_EVENT:
        boundary.triggered(work, at, wait, node, payload)
    elif at.token.phase is Phase.EVENTS:
        disarm(work, at)
        work.emit(StepLeft(at.instance, at.token.step, at.node.id, "completed"))
        work.take(at)
        taken = next(flow for flow in at.node.outgoing if flow.target == node.id)
        follow(work, at.scope, taken, Phase.OUTPUTS, payload)
    else:
        used(work, at, wait, repeats=False)
        _resume(work, at, payload)


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
        incidents.fail_join(work, at)
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
    cancel_root(work)


_STIMULI: dict[type, Callable[[Work, Any], None]] = {
    Start: _start,
    CompleteTask: _complete_task,
    FireTimer: _fire_timer,
    DeliverMessage: _deliver,
    JobDone: _job_done,
    JobFailed: _job_failed,
    ThrowError: _throw_error,
    Retry: _retry,
    SetVariables: _set_variables,
    Cancel: _cancel,
}


def _resume(work: Work, at: Visit, payload: Mapping[str, Json]) -> None:
    work.change(at, Phase.OUTPUTS, payload=payload)
    work.enqueue(at.scope, at.token.number)


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


def _wait(work: Work, handle: str, *, timer: bool) -> tuple[Visit, Wait]:
    scope, number = split_handle(handle)
    work.state.preload(ancestors_of(scope))
    found = work.find(scope)
    wait = None if found is None else found.waits.get(number)
    if wait is None or (wait.tick is not None) is not timer:
        raise NotWaiting(handle)
    at = work.visit(scope, wait.token)
    assert at is not None  # noqa: S101 - a wait ends together with its token
    return at, wait
