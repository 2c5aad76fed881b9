"""Segregation of duties that nobody could satisfy: tasks that exclude each other's performers, with too few people for
them. Runs on compiled definitions.

Only what the model fixes counts: names written down as assignee or candidates. With the members of the roles, which
only an installation knows, lanes and candidate groups count too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.kernel.check.paths import Paths, place, reach
from engine.kernel.definition import Definition, HumanWork, Kind, MultiInstance, Node, Value
from engine.kernel.findings import Report

People = frozenset[str]
_FORKS = frozenset({Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY})
_DECIDES = frozenset({Kind.EXCLUSIVE_GATEWAY, Kind.EVENT_BASED_GATEWAY})


@dataclass(frozen=True, slots=True)
class Conflict:
    """``task`` cannot be done by anybody once ``others`` are done; ``people`` are all who may do any of them."""

    task: Node
    others: tuple[Node, ...]
    people: People


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rule ``execution/duties``."""
    for definition in definitions:
        for found in conflicts(definition):
            report.error("execution/duties", place(found.task), said(found), ADVICE)


ADVICE = "name more people, use a role, or remove the exclusion"


def said(conflict: Conflict) -> str:
    """The sentence about a conflict."""
    others = ", ".join(repr(other.id) for other in conflict.others)
    if len(conflict.people) == 1:
        (only,) = conflict.people
        return f"only {only!r} may do this task and {others}, and one excludes who did the other: nobody could do both"
    names = ", ".join(sorted(conflict.people))
    return f"this task and {others} need a different person each, and only {names} may do them"


def conflicts(definition: Definition, members: Mapping[str, People] | None = None) -> list[Conflict]:
    """The tasks of a process that exclude each other with fewer people than tasks. ``members`` by role."""
    paths = Paths(definition)
    pools = {}
    for node in definition.nodes.values():
        if node.human is not None and node.id in paths.reached:
            pool = _pool(node, node.human, members)
            if pool is not None:
                pools[node.id] = pool
    apart = _apart(pools, paths)
    found = []
    for id in pools:
        group = _group(id, apart)
        if len(group) > 1 and _assigned(group, pools) < len(group):
            smallest = _smallest(group, pools)
            if smallest[-1] == id:
                others = tuple(paths.nodes[other] for other in smallest[:-1])
                people: People = frozenset().union(*(pools[other] for other in smallest))
                found.append(Conflict(paths.nodes[id], others, people))
    return found


def _pool(node: Node, human: HumanWork, members: Mapping[str, People] | None) -> People | None:
    """Who may do a task; None when the model does not say, or several people do it."""
    if isinstance(node.loop, MultiInstance):
        return None
    if human.assignee is not None:
        return _fixed(human.assignee)
    groups: People | None = frozenset()
    if human.candidate_groups is not None or (human.candidate_users is None and node.role is not None):
        if members is None:
            return None
        names = [node.role] if human.candidate_groups is None else _fixed(human.candidate_groups)
        groups = None if names is None else frozenset().union(*(members.get(name or "", frozenset()) for name in names))
    users = frozenset() if human.candidate_users is None else _fixed(human.candidate_users)
    if groups is None or users is None or not (groups or users):
        return None
    return groups | users


def _fixed(value: Value) -> People | None:
    if value.expression is not None:
        return None
    return frozenset(name.strip() for name in value.text.split(",") if name.strip()) or None


def _apart(pools: Mapping[str, People], paths: Paths) -> dict[str, set[str]]:
    """The tasks that cannot have the same performer, when both are done in one case."""
    found: dict[str, set[str]] = {id: set() for id in pools}
    for id in pools:
        human = paths.nodes[id].human
        for other in human.excludes if human is not None else ():
            if other in pools and other != id and _together(other, id, paths):
                found[id].add(other)
                found[other].add(id)
    return found


def _together(before: str, after: str, paths: Paths) -> bool:
    """Whether some case has ``before`` done when ``after`` is to be done; only when that is certain."""
    if after in reach([before], paths.successors):
        return True
    return any(_forks(node, before, after, paths) for node in paths.nodes.values() if node.id in paths.reached)


def _forks(node: Node, one: str, other: str, paths: Paths) -> bool:
    """Whether the two tasks are on different branches that this node begins at the same time."""
    flows = [flow.target for flow in node.outgoing if flow.target in paths.nodes]
    if len(flows) < 2 or node.kind in _DECIDES:
        return False

    def branch(target: str) -> set[str]:
        return reach([target], lambda id: () if _meets(paths.nodes[id]) else paths.successors(id))

    branches = [branch(target) for target in flows]
    return any(one in a and other in b for a in branches for b in branches if a is not b) and not any(
        one in each and other in each for each in branches
    )


def _meets(node: Node) -> bool:
    return node.kind in _FORKS and len(node.incoming) > 1


def _group(id: str, apart: Mapping[str, set[str]]) -> list[str]:
    """``id`` and further tasks that are all apart from each other, in document order."""
    group = [id]
    for other in apart[id]:
        if all(other in apart[each] for each in group):
            group.append(other)
    return [each for each in apart if each in group]


def _assigned(group: list[str], pools: Mapping[str, People]) -> int:
    """How many of the tasks can each have a person of their own (augmenting paths of a bipartite matching)."""
    taken: dict[str, str] = {}

    def place_one(task: str, tried: set[str]) -> bool:
        for person in sorted(pools[task] - tried):
            tried.add(person)
            if person not in taken or place_one(taken[person], tried):
                taken[person] = task
                return True
        return False

    return sum(place_one(task, set()) for task in group)


def _smallest(group: list[str], pools: Mapping[str, People]) -> list[str]:
    """A part of the group that has too few people, and no smaller part of it has."""
    part = list(group)
    for task in group:
        fewer = [other for other in part if other != task]
        if len(fewer) > 1 and _assigned(fewer, pools) < len(fewer):
            part = fewer
    return part
