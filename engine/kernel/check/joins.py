"""Do the tokens that a split makes come together again as the joins expect? Runs on compiled definitions.

Only what `net` has seen is reported, and that something never happens only when it has seen everything.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.kernel.check.net import Net, Seen, State, TooIrregular
from engine.kernel.check.paths import Paths, place
from engine.kernel.definition import Definition, Kind, Node, Terminate
from engine.kernel.findings import Report

_GATEWAYS = frozenset({Kind.EXCLUSIVE_GATEWAY, Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rules ``execution/join-never``, ``execution/join-may-wait``, ``execution/unsynchronised``."""
    for definition in definitions:
        paths = Paths(definition)
        for container, nodes in paths.inside.items():
            if any(len(node.incoming) > 1 for node in nodes):
                _container(container, nodes, paths, report)


def _container(container: str | None, nodes: list[Node], paths: Paths, report: Report) -> None:
    owner = paths.nodes.get(container or "")
    if owner is not None and (owner.kind is Kind.AD_HOC_SUB_PROCESS or owner.id not in paths.reached):
        return
    try:
        everything = _explored(container, paths, reminders=True)
        reminded = any(node.kind is Kind.BOUNDARY_EVENT and not node.interrupting for node in nodes)
        usual = _explored(container, paths, reminders=False) if reminded else everything
    except TooIrregular:
        return
    never: set[str] = set()
    if everything.complete:
        never = everything.waiting - everything.fired
    for id in never:
        message = "this join waits for a token on every incoming flow, and they never all get one: it would never go on"
        advice = "join alternatives with an exclusive gateway, or split with a parallel or inclusive one"
        report.error("execution/join-never", place(paths.nodes[id]), message, advice)
    for id in usual.stuck - never:
        message = "this join can be left waiting: on some paths not all its incoming flows get a token"
        advice = "let every branch lead to the join, or use an inclusive gateway for the split and the join"
        report.warning("execution/join-may-wait", place(paths.nodes[id]), message, advice)
    for id in usual.merged:
        if not _harmless(id, paths):
            message = "parallel branches meet here without a join: what follows runs once for each of them"
            advice = "join them with a parallel gateway first"
            report.warning("execution/unsynchronised", place(paths.nodes[id]), message, advice)


def _explored(container: str | None, paths: Paths, *, reminders: bool) -> Seen:
    net = Net(container, paths, reminders=reminders)
    return net.explore(_initial(container, net, paths))


def _initial(container: str | None, net: Net, paths: Paths) -> list[State]:
    """Each way to begin: one start event, one instantiating element, or all elements that nothing leads to."""
    starts = [node for node in paths.inside.get(container, ()) if node.kind is Kind.START_EVENT]
    owner = paths.nodes.get(container or "")
    if owner is not None and not owner.triggered and len(starts) > 1:
        raise TooIrregular(owner.id)
    single = [node.id for node in starts]
    single += [node.id for node in paths.inside.get(container, ()) if node.instantiates and not node.incoming]
    found = [net.initial([id]) for id in single]
    together = [id for id in paths.entries.get(container, ()) if id not in single]
    return [*found, net.initial(together)] if together else found


def _harmless(id: str, paths: Paths) -> bool:
    """Whether only gateways and plain end events follow, so that several tokens do nothing several times."""
    seen: set[str] = set()
    waiting = [id]
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        node = paths.nodes[at]
        ends = node.kind is Kind.END_EVENT and all(isinstance(event, Terminate) for event in node.events)
        if not ends and node.kind not in _GATEWAYS:
            return False
        waiting += paths.beside(at)
    return True
