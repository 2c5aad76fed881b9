"""Signals: one that is thrown reaches everything in its root that listens to its name, wherever that is.

Scopes count what listens in them and below, so that only those are visited. Listeners are taken in the order in which
they began to listen within each scope, outer scopes first; one that an earlier listener ended is passed over, and what
begins to listen because of the signal does not hear it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from engine.kernel.machine.cancel import child_scopes
from engine.kernel.machine.sending import signal_leaves
from engine.kernel.machine.triggers import happened
from engine.kernel.machine.work import Work
from engine.kernel.scope import ROOT, Phase, Scope, Wait, WaitKind
from engine.kernel.values import Json


def deliver_next(work: Work) -> None:
    """Throws the next signal and lets its thrower go on. One whose thrower was ended is not thrown."""
    thrown = work.throws.popleft()
    if thrown.thrower is None:
        deliver(work, thrown.name, thrown.payload, thrown.beside)
        return
    at = work.visit(*thrown.thrower)
    if at is None:
        return
    signal_leaves(work, at, thrown.name, thrown.payload)
    deliver(work, thrown.name, thrown.payload)
    at = work.visit(*thrown.thrower)
    if at is not None:
        work.change(at, Phase.RUN)
        work.enqueue(at.scope, at.token.number)


def deliver(work: Work, name: str, payload: Mapping[str, Json], beside: tuple[str, int] | None = None) -> None:
    """Lets everything hear the signal, except what the token ``beside`` waits for."""

    def hears(wait: Wait) -> bool:
        return wait.kind is WaitKind.SIGNAL and wait.text == name

    for scope, number in listening(work, ROOT, lambda scope: scope.signals, hears):
        found = work.find(scope)
        wait = None if found is None else found.waits.get(number)
        if wait is not None and (scope, wait.token) != beside:
            happened(work, scope, wait, payload)


def listening(
    work: Work, top: str, count: Callable[[Scope], int], wanted: Callable[[Wait], bool]
) -> list[tuple[str, int]]:
    """Scope and number of the ``wanted`` waits in ``top`` and below, going only where ``count`` says there are any."""
    found: list[tuple[str, int]] = []
    stack = [top]
    while stack:
        id = stack.pop()
        scope = work.find(id)
        if scope is None or not count(scope):
            continue
        found += [(id, wait.number) for wait in scope.waits.values() if wanted(wait)]
        stack += reversed(child_scopes(work, id, scope))
    return found
