"""An event that something waits for has happened: at a boundary, behind a gateway, in the middle, at an event
subprocess. One place for all triggers: timers, messages, signals, conditions.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.definition import Kind, Link, Node
from engine.kernel.effects import StepLeft
from engine.kernel.machine import boundary, event_subprocess
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.flow import follow
from engine.kernel.machine.incidents import fail
from engine.kernel.machine.variables import write_encoded
from engine.kernel.machine.waits import BEFORE, arm, disarm, happened_in_part, used, wait_again
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, Wait
from engine.kernel.values import Json


def catch(work: Work, at: Visit) -> None:
    """An intermediate catch event or receive task waits for its event; a link passes on what has come to it."""
    if isinstance(at.node.event, Link):
        work.change(at, Phase.LEAVE)
        return
    arm(work, at, [at.node])
    work.change(at, Phase.CATCH)


def begin_start(work: Work, at: Visit) -> None:
    """A start event passes; one of which only a part has happened waits for the rest."""
    part = at.token.flow
    if at.node.parallel_multiple and part is not None:
        arm(work, at, [at.node], (int(part),))
        work.change(at, Phase.CATCH)
    else:
        work.change(at, Phase.LEAVE)


def wait_for_first(work: Work, at: Visit) -> None:
    """An event-based gateway waits for the first of the events behind it."""
    nodes = work.definition_of(at.scope).nodes
    arm(work, at, [nodes[flow.target] for flow in at.node.outgoing])
    work.change(at, Phase.EVENTS)


def happened(work: Work, scope: str, wait: Wait, payload: Mapping[str, Json]) -> None:
    """What ``wait`` listens to has happened. Nothing is run yet: the queue then holds what became ready."""
    node = work.definition_of(scope).nodes[wait.element]
    waiting = work.visit(scope, wait.token) if wait.token else None
    if waiting is not None and waiting.token.phase is Phase.ASYNC:
        _continue(work, waiting)
        return
    again = False
    if node.parallel_multiple:
        write_encoded(work, scope, payload, node.id)
        payload = {}
        if not happened_in_part(work, scope, wait):
            return
        again = not node.interrupting and node.kind in (Kind.BOUNDARY_EVENT, Kind.START_EVENT)
    if not wait.token:
        problem = None if node.interrupting else _go_on_waiting(work, scope, wait, again=again)
        _say(work, *event_subprocess.triggered(work, scope, node, payload), problem)
        return
    at = work.visit(scope, wait.token)
    assert at is not None  # noqa: S101 - a wait ends together with its token
    if node.kind is Kind.BOUNDARY_EVENT:
        if node.interrupting:
            boundary.interrupt(work, at, node, payload)
        else:
            problem = _go_on_waiting(work, scope, wait, again=again)
            _say(work, scope, work.begin(scope, node, Phase.OUTPUTS, payload), problem)
    elif at.token.phase is Phase.EVENTS:
        _chosen(work, at, node, payload)
    else:
        disarm(work, at)
        resume(work, at, payload)


def resume(work: Work, at: Visit, payload: Mapping[str, Json]) -> None:
    """The token goes on with what it waited for."""
    work.change(at, Phase.OUTPUTS, payload=payload)
    work.enqueue(at.scope, at.token.number)


def _go_on_waiting(work: Work, scope: str, wait: Wait, *, again: bool) -> StepFailure | None:
    """``again``: for all of several events. When one of them cannot be evaluated any more, they are not waited for."""
    try:
        if again:
            wait_again(work, scope, wait)
        else:
            used(work, scope, wait, repeats=True)
    except StepFailure as failure:
        return failure
    return None


def _say(work: Work, scope: str, number: int, problem: StepFailure | None) -> None:
    """The event that has happened says as an incident that it cannot happen again; a retry lets it go on."""
    at = work.visit(scope, number)
    if problem is not None and at is not None:
        fail(work, at, problem.code, problem.message)


def _chosen(work: Work, at: Visit, node: Node, payload: Mapping[str, Json]) -> None:
    """The first event behind a gateway: the token goes there, the others are not waited for any more."""
    disarm(work, at)
    work.emit(StepLeft(at.instance, at.token.step, at.node.id, "completed"))
    work.take(at)
    taken = next(flow for flow in at.node.outgoing if flow.target == node.id)
    follow(work, at.scope, taken, Phase.OUTPUTS, payload)


def _continue(work: Work, at: Visit) -> None:
    disarm(work, at)
    at.token = at.token._replace(phase=Phase.ENTER if (at.token.flow or "").startswith(BEFORE) else Phase.LEAVE)
    work.put(at.scope, at.token)
    work.enqueue(at.scope, at.token.number)
