"""Ad-hoc subprocesses (BPMN 2.0.2, 10.3.5 and 13.3.5).

The activities that nothing leads to begin by themselves: all at once, or one after the other in the order of the file
when ``ordering`` is Sequential. After each activity the completion condition is asked. When it is true the subprocess
ends, at once (``cancelRemainingInstances``) or when what runs is done. When everything is done and a condition is still
not true, the activities begin again; without a condition the subprocess ends.
"""

from __future__ import annotations

from engine.kernel.definition import AdHoc, Node
from engine.kernel.machine import flow
from engine.kernel.machine.cancel import end_others
from engine.kernel.machine.variables import lenient
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Phase, ScopeKind


def begin_activities(work: Work, scope: str, phase: Phase = Phase.ENTER) -> None:
    """Begins the activities of an ad-hoc subprocess whose scope is empty; ``phase`` is that of the first token."""
    node = _node(work, scope)
    definition = work.definition_of(scope)
    ids = definition.entries.get(node.id, ())
    if _settings(node).sequential:
        work.edit(scope).todo = ids[1:]
        ids = ids[:1]
    for id in ids:
        work.begin(scope, definition.nodes[id], phase)
        phase = Phase.ENTER


def goes_on(work: Work, at: Visit) -> bool:
    """An element in a subprocess is done. True when the subprocess is an ad-hoc one, which has then been seen to."""
    scope = at.scope
    found = work.scope(scope)
    if found.kind is not ScopeKind.SUB_PROCESS:
        return False
    node = _node(work, scope)
    if node.ad_hoc is None:
        return False
    settings = node.ad_hoc
    complete = found.interrupted or (settings.completion is not None and lenient(work, scope, settings.completion))
    if complete:
        inside = work.edit(scope)
        inside.todo = ()
        inside.interrupted = True  # nothing more begins in it
        if settings.cancel_remaining:
            end_others(work, scope)
    _next(work, scope, settings, complete=complete)
    return True


def _next(work: Work, scope: str, settings: AdHoc, *, complete: bool) -> None:
    found = work.scope(scope)
    if found.tokens or found.gates:
        return
    if found.todo:
        nodes = work.definition_of(scope).nodes
        first, *rest = found.todo
        work.edit(scope).todo = tuple(rest)
        work.begin(scope, nodes[first])
    elif complete or settings.completion is None:
        flow.finish(work, scope, "completed", None)
    else:
        begin_activities(work, scope)


def _node(work: Work, scope: str) -> Node:
    return work.definition_of(scope).nodes[work.scope(scope).element]


def _settings(node: Node) -> AdHoc:
    return node.ad_hoc or AdHoc()
