"""Gateways that wait for tokens: parallel, inclusive, complex; and activities that need several tokens to start.

An inclusive join goes on when no token is on its way to an incoming flow that has none yet, unless that token may also
come by a flow that has one (BPMN 2.0.2, 13.4.3). Whether a token may come is read off the diagram once. It is asked
when all that is ready has run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from engine.kernel.definition import Definition, Flow, Kind, Node
from engine.kernel.machine.complex_gateway import settle_complex, start_complex
from engine.kernel.machine.work import BESIDE, Work
from engine.kernel.scope import Phase, Token


def arrive(work: Work, scope: str, node: Node, flow: Flow) -> bool:
    """A token comes to ``node`` along ``flow``; true when it enters at once. Else it waits, or has been consumed by
    what it completed.
    """
    if node.kind in _LATER and (len(node.incoming) > 1 or node.activation is not None):
        _wait(work, scope, node, flow)
        if node.kind is Kind.COMPLEX_GATEWAY:
            start_complex(work, scope, node, waiting(work, scope, node), consume)
        return False
    if node.kind is Kind.PARALLEL_GATEWAY and len(node.incoming) > 1:
        return _one_of_each(work, scope, node, flow)
    if node.start_quantity > 1:
        return _enough(work, scope, node, flow)
    return True


_LATER = frozenset({Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})


def _wait(work: Work, scope: str, node: Node, flow: Flow) -> None:
    number = work.next_number()
    work.put(scope, Token(number, node.id, Phase.JOIN, number, flow=flow.id))
    work.parked[scope] = None
    work.unsettled[scope] = None


def _one_of_each(work: Work, scope: str, node: Node, flow: Flow) -> bool:
    """True when one token of every incoming flow is there; those were consumed.

    Tokens are counted per flow: two by the same flow do not make up for a missing other one, and an excess token
    stays for the next round (BPMN 2.0.2, 13.4.1).
    """
    _wait(work, scope, node, flow)
    first = waiting(work, scope, node)
    if len(first) < len(node.incoming):
        return False
    consume(work, scope, first.values())
    return True


def _enough(work: Work, scope: str, node: Node, flow: Flow) -> bool:
    _wait(work, scope, node, flow)
    here = [token.number for token in work.scope(scope).tokens.values() if _joins(token, node)]
    if len(here) < node.start_quantity:
        return False
    consume(work, scope, here[: node.start_quantity])
    return True


def waiting(work: Work, scope: str, node: Node) -> dict[str, int]:
    """The number of the first token that waits at ``node``, by the flow by which it came."""
    first: dict[str, int] = {}
    for token in work.scope(scope).tokens.values():
        if _joins(token, node) and token.flow is not None:
            first.setdefault(token.flow, token.number)
    return first


def consume(work: Work, scope: str, numbers: Iterable[int]) -> None:
    """Tokens that waited at a join are gone."""
    tokens = work.edit(scope).tokens
    for number in list(numbers):
        del tokens[number]


def _joins(token: Token, node: Node) -> bool:
    return token.phase is Phase.JOIN and token.element == node.id and not token.failed


def settle(work: Work) -> bool:
    """Lets the gateways go on that wait for nothing any more; whether one did."""
    while work.unsettled:
        scope = next(iter(work.unsettled))
        del work.unsettled[scope]
        found = work.find(scope)
        if found is None:
            continue
        elements = dict.fromkeys(found.gates)
        elements.update((token.element, None) for token in found.tokens.values() if token.phase is Phase.JOIN)
        if elements:
            definition = work.definition_of(scope)
            for element in elements:
                node = definition.nodes[element]
                if _SETTLERS.get(node.kind, _never)(work, scope, definition, node):
                    work.unsettled[scope] = None
                    return True
    return False


def _settle_inclusive(work: Work, scope: str, definition: Definition, node: Node) -> bool:
    here = waiting(work, scope, node)
    if not here or expects(work, scope, definition, node, set(node.incoming) - here.keys(), here.keys()):
        return False
    consume(work, scope, here.values())
    work.begin(scope, node)
    return True


def _settle_complex(work: Work, scope: str, definition: Definition, node: Node) -> bool:
    return settle_complex(work, scope, definition, node, waiting(work, scope, node), consume, expects)


def _never(work: Work, scope: str, definition: Definition, node: Node) -> bool:
    return False


_SETTLERS: Mapping[Kind, Callable[[Work, str, Definition, Node], bool]] = {
    Kind.INCLUSIVE_GATEWAY: _settle_inclusive,
    Kind.COMPLEX_GATEWAY: _settle_complex,
}


def expects(
    work: Work, scope: str, definition: Definition, node: Node, empty: Iterable[str], full: Iterable[str]
) -> bool:
    """Whether a token elsewhere in the scope may still come by one of the flows ``empty`` and by none of ``full``."""
    upstream = _upstream(definition, node)
    before_empty = [upstream[flow] for flow in empty]
    before_full = [upstream[flow] for flow in full]
    for token in work.scope(scope).tokens.values():
        if token.element != node.id and token.flow != BESIDE:
            comes = any(token.element in nodes for nodes in before_empty)
            if comes and not any(token.element in nodes for nodes in before_full):
                return True
    return False


def _upstream(definition: Definition, node: Node) -> dict[str, frozenset[str]]:
    """By incoming flow of a join: the elements from which a path leads to that flow without visiting the join."""
    key = ("upstream", node.id)
    found = definition.derived.get(key)
    if not isinstance(found, dict):
        before = _predecessors(definition)
        sources = {flow.id: flow.source for other in definition.nodes.values() for flow in other.outgoing}
        found = {flow: _all_before(before, sources[flow], node.id) for flow in node.incoming}
        definition.derived[key] = found
    return found


def _all_before(before: Mapping[str, list[str]], source: str, join: str) -> frozenset[str]:
    seen: set[str] = set()
    pending = [source]
    while pending:
        at = pending.pop()
        if at != join and at not in seen:
            seen.add(at)
            pending += before.get(at, ())
    return frozenset(seen)


def _predecessors(definition: Definition) -> dict[str, list[str]]:
    """What a token comes from: along flows, through links, from an activity to its boundary events."""
    known = definition.derived.get("predecessors")
    if isinstance(known, dict):
        return known
    found: dict[str, list[str]] = {}
    for node in definition.nodes.values():
        targets = [*(flow.target for flow in node.outgoing), *node.boundary]
        if node.link is not None:
            targets.append(node.link)
        for target in targets:
            found.setdefault(target, []).append(node.id)
    definition.derived["predecessors"] = found
    return found
