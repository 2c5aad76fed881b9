"""Errors and escalations on their way to the nearest catcher (BPMN 2.0.2, 10.5.5 and 13.5.3).

From the element that throws outwards: the boundary events of the activity, then the event subprocesses of the scope
around it, then the boundary events of the activity that this scope belongs to, and so on, through called instances. On
each level one with the code comes before one without a code, which catches all. An event subprocess does not catch what
is thrown in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engine.kernel.definition import Error, Escalation, Node
from engine.kernel.effects import EscalationRaised, StepLeft
from engine.kernel.errors import Code
from engine.kernel.machine import event_subprocess
from engine.kernel.machine.boundary import interrupt
from engine.kernel.machine.cancel import end_root, end_token
from engine.kernel.machine.incidents import fail
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, ScopeKind, parent_of
from engine.kernel.values import Json, encode


@dataclass(frozen=True, slots=True)
class _Catcher:
    """The event ``node`` that catches with its definition ``event``: at the boundary of ``outer``, or (None) the start
    of an event subprocess in ``scope``.
    """

    node: Node
    event: Error | Escalation
    scope: str
    outer: Visit | None


def throw(work: Work, at: Visit, code: str, message: str, variables: Mapping[str, Json]) -> None:
    """An error leaves the element of ``at``. When nothing catches it, the step fails with an incident and the root
    instance ends as failed.
    """
    found = _catcher(work, at, Error, code, technical=False)
    if found is not None:
        _caught(work, at, found, code, message, variables)
        return
    text = f": {message}" if message else ""
    fail(work, at, Code.UNCAUGHT_ERROR, f"nothing catches the error '{code}'{text}", Phase.RUN)
    _leave_failed(work, at)
    end_root(work, "failed", at.scope)


def throw_technical(work: Work, at: Visit, code: Code, message: str) -> bool:
    """A script or decision failed: a boundary event may handle it as an error whose code is that of the failure.

    One without a code catches it only on the task itself: further out it is meant for business errors, and a defect
    in an expression must not take a business path. False when nothing catches it.
    """
    found = _catcher(work, at, Error, code.value, technical=True)
    if found is not None:
        _caught(work, at, found, code.value, message, {})
    return found is not None


def raise_escalation(work: Work, at: Visit, code: str, variables: Mapping[str, Json]) -> None:
    """An escalation leaves the element of ``at``, which goes on unless an interrupting event catches it. When nothing
    catches it, it is over.
    """
    found = _catcher(work, at, Escalation, code, technical=False)
    caught_by = None if found is None else found.node.id
    work.emit(EscalationRaised(at.instance, at.token.step, at.node.id, code, caught_by))
    if found is None:
        return
    payload = _told(found.event, code, "", variables)
    if found.outer is None:
        event_subprocess.triggered(work, found.scope, found.node, payload)
    elif found.node.interrupting:
        interrupt(work, found.outer, found.node, payload)
    else:
        work.begin(found.scope, found.node, Phase.OUTPUTS, payload)


def owner_of(work: Work, scope: str) -> Visit | None:
    """The token that waits for ``scope`` (through the body, for an item; through the compensation, for what it
    undoes); None for the root.
    """
    id = scope
    while True:
        found = work.scope(id)
        if found.runner:
            id = found.runner
        elif found.kind is ScopeKind.ITEM:
            id = parent_of(id)
        else:
            parent = parent_of(id)
            return work.visit(parent, found.owner) if parent else None


def _catcher(work: Work, at: Visit, kind: type[Error | Escalation], code: str, *, technical: bool) -> _Catcher | None:
    outer: Visit | None = at
    thrown_here = True
    inside: str | None = None  # the event subprocess that the search comes out of
    while outer is not None:
        nodes = work.definition_of(outer.scope).nodes
        codes = (code, None) if thrown_here or not technical else (code,)
        if outer.inner is None:
            thrown_here = False
            for wanted in codes:
                for id in outer.node.boundary:
                    if (event := _matching(nodes[id], kind, wanted)) is not None:
                        return _Catcher(nodes[id], event, outer.scope, outer)
        if outer.node.triggered:
            inside = outer.node.id
        codes = (code,) if technical else (code, None)
        for wanted in codes:
            for start in _starts(work, outer.scope, inside):
                if (event := _matching(start, kind, wanted)) is not None:
                    return _Catcher(start, event, outer.scope, None)
        if outer.inner is None:
            inside = None
        outer = owner_of(work, outer.scope)
    return None


def _starts(work: Work, scope: str, inside: str | None) -> list[Node]:
    """The start events of the event subprocesses that may begin in a scope."""
    found = work.scope(scope)
    if found.kind not in (ScopeKind.PROCESS, ScopeKind.SUB_PROCESS) or found.interrupted or found.kept:
        return []
    definition = work.definition_of(scope)
    handlers = definition.handlers.get(work.container_of(scope), ())
    return [
        definition.nodes[start]
        for handler in handlers
        if handler != inside
        for start in definition.starts.get(handler, ())
    ]


def _matching(node: Node, kind: type[Error | Escalation], code: str | None) -> Error | Escalation | None:
    return next((event for event in node.events if isinstance(event, kind) and event.code == code), None)


def _caught(work: Work, at: Visit, found: _Catcher, code: str, message: str, variables: Mapping[str, Json]) -> None:
    payload = _told(found.event, code, message, variables)
    outer = found.outer
    if outer is None or (outer.scope, outer.token.number) != (at.scope, at.token.number):
        _leave_failed(work, at)
    if outer is not None:
        interrupt(work, outer, found.node, payload, "failed", at.scope)
        return
    event_subprocess.triggered(work, found.scope, found.node, payload, at.scope)


def _leave_failed(work: Work, at: Visit) -> None:
    """The element that threw an error is over."""
    end_token(work, at)
    if at.inner is not ScopeKind.LOCAL:
        work.emit(StepLeft(at.instance, at.token.step, at.node.id, "failed"))
    work.take(at)


def _told(event: Error | Escalation, code: str, message: str, variables: Mapping[str, Json]) -> Mapping[str, Json]:
    told = [(event.code_variable, code)]
    if isinstance(event, Error):
        told.append((event.message_variable, message))
    return {**variables, **{name: encode(text) for name, text in told if name}}
