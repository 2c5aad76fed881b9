"""Event subprocesses: armed when the scope around them opens, run inside it as one more token.

An interrupting one ends everything else in the scope, at once. None ever begins by itself, and waiting for its event
keeps no instance alive: a scope ends when its tokens are gone, whatever it listens to (BPMN 2.0.2, 13.5.4).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.definition import Node
from engine.kernel.effects import StepEntered
from engine.kernel.machine.cancel import end_others
from engine.kernel.machine.waits import arm_scope, disarm_scope
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, Scope, ScopeKind, Token
from engine.kernel.values import Json


def open_scope(work: Work, at: Visit) -> None:
    """The first token in a scope lets the scope's event subprocesses wait, then enters its element.

    Raises `StepFailure` when one of their triggers cannot be evaluated.
    """
    definition = work.definition_of(at.scope)
    handlers = definition.handlers.get(work.container_of(at.scope), ())
    arm_scope(work, at.scope, [definition.nodes[start] for id in handlers for start in definition.starts.get(id, ())])
    phase = Phase.ENTER if at.token.payload is None else Phase.OUTPUTS
    at.token = at.token._replace(phase=phase)
    work.put(at.scope, at.token)


def first_phase(work: Work, scope: str, *, happened: bool) -> Phase:
    """The phase in which the first token of a new scope begins; ``happened``: the event it stands on has."""
    if work.definition_of(scope).handlers.get(work.container_of(scope)):
        return Phase.OPEN
    return Phase.OUTPUTS if happened else Phase.ENTER


def triggered(
    work: Work, scope: str, start: Node, payload: Mapping[str, Json], thrower: str = "", *, undoing: bool = False
) -> tuple[str, int]:
    """The start event ``start`` of an event subprocess in ``scope`` happened. Scope and number of its token.

    ``thrower``: the scope from which an error came. ``undoing``: it compensates; there is nothing to interrupt.
    """
    nodes = work.definition_of(scope).nodes
    if (start.interrupting or thrower) and not undoing:  # an error always interrupts, whatever the model says
        work.edit(scope).interrupted = True
        disarm_scope(work, scope)
        end_others(work, scope, thrower)
    assert start.parent is not None  # noqa: S101 - it lies in an event subprocess
    handler = nodes[start.parent]
    number, child = work.next_number(), work.next_number()
    work.put(scope, Token(number, handler.id, Phase.CHILD, number, child=child))
    work.emit(StepEntered(work.instance_of(scope), number, handler.id, handler.kind.value, scope))
    id = f"{scope}.{child}"
    work.create(id, Scope(ScopeKind.SUB_PROCESS, handler.id, number))
    return id, work.begin(id, start, first_phase(work, id, happened=True), payload)
