"""Conditional events: looked at when they are armed, and after every change of a variable that they read.

One that does not interrupt happens each time its condition becomes true, not while it stays so. A condition that cannot
be evaluated yet, because a variable was never written or has another type, is not true.
"""

from __future__ import annotations

from engine.kernel.definition import Conditional
from engine.kernel.machine.signals import listening
from engine.kernel.machine.triggers import happened
from engine.kernel.machine.variables import lenient
from engine.kernel.machine.work import Work
from engine.kernel.scope import WaitKind

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
    if names is not None and not _concerned(event, names):
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
    return not names.isdisjoint(event.condition.names)
