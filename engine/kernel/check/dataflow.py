"""Variables that are read where nothing can have written them. Runs on compiled definitions.

What a start brings is rarely known, nor what people, messages and handlers write. So a name is reported only when
nothing of that kind can come before, or when it looks like another name of the process, misspelt.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.kernel.check.alike import alike
from engine.kernel.check.paths import At, Paths, reach
from engine.kernel.check.variables import Read, Sources, Variables, variables
from engine.kernel.definition import Definition, ProcessCall
from engine.kernel.findings import Report

_MOST_STEPS = 3_000_000
"""Nodes to look at in one process before the question is left open: seconds, in a model of thousands of scripts."""
_NOTHING = Sources()


@dataclass(frozen=True, slots=True)
class Suspicion:
    """A read that looks wrong: what to say about it, and what to do."""

    read: Read
    message: str
    advice: str

    @property
    def at(self) -> At:
        """The place of the read."""
        return self.read.at


def check(definitions: Iterable[Definition], report: Report) -> None:
    """Rule ``execution/unknown-variable``, by what one file says."""
    for definition in definitions:
        for found in suspicions(definition):
            report.warning("execution/unknown-variable", found.at, found.message, found.advice)


def suspicions(
    definition: Definition,
    sources: Sources = _NOTHING,
    *,
    start_form: str | None = None,
    given: frozenset[str] = frozenset(),
) -> Iterator[Suspicion]:
    """What looks wrong in a process. ``start_form``: the form that people fill to start it; ``given``: names that some
    call is known to bring.
    """
    found = variables(definition, sources)
    fields = sources.forms.get(start_form or "")
    names = given | (fields or frozenset())
    told: set[str] = set()
    for read, other in _misspelt(found, names):
        told.add(read.name)
        text = f"{read.what} reads {read.name!r}, which nothing in the process writes"
        yield Suspicion(read, text, f"did you mean {other!r}?")
    if fields is None and _plain_start(definition):
        return  # whoever starts it may give any variable
    for read, written in _missing(definition, found, names):
        if read.name not in told:
            told.add(read.name)
            when = "is written only later" if written else "nothing writes and no start brings"
            text = f"{read.what} reads {read.name!r}, which {when}"
            yield Suspicion(read, text, "write it before, or give it at the start")


def not_passed(called: Definition, call: ProcessCall, sources: Sources = _NOTHING) -> list[str]:
    """The names that a called process needs from its start and that this call does not give, sorted."""
    if any(mapping.everything for mapping in call.inputs):
        return []
    given = frozenset(mapping.target for mapping in call.inputs)
    found = variables(called, sources)
    return sorted({read.name for read, written in _missing(called, found, given) if not written})


def not_returned(called: Definition, call: ProcessCall, sources: Sources = _NOTHING) -> list[str]:
    """The names that a call takes back and that the called process never has, sorted."""
    if any(mapping.everything for mapping in (*call.inputs, *call.outputs)):
        return []
    found = variables(called, sources)
    if found.open:
        return []
    known = {*found.writes, *found.declared, *(mapping.target for mapping in call.inputs)}
    asked: set[str] = set()
    for mapping in call.outputs:
        expression = mapping.source.expression if mapping.source is not None else None
        asked |= expression.names if expression is not None else set()
    return sorted(asked - known)


def _plain_start(definition: Definition) -> bool:
    """Whether somebody, or another process, may start it with variables of their choice."""
    return bool(definition.entries.get(None))


def _misspelt(found: Variables, given: frozenset[str]) -> Iterator[tuple[Read, str]]:
    """Reads of names that nobody writes and that look like a name that somebody writes, or that is read more often."""
    counted = Counter(read.name for read in found.reads)
    written = sorted({*found.writes, *found.declared, *given})
    told: set[str] = set()
    for read in found.reads:
        name = read.name
        if name in told or name in found.writes or name in found.declared or name in given:
            continue
        often = sorted(other for other, count in counted.items() if count > counted[name] == 1 and other not in written)
        other = next((other for other in (*written, *often) if alike(name, other)), None)
        if other is not None:
            told.add(name)
            yield read, other


def _missing(definition: Definition, found: Variables, given: frozenset[str]) -> Iterator[tuple[Read, bool]]:
    """The reads that fail when the process begins with exactly these names, and whether the name is written later."""
    paths = Paths(definition)
    roots = paths.beginnings(None)
    elsewhere: dict[str, set[str]] = {}
    steps = 0
    for read in found.reads:
        if read.optional or read.name in given or read.name in found.declared or read.node not in paths.reached:
            continue
        writers = found.writes.get(read.name, set()) | found.open
        if read.node in writers and (read.late or (read.node, read.name) in found.early):
            continue
        if writers and read.node not in elsewhere:
            steps += len(paths.reached)
            if steps > _MOST_STEPS:
                return
            elsewhere[read.node] = _without(read.node, roots, paths)
        if not writers or elsewhere[read.node].isdisjoint(writers):
            yield read, read.name in found.writes


def _without(node: str, roots: list[str], paths: Paths) -> set[str]:
    """What can run without the node having run before."""
    return reach(
        (root for root in roots if root != node),
        lambda id: (following for following in paths.successors(id) if following != node),
    )
