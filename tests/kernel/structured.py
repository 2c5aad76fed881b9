"""Random structured models, their BPMN, and an oracle that runs them without tokens.

A model is a term (nested tuples). `bpmn_of` writes it as BPMN; `Oracle` runs it by continuations: every open task or
timer is a name with a function to call when it happens. The two share nothing but the term.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from tests.kernel.bpmn import extended, flow, model

Term = tuple[Any, ...]
Then = Callable[[], None]

_LEAVES = st.one_of(
    st.tuples(st.just("task")),
    st.tuples(st.just("add"), st.sampled_from("ab"), st.integers(1, 9)),
    st.tuples(st.just("timed")),
    st.tuples(st.just("reminded")),
    st.tuples(st.just("items"), st.integers(0, 3), st.booleans()),
)


def _blocks(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.tuples(st.just("seq"), several),
        st.tuples(st.just("par"), several),
        st.tuples(st.just("xor"), several, st.integers(0, 2)),
        st.tuples(st.just("loop"), inner, st.integers(1, 3)),
        st.tuples(st.just("sub"), inner),
        st.tuples(st.just("call"), inner),
    )


_TERMS = st.recursive(_LEAVES, _blocks, max_leaves=12)
_SEVERAL = st.lists(_TERMS, min_size=2, max_size=4)
TERMS = st.one_of(st.tuples(st.just("seq"), _SEVERAL), st.tuples(st.just("par"), _SEVERAL))


def numbered(term: Term, path: str = "n") -> Term:
    """The term with a unique name as second part of every block and leaf."""
    kind, *rest = term
    parts: list[Any] = []
    for position, part in enumerate(rest):
        if isinstance(part, tuple):
            part = numbered(part, f"{path}_{position}")
        elif isinstance(part, list):
            part = [numbered(one, f"{path}_{index}") for index, one in enumerate(part)]
        parts.append(part)
    return (kind, path, *parts)


class Writer:
    """Writes a term as BPMN: the root model, and one model for each call."""

    def __init__(self, term: Term) -> None:
        self.called: list[bytes] = []
        self.root = self._process(term, "p")

    def _process(self, term: Term, id: str) -> bytes:
        return model(self._container(term, id), process=f'id="{id}" isExecutable="true"')

    def _container(self, term: Term, id: str) -> str:
        text, first, last = self._block(term)
        start, end = f"s_{id}", f"e_{id}"
        return f'<startEvent id="{start}"/>{text}<endEvent id="{end}"/>' + flow(start, first) + flow(last, end)

    def _block(self, term: Term) -> tuple[str, str, str]:
        """Text, id of the first and id of the last element."""
        kind, id, *rest = term
        return getattr(self, f"_{kind}")(id, *rest)

    def _task(self, id: str) -> tuple[str, str, str]:
        return f'<userTask id="{id}"/>', id, id

    def _add(self, id: str, variable: str, number: int) -> tuple[str, str, str]:
        return _script(id, variable, f"{variable} + {number}"), id, id

    def _timed(self, id: str) -> tuple[str, str, str]:
        text = f'<userTask id="{id}"/>{_timer(id)}<exclusiveGateway id="{id}_m"/>'
        return text + flow(id, f"{id}_m") + flow(f"{id}_b", f"{id}_m"), id, f"{id}_m"

    def _reminded(self, id: str) -> tuple[str, str, str]:
        flag = 'cancelActivity="false"'
        text = f'<userTask id="{id}"/>{_timer(id, flag)}<userTask id="{id}_r"/>' + flow(f"{id}_b", f"{id}_r")
        return text, id, id

    def _items(self, id: str, number: int, sequential: bool) -> tuple[str, str, str]:
        flag = 'isSequential="true"' if sequential else ""
        loop = f"<multiInstanceLoopCharacteristics {flag}><loopCardinality>{number}</loopCardinality>"
        return f'<userTask id="{id}">{loop}</multiInstanceLoopCharacteristics></userTask>', id, id

    def _seq(self, id: str, terms: list[Term]) -> tuple[str, str, str]:
        blocks = [self._block(term) for term in terms]
        flows = "".join(flow(a[2], b[1]) for a, b in pairwise(blocks))
        return "".join(block[0] for block in blocks) + flows, blocks[0][1], blocks[-1][2]

    def _par(self, id: str, terms: list[Term]) -> tuple[str, str, str]:
        text = f'<parallelGateway id="{id}_f"/><parallelGateway id="{id}_j"/>'
        for term in terms:
            inner, first, last = self._block(term)
            text += inner + flow(f"{id}_f", first) + flow(last, f"{id}_j")
        return text, f"{id}_f", f"{id}_j"

    def _xor(self, id: str, terms: list[Term], choice: int) -> tuple[str, str, str]:
        text = _script(id, f"pick_{id}", str(choice)) + flow(id, f"{id}_f")
        default = ""
        for index, term in enumerate(terms):
            inner, first, last = self._block(term)
            condition = f"pick_{id} = {index}" if index else ""
            default = default or f"{id}_f_{first}"
            text += inner + flow(f"{id}_f", first, condition, id=f"{id}_f_{first}") + flow(last, f"{id}_m")
        text += f'<exclusiveGateway id="{id}_f" default="{default}"/><exclusiveGateway id="{id}_m"/>'
        return text, id, f"{id}_m"

    def _loop(self, id: str, term: Term, times: int) -> tuple[str, str, str]:
        inner, first, last = self._block(term)
        text = _script(id, f"k_{id}", "0") + _script(f"{id}_k", f"k_{id}", f"k_{id} + 1")
        text += f'<exclusiveGateway id="{id}_m"/><exclusiveGateway id="{id}_x" default="{id}_x_{id}_z"/>'
        text += f'<task id="{id}_z"/>{inner}'
        text += flow(id, f"{id}_m") + flow(f"{id}_m", first) + flow(last, f"{id}_k") + flow(f"{id}_k", f"{id}_x")
        text += flow(f"{id}_x", f"{id}_m", f"k_{id} &lt; {times}") + flow(f"{id}_x", f"{id}_z")
        return text, id, f"{id}_z"

    def _sub(self, id: str, term: Term) -> tuple[str, str, str]:
        return f'<subProcess id="{id}">{self._container(term, id)}</subProcess>', id, id

    def _call(self, id: str, term: Term) -> tuple[str, str, str]:
        self.called.append(self._process(term, f"p_{id}"))
        data = "".join(f'<camunda:in sourceExpression="=0" target="{name}"/>' for name in "ab")
        data += f'<camunda:out source="a" target="a_{id}"/>'
        return f'<callActivity id="{id}" calledElement="p_{id}">{extended(data)}</callActivity>', id, id


def _script(id: str, variable: str, text: str) -> str:
    return f'<scriptTask id="{id}" camunda:resultVariable="{variable}"><script>{text}</script></scriptTask>'


def _timer(id: str, attributes: str = "") -> str:
    event = "<timerEventDefinition><timeDuration>PT1H</timeDuration></timerEventDefinition>"
    return f'<boundaryEvent id="{id}_b" attachedToRef="{id}" {attributes}>{event}</boundaryEvent>'


class Scope:
    """Ends (calls ``then``) when everything begun in it has ended."""

    def __init__(self, then: Then) -> None:
        self.live = 1
        self.then = then

    def leave(self) -> None:
        self.live -= 1
        if self.live == 0:
            self.then()


class Oracle:
    """Runs a term: ``open`` maps a name to what happens next, once per open task or timer of that name."""

    def __init__(self, term: Term) -> None:
        self.open: list[tuple[str, Then]] = []
        self.env: dict[str, int] = {"a": 0, "b": 0}
        self.ended = False
        self._run(term, self.env, scope := Scope(self._end), scope.leave)

    @property
    def names(self) -> list[str]:
        return sorted(name for name, _ in self.open)

    def happen(self, name: str) -> None:
        index = next(i for i, (found, _) in enumerate(self.open) if found == name)
        self.open.pop(index)[1]()

    def _end(self) -> None:
        self.ended = True

    def _run(self, term: Term, env: dict[str, int], scope: Scope, then: Then) -> None:
        kind, id, *rest = term
        getattr(self, f"_{kind}")(id, *rest, env, scope, then)

    def _task(self, id: str, env: dict[str, int], scope: Scope, then: Then) -> None:
        self.open.append((id, then))

    def _add(self, id: str, variable: str, number: int, env: dict[str, int], scope: Scope, then: Then) -> None:
        env[variable] += number
        then()

    def _timed(self, id: str, env: dict[str, int], scope: Scope, then: Then) -> None:
        task: tuple[str, Then] = (id, lambda: (self.open.remove(timer), then())[1])
        timer: tuple[str, Then] = (f"{id}_b", lambda: (self.open.remove(task), then())[1])
        self.open += [task, timer]

    def _reminded(self, id: str, env: dict[str, int], scope: Scope, then: Then) -> None:
        def remind() -> None:
            scope.live += 1
            self.open.append((f"{id}_r", scope.leave))

        def done() -> None:
            if timer in self.open:
                self.open.remove(timer)
            then()

        timer: tuple[str, Then] = (f"{id}_b", remind)
        self.open += [(id, done), timer]

    def _items(self, id: str, number: int, sequential: bool, env: dict[str, int], scope: Scope, then: Then) -> None:
        if number == 0:
            then()
        elif sequential:
            self.open.append((id, lambda: self._items(id, number - 1, True, env, scope, then)))
        else:
            items = Scope(then)
            items.live = number
            self.open += [(id, items.leave)] * number

    def _seq(self, id: str, terms: list[Term], env: dict[str, int], scope: Scope, then: Then) -> None:
        if terms:
            first, *rest = terms
            self._run(first, env, scope, lambda: self._seq(id, rest, env, scope, then))
        else:
            then()

    def _par(self, id: str, terms: list[Term], env: dict[str, int], scope: Scope, then: Then) -> None:
        join = Scope(then)
        join.live = len(terms)
        for term in terms:
            self._run(term, env, scope, join.leave)

    def _xor(self, id: str, terms: list[Term], choice: int, env: dict[str, int], scope: Scope, then: Then) -> None:
        self._run(terms[choice] if choice < len(terms) else terms[0], env, scope, then)

    def _loop(self, id: str, term: Term, times: int, env: dict[str, int], scope: Scope, then: Then) -> None:
        if times:
            self._run(term, env, scope, lambda: self._loop(id, term, times - 1, env, scope, then))
        else:
            then()

    def _sub(self, id: str, term: Term, env: dict[str, int], scope: Scope, then: Then) -> None:
        inner = Scope(then)
        self._run(term, env, inner, inner.leave)

    def _call(self, id: str, term: Term, env: dict[str, int], scope: Scope, then: Then) -> None:
        own = {"a": 0, "b": 0}

        def ended() -> None:
            env[f"a_{id}"] = own["a"]
            then()

        inner = Scope(ended)
        self._run(term, own, inner, inner.leave)
