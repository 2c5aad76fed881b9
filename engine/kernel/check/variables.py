"""Which variables the elements of a compiled process read and write, as far as the files say.

What a person enters into a form that is not among the files, what a message brings, or what a handler returns is not
known: such an element is *open*, it may write any variable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engine.feel import Expression, FeelSyntaxError
from engine.feel.nodes import ContextOf
from engine.feel.parser import parse_expression
from engine.kernel.check.paths import At, place
from engine.kernel.definition import (
    Conditional,
    DataMapping,
    Definition,
    Error,
    Escalation,
    EventDefinition,
    Kind,
    Message,
    MultiInstance,
    Node,
    Signal,
    StandardLoop,
    Timer,
    Value,
)

BUILT_IN = frozenset(
    {"loopCounter", "nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "nrOfTerminatedInstances"}
)
"""Names that loops show to their expressions."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What other files say: the fields of forms and the inputs of decisions, by their ids."""

    forms: Mapping[str, frozenset[str]] = field(default_factory=dict)
    decisions: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Read:
    """``name`` is read at ``node``, in ``what``. ``late``: after the node itself has written. ``optional``: nothing
    fails when it is missing.
    """

    name: str
    node: str
    what: str
    at: At
    late: bool = False
    optional: bool = False


@dataclass(slots=True)
class Variables:
    """``writes`` are the nodes that write a name, ``early`` the names that a node itself sees while it runs, ``open``
    the nodes that may write any name. ``declared`` are names that exist from the beginning: data objects, properties.
    """

    reads: list[Read] = field(default_factory=list)
    writes: dict[str, set[str]] = field(default_factory=dict)
    early: set[tuple[str, str]] = field(default_factory=set)
    open: set[str] = field(default_factory=set)
    declared: frozenset[str] = frozenset()


def variables(definition: Definition, sources: Sources) -> Variables:
    """Everything a process reads and writes after its start; what the start brings is not in it."""
    found = Variables(declared=frozenset().union(*definition.declared.values()))
    for node in definition.nodes.values():
        _Reader(node, found, sources).run()
    return found


class _Reader:
    def __init__(self, node: Node, found: Variables, sources: Sources) -> None:
        self._node = node
        self._found = found
        self._sources = sources

    def run(self) -> None:
        node = self._node
        self._mappings(node.inputs, "an input mapping")
        self._work()
        self._loop()
        for event in node.events:
            self._event(event)
        self._results()
        for flow in node.outgoing:
            at = At(flow.id, flow.name, flow.line, flow.column)
            self._read(flow.condition, "the condition", at=at, late=True)

    def _read(
        self,
        expression: Expression | Value | None,
        what: str,
        *,
        at: At | None = None,
        late: bool = False,
        optional: bool = False,
    ) -> None:
        if isinstance(expression, Value):
            expression = expression.expression
        if expression is not None:
            for name in sorted(expression.names - BUILT_IN):
                where = at or place(self._node)
                self._found.reads.append(Read(name, self._node.id, what, where, late, optional))

    def _write(self, *names: str | None) -> None:
        for name in names:
            if name:
                self._found.writes.setdefault(name, set()).add(self._node.id)

    def _mappings(self, mappings: Iterable[DataMapping], what: str, *, writes: bool = True, late: bool = False) -> None:
        for mapping in mappings:
            self._read(mapping.source, what, late=late)
            if writes and not mapping.everything and not mapping.business_key and mapping.to_store is None:
                self._write(mapping.target)
                self._found.early.add((self._node.id, mapping.target))

    def _work(self) -> None:
        """What an activity needs to do its work."""
        node = self._node
        if node.script is not None:
            self._read(node.script.expression, "the script")
        if node.human is not None:
            human = node.human
            people = (human.assignee, human.candidate_users, human.candidate_groups)
            for value in (*people, human.due_date, human.follow_up_date, human.priority, human.sla):
                self._read(value, "an attribute of the task")
        if node.decision is not None:
            self._read(node.decision.decision, "the decision's name")
            for name in sorted(self._sources.decisions.get(node.decision.decision.text, ())):
                self._found.reads.append(Read(name, node.id, "the decision", place(node)))
        if node.call is not None:
            self._read(node.call.called, "the called process")
            self._mappings(node.call.inputs, "an in mapping", writes=False)
        if node.ad_hoc is not None:
            self._read(node.ad_hoc.completion, "the completion condition", late=True, optional=True)

    def _loop(self) -> None:
        loop = self._node.loop
        if isinstance(loop, StandardLoop):
            self._read(loop.condition, "the loop condition", late=not loop.test_before)
        elif isinstance(loop, MultiInstance):
            self._read(loop.collection, "the collection")
            self._read(loop.cardinality, "the number of items")
            self._write(loop.element_variable)
            self._found.early.add((self._node.id, loop.element_variable or ""))
            self._read(loop.completion, "the completion condition", late=True)
            self._read(loop.output_element, "the output element", late=True)
            self._write(loop.output_collection)

    def _event(self, event: EventDefinition) -> None:
        node = self._node
        catches = node.kind in (Kind.START_EVENT, Kind.CATCH_EVENT, Kind.BOUNDARY_EVENT, Kind.RECEIVE_TASK)
        if isinstance(event, Timer) and not (node.kind is Kind.START_EVENT and node.parent is None):
            self._read(event.value, "the timer")
        elif isinstance(event, Message | Signal):
            key = event.correlation_key if isinstance(event, Message) else event.name
            self._read(key, "the correlation key" if isinstance(event, Message) else "the signal's name")
            self._mappings(event.payload, "the payload", writes=False)
            if catches and not node.outputs:
                self._found.open.add(node.id)
        elif isinstance(event, Conditional):
            self._read(event.condition, "the condition", optional=True)
        elif isinstance(event, Error | Escalation) and catches:
            self._write(event.code_variable)
            if isinstance(event, Error):
                self._write(event.message_variable)
                if not node.outputs:  # a handler may give an error variables of its own
                    self._found.open.add(node.id)

    def _results(self) -> None:
        """What an activity leaves behind: its output mappings when it has any, else all it produced."""
        node = self._node
        produced = self._produced()
        if node.outputs or node.data_outputs:
            known = frozenset(produced or ()) | node.produced
            for mapping in (*node.outputs, *node.data_outputs):
                if produced is not None:
                    self._after(mapping, known)
                if mapping.everything:
                    self._found.open.add(node.id)
                elif mapping.to_store is None:
                    self._write(mapping.target)
        elif produced is None:
            self._found.open.add(node.id)
        else:
            self._write(*produced)

    def _after(self, mapping: DataMapping, known: frozenset[str]) -> None:
        expression = mapping.source.expression if mapping.source is not None else None
        for name in sorted(expression.names - BUILT_IN - known if expression is not None else ()):
            what = "an output mapping"
            self._found.reads.append(Read(name, self._node.id, what, place(self._node), late=True))

    def _produced(self) -> tuple[str, ...] | None:
        """The names that its work gives; None when they are not known."""
        node = self._node
        if node.kind is Kind.USER_TASK or (node.kind is Kind.MANUAL_TASK and node.role is not None):
            fields = self._sources.forms.get(node.human.form or "") if node.human is not None else None
            return None if fields is None else tuple(sorted(fields))
        if node.service is not None:
            return _one(node.service.result_variable)
        if node.script is not None:
            return _one(node.script.result_variable) or _entries(node.script.expression)
        if node.decision is not None:
            return _one(node.decision.result_variable)
        if node.call is not None:
            everything = any(mapping.everything for mapping in node.call.outputs)
            return None if everything else tuple(mapping.target for mapping in node.call.outputs)
        if any(isinstance(event, Message | Signal) for event in node.events) and node.kind in _CATCHING:
            return None
        return ()


_CATCHING = frozenset({Kind.CATCH_EVENT, Kind.BOUNDARY_EVENT, Kind.RECEIVE_TASK})


def _one(name: str | None) -> tuple[str, ...] | None:
    return None if name is None else (name,)


def _entries(expression: Expression) -> tuple[str, ...] | None:
    """The entries of a context that is written out; None when it is computed."""
    try:
        node = parse_expression(expression.text, ())
    except (FeelSyntaxError, RecursionError):
        return None
    return node.keys if isinstance(node, ContextOf) else None
