"""Ending what is open: innermost first, at once, without running anything any more."""

from __future__ import annotations

from engine.kernel.effects import CallEnded, InstanceEnded, ServiceWithdrawn, StepLeft, TaskClosed
from engine.kernel.machine.events import disarm
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase, Scope, ScopeKind, parent_of
from engine.kernel.values import decode_all


def end_token(work: Work, at: Visit, thrower: str = "") -> None:
    """Withdraws all that the token waits for and everything below it; the token itself stays for the caller.

    ``thrower``: the scope from which an error came up to here; called instances around it count as failed.
    """
    end_below(work, at, thrower)
    if not at.token.failed:
        if at.token.phase is Phase.TASK:
            work.emit(TaskClosed(at.instance, at.token.step, at.id, at.node.id, "cancelled"))
        elif at.token.phase is Phase.SERVICE:
            work.emit(ServiceWithdrawn(at.instance, at.id))
    disarm(work, at)


def end_below(work: Work, at: Visit, thrower: str = "") -> None:
    """Ends and removes everything in the child scope of the token."""
    if at.token.child is not None:
        _end_scope(work, at.child, thrower)


def end_others(work: Work, scope: str) -> None:
    """Ends every token of a scope with all below."""
    for number in list(work.scope(scope).tokens):
        _end_visit(work, scope, number, "")


def cancel_root(work: Work) -> None:
    """Ends the root instance with everything in it."""
    variables = decode_all(work.scope(ROOT).variables)
    end_others(work, ROOT)
    work.emit(InstanceEnded(ROOT, "cancelled", None, variables))
    work.remove(ROOT)


def child_scopes(work: Work, id: str, scope: Scope) -> list[str]:
    """Ids of the scopes right below, in the order they were opened; those of finished items may be gone."""
    if scope.items is not None:
        ids = [f"{id}.{scope.items.first + index}" for index in range(scope.items.total)]
        work.state.preload(ids)
        return ids
    return [f"{id}.{token.child}" for token in scope.tokens.values() if token.child is not None]


def _end_visit(work: Work, scope: str, number: int, thrower: str) -> None:
    at = work.visit(scope, number)
    if at is None:
        return
    end_token(work, at, thrower)
    # A token at a join has not entered it, and an inner token of mapped inputs shares the step of the outer one.
    if (at.token.phase is not Phase.JOIN or at.token.failed) and at.inner is not ScopeKind.LOCAL:
        work.emit(StepLeft(at.instance, at.token.step, at.node.id, "cancelled"))
    work.take(at)


def _end_scope(work: Work, top: str, thrower: str) -> None:
    """Iterative, children first: nesting is the model's, and the stack is small."""
    pending = [(top, False)]
    while pending:
        id, below_done = pending.pop()
        scope = work.find(id)
        if scope is None:
            continue
        if not below_done:
            pending.append((id, True))
            pending += [(child, False) for child in reversed(child_scopes(work, id, scope))]
            continue
        for number in list(scope.tokens):
            _end_visit(work, id, number, thrower)
        _end_call(work, id, scope, thrower)
        work.remove(id)


def _end_call(work: Work, id: str, scope: Scope, thrower: str) -> None:
    if scope.kind is not ScopeKind.PROCESS:
        return
    owner = work.token(parent_of(id), scope.owner)
    if owner is not None and owner.phase is Phase.CHILD:  # else it has ended and only its results are waited for
        failed = thrower == id or thrower.startswith(f"{id}.")
        outcome = "failed" if failed else "cancelled"
        work.emit(CallEnded(work.instance_of(parent_of(id)), scope.element, id, outcome))
