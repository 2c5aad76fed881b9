"""Ending what is open: innermost first, at once, without running anything any more."""

from __future__ import annotations

from engine.kernel.effects import CallEnded, InstanceEnded, ServiceWithdrawn, StepLeft, TaskClosed
from engine.kernel.machine.records import discard, put_away_unfinished
from engine.kernel.machine.waits import disarm, disarm_scope
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Phase, Scope, ScopeKind, parent_of
from engine.kernel.values import decode_all


def end_token(work: Work, at: Visit, thrower: str = "", *, to_undo: bool = False) -> None:
    """Withdraws all that the token waits for and everything below it; the token itself stays for the caller.

    ``thrower``: the scope from which an error came up to here; called instances around it count as failed.
    ``to_undo``: what has completed below stays to be undone.
    """
    if at.token.child is not None:
        end_scope(work, at.child, thrower, to_undo=to_undo)
    if not at.token.failed:
        if at.token.phase is Phase.TASK:
            work.emit(TaskClosed(at.instance, at.token.step, at.id, at.node.id, "cancelled"))
        elif at.token.phase is Phase.SERVICE:
            work.emit(ServiceWithdrawn(at.instance, at.id))
    disarm(work, at)


def end_below(work: Work, at: Visit, thrower: str = "") -> None:
    """Ends and removes everything in the child scope of the token."""
    if at.token.child is not None:
        end_scope(work, at.child, thrower)


def end_others(work: Work, scope: str, thrower: str = "", besides: int = 0, *, to_undo: bool = False) -> None:
    """Ends every token of a scope with all below, except the token ``besides``. A complex gateway that has begun there
    waits for nothing any more. ``to_undo``: see `end_token`.
    """
    for number in list(work.scope(scope).tokens):
        if number != besides:
            _end_visit(work, scope, number, thrower, to_undo=to_undo)
    if work.scope(scope).gates:
        work.edit(scope).gates.clear()


def end_root(work: Work, outcome: str, thrower: str = "") -> None:
    """Ends the root instance with everything in it."""
    end_others(work, ROOT, thrower)
    disarm_scope(work, ROOT)
    variables = decode_all(work.scope(ROOT).variables)
    work.emit(InstanceEnded(ROOT, outcome, None, variables))
    discard(work, ROOT)


def child_scopes(work: Work, id: str, scope: Scope) -> list[str]:
    """Ids of the scopes right below, in the order they were opened; those of finished items may be gone."""
    if scope.items is not None and not scope.kept:
        ids = [f"{id}.{scope.items.first + index}" for index in range(scope.items.total)]
        work.state.preload(ids)
        return ids
    below = [f"{id}.{token.child}" for token in scope.tokens.values() if token.child is not None]
    return [*below, scope.running] if scope.running else below


def _end_visit(work: Work, scope: str, number: int, thrower: str, *, to_undo: bool = False) -> None:
    at = work.visit(scope, number)
    if at is None:
        return
    end_token(work, at, thrower, to_undo=to_undo)
    # A token at a join has not entered it, and an inner token of mapped inputs shares the step of the outer one.
    if (at.token.phase is not Phase.JOIN or at.token.failed) and at.inner is not ScopeKind.LOCAL:
        work.emit(StepLeft(at.instance, at.token.step, at.node.id, "cancelled"))
    work.take(at)


def end_scope(work: Work, top: str, thrower: str = "", *, to_undo: bool = False) -> None:
    """Ends a scope with all below and removes it. Iterative, children first: nesting is the model's,
    and the stack is small.
    """
    pending = [(top, False)]
    while pending:
        id, below_done = pending.pop()
        scope = work.find(id)
        if scope is None or (scope.kept and not scope.runner):
            continue  # what rests goes, or stays, with what is around it
        if not below_done:
            pending.append((id, True))
            pending += [(child, False) for child in reversed(child_scopes(work, id, scope))]
            continue
        for number in list(scope.tokens):
            _end_visit(work, id, number, thrower, to_undo=to_undo)
        disarm_scope(work, id)
        _end_call(work, id, scope, thrower)
        if to_undo and not scope.runner and scope.kind not in (ScopeKind.UNDO, ScopeKind.PROCESS):
            put_away_unfinished(work, id)
        else:
            discard(work, id)


def _end_call(work: Work, id: str, scope: Scope, thrower: str) -> None:
    if scope.kind is not ScopeKind.PROCESS:
        return
    owner = work.token(parent_of(id), scope.owner)
    if owner is not None and owner.phase is Phase.CHILD:  # else it has ended and only its results are waited for
        failed = thrower == id or thrower.startswith(f"{id}.")
        outcome = "failed" if failed else "cancelled"
        work.emit(CallEnded(work.instance_of(parent_of(id)), scope.element, id, outcome))
