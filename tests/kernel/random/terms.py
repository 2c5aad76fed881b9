"""Random structured models as terms: nested tuples of a kind, a name and parts.

`writer.Writer` writes a term as BPMN, `oracle.Oracle` runs it. Whatever interrupts something is preceded by a task, so
that everything else rests when it happens: no order that BPMN leaves open decides about an outcome.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Term = tuple[Any, ...]

_just, _bool = st.just, st.booleans()

_LOGGED: st.SearchStrategy[Term] = st.tuples(_just("logged"), _bool)
_LEAVES: st.SearchStrategy[Term] = st.one_of(
    st.tuples(_just("task")),
    st.tuples(_just("add"), st.sampled_from("ab"), st.integers(1, 9)),
    st.tuples(_just("timed")),
    st.tuples(_just("reminded")),
    st.tuples(_just("items"), st.integers(0, 3), _bool),
    st.tuples(_just("first")),
    st.tuples(_just("signals"), st.integers(1, 2)),
    st.tuples(_just("condition")),
    st.tuples(_just("quantity"), st.integers(1, 3)),
    st.tuples(_just("async"), st.sampled_from(("Before", "After"))),
    _LOGGED,
)


def _blocks(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    several = st.lists(inner, min_size=1, max_size=3)
    two = st.lists(inner, min_size=2, max_size=3)
    done = st.tuples(_just("seq"), st.lists(st.one_of(_LOGGED, inner), min_size=2, max_size=3))
    return st.one_of(
        st.tuples(_just("seq"), several),
        st.tuples(_just("par"), several),
        st.tuples(_just("xor"), several, st.integers(0, 2)),
        st.tuples(_just("inclusive"), two, st.integers(0, 7), _bool),
        st.tuples(_just("loop"), inner, st.integers(1, 3)),
        st.tuples(_just("rounds"), inner, st.integers(0, 2), _bool),
        st.tuples(_just("each"), inner, st.integers(0, 2), _bool),
        st.tuples(_just("sub"), inner),
        st.tuples(_just("call"), inner),
        st.tuples(_just("link"), inner),
        st.tuples(_just("event"), inner, _bool, _bool),
        st.tuples(_just("error"), inner, st.sampled_from(("sub", "call", "event"))),
        st.tuples(_just("escalation"), inner, st.sampled_from(("sub", "call", "event")), _bool),
        st.tuples(_just("terminate"), inner),
        st.tuples(_just("compensate"), done, _bool),
        st.tuples(_just("transaction"), done, _bool),
        st.tuples(_just("cancelled"), done.map(scripted)),
        st.tuples(_just("adhoc"), two, _bool, st.integers(0, 2), _bool),
        st.tuples(_just("discriminator"), two),
    )


def scripted(term: Term) -> Term:
    """The term with handlers that wait for nobody."""
    return tuple(
        False
        if term[0] == "logged" and part is True
        else scripted(part)
        if isinstance(part, tuple)
        else [scripted(one) for one in part]
        if isinstance(part, list)
        else part
        for part in term
    )  # fmt: skip - one kind of part per line


def kinds(term: Term) -> Iterator[str]:
    """The kinds of the term and of all in it."""
    yield term[0]
    for part in term:
        for one in part if isinstance(part, list) else (part,):
            if isinstance(one, tuple):
                yield from kinds(one)


TERM = st.recursive(_LEAVES, _blocks, max_leaves=10)
_SEVERAL = st.lists(TERM, min_size=2, max_size=3)
TERMS = st.one_of(st.tuples(_just("seq"), _SEVERAL), st.tuples(_just("par"), _SEVERAL))


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
