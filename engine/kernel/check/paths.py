"""Which element may run after which, in a compiled process; shared by the rules about execution."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from engine.kernel.definition import Definition, Kind, Node

CONTAINERS = frozenset({Kind.SUB_PROCESS, Kind.TRANSACTION, Kind.AD_HOC_SUB_PROCESS})


@dataclass(frozen=True, slots=True)
class At:
    """The place of a finding about a node."""

    owner: str
    title: str
    line: int
    column: int


def place(node: Node) -> At:
    """Where a node stands in its file."""
    return At(node.id, node.name, node.line, node.column)


class Paths:
    """The successors of the nodes of a process: by flow, by boundary event, by link, into subprocesses and their event
    subprocesses, to compensation handlers.
    """

    def __init__(self, definition: Definition) -> None:
        self.nodes: Mapping[str, Node] = definition.nodes
        self.inside: dict[str | None, list[Node]] = {}
        for node in definition.nodes.values():
            self.inside.setdefault(node.parent, []).append(node)
        self.entries = definition.entries
        self._starts = definition.starts
        self.reached = reach(self.beginnings(None), self.successors)

    def beginnings(self, container: str | None) -> list[str]:
        """Where a container is entered, with or without a trigger, and the event subprocesses that may begin in it."""
        found = [*self._starts.get(container, ()), *self.entries.get(container, ())]
        found += [
            node.id
            for node in self.inside.get(container, ())
            if node.triggered or (node.instantiates and not node.incoming)
        ]
        return list(dict.fromkeys(found))

    def successors(self, id: str) -> Iterator[str]:
        """What may run after a node or inside it; only nodes that exist."""
        yield from self.beside(id)
        node = self.nodes[id]
        if node.kind in CONTAINERS:
            yield from self.beginnings(id)
        if node.handler in self.nodes:
            yield str(node.handler)

    def beside(self, id: str) -> Iterator[str]:
        """What may run after a node in the same container."""
        node = self.nodes[id]
        yield from (flow.target for flow in node.outgoing if flow.target in self.nodes)
        yield from (boundary for boundary in node.boundary if boundary in self.nodes)
        if node.link in self.nodes:
            yield str(node.link)

    def within(self, id: str) -> Iterator[Node]:
        """A node and everything in it."""
        waiting = [id]
        while waiting:
            at = waiting.pop()
            yield self.nodes[at]
            waiting += [node.id for node in self.inside.get(at, ()) if node.id != at]

    def around(self, node: Node) -> Iterator[Node]:
        """The subprocesses that a node lies in, from the inside."""
        seen: set[str] = set()
        at = node.parent
        while at is not None and at in self.nodes and at not in seen:
            seen.add(at)
            yield self.nodes[at]
            at = self.nodes[at].parent


def reach(roots: Iterable[str], successors: Callable[[str], Iterable[str]]) -> set[str]:
    """Everything that a path from ``roots`` leads to, with them."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        at = waiting.pop()
        if at not in found:
            found.add(at)
            waiting += successors(at)
    return found


def cycles(ids: Iterable[str], successors: Callable[[str], Iterable[str]]) -> list[list[str]]:
    """The strongly connected components among ``ids`` that hold a cycle (Tarjan 1972, without recursion)."""
    among = dict.fromkeys(ids)
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    open_nodes: list[str] = []
    is_open: set[str] = set()
    found: list[list[str]] = []
    for root in among:
        if root in index:
            continue
        work: list[tuple[str, Iterator[str]]] = []
        _visit(root, among, successors, index, low, open_nodes, is_open, work)
        while work:
            at, rest = work[-1]
            following = next((target for target in rest if target in among), None)
            if following is not None:
                if following not in index:
                    _visit(following, among, successors, index, low, open_nodes, is_open, work)
                elif following in is_open:
                    low[at] = min(low[at], index[following])
                continue
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[at])
            if low[at] == index[at]:
                component = _closed(at, open_nodes, is_open)
                if len(component) > 1 or at in successors(at):
                    found.append(component)
    return found


def _visit(
    at: str,
    among: Mapping[str, None],
    successors: Callable[[str], Iterable[str]],
    index: dict[str, int],
    low: dict[str, int],
    open_nodes: list[str],
    is_open: set[str],
    work: list[tuple[str, Iterator[str]]],
) -> None:
    index[at] = low[at] = len(index)
    open_nodes.append(at)
    is_open.add(at)
    work.append((at, iter(list(successors(at)))))


def _closed(at: str, open_nodes: list[str], is_open: set[str]) -> list[str]:
    component = []
    while True:
        node = open_nodes.pop()
        is_open.discard(node)
        component.append(node)
        if node == at:
            return component
