"""A container of a process as a net of places and tokens, and every state that its tokens can get into.

Places are sequence flows, each emptied by the one node it leads to, so that nodes never compete for a token: any order
of steps leads to the same ends. `explore` therefore follows one order, earlier nodes first, and tries others only where
a token goes back. Conditions count as undecided: a gateway may choose any of its flows. What a subprocess holds is a
net of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations

from engine.kernel.check.paths import Paths
from engine.kernel.definition import Cancel, Compensate, Error, Flow, Kind, Node, Terminate

MAX_STATES = 20_000
_MOST_TOKENS = 3
"""More tokens than that in one place: a loop makes new ones without end."""
_MOST_CHOICES = 4
"""A node that chooses among more flows at will makes the net too large to be worth it."""

Place = str
State = tuple[Place, ...]
"""The places of all tokens, sorted; a place with two tokens stands twice."""


class TooIrregular(Exception):
    """The container holds something that this net cannot show."""


@dataclass(frozen=True, slots=True)
class Step:
    """What a node does with its tokens. ``takes`` are its incoming places; ``gives`` the alternatives, None for one
    that ends the container.
    """

    node: Node
    takes: tuple[Place, ...]
    gives: tuple[tuple[Place, ...] | None, ...]

    @property
    def joins(self) -> bool:
        """Whether it waits for a token in every incoming place."""
        return self.node.kind is Kind.PARALLEL_GATEWAY and len(self.takes) > 1

    @property
    def gathers(self) -> bool:
        """Whether it takes all the tokens that can still come."""
        return self.node.kind is Kind.INCLUSIVE_GATEWAY and len(self.takes) > 1


@dataclass(slots=True)
class Seen:
    """What was seen. ``fired`` and ``waiting`` are joins by id, ``stuck`` those that a final state leaves waiting;
    ``merged`` are nodes that two tokens reach by different flows at the same time. ``complete``: no state is missing.
    """

    fired: set[str] = field(default_factory=set)
    waiting: set[str] = field(default_factory=set)
    stuck: set[str] = field(default_factory=set)
    merged: set[str] = field(default_factory=set)
    complete: bool = True


class Net:
    """The net of one container. ``reminders``: events that do not interrupt may happen. Raises `TooIrregular`."""

    def __init__(self, container: str | None, paths: Paths, *, reminders: bool) -> None:
        self._paths = paths
        self._reminders = reminders
        self._nodes = {node.id: node for node in paths.inside.get(container, ())}
        self.steps: dict[str, Step] = {}
        self.consumer: dict[Place, str] = {}
        incoming: dict[str, list[Place]] = {}
        for node in self._nodes.values():
            for flow in node.outgoing:
                incoming.setdefault(flow.target, []).append(_flow(flow))
        for node in self._nodes.values():
            takes = (*incoming.get(node.id, ()), _into(node.id))
            if node.kind in (Kind.PARALLEL_GATEWAY, Kind.INCLUSIVE_GATEWAY) and len(takes) > 1:
                takes = takes[:-1]
            self.steps[node.id] = Step(node, takes, tuple(self._gives(node)))
            self.consumer.update(dict.fromkeys(takes, node.id))
        if len(self.consumer) != sum(len(set(step.takes)) for step in self.steps.values()):
            raise TooIrregular(str(container))  # two flows with one id
        self._passed = {place: self._through(place) for place in self.consumer}

    def initial(self, ids: Iterable[str]) -> State:
        """One token at each of these nodes."""
        return self._state(self.steps[id].takes[-1] for id in ids)

    def explore(self, initial: Sequence[State]) -> Seen:
        """Every state that can follow, up to `MAX_STATES`."""
        seen, order = Seen(), self._order(initial)
        known = set(initial)
        waiting = list(known)
        while waiting:
            if len(known) > MAX_STATES:
                seen.complete = False
                break
            state = waiting.pop()
            if any(state.count(place) > _MOST_TOKENS for place in set(state)):
                seen.complete = False
                continue
            for following in self._following(state, order, seen):
                if following not in known:
                    known.add(following)
                    waiting.append(following)
        return seen

    def _following(self, state: State, order: Mapping[str, int], seen: Seen) -> list[State]:
        able = self._able(state, seen)
        if not able:
            seen.stuck |= {self.consumer[place] for place in state}
            return []
        firm = sorted((id for id in able if not self.steps[id].gathers), key=lambda id: order.get(id, 0))
        found: list[State] = []
        goes_back = False
        for id in firm[:1] or able:
            states, back = self._fire(id, able[id], state, order, seen)
            found += states
            goes_back = goes_back or back
        if goes_back:
            for id in firm[1:]:
                found += self._fire(id, able[id], state, order, seen)[0]
        return found

    def _able(self, state: State, seen: Seen) -> dict[str, list[Place]]:
        """The nodes that can act, with the tokens that they take."""
        held: dict[str, list[Place]] = {}
        for place in dict.fromkeys(state):
            held.setdefault(self.consumer[place], []).append(place)
        able = {}
        for id, places in held.items():
            step = self.steps[id]
            if step.joins:
                seen.waiting.add(id)
                if len(places) == len({self._passed[place] for place in step.takes}):
                    able[id] = places
            elif step.gathers:
                able[id] = places
            else:
                if len(places) > 1:
                    seen.merged.add(id)
                able[id] = places[:1]
        return able

    def _fire(
        self, id: str, taken: list[Place], state: State, order: Mapping[str, int], seen: Seen
    ) -> tuple[list[State], bool]:
        """The states after a node has acted, and whether a token may have gone back."""
        if self.steps[id].joins:
            seen.fired.add(id)
        left = list(state)
        for place in taken:
            left.remove(place)
        found: list[State] = []
        back = False
        for given in self.steps[id].gives:
            if given is None:
                found.append(())
                continue
            placed = self._state(given)
            back = back or any(order.get(self.consumer[place], 0) <= order.get(id, 0) for place in placed)
            found.append(tuple(sorted([*left, *placed])))
        return found, back

    def _state(self, places: Iterable[Place]) -> State:
        return tuple(sorted(self._passed[place] for place in places))

    def _through(self, place: Place) -> Place:
        """The place after all nodes that merely pass a token on, so that a long path is one place."""
        seen = {place}
        while True:
            step = self.steps[self.consumer[place]]
            gives = step.gives[0] if len(step.gives) == 1 else None
            used = [taken for taken in step.takes if taken == place or not taken.startswith("into ")]
            if gives is None or len(gives) != 1 or len(used) > 1 or gives[0] in seen:
                return place
            place = gives[0]
            seen.add(place)

    def _order(self, initial: Sequence[State]) -> dict[str, int]:
        """Nodes by the longest way to them, as far as loops leave a meaning to that (reverse postorder)."""
        finished: list[str] = []
        entered: set[str] = set()
        roots = list(dict.fromkeys(self.consumer[place] for state in initial for place in state))
        for root in roots:
            stack: list[tuple[str, Iterator[str]]] = []
            if root not in entered:
                entered.add(root)
                stack.append((root, self._after(root)))
            while stack:
                at, rest = stack[-1]
                following = next((id for id in rest if id not in entered), None)
                if following is None:
                    finished.append(at)
                    stack.pop()
                else:
                    entered.add(following)
                    stack.append((following, self._after(following)))
        return {id: number for number, id in enumerate(reversed(finished))}

    def _after(self, id: str) -> Iterator[str]:
        for given in self.steps[id].gives:
            yield from (self.consumer[self._passed[place]] for place in given or ())

    # What a node gives

    def _gives(self, node: Node) -> Iterator[tuple[Place, ...] | None]:
        if node.start_quantity != 1 or node.completion_quantity != 1 or node.all_events:
            raise TooIrregular(node.id)
        flows = [flow for flow in node.outgoing if flow.target in self._nodes]
        if node.kind is Kind.COMPLEX_GATEWAY and (len(node.incoming) > 1 or node.activation is not None):
            raise TooIrregular(node.id)
        if node.kind is Kind.END_EVENT and any(isinstance(each, Terminate | Error | Cancel) for each in node.events):
            yield None
        elif node.link is not None:
            yield (_into(node.link),) if node.link in self._nodes else ()
        elif node.kind in (Kind.EXCLUSIVE_GATEWAY, Kind.EVENT_BASED_GATEWAY):
            yield from ((_flow(flow),) for flow in flows)
            if not flows:
                yield ()
        elif node.kind in (Kind.INCLUSIVE_GATEWAY, Kind.COMPLEX_GATEWAY):
            yield from _some(flows) if len(flows) > 1 else [tuple(map(_flow, flows))]
        elif node.kind is Kind.PARALLEL_GATEWAY:
            yield tuple(map(_flow, flows))
        else:
            yield from self._activity(node, flows)

    def _activity(self, node: Node, flows: list[Flow]) -> Iterator[tuple[Place, ...]]:
        always = tuple(_flow(flow) for flow in flows if flow.condition is None and flow.id != node.default)
        chosen = [flow for flow in flows if flow.condition is not None]
        default = tuple(_flow(flow) for flow in flows if flow.id == node.default)
        usual = [(*always, *some) for some in _some(chosen)]
        if always or default or not chosen:
            usual.insert(0, (*always, *default))
        events = [self._nodes[id] for id in node.boundary if id in self._nodes]
        events = [event for event in events if not any(isinstance(each, Compensate) for each in event.events)]
        beside = [_into(event.id) for event in events if not event.interrupting] if self._reminders else []
        if len(beside) > _MOST_CHOICES:
            raise TooIrregular(node.id)
        for extra in chain.from_iterable(combinations(beside, size) for size in range(len(beside) + 1)):
            yield from ((*given, *extra) for given in usual)
        yield from ((_into(event.id),) for event in events if event.interrupting)


def _flow(flow: Flow) -> Place:
    return f"flow {flow.id}"


def _into(id: str) -> Place:
    """Where a token appears that no flow brings."""
    return f"into {id}"


def _some(flows: list[Flow]) -> Iterator[tuple[Place, ...]]:
    """Every choice of at least one."""
    if len(flows) > _MOST_CHOICES:
        raise TooIrregular(flows[0].source)
    for size in range(1, len(flows) + 1):
        yield from (tuple(map(_flow, some)) for some in combinations(flows, size))
