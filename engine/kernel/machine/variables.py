"""Reading and writing variables.

Reads walk up from the scope to its process instance and no further: a called process sees only what is mapped in. A
write lands where the name lives; a name that lives nowhere becomes a variable of the process instance. The latest write
wins; nothing keeps a copy, except what a compensation handler reads: values of the time its activity completed
(``Scope.snapshot``). Data objects and properties of a subprocess live there, and are null until written. A
multi-instance item has for its own: its element variable, ``loopCounter``, its mapped
inputs, and the names that its ``outputElement`` reads, so that parallel items do not collect each other's values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from engine.feel import Expression, FeelError, UnknownVariable
from engine.kernel.definition import Conditional, DataMapping, Definition, MultiInstance, Value
from engine.kernel.effects import StoreWritten, VariablesWritten
from engine.kernel.errors import Code
from engine.kernel.machine.failure import StepFailure
from engine.kernel.machine.work import Visit, Work
from engine.kernel.scope import ROOT, Items, Scope, ScopeKind, parent_of
from engine.kernel.values import Json, decode, decode_all, encode, encode_all

COUNTERS = ("nrOfInstances", "nrOfActiveInstances", "nrOfCompletedInstances", "nrOfTerminatedInstances")


class Visible(Mapping[str, object]):
    """The variables visible in a scope, read when asked for; ``first`` are names that come before all others."""

    __slots__ = ("_first", "_scope", "_work")

    def __init__(self, work: Work, scope: str, first: Mapping[str, object] | None = None) -> None:
        self._work = work
        self._scope = scope
        self._first: Mapping[str, object] = first or {}

    def __getitem__(self, name: str) -> object:
        if name in self._first:
            return self._first[name]
        for scope in _path(self._work, self._scope):
            if name in scope.variables:
                return decode(scope.variables[name])
            if name in scope.snapshot:
                return decode(scope.snapshot[name])
            if scope.items is not None and name in COUNTERS:
                return counters(scope.items)[name]
            if scope.kind is ScopeKind.SUB_PROCESS and name in self._declared_in(scope):
                return None
        if name in self._declared:
            return None
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return (
            name in self._first
            or any(
                name in scope.variables or name in scope.snapshot or (scope.items is not None and name in COUNTERS)
                for scope in _path(self._work, self._scope)
            )
            or name in self._declared
        )

    def __iter__(self) -> Iterator[str]:
        seen = dict.fromkeys(self._first)
        for scope in _path(self._work, self._scope):
            seen.update(dict.fromkeys(scope.variables))
            seen.update(dict.fromkeys(scope.snapshot))
            if scope.items is not None:
                seen.update(dict.fromkeys(COUNTERS))
        return iter(seen)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _declared_in(self, scope: Scope) -> frozenset[str]:
        return self._work.definition_of(self._scope).declared.get(scope.element, frozenset())

    @property
    def _declared(self) -> frozenset[str]:
        """Data objects and properties that are null until written, of all the process."""
        declared = self._work.definition_of(self._scope).declared
        return frozenset().union(*declared.values()) if declared else frozenset()


def counters(items: Items) -> dict[str, object]:
    """The counters that a multi-instance body shows to its items and its completion condition."""
    # A body shows no terminated items: terminating them is what ends it.
    return dict(zip(COUNTERS, (items.total, items.started - items.done, items.done, 0), strict=True))


def counted(work: Work, body: str) -> None:
    """The counters of a multi-instance body have changed, which conditional events in its items may read."""
    if work.scope(body).conditions and _read_counters(work.definition_of(body)):
        work.written.setdefault(body, set()).update(COUNTERS)


def _read_counters(definition: Definition) -> bool:
    found = definition.derived.get("conditions on counters")
    if not isinstance(found, bool):
        events = (event for node in definition.nodes.values() for event in node.events)
        conditions = (event.condition for event in events if isinstance(event, Conditional))
        found = any(not condition.names.isdisjoint(COUNTERS) for condition in conditions)
        definition.derived["conditions on counters"] = found
    return found


def everything(work: Work, scope: str) -> dict[str, object]:
    """All variables visible in a scope, without the counters of multi-instance bodies."""
    return decode_all(everything_stored(work, scope))


def everything_stored(work: Work, scope: str) -> dict[str, Json]:
    """The same, encoded."""
    visible: dict[str, Json] = {}
    hidden: set[str] = set()  # data objects of a subprocess that are null
    declared = work.definition_of(scope).declared
    for found in _path(work, scope):
        for values in (found.variables, found.snapshot):
            visible.update(
                {name: stored for name, stored in values.items() if name not in visible and name not in hidden}
            )
        if declared and found.kind is ScopeKind.SUB_PROCESS:
            hidden |= declared.get(found.element, frozenset())
    return visible


def _path(work: Work, scope: str) -> Iterator[Scope]:
    id = scope
    while True:
        found = work.scope(id)
        yield found
        if found.kind is ScopeKind.PROCESS:
            return
        id = parent_of(id)


def write(work: Work, scope: str, values: Mapping[str, object], by: str) -> None:
    """Writes variables as seen from ``scope``. Raises `UnsupportedValue`, and then nothing is written."""
    write_encoded(work, scope, encode_all(values), by)


def write_encoded(work: Work, scope: str, values: Mapping[str, Json], by: str) -> None:
    """Writes encoded variables as seen from ``scope``."""
    landings: dict[str, dict[str, Json]] = {}
    for name, value in values.items():
        landings.setdefault(_landing(work, scope, name), {})[name] = value
    for landing, found in landings.items():
        put_here(work, landing, found, by)


def put_here(work: Work, scope: str, values: Mapping[str, Json], by: str) -> None:
    """Writes encoded variables into exactly this scope."""
    if values:
        work.edit(scope).variables.update(values)
        written = {name: decode(value) for name, value in values.items()}
        work.emit(VariablesWritten(work.instance_of(scope), scope, by, written))
        if work.scope(ROOT).conditions:
            work.written.setdefault(scope, set()).update(values)


def _landing(work: Work, scope: str, name: str) -> str:
    id = scope
    while True:
        found = work.scope(id)
        if found.kind is ScopeKind.PROCESS or name in found.variables or _owns(work, id, found, name):
            return id
        if name in found.snapshot:  # from now on the handler sees what it has written
            work.edit(id).snapshot = {other: value for other, value in found.snapshot.items() if other != name}
        id = parent_of(id)


def _owns(work: Work, id: str, scope: Scope, name: str) -> bool:
    if scope.kind is ScopeKind.ITEM:
        return name in collected_names(work, id, scope)
    return scope.kind is ScopeKind.SUB_PROCESS and name in work.definition_of(id).declared.get(scope.element, ())


def collected_names(work: Work, id: str, item: Scope) -> frozenset[str]:
    """Names that an item keeps to itself because its output element is made from them."""
    node = work.definition_of(id).nodes[item.element]
    output = node.loop.output_element if isinstance(node.loop, MultiInstance) else None
    return frozenset() if output is None or output.expression is None else output.expression.names


# Evaluation


def evaluate(
    work: Work, scope: str, expression: Expression | Value, what: str, first: Mapping[str, object] | None = None
) -> object:
    """The value as seen from ``scope``; raises `StepFailure` that says ``what`` could not be evaluated."""
    return evaluate_over(Visible(work, scope, first), expression, work.now, what)


def evaluate_over(variables: Mapping[str, object], expression: Expression | Value, now: datetime, what: str) -> object:
    """The value over ``variables``; raises `StepFailure`."""
    try:
        if isinstance(expression, Value):
            return expression.evaluate(variables, now)
        return expression.evaluate(variables, now=now)
    except UnknownVariable as problem:
        raise StepFailure(Code.UNKNOWN_VARIABLE, f"{what}: {problem}") from None
    except FeelError as problem:
        raise StepFailure(Code.EXPRESSION, f"{what}: {problem}") from None


def condition(
    work: Work, scope: str, expression: Expression, what: str, first: Mapping[str, object] | None = None
) -> bool:
    """Whether a condition is true; raises `StepFailure` also for what is neither true nor false."""
    value = evaluate(work, scope, expression, what, first)
    if not isinstance(value, bool):
        shown = "null" if value is None else f"a value of type {type(value).__name__}"
        raise StepFailure(Code.NOT_BOOLEAN, f"{what}: '{expression.text}' gives {shown}, neither true nor false")
    return value


def lenient(work: Work, scope: str, expression: Expression) -> bool:
    """Whether a condition that is asked again and again is true now. What cannot be evaluated yet is not."""
    try:
        return expression.evaluate(Visible(work, scope), now=work.now) is True
    except FeelError:
        return False


def mapped(
    work: Work,
    variables: Mapping[str, object],
    mappings: tuple[DataMapping, ...],
    what: str,
    all_of: Mapping[str, object] | None = None,
) -> dict[str, Json]:
    """The encoded targets of data mappings over ``variables``; ``everything`` copies ``all_of``. What goes to a data
    store is left out (`write_stores`).
    """
    found: dict[str, Json] = {}
    for mapping in mappings:
        if mapping.everything:
            found.update(encode_all(variables if all_of is None else all_of))
        elif mapping.to_store is None and not mapping.business_key:
            value = _value(work, variables, mapping, f"{what} '{mapping.target}'")
            if value is not _NOTHING:
                found[mapping.target] = encode(value)
    return found


_NOTHING: Final = object()


class _With(Mapping[str, object]):
    """A data store's value beside the variables, under the store's name."""

    def __init__(self, name: str, value: object, others: Mapping[str, object]) -> None:
        self._name, self._value, self._others = name, value, others

    def __getitem__(self, name: str) -> object:
        return self._value if name == self._name else self._others[name]

    def __iter__(self) -> Iterator[str]:
        return iter({self._name: None, **dict.fromkeys(self._others)})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _value(work: Work, variables: Mapping[str, object], mapping: DataMapping, what: str) -> object:
    if mapping.from_store is None:
        return _NOTHING if mapping.source is None else evaluate_over(variables, mapping.source, work.now, what)
    stored = work.stored(mapping.from_store)
    if mapping.source is None:
        return stored
    return evaluate_over(_With(mapping.from_store, stored, variables), mapping.source, work.now, what)


def write_outputs(work: Work, at: Visit, from_scope: str, payload: Mapping[str, Json]) -> None:
    """Writes what an activity produced: its output mappings when it has any, else the whole payload; then what its
    data associations carry out. All is evaluated before anything is written.

    ``from_scope`` is where the mappings are evaluated (the payload's names come first).
    """
    node = at.node
    if not node.outputs and not node.data_outputs:
        write_encoded(work, from_scope, payload, node.id)
        return
    visible = Visible(work, from_scope, {name: decode(value) for name, value in payload.items()})
    values = mapped(work, visible, (*node.outputs, *node.data_outputs), "output")
    stored = for_stores(work, visible, node.data_outputs)
    if not node.outputs:
        rest = {name: value for name, value in payload.items() if name not in node.produced}
        write_encoded(work, from_scope, rest, node.id)
    write_mapped(work, at, values)
    write_stores(work, at, stored)


def for_stores(
    work: Work, variables: Mapping[str, object], mappings: tuple[DataMapping, ...]
) -> list[tuple[str, object]]:
    """Name and new value of the data stores that mappings write. Raises `StepFailure`."""
    return [
        (mapping.to_store, _value(work, variables, mapping, f"data store '{mapping.to_store}'"))
        for mapping in mappings
        if mapping.to_store is not None
    ]


def write_stores(work: Work, at: Visit, values: list[tuple[str, object]]) -> None:
    """Writes data stores, for all instances."""
    for store, value in values:
        work.stores[store] = value
        work.emit(StoreWritten(at.instance, at.token.step, at.node.id, store, value))


def write_mapped(work: Work, at: Visit, values: Mapping[str, Json]) -> None:
    """Writes what the output mappings of an activity gave to where its results belong."""
    # Mapped results leave the scope of the mapped inputs, also where an input has the same name.
    inner = work.scope(at.scope)
    if inner.kind is ScopeKind.LOCAL:
        write_encoded(work, parent_of(at.scope), values, at.node.id)
    elif inner.kind is ScopeKind.ITEM:
        own = collected_names(work, at.scope, inner)
        put_here(work, at.scope, {name: value for name, value in values.items() if name in own}, at.node.id)
        leaving = {name: value for name, value in values.items() if name not in own}
        write_encoded(work, parent_of(at.scope), leaving, at.node.id)
    else:
        write_encoded(work, at.scope, values, at.node.id)
