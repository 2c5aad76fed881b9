"""Compensation records: what stays of completed activities that may still be undone.

A record is a child scope of the scope in which the activity ran; the latest is the scope's ``record``, each knows the
one before it. What wrapped the activity (a subprocess, an item, a round, mapped inputs) stays as a ``kept`` scope with
its records, and is itself one in the scope around it. So completing an activity writes one record and the number of the
latest, whatever their number; and nothing is kept that no event could ask to undo (`undoable`).
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.feel.nodes import ContextOf
from engine.feel.parser import parse_expression
from engine.kernel.definition import Cancel, Compensate, Definition, Kind, Node, Script
from engine.kernel.machine.variables import everything_stored
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import Scope, ScopeKind, parent_of
from engine.kernel.values import Json

_THROWS = frozenset({Kind.THROW_EVENT, Kind.END_EVENT})


def undoable(definition: Definition) -> frozenset[str]:
    """Ids of the activities that some event may ask to undo: directly, or with a subprocess around them. Nothing is
    recorded of any other one.
    """
    found = definition.derived.get("undoable")
    if not isinstance(found, frozenset):
        inside: dict[str | None, list[Node]] = {}
        for node in definition.nodes.values():
            inside.setdefault(node.parent, []).append(node)
        pending = _asked(definition, inside)
        seen: set[str] = set()
        while pending:
            node = pending.pop()
            if node.id not in seen:
                seen.add(node.id)
                if node.handler is None and node.id not in definition.undoing:  # else that replaces what is inside
                    pending += inside.get(node.id, ())
        found = definition.derived["undoable"] = frozenset(seen.difference(definition.undoing.values()))
    return found


def _asked(definition: Definition, inside: Mapping[str | None, list[Node]]) -> list[Node]:
    """What events ask for by themselves: one activity, all of a container, all in a transaction however deep."""
    nodes = definition.nodes
    asked: list[Node] = []
    for node in nodes.values():
        for event in node.events if node.kind in _THROWS else ():
            if isinstance(event, Compensate) and event.activity is not None:
                asked += [nodes[event.activity]] if event.activity in nodes else []
            elif isinstance(event, Compensate):
                asked += inside.get(addressed(definition, node.parent), ())
            elif isinstance(event, Cancel) and (container := transaction_around(definition, node)) is not None:
                asked += [other for other in nodes.values() if _lies_in(definition, other, container)]
    return asked


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
    if at.node.id in undoable(definition):
        snapshot = _snapshot(work, at.scope, definition, at.node.handler)
        _add(work, at.scope, work.next_number(), Scope(ScopeKind.RECORD, at.node.id, snapshot=snapshot))


def close(work: Work, at: Visit) -> None:
    """The finished subprocess in the child scope of the token is removed, or stays to be undone."""
    id, node, definition = at.child, at.node, work.definition_of(at.scope)
    number = at.token.child or 0
    asked = node.id in undoable(definition)
    if asked and node.handler is not None:
        snapshot = _snapshot(work, id, definition, node.handler)
        discard(work, id)
        _add(work, at.scope, number, Scope(ScopeKind.RECORD, node.id, snapshot=snapshot))
    elif asked and (work.scope(id).record or node.id in definition.undoing):
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


def put_away_unfinished(work: Work, id: str) -> None:
    """A scope of a cancelled transaction that has been ended: what had completed in it stays to be undone."""
    work.edit(id).target = id  # it did not complete itself: no event of its own undoes it
    put_away(work, id)


def discard(work: Work, id: str) -> None:
    """Removes a scope with the records below it. A compensation gives back what it has not come to."""
    pending = [id]
    while pending:
        at = pending.pop()
        scope = work.find(at)
        if scope is None:
            continue
        if scope.kind is ScopeKind.UNDO:
            _give_back(work, scope)
        else:
            pending += [f"{at}.{number}" for number in _numbers(work, at, scope.record)]
        work.remove(at)


def _give_back(work: Work, undo: Scope) -> None:
    found = work.find(undo.target)
    if found is None or not undo.record:
        return
    numbers = _numbers(work, undo.target, found.record)
    if numbers:
        work.edit(f"{undo.target}.{numbers[-1]}").previous = undo.record
    else:
        work.edit(undo.target).record = undo.record


def _numbers(work: Work, scope: str, latest: int) -> list[int]:
    """The numbers of the records of a scope, the latest first."""
    numbers = []
    while latest:
        numbers.append(latest)
        latest = work.scope(f"{scope}.{latest}").previous
    return numbers


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
        if node.script is not None and not node.inputs and node.loop is None and not node.boundary:
            values = (mapping.source for mapping in (*node.outputs, *node.data_outputs) if mapping.source is not None)
            expressions = (node.script.expression, *(value.expression for value in values))
            read = frozenset[str]().union(*(one.names | one.possible_names for one in expressions if one is not None))
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
        *(() if node.script is None else _written_by_script(node.script)),
        None if node.service is None else node.service.result_variable,
        None if node.decision is None else node.decision.result_variable,
        getattr(node.loop, "output_collection", None),
    ]
    mappings = (*node.outputs, *node.data_outputs, *(() if node.call is None else node.call.outputs))
    return [*(name for name in named if name), *(mapping.target for mapping in mappings if mapping.target)]


def _written_by_script(script: Script) -> tuple[str | None, ...]:
    if script.result_variable is not None:
        return (script.result_variable,)
    tree = parse_expression(script.expression.text, ())
    return tree.keys if isinstance(tree, ContextOf) else ()
