"""Tokens that cannot go on, errors on their way to a catcher, and retries."""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.definition import Error, Node
from engine.kernel.effects import StepEntered, StepFailed
from engine.kernel.errors import Code
from engine.kernel.machine.boundary import interrupt
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, ScopeKind, parent_of
from engine.kernel.values import Json, encode


def fail(work: Work, at: Visit, code: Code, message: str, phase: Phase | None = None) -> None:
    """Leaves the token failed, with an incident; a retry goes on at ``phase`` (default: the one that failed).

    Everything before stays done, and what the token's boundary events wait for goes on.
    """
    at.token = at.token._replace(failed=True, phase=phase or at.token.phase)
    work.put(at.scope, at.token)
    work.emit(StepFailed(at.instance, at.token.step, at.id, at.node.id, code.value, message))


def throw(work: Work, at: Visit, code: str, message: str, variables: Mapping[str, Json]) -> None:
    """An error leaves the element of ``at``: the nearest enclosing activity with a matching boundary event is
    interrupted. When there is none the token fails and nothing else happens.
    """
    found = _catcher(work, at, code, technical=False)
    if found is None:
        text = f": {message}" if message else ""
        fail(work, at, Code.UNCAUGHT_ERROR, f"no boundary event catches the error '{code}'{text}", Phase.RUN)
        return
    _caught(work, at, *found, code, message, variables)


def throw_technical(work: Work, at: Visit, code: Code, message: str) -> bool:
    """A script or decision failed: a boundary event may handle it as an error whose code is that of the failure.

    One without a code catches it only on the task itself: further out it is meant for business errors, and a defect
    in an expression must not take a business path. False when nothing catches it.
    """
    found = _catcher(work, at, code.value, technical=True)
    if found is not None:
        _caught(work, at, *found, code.value, message, {})
    return found is not None


def fail_stuck_joins(work: Work) -> None:
    """An incident where a scope has nothing left but tokens that wait at joins: no other token can ever come."""
    for scope in work.parked:
        found = work.find(scope)
        tokens = [] if found is None else list(found.tokens.values())
        stuck = all(token.phase is Phase.JOIN and not token.failed for token in tokens)
        if stuck and tokens and (at := work.visit(scope, tokens[0].number)) is not None:
            # What fails is a step: only now does the token count as having entered the join.
            work.emit(StepEntered(at.instance, at.token.step, at.node.id, at.node.kind.value, scope))
            fail_join(work, at)


def fail_join(work: Work, at: Visit) -> None:
    """The token waits at a join for flows by which none can come any more; a retry cannot change that either."""
    tokens = work.scope(at.scope).tokens.values()
    here = {token.flow for token in tokens if token.element == at.node.id}
    missing = ", ".join(flow for flow in at.node.incoming if flow not in here)
    fail(work, at, Code.JOIN_STUCK, f"the join {at.node.id} waits for {missing}, and no token is left to come")


def owner_of(work: Work, scope: str) -> Visit | None:
    """The token that waits for ``scope`` (through the body, for an item); None for the root."""
    id = scope
    if work.scope(id).kind is ScopeKind.ITEM:
        id = parent_of(id)
    parent = parent_of(id)
    return work.visit(parent, work.scope(id).owner) if parent else None


def _catcher(work: Work, at: Visit, code: str, *, technical: bool) -> tuple[Visit, Node] | None:
    outer: Visit | None = at
    thrown_here = True
    while outer is not None:
        if outer.inner is None:
            nodes = work.definition_of(outer.scope).nodes
            errors = [node for id in outer.node.boundary if isinstance((node := nodes[id]).event, Error)]
            any_code = thrown_here or not technical
            for wanted in (code, None) if any_code else (code,):
                for node in errors:
                    if isinstance(node.event, Error) and node.event.code == wanted:
                        return outer, node
            thrown_here = False
        outer = owner_of(work, outer.scope)
    return None


def _caught(
    work: Work, at: Visit, outer: Visit, node: Node, code: str, message: str, variables: Mapping[str, Json]
) -> None:
    event = node.event
    payload = dict(variables)
    if isinstance(event, Error):
        told = ((event.code_variable, code), (event.message_variable, message))
        payload.update({name: encode(text) for name, text in told if name})
    interrupt(work, outer, node, payload, "failed", at.scope)
