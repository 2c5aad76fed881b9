"""Tokens that cannot go on."""

from __future__ import annotations

from engine.kernel.definition import Kind
from engine.kernel.effects import StepEntered, StepFailed, StepLeft
from engine.kernel.errors import Code
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase


def fail(work: Work, at: Visit, code: Code, message: str, phase: Phase | None = None) -> None:
    """Leaves the token failed, with an incident; a retry goes on at ``phase`` (default: the one that failed).

    Everything before stays done, and what the token's boundary events wait for goes on.
    """
    at.token = at.token._replace(failed=True, phase=phase or at.token.phase)
    work.put(at.scope, at.token)
    work.emit(StepFailed(at.instance, at.token.step, at.id, at.node.id, code.value, message))


def fail_stuck_joins(work: Work) -> None:
    """An incident where a scope has nothing left but tokens that wait at joins: no other token can ever come."""
    for scope in work.parked:
        found = work.find(scope)
        tokens = [] if found is None else list(found.tokens.values())
        stuck = all(token.phase is Phase.JOIN and not token.failed for token in tokens)
        if stuck and tokens and (at := work.visit(scope, tokens[0].number)) is not None:
            enter_join(work, at)
            fail_join(work, at)


def enter_join(work: Work, at: Visit) -> None:
    """What fails is a step: only now does the token count as having entered the join."""
    work.emit(StepEntered(at.instance, at.token.step, at.node.id, at.node.kind.value, at.scope))


def wait_again(work: Work, at: Visit) -> None:
    """A retry of a token that failed at a join: a stuck one stays so, any other is asked again as if it came now."""
    if at.node.kind is not Kind.COMPLEX_GATEWAY:
        fail_join(work, at)
        return
    work.emit(StepLeft(at.instance, at.token.step, at.node.id, "cancelled"))
    work.take(at)
    number = work.next_number()
    work.put(at.scope, at.token._replace(number=number, step=number))


def fail_join(work: Work, at: Visit) -> None:
    """The token waits at a join for flows by which none can come any more; a retry cannot change that either."""
    tokens = work.scope(at.scope).tokens.values()
    if at.node.kind is not Kind.PARALLEL_GATEWAY:
        fail(work, at, Code.JOIN_STUCK, f"{at.node.id} waits for more tokens, and none is left to come")
        return
    here = {token.flow for token in tokens if token.element == at.node.id}
    missing = ", ".join(flow for flow in at.node.incoming if flow not in here)
    fail(work, at, Code.JOIN_STUCK, f"the join {at.node.id} waits for {missing}, and no token is left to come")
