"""Can every element run, and can what runs come to an end? Runs on compiled definitions."""

from __future__ import annotations

from collections.abc import Iterable

from engine.kernel.check.paths import Paths, cycles, place, reach
from engine.kernel.definition import Compensate, Conditional, Definition, Error, Kind, Node
from engine.kernel.findings import Report

_WAITS = frozenset(
    {
        Kind.USER_TASK, Kind.RECEIVE_TASK, Kind.CATCH_EVENT, Kind.EVENT_BASED_GATEWAY, Kind.CALL_ACTIVITY,
        Kind.AD_HOC_SUB_PROCESS,
    }
)  # fmt: skip
_SILENT = frozenset({Kind.EXCLUSIVE_GATEWAY, Kind.TASK, Kind.MANUAL_TASK})
"""What neither waits nor writes anything when it has no mappings and no loop."""


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rules ``execution/unreachable``, ``execution/no-end``, ``execution/endless-loop``, ``execution/idle-loop``."""
    for definition in definitions:
        paths = Paths(definition)
        _unreachable(paths, report)
        for container, nodes in paths.inside.items():
            _endless(container, nodes, paths, report)


def _unreachable(paths: Paths, report: Report) -> None:
    if not paths.beginnings(None):
        return  # nothing begins: `structure` says so, once
    # A compensation handler without a boundary event is another mistake; what lies in it is not lost twice.
    handlers = [node.id for node in paths.nodes.values() if node.for_compensation and not node.incoming]
    reached = paths.reached | reach(handlers, paths.successors)
    for node in paths.nodes.values():
        if node.id not in reached and (node.parent is None or node.parent in reached):
            message = "no path from a start leads here, so it would never run"
            report.error("execution/unreachable", place(node), message, "connect it to the flow, or remove it")


def _endless(container: str | None, nodes: list[Node], paths: Paths, report: Report) -> None:
    ids = [node.id for node in nodes if node.id in paths.reached]
    ends = [id for id in ids if not list(paths.beside(id))]
    before: dict[str, list[str]] = {}
    for id in ids:
        for target in paths.beside(id):
            before.setdefault(target, []).append(id)
    leaving = reach(ends, lambda id: before.get(id, ()))
    for component in cycles(ids, lambda id: list(paths.beside(id))):
        first = min((paths.nodes[id] for id in component), key=lambda node: (node.line, node.column))
        trapped = leaving.isdisjoint(component)
        if trapped and _leads_on(component, paths):
            continue
        silent = not any(_waits(node, paths) for id in component for node in paths.within(id))
        if trapped and silent and not _may_fail(first, component, paths):
            message = "the loop that begins here has no way out and nothing in it waits: it would run for ever"
            advice = "add a gateway with a condition that leaves the loop"
            report.error("execution/endless-loop", place(first), message, advice)
        elif trapped and not _interrupted(first, paths):
            message = "no end can be reached from here: the loop has no way out, and the case would never end"
            report.warning("execution/no-end", place(first), message, "add a gateway with a way out of the loop")
        elif not trapped and silent and all(_unchanging(paths.nodes[id]) for id in component):
            message = "nothing in this loop changes a variable or waits: once taken, it is taken for ever"
            advice = "put what should change into the loop: a task, a script, a timer"
            report.warning("execution/idle-loop", place(first), message, advice)


def _leads_on(component: list[str], paths: Paths) -> bool:
    """Whether the loop leads into another one without a way out, where the finding belongs."""
    return any(target not in component for id in component for target in paths.beside(id))


def _waits(node: Node, paths: Paths) -> bool:
    """Whether a step ends there, so that others have their turn."""
    if node.kind in _WAITS or node.service is not None or node.async_before or node.async_after:
        return True
    return node.kind is Kind.MANUAL_TASK and node.role is not None


def _unchanging(node: Node) -> bool:
    plain = not (node.inputs or node.outputs or node.data_outputs or node.loop or node.boundary)
    return node.kind in _SILENT and plain


def _may_fail(first: Node, component: list[str], paths: Paths) -> bool:
    """Whether something in the loop can throw an event that ends it from outside in the same step."""
    inner = [node for id in component for node in paths.within(id)]
    throws = any(node.kind in (Kind.THROW_EVENT, Kind.END_EVENT) and node.events for node in inner)
    writes = not all(_unchanging(node) for node in inner)
    return throws or (writes and _interrupted(first, paths, by=(Error, Conditional)))


def _interrupted(node: Node, paths: Paths, by: tuple[type, ...] = ()) -> bool:
    """Whether a boundary event or an event subprocess may end the container that holds the node, or one around it;
    with ``by``, only one of these kinds.
    """
    around = list(paths.around(node))
    containers = [node.parent, *(outer.parent for outer in around)]
    starts = (
        start
        for container in containers
        for inner in paths.inside.get(container, ())
        if inner.triggered
        for start in paths.inside.get(inner.id, ())
        if start.kind is Kind.START_EVENT
    )
    hosted = (paths.nodes[id] for outer in around for id in outer.boundary if id in paths.nodes)
    return any(
        event.interrupting
        and any(isinstance(each, by) if by else not isinstance(each, Compensate) for each in event.events)
        for event in (*starts, *hosted)
    )
