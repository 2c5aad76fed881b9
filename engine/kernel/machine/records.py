"""Compensation records: what stays of completed activities that may still be undone.

A record is a child scope of the scope in which the activity ran; the latest is the scope's ``record``, each knows the
one before it. What wrapped the activity (a subprocess, an item, a round, mapped inputs) stays as a ``kept`` scope with
its records, and is itself one in the scope around it. So completing an activity writes one record and the number of the
latest, whatever their number; and nothing is kept that no event could ask to undo (`recorded`).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.definition import Cancel, Compensate, Definition, Kind, Node
from engine.kernel.machine.variables import everything_stored
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Scope, ScopeKind, parent_of
from engine.kernel.values import Json

_THROWS = frozenset({Kind.THROW_EVENT, Kind.END_EVENT})


def recorded(definition: Definition) -> frozenset[str]:
    """Ids of the activities whose completion is recorded: they have a handler, and some event may ask for it."""
    found = definition.derived.get("recorded")
    if not isinstance(found, frozenset):
        reached = _undoable(definition)
        nodes = definition.nodes.values()
        found = frozenset(node.id for node in nodes if node.handler is not None and node.parent in reached)
        definition.derived["recorded"] = found
    return found


def _undoable(definition: Definition) -> set[str | None]:
    """The containers whose activities some event may ask to undo, directly or with a subprocess around them."""
    nodes = definition.nodes
    asked: set[str | None] = set()
    for node in nodes.values():
        for event in node.events if node.kind in _THROWS else ():
            if isinstance(event, Compensate):
                named = nodes.get(event.activity or "")
                asked.add(addressed(definition, node.parent) if named is None else named.parent)
            elif isinstance(event, Cancel):
                asked.add(transaction_around(definition, node))
    reached = {container for container in asked if container is None or container in nodes}
    for container, node in nodes.items():  # document order: a subprocess comes before what lies in it
        if node.parent in reached and node.kind in _CONTAINERS:
            reached.add(container)
    return reached


_CONTAINERS = frozenset({Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC_SUB_PROCESS})


def addressed(definition: Definition, container: str | None) -> str | None:
    """The container whose activities a compensation event in ``container`` undoes: from within an event subprocess
    those of the scope around it (BPMN 2.0.2, 10.7).
    """
    while container is not None and definition.nodes[container].triggered:
        container = definition.nodes[container].parent
    return container


def transaction_around(definition: Definition, node: Node) -> str | None:
    """The id of the nearest transaction around ``node``; None when there is none."""
    container = node.parent
    while container is not None and definition.nodes[container].kind is not Kind.TRANSACTION:
        container = definition.nodes[container].parent
    return container


def completed(work: Work, at: Visit) -> None:
    """The element has completed: recorded, if it can be undone. Call it once nothing can fail any more."""
    if at.node.handler is None or not at.innermost or at.node.kind in _CONTAINERS:
        return
    definition = work.definition_of(at.scope)
    if at.node.id in recorded(definition):
        snapshot = _snapshot(work, at.scope, definition, at.node.handler)
        _add(work, at.scope, work.next_number(), Scope(ScopeKind.RECORD, at.node.id, snapshot=snapshot))


def close(work: Work, at: Visit) -> None:
    """The finished subprocess in the child scope of the token is removed, or stays to be undone."""
    id, node, definition = at.child, at.node, work.definition_of(at.scope)
    number = at.token.child or 0
    if node.handler is not None:
        if node.id in recorded(definition):
            snapshot = _snapshot(work, id, definition, node.handler)
            discard(work, id)
            _add(work, at.scope, number, Scope(ScopeKind.RECORD, node.id, snapshot=snapshot))
        else:
            discard(work, id)
    elif work.scope(id).record or (node.id in definition.undoing and node.parent in _reach(definition)):
        _keep(work, at.scope, number)
    else:
        discard(work, id)


def put_away(work: Work, id: str) -> None:
    """A finished wrapper (an item, a round, mapped inputs, a multi-instance body) is removed, or stays with what can
    be undone in it.
    """
    if work.scope(id).record:
        _keep(work, parent_of(id), int(id.rpartition(".")[2]))
    else:
        work.remove(id)


def discard(work: Work, id: str) -> None:
    """Removes a scope with the records below it."""
    pending = [id]
    while pending:
        at = pending.pop()
        scope = work.find(at)
        if scope is None:
            continue
        below = scope.target or at
        number = scope.record
        while number:
            record = f"{below}.{number}"
            pending.append(record)
            found = work.find(record)
            number = 0 if found is None else found.previous
        work.remove(at)


def _reach(definition: Definition) -> set[str | None]:
    found = definition.derived.get("undoable")
    if not isinstance(found, set):
        found = _undoable(definition)
        definition.derived["undoable"] = found
    return found


def _keep(work: Work, around: str, number: int) -> None:
    scope = work.edit(f"{around}.{number}")
    scope.kept = True
    scope.result = None
    outer = work.edit(around)
    scope.previous, outer.record = outer.record, number


def _add(work: Work, around: str, number: int, record: Scope) -> None:
    outer = work.edit(around)
    record.previous, outer.record = outer.record, number
    record.kept = True
    work.create(f"{around}.{number}", record)


def _snapshot(work: Work, scope: str, definition: Definition, handler: str) -> Mapping[str, Json]:
    """What the handler will read of the time the activity completed. A name that the handler itself writes is read as
    it is then: a total or a log that handlers go on with is not of the time.
    """
    read, written = _names(definition, handler)
    visible = everything_stored(work, scope)
    return {name: value for name, value in visible.items() if name not in written and (read is None or name in read)}


def _names(definition: Definition, handler: str) -> tuple[frozenset[str] | None, frozenset[str]]:
    """The names that a handler reads, None for any, and those that it writes, as far as its definition tells."""
    key = ("handler", handler)
    found = definition.derived.get(key)
    if not isinstance(found, tuple):
        node = definition.nodes[handler]
        inside = [node, *(other for other in definition.nodes.values() if _lies_in(definition, other, handler))]
        written = frozenset(name for part in inside for name in _written(part))
        read: frozenset[str] | None = None
        if node.script is not None and not node.inputs and node.loop is None:
            read = node.script.expression.names
            for mapping in (*node.outputs, *node.data_outputs):
                expression = None if mapping.source is None else mapping.source.expression
                read = read | (frozenset() if expression is None else expression.names)
        found = definition.derived[key] = (read, written)
    return found


def _lies_in(definition: Definition, node: Node, container: str) -> bool:
    at: Node | None = node
    while at is not None and at.parent is not None:
        if at.parent == container:
            return True
        at = definition.nodes.get(at.parent)
    return False


def _written(node: Node) -> list[str]:
    named = [
        None if node.script is None else node.script.result_variable,
        None if node.service is None else node.service.result_variable,
        None if node.decision is None else node.decision.result_variable,
        getattr(node.loop, "output_collection", None),
    ]
    mappings = (*node.outputs, *node.data_outputs, *(() if node.call is None else node.call.outputs))
    return [*(name for name in named if name), *(mapping.target for mapping in mappings if mapping.target)]
