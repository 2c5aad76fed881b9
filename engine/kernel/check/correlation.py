"""Messages that several items of a loop await under the same key. Runs on compiled definitions."""

from __future__ import annotations

from collections.abc import Iterable

from engine.kernel.check.paths import Paths, place
from engine.kernel.check.variables import Sources, Variables, variables
from engine.kernel.definition import Definition, Kind, Message, MultiInstance, Node
from engine.kernel.findings import Report

_CATCHING = frozenset({Kind.CATCH_EVENT, Kind.BOUNDARY_EVENT, Kind.RECEIVE_TASK, Kind.START_EVENT})


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rule ``execution/same-key``."""
    for definition in definitions:
        loops = [node for node in definition.nodes.values() if isinstance(node.loop, MultiInstance)]
        if not loops:
            continue
        paths, found = Paths(definition), variables(definition, Sources())
        for loop in loops:
            for node in paths.within(loop.id):
                for event in node.events:
                    if node.kind in _CATCHING and isinstance(event, Message):
                        _key(node, event, loop, paths, found, report)


def _key(node: Node, event: Message, loop: Node, paths: Paths, found: Variables, report: Report) -> None:
    key = event.correlation_key.expression if event.correlation_key is not None else None
    inner = {each.id for each in paths.within(loop.id)}
    if key is not None and key.names:
        own = {"loopCounter", *(name for name, writers in found.writes.items() if writers & inner)}
        if key.names & own or found.open & (inner - {node.id}):
            return  # it differs from item to item, or may
    what = "without a correlation key" if event.correlation_key is None else "under a key that is the same for all"
    message = f"every item of {loop.id!r} waits for the message {event.name!r} {what}: it reaches any one of them"
    advice = "set the property correlationKey to an expression with the item"
    report.warning("execution/same-key", place(node), message, advice)
