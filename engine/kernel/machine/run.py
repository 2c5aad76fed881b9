"""The work queue: tokens run in the order in which they became ready, until only waits are left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from engine.kernel.definition import Kind, MultiInstance, Node
from engine.kernel.errors import Code, UnsupportedValue
from engine.kernel.machine import incidents, joins, multi_instance, propagation, signals, standard_loop, tasks
from engine.kernel.machine.boundary import arm_boundary
from engine.kernel.machine.call import enter_call, results
from engine.kernel.machine.compensation import go_on
from engine.kernel.machine.conditions import react
from engine.kernel.machine.event_subprocess import open_scope
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.flow import AFTER, leave
from engine.kernel.machine.records import close, discard
from engine.kernel.machine.subprocess import enter_subprocess, open_local
from engine.kernel.machine.throwing import throw_events
from engine.kernel.machine.triggers import begin_start, catch, wait_for_first
from engine.kernel.machine.variables import Visible, for_stores, mapped, write_mapped, write_outputs, write_stores
from engine.kernel.machine.waits import BEFORE, arm_continuation
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ACTIVE, Phase, ScopeKind

MAX_STEPS: Final = 10_000
"""Visits that one stimulus may set off; each multi-instance item adds `STEPS_PER_ITEM`, up to `MOST_STEPS` in all."""
LOOKS_PER_STEP: Final = 50
"""Looking at this many conditional events counts as one visit: each changed variable looks at all that read it."""
STEPS_PER_ITEM: Final = 20
MOST_STEPS: Final = 100_000

_Behaviour = Callable[[Work, Visit], None]

_BEHAVIOURS: Final[dict[Kind, _Behaviour]] = {
    Kind.START_EVENT: begin_start,
    Kind.END_EVENT: throw_events,
    Kind.CATCH_EVENT: catch,
    Kind.THROW_EVENT: throw_events,
    Kind.BOUNDARY_EVENT: tasks.pass_on,
    Kind.TASK: tasks.pass_on,
    Kind.USER_TASK: tasks.open_task,
    Kind.MANUAL_TASK: tasks.open_manual,
    Kind.SERVICE_TASK: tasks.request_service,
    Kind.SEND_TASK: tasks.request_service,
    Kind.RECEIVE_TASK: catch,
    Kind.SCRIPT_TASK: tasks.run_script,
    Kind.BUSINESS_RULE_TASK: tasks.take_decision,
    Kind.EXCLUSIVE_GATEWAY: tasks.pass_on,
    Kind.PARALLEL_GATEWAY: tasks.pass_on,
    Kind.INCLUSIVE_GATEWAY: tasks.pass_on,
    Kind.COMPLEX_GATEWAY: tasks.pass_on,
    Kind.EVENT_BASED_GATEWAY: wait_for_first,
    Kind.SUB_PROCESS: enter_subprocess,
    Kind.TRANSACTION: enter_subprocess,
    Kind.AD_HOC_SUB_PROCESS: enter_subprocess,
    Kind.CALL_ACTIVITY: enter_call,
}


def drain(work: Work) -> None:
    """Runs until only waits are left. A token that cannot go on is left failed; the others run on.

    First what a changed variable sets off and what a compensation goes on with, then the tokens that are ready, in the
    order in which they became so; when none is left, joins that nothing more can reach, then the next signal.
    """
    steps = 0
    react(work)
    while True:
        if work.runners:
            go_on(work, work.runners.popleft())
        elif work.queue:
            scope, number = work.queue.popleft()
            steps += 1
            allowed = min(MAX_STEPS + STEPS_PER_ITEM * work.items, MOST_STEPS)
            _run_token(work, scope, number, allowed, exhausted=steps + work.looks // LOOKS_PER_STEP > allowed)
        elif not joins.settle(work):
            if not work.throws:
                break
            signals.deliver_next(work)
        react(work)
    incidents.fail_stuck_joins(work)


def _run_token(work: Work, scope: str, number: int, allowed: int, *, exhausted: bool) -> None:
    at = work.visit(scope, number)
    while at is not None and at.token.phase in ACTIVE and not at.token.failed:
        if exhausted:
            incidents.fail(work, at, Code.LOOP_LIMIT, f"more than {allowed} steps without waiting for anything")
            return
        _one_phase(work, at)
        if work.armed or work.written:
            react(work)
        at = work.visit(scope, number)


def _one_phase(work: Work, at: Visit) -> None:
    try:
        _PHASES[at.token.phase](work, at)
    except StepFailure as failure:
        _failed(work, at, failure.code, failure.message)
    except UnsupportedValue as problem:
        _failed(work, at, Code.BAD_VALUE, str(problem))


def _failed(work: Work, at: Visit, code: Code, message: str) -> None:
    # Without boundary events an element runs as it is entered; with them, entering only arms those.
    running = at.token.phase is Phase.RUN or (at.token.phase is Phase.ENTER and not at.node.boundary)
    computes = running and at.node.kind in (Kind.SCRIPT_TASK, Kind.BUSINESS_RULE_TASK)
    if not (computes and propagation.throw_technical(work, at, code, message)):
        incidents.fail(work, at, code, message)


def _enter(work: Work, at: Visit) -> None:
    """Boundary events are armed before the activity begins, so that nothing slips by."""
    if at.node.async_before:
        word = at.token.flow or ""
        if not word.startswith(BEFORE):
            arm_continuation(work, at, f"{BEFORE}{word}")
            return
        at.token = at.token._replace(flow=word.removeprefix(BEFORE) or None)
        work.put(at.scope, at.token)
    if at.node.boundary:
        arm_boundary(work, at)
    if work.armed:
        work.change(at, Phase.RUN)  # a condition that is true already comes before the activity begins
    elif at.node.loop is None and not at.node.inputs:
        # Most elements: go on at once. Boundary events that were armed above stay armed if the element now fails.
        if at.node.boundary:
            work.change(at, Phase.RUN)
        _BEHAVIOURS[at.node.kind](work, at)
    else:
        work.change(at, Phase.RUN)


def _run(work: Work, at: Visit) -> None:
    """What wraps every activity alike: items around mapped inputs around what the element does."""
    inner = at.inner
    if at.node.loop is not None and inner is None:
        if isinstance(at.node.loop, MultiInstance):
            multi_instance.open_items(work, at)
        else:
            standard_loop.begin_loop(work, at)
    elif at.node.inputs and inner is not ScopeKind.LOCAL:
        open_local(work, at)
    else:
        _BEHAVIOURS[at.node.kind](work, at)


def _outputs(work: Work, at: Visit) -> None:
    """Writes what the activity produced, all of it or nothing."""
    token, node = at.token, at.node
    if token.child is None:
        write_outputs(work, at, at.scope, token.payload or {})
    elif node.call is not None:
        stored = for_stores(work, Visible(work, at.child), node.call.outputs)
        write_outputs(work, at, at.scope, results(work, at, node.call))
        write_stores(work, at, stored)
        discard(work, at.child)
    else:
        if node.outputs or node.data_outputs:
            inside = Visible(work, at.child)
            values = mapped(work, inside, (*node.outputs, *node.data_outputs), "output")
            stored = for_stores(work, inside, node.data_outputs)
            write_mapped(work, at, values)
            write_stores(work, at, stored)
        close(work, at)
    work.change(at, Phase.LEAVE)
    if node.async_before and _begun_by_event(node):
        arm_continuation(work, at, AFTER)


def _begun_by_event(node: Node) -> bool:
    """Entered only when its event has happened: then ``asyncBefore`` can but mean that what follows waits."""
    return node.kind is Kind.BOUNDARY_EVENT or (node.kind is Kind.START_EVENT and node.parent is not None)


_PHASES: Final[dict[Phase, _Behaviour]] = {
    Phase.OPEN: open_scope,
    Phase.ENTER: _enter,
    Phase.RUN: _run,
    Phase.OUTPUTS: _outputs,
    Phase.LEAVE: leave,
}
