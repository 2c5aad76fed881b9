"""``advance`` on SpiffWorkflow's runtime: the same stimuli, effects and stored form as the token machine.

The root scope holds definition, variables, tokens and waits exactly as the machine's does, so that everything that
reads a state reads this one. SpiffWorkflow's task tree lies in one child scope of its own (`tree`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from SpiffWorkflow.util.task import TaskState

from engine.kernel.definition import Kind
from engine.kernel.effects import InstanceEnded, StepRecovered, TaskClosed
from engine.kernel.errors import AlreadyStarted, Code, KernelError, NoSuchScope, NoSuchStart, NotWaiting
from engine.kernel.machine import Outcome, incidents
from engine.kernel.machine.variables import everything, put_here, write, write_encoded
from engine.kernel.machine.work import Definitions, Visit, Work
from engine.kernel.scope import ROOT, Phase, Scope, ScopeKind, Wait, split_handle
from engine.kernel.spiff.instance import Instance
from engine.kernel.spiff.script import FeelEngine, FeelEnvironment
from engine.kernel.spiff.spec import specs_of
from engine.kernel.spiff.tree import dump, load, new_workflow
from engine.kernel.state import State
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
)
from engine.kernel.values import encode_all

_TREE_SCOPE = f"{ROOT}.2"
_TREE = "tree"


def advance(definitions: Definitions, state: State, stimulus: Stimulus, now: datetime) -> Outcome:
    """The state after ``stimulus`` at ``now`` (aware), and what happened.

    Raises `NotWaiting`, `AlreadyStarted`, `NoSuchStart`, `NoSuchScope` and `UnsupportedValue`; ``state`` is then, as
    always, unchanged.
    """
    work = Work(definitions, state, now)
    instance = _start(work, stimulus) if isinstance(stimulus, Start) else _resume(work, stimulus)
    _apply(instance, stimulus)
    if any(isinstance(effect, InstanceEnded) for effect in work.effects):
        work.remove(_TREE_SCOPE)
        work.remove(ROOT)
    else:
        numbers = {task.id: number for number, task in instance.tasks.items() if work.token(ROOT, number) is not None}
        work.edit(_TREE_SCOPE).variables[_TREE] = dump(instance.workflow, numbers)
    return Outcome(work.result(), tuple(work.effects))


def _start(work: Work, stimulus: Start) -> Instance:
    if not work.state.ended:
        raise AlreadyStarted
    definition = work.definitions.get(stimulus.definition)
    starts = definition.starts.get(None, ())
    if len(starts) != 1 or stimulus.event not in (None, starts[0]):
        raise NoSuchStart(definition.ref, stimulus.event)
    work.create(
        ROOT,
        Scope(ScopeKind.PROCESS, definition=definition.ref, business_key=stimulus.business_key, counter=2),
    )
    work.create(_TREE_SCOPE, Scope(ScopeKind.LOCAL))
    put_here(work, ROOT, encode_all(stimulus.variables), "")
    engine = FeelEngine(FeelEnvironment(definition, work))
    return Instance(definition, work, new_workflow(specs_of(definition), engine), {})


def _resume(work: Work, stimulus: Stimulus) -> Instance:
    if work.state.ended:
        if isinstance(stimulus, CompleteTask | JobDone | JobFailed | ThrowError | Retry):
            raise NotWaiting(stimulus.token)
        if isinstance(stimulus, FireTimer | DeliverMessage):
            raise NotWaiting(stimulus.wait)
        raise NoSuchScope(ROOT)
    definition = work.definition_of(ROOT)
    engine = FeelEngine(FeelEnvironment(definition, work))
    stored = work.scope(_TREE_SCOPE).variables[_TREE]
    workflow, tasks = load(stored, specs_of(definition), engine)
    return Instance(definition, work, workflow, tasks)


def _apply(instance: Instance, stimulus: Stimulus) -> None:
    match stimulus:
        case Start():
            instance.settle()
        case CompleteTask(token, variables):
            _complete(instance, _waiting(instance, token, Phase.TASK), variables)
        case JobDone(token, result):
            _job_done(instance, _waiting(instance, token, Phase.SERVICE), result)
        case JobFailed(token, message):
            at = _waiting(instance, token, Phase.SERVICE)
            incidents.fail(instance.work, at, Code.JOB, message, Phase.RUN)
        case ThrowError(token, code, message):
            _throw(instance, _waiting(instance, token, Phase.TASK, Phase.SERVICE), code, message)
        case FireTimer(wait):
            _fire(instance, _armed(instance, wait, timer=True))
        case DeliverMessage(wait, variables):
            armed = _armed(instance, wait, timer=False)
            write(instance.work, ROOT, variables, armed.element)
            _fire(instance, armed)
        case Retry(token, variables):
            _retry(instance, token, variables)
        case SetVariables(scope, variables):
            if scope != ROOT:
                raise NoSuchScope(scope)
            write(instance.work, ROOT, variables, "")
        case DeliverSignal():
            pass  # models with signal events are refused: nothing listens
        case Cancel():
            _cancel(instance)
        case _:
            raise KernelError(f"{type(stimulus).__name__} is not for SpiffWorkflow's runtime")


def _waiting(instance: Instance, handle: str, *phases: Phase) -> Visit:
    """The token that waits in one of ``phases``, not failed; SpiffWorkflow itself would run a task twice."""
    scope, number = split_handle(handle)
    token = instance.work.token(ROOT, number) if scope == ROOT else None
    if token is None or token.phase not in phases or token.failed:
        raise NotWaiting(handle)
    task = instance.tasks[number]
    if not task.has_state(TaskState.READY):
        raise NotWaiting(handle)
    return Visit(instance.work, ROOT, token, instance.definition.nodes[token.element])


def _armed(instance: Instance, handle: str, *, timer: bool) -> Wait:
    scope, number = split_handle(handle)
    wait = instance.work.scope(ROOT).waits.get(number) if scope == ROOT else None
    if wait is None or (wait.tick is not None) is not timer:
        raise NotWaiting(handle)
    return wait


def _complete(instance: Instance, at: Visit, variables: Mapping[str, object]) -> None:
    work = instance.work
    values = encode_all(variables)
    if at.token.phase is Phase.TASK:
        work.emit(TaskClosed(ROOT, at.token.step, at.id, at.node.id, "completed"))
    write_encoded(work, ROOT, values, at.node.id)
    work.change(at, Phase.RUN)
    instance.run(instance.tasks[at.token.number])
    instance.settle()


def _throw(instance: Instance, at: Visit, code: str, message: str) -> None:
    """Models with error events are refused, so nothing catches it: the instance ends as failed."""
    if at.token.phase is Phase.TASK:
        instance.work.emit(TaskClosed(ROOT, at.token.step, at.id, at.node.id, "completed"))
    instance.work.change(at, Phase.RUN)
    text = f": {message}" if message else ""
    incidents.fail(instance.work, at, Code.UNCAUGHT_ERROR, f"nothing catches the error '{code}'{text}", Phase.RUN)
    _cancel(instance, "failed")


def _job_done(instance: Instance, at: Visit, result: Mapping[str, object]) -> None:
    name = None if at.node.service is None else at.node.service.result_variable
    _complete(instance, at, result if name is None else {name: dict(result)})


def _fire(instance: Instance, wait: Wait) -> None:
    node = instance.definition.nodes[wait.element]
    boundary = node.kind is Kind.BOUNDARY_EVENT
    task = instance.boundary_task(wait.token, wait.element) if boundary else instance.tasks[wait.token]
    if task is None or not task.has_state(TaskState.WAITING):
        raise NotWaiting(f"{ROOT}:{wait.number}")
    instance.triggered(wait)
    task.task_spec.event_definition.catch(task)
    task.task_spec._update(task)
    if not boundary and (at := instance.visit(task)) is not None:
        instance.work.change(at, Phase.RUN)
    instance.settle()


def _retry(instance: Instance, handle: str, variables: Mapping[str, object]) -> None:
    work = instance.work
    scope, number = split_handle(handle)
    token = work.token(ROOT, number) if scope == ROOT else None
    if token is None or not token.failed:
        raise NotWaiting(handle)
    values = encode_all(variables)
    at = Visit(work, ROOT, token, instance.definition.nodes[token.element])
    work.emit(StepRecovered(ROOT, handle, at.node.id))
    write_encoded(work, ROOT, values, at.node.id)
    at.token = at.token._replace(failed=False)
    work.put(ROOT, at.token)
    instance.open(at)
    instance.settle()


def _cancel(instance: Instance, outcome: str = "cancelled") -> None:
    instance.workflow.cancel()
    instance.reconcile()
    work = instance.work
    work.emit(InstanceEnded(ROOT, outcome, None, everything(work, ROOT)))
