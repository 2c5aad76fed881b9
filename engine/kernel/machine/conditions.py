"""Conditional events: looked at when they are armed, and after every change of a variable that they read.

One that does not interrupt happens each time its condition becomes true, not while it stays so. A condition that cannot
be evaluated yet, because a variable was never written or has another type, is not true. What an activity hands out as
it completes sets off none of its own boundary events: those react while it is active (BPMN 2.0.2, 13.3.2).
"""

from __future__ import annotations

from engine.kernel.definition import Conditional, Kind
from engine.kernel.machine.signals import listening
from engine.kernel.machine.triggers import happened
from engine.kernel.machine.variables import lenient
from engine.kernel.machine.work import Work
from engine.kernel.scope import Phase, ScopeKind, Wait, WaitKind

_TRUE = "1"


def react(work: Work) -> None:
    """Lets conditional events happen whose condition became true."""
    while work.armed or work.written:
        if work.armed:
            _look(work, *work.armed.popleft(), None)
            continue
        scope, names = next(iter(work.written.items()))
        del work.written[scope]
        if work.find(scope) is not None:
            waits = listening(work, scope, lambda found: found.conditions, lambda wait: wait.kind is WaitKind.CONDITION)
            work.looks += len(waits)
            for id, number in waits:
                _look(work, id, number, names)


def _look(work: Work, scope: str, number: int, names: set[str] | None) -> None:
    """``names``: what changed; None when the event was armed just now."""
    found = work.find(scope)
    wait = None if found is None else found.waits.get(number)
    if wait is None or wait.kind is not WaitKind.CONDITION:
        return
    event = work.definition_of(scope).nodes[wait.element].events[wait.part]
    assert isinstance(event, Conditional)  # noqa: S101 - a wait of that kind is for such an event
    if names is not None and (not _concerned(event, names) or _completing(work, scope, wait)):
        return
    true = lenient(work, scope, event.condition)
    if true is (wait.text == _TRUE):
        return
    wait = wait._replace(text=_TRUE if true else None)
    work.edit(scope).waits[number] = wait
    if true:
        happened(work, scope, wait, {})


def _concerned(event: Conditional, names: set[str]) -> bool:
    if event.variable is not None:
        return event.variable in names
    return not names.isdisjoint(event.condition.names | event.condition.possible_names)


def _completing(work: Work, scope: str, wait: Wait) -> bool:
    """Whether the activity that a boundary event stands on has done its work, and only its results are written."""
    token = work.token(scope, wait.token)
    if token is None or work.definition_of(scope).nodes[wait.element].kind is not Kind.BOUNDARY_EVENT:
        return False
    if token.phase is Phase.CHILD:
        child = work.scope(f"{scope}.{token.child}")
        if child.kind is ScopeKind.LOCAL and child.tokens:
            token = next(iter(child.tokens.values()))
    return token.phase in _COMPLETING and not token.failed


_COMPLETING = (Phase.OUTPUTS, Phase.LEAVE)
