"""Decision tables: rules, hit policies and aggregation (DMN 1.5, chapter 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.dmn.cells import Cell
from engine.dmn.errors import DecisionFailed
from engine.dmn.trace import Remark, RuleMatch, TableTrace, trace_of
from engine.dmn.types import ANY, ItemType
from engine.feel.builtins.statistics import maximum, minimum, total
from engine.feel.limits import Run
from engine.feel.nodes import Node
from engine.feel.scope import Closure, Scope
from engine.feel.unary import Match
from engine.feel.values import Value, equal

SINGLE_HIT = ("UNIQUE", "ANY", "PRIORITY", "FIRST")
MULTIPLE_HIT = ("OUTPUT ORDER", "RULE ORDER", "COLLECT")
AGGREGATIONS: dict[str, Callable[[Run, list[Value]], Value]] = {
    "SUM": total,
    "MIN": minimum,
    "MAX": maximum,
    "COUNT": lambda run, values: Decimal(len(values)),
}
_INDEXED = frozenset({str, bool, Decimal})
_WORTH_AN_INDEX = 4
"""Rules with a constant in one column from which on looking them up pays."""


@dataclass(frozen=True, slots=True)
class Input:
    """A column: its expression, and the type and values it may have (no tests: any). ``node`` and ``values`` are what
    was read, for the analysis.
    """

    label: str
    expression: Closure
    kind: ItemType
    allowed: tuple[Match, ...]
    node: Node | None = None
    values: Cell | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """A column: ``allowed`` in the order of priority, ``default`` when no rule matches. ``values`` are the constants
    in ``allowed``, None when they are not all constants.
    """

    name: str
    kind: ItemType
    allowed: tuple[Match, ...]
    default: Closure | None
    values: tuple[Value, ...] | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row. A condition is None where any value will do. For the analysis: ``cells`` as far as they are constant, and
    the ``constants`` that it concludes, each in a tuple, None where it computes.
    """

    id: str | None
    index: int
    conditions: tuple[Match | None, ...]
    conclusions: tuple[Closure, ...]
    cells: tuple[Cell | None, ...] = ()
    constants: tuple[tuple[Value] | None, ...] = ()
    line: int | None = None


class Index:
    """The rules that can match at all, by the value of one column that holds constants in most of them."""

    __slots__ = ("_by_value", "_others", "column")

    def __init__(self, column: int, rules: tuple[Rule, ...]) -> None:
        self.column = column
        listed = [(rule, _constants(rule, column)) for rule in rules]
        values = {(type(value), value) for _, constants in listed for value in constants or ()}
        self._others = tuple(rule for rule, constants in listed if constants is None)
        self._by_value = {
            key: tuple(rule for rule, constants in listed if constants is None or key[1] in constants) for key in values
        }

    def rules(self, value: Value) -> tuple[Rule, ...] | None:
        """The rules that may match, in order; None for a value of a type that the index does not know."""
        kind = type(value)
        return self._by_value.get((kind, value), self._others) if kind in _INDEXED else None

    @classmethod
    def of(cls, rules: tuple[Rule, ...]) -> Index | None:
        """An index on the first column where it pays, None where it does not."""
        columns = len(rules[0].conditions) if rules else 0
        for column in range(columns):
            if sum(_constants(rule, column) is not None for rule in rules) >= max(_WORTH_AN_INDEX, len(rules) // 2):
                return cls(column, rules)
        return None


def _constants(rule: Rule, column: int) -> tuple[Value, ...] | None:
    cell = rule.cells[column] if column < len(rule.cells) else None
    constants = None if cell is None else cell.constants
    kinds = {type(value) for value in constants or ()}
    return constants if len(kinds) == 1 and kinds <= _INDEXED else None


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table ready to run; calling it with a scope gives its value and reports a `TableTrace` to the run's trace.

    A table that the hit policy or an allowed value contradicts has no value: null and a remark in standard mode,
    `DecisionFailed` in strict mode.
    """

    decision_id: str
    id: str | None
    file: str
    line: int | None
    hit_policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]
    what: str = ""
    index: Index | None = None

    def __call__(self, scope: Scope) -> Value:
        """The table's value."""
        values: list[Value] = []
        for column in self.inputs:
            value, fits = self._input(column, scope)
            if not fits:
                return None
            values.append(value)
        matched = self._matching(values, scope)
        if self.hit_policy == "UNIQUE" and len(matched) > 1:
            rows = ", ".join(str(rule.index) for rule in matched)
            self._report(values, [], scope)
            return self._contradicted(f"hit policy UNIQUE, but rules {rows} all match", scope)
        results = [(rule, self._conclude(rule, scope)) for rule in matched]
        if self.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
            results.sort(key=lambda result: self._rank(result[1], scope))
        if self.hit_policy == "PRIORITY":
            del results[1:]
        self._report(values, results, scope)
        if self.hit_policy == "ANY" and (conflict := self._conflict(results, scope)) is not None:
            return self._contradicted(conflict, scope)
        if not results:
            return self._without_match(scope)
        shaped = [self._shape(outputs) for _, outputs in results]
        if self.hit_policy in SINGLE_HIT:
            return shaped[0]
        return shaped if self.aggregation is None else AGGREGATIONS[self.aggregation](scope.run, shaped)

    def _input(self, column: Input, scope: Scope) -> tuple[Value, bool]:
        """The value of a column, and whether the table can go on with it."""
        value = column.expression(scope)
        if value is None:
            return None, True
        if column.kind is not ANY and (problem := column.kind.problem(value, scope)) is not None:
            changed = column.kind.coerce(value, scope)
            if changed is None:
                self._contradicted(f"input '{column.label}' {problem}", scope)
            value = value if changed is None else changed
        if column.allowed and not any(match(value, scope) is True for match in column.allowed):
            self._contradicted(f"input '{column.label}' has a value that is not allowed", scope)
            return value, False
        return value, True

    def _matching(self, values: list[Value], scope: Scope) -> list[Rule]:
        candidates = None if self.index is None else self.index.rules(values[self.index.column])
        matched = []
        run = scope.run
        for rule in self.rules if candidates is None else candidates:
            run.tick()
            for condition, value in zip(rule.conditions, values, strict=True):
                if condition is not None and condition(value, scope) is not True:
                    break
            else:
                matched.append(rule)
                if self.hit_policy == "FIRST":
                    break
        return matched

    def _conclude(self, rule: Rule, scope: Scope) -> list[Value]:
        values = []
        for output, conclusion in zip(self.outputs, rule.conclusions, strict=True):
            given = value = conclusion(scope)
            if output.kind is not ANY:
                value = output.kind.coerce(given, scope)
                if value is None and given is not None:
                    problem = output.kind.problem(given, scope)
                    self._contradicted(f"rule {rule.index} gives '{output.name}' a value that {problem}", scope)
            if value is not None and output.allowed and self._place(output, value, scope) == len(output.allowed):
                self._contradicted(f"rule {rule.index} gives '{output.name}' a value that is not allowed", scope)
                value = None
            values.append(value)
        return values

    def _place(self, output: Output, value: Value, scope: Scope) -> int:
        """How far back in the list of output values a value stands; the list's length when it is not there."""
        for place, match in enumerate(output.allowed):
            if match(value, scope) is True:
                return place
        return len(output.allowed)

    def _rank(self, values: list[Value], scope: Scope) -> tuple[int, ...]:
        return tuple(self._place(output, value, scope) for output, value in zip(self.outputs, values, strict=True))

    def _conflict(self, results: list[tuple[Rule, list[Value]]], scope: Scope) -> str | None:
        for rule, values in results[1:]:
            if equal(results[0][1], values, scope.run) is not True:
                rows = f"{results[0][0].index} and {rule.index}"
                return f"hit policy ANY, but rules {rows} match with different outputs"
        return None

    def _shape(self, values: list[Value]) -> Value:
        if len(self.outputs) == 1:
            return values[0]
        return {output.name: value for output, value in zip(self.outputs, values, strict=True)}

    def _without_match(self, scope: Scope) -> Value:
        if any(output.default is not None for output in self.outputs):
            default = self._shape([None if each.default is None else each.default(scope) for each in self.outputs])
            return default if self.hit_policy in SINGLE_HIT or self.aggregation is not None else [default]
        if self.aggregation == "COUNT":
            return Decimal(0)
        return None if self.hit_policy in SINGLE_HIT or self.aggregation is not None else []

    def _report(self, values: list[Value], results: list[tuple[Rule, list[Value]]], scope: Scope) -> None:
        names = [output.name if len(self.outputs) > 1 else "" for output in self.outputs]
        fired = tuple(
            RuleMatch(self.decision_id, self.id, rule.id, rule.index, dict(zip(names, outputs, strict=True)))
            for rule, outputs in results
        )
        asked = tuple((column.label, value) for column, value in zip(self.inputs, values, strict=True))
        trace_of(scope.run).table(TableTrace(self.decision_id, self.id, asked, fired))

    def _contradicted(self, message: str, scope: Scope) -> None:
        trace = trace_of(scope.run)
        element = self.id or self.decision_id
        if trace.strict:
            raise DecisionFailed(message, self.file, self.line, element)
        trace.remark(Remark(f"{self.what}: {message}", self.file, self.line, element))
