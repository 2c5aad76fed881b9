"""Decision tables: rules, hit policies and aggregation (DMN 1.5, chapter 8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from engine.dmn.errors import DecisionFailed
from engine.dmn.types import ItemType
from engine.feel.builtins.statistics import maximum, minimum, total
from engine.feel.limits import Run
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


@dataclass(frozen=True, slots=True)
class RuleMatch:
    """A rule that gave (part of) a result: ids as in the file, ``index`` the row from 1."""

    decision_id: str
    table_id: str | None
    rule_id: str | None
    index: int


@dataclass(frozen=True, slots=True)
class Input:
    """A column: its expression, and the type and values it may have (no tests: any)."""

    label: str
    expression: Closure
    kind: ItemType
    allowed: tuple[Match, ...]


@dataclass(frozen=True, slots=True)
class Output:
    """A column: ``allowed`` in the order of priority, ``default`` when no rule matches."""

    name: str
    kind: ItemType
    allowed: tuple[Match, ...]
    default: Closure | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A row. A condition is None where any value will do."""

    id: str | None
    index: int
    conditions: tuple[Match | None, ...]
    conclusions: tuple[Closure, ...]


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """A table ready to run; calling it with a scope gives its value and reports `RuleMatch`es to the run's trace."""

    decision_id: str
    id: str | None
    file: str
    line: int | None
    hit_policy: str
    aggregation: str | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    def __call__(self, scope: Scope) -> Value:
        """The table's value. Raises `DecisionFailed` when the rules contradict the hit policy or a value is not
        allowed.
        """
        values = [self._input(column, scope) for column in self.inputs]
        matched = self._matching(values, scope)
        if not matched:
            return self._without_match(scope)
        if self.hit_policy == "UNIQUE" and len(matched) > 1:
            rows = ", ".join(str(rule.index) for rule in matched)
            raise self._failure(f"hit policy UNIQUE, but rules {rows} all match")
        results = [(rule, self._conclude(rule, scope)) for rule in matched]
        if self.hit_policy in ("PRIORITY", "OUTPUT ORDER"):
            results.sort(key=lambda result: self._rank(result[1], scope))
        if self.hit_policy == "PRIORITY":
            del results[1:]
        if self.hit_policy == "ANY":
            self._agree(results, scope)
        scope.run.trace += [RuleMatch(self.decision_id, self.id, rule.id, rule.index) for rule, _ in results]
        shaped = [self._shape(outputs) for _, outputs in results]
        if self.hit_policy in SINGLE_HIT:
            return shaped[0]
        return shaped if self.aggregation is None else AGGREGATIONS[self.aggregation](scope.run, shaped)

    def _input(self, column: Input, scope: Scope) -> Value:
        value = column.expression(scope)
        problem = column.kind.problem(value, scope)
        if problem is not None:
            raise self._failure(f"input '{column.label}' {problem}")
        if value is not None and column.allowed and not any(match(value, scope) is True for match in column.allowed):
            raise self._failure(f"input '{column.label}' has a value that is not allowed")
        return value

    def _matching(self, values: list[Value], scope: Scope) -> list[Rule]:
        matched = []
        for rule in self.rules:
            scope.run.tick()
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
            given = conclusion(scope)
            value = output.kind.coerce(given, scope)
            if value is None and given is not None:
                problem = output.kind.problem(given, scope)
                raise self._failure(f"rule {rule.index} gives '{output.name}' a value that {problem}")
            if value is not None and output.allowed and self._place(output, value, scope) == len(output.allowed):
                raise self._failure(f"rule {rule.index} gives '{output.name}' a value that is not allowed")
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

    def _agree(self, results: list[tuple[Rule, list[Value]]], scope: Scope) -> None:
        first = results[0][1]
        for rule, values in results[1:]:
            if equal(first, values, scope.run) is not True:
                rows = f"{results[0][0].index} and {rule.index}"
                raise self._failure(f"hit policy ANY, but rules {rows} match with different outputs")

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

    def _failure(self, message: str) -> DecisionFailed:
        return DecisionFailed(message, self.file, self.line, self.id or self.decision_id)
