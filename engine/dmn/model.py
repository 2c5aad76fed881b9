"""A decision model in memory, and making its decisions. Immutable and shared between threads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.dmn.errors import DecisionFailed, UnknownDecision
from engine.dmn.table import RuleMatch
from engine.dmn.types import ItemType
from engine.feel.errors import FeelError
from engine.feel.limits import DEFAULT, Limits, Run
from engine.feel.scope import Closure, Scope
from engine.feel.values import Function, Value, check_result, convert


@dataclass(frozen=True, slots=True)
class InputData:
    """An input the model declares."""

    id: str
    name: str
    type: ItemType


@dataclass(frozen=True, slots=True)
class Decision:
    """``input_names``: the variables that it and the decisions it requires read. ``possible_names``: names in filters,
    where an item's entry may be meant instead. ``requires``: ids of the decisions it requires; ``order``: of all that
    have to be made before it, each after the ones it requires itself.
    """

    id: str
    name: str
    line: int | None
    type: ItemType
    input_names: frozenset[str]
    possible_names: frozenset[str]
    inputs: tuple[InputData, ...]
    requires: tuple[str, ...]
    order: tuple[str, ...]
    functions: frozenset[str]
    logic: Closure


@dataclass(frozen=True, slots=True)
class Service:
    """A decision service, callable as a function: its ``parameters`` are the ids and names of its input decisions and
    then of its input data.
    """

    id: str
    name: str
    parameters: tuple[tuple[str, str], ...]
    outputs: tuple[str, ...]
    order: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """``rules``: what fired in every decision table on the way, in order; ``inputs``: the values that were used."""

    value: Value
    rules: tuple[RuleMatch, ...]
    inputs: dict[str, Value]


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """``functions`` are the business knowledge models by name; ``version`` is that of DMN, such as ``1.3``."""

    id: str
    name: str
    version: str
    source: str
    decisions: Mapping[str, Decision]
    functions: Mapping[str, Closure]
    services: Mapping[str, Service]

    def find(self, name_or_id: str) -> Decision:
        """A decision by id or else by name. Raises `UnknownDecision`."""
        found = self.decisions.get(name_or_id)
        if found is None:
            found = next((each for each in self.decisions.values() if each.name == name_or_id), None)
        if found is None:
            raise UnknownDecision(f"no decision '{name_or_id}' in model '{self.name}'", self.source)
        return found

    def evaluate(
        self,
        decision_id_or_name: str,
        inputs: Mapping[str, object],
        *,
        now: datetime | None = None,
        limits: Limits = DEFAULT,
    ) -> DecisionResult:
        """Make a decision and the ones it requires.

        ``inputs`` by name, of FEEL's types or what `engine.feel` converts (see there); names the decision does not
        read are ignored. ``now`` (aware) is what ``now()`` says. Raises `UnknownDecision`, and `DecisionFailed` when
        an input is missing, of another type than declared or not among its allowed values, when rules contradict
        their table's hit policy, or when an expression fails; every limit of ``limits`` holds for the whole.
        """
        decision = self.find(decision_id_or_name)
        run = Run(now, limits)
        try:
            values = self._inputs(decision, inputs, run)
            value = self._decide(decision.id, decision.order, values, {}, run)
            check_result(value, run)
        except FeelError as error:
            raise DecisionFailed(str(error), self.source, decision.line, decision.id) from error
        except RecursionError:
            raise DecisionFailed("the decision went too deep", self.source, decision.line, decision.id) from None
        rules = tuple(entry for entry in run.trace if isinstance(entry, RuleMatch))
        return DecisionResult(value, rules, values)

    def _inputs(self, decision: Decision, inputs: Mapping[str, object], run: Run) -> dict[str, Value]:
        missing = sorted(each.name for each in decision.inputs if each.name not in inputs)
        if missing:
            listed = ", ".join(f"'{name}'" for name in missing)
            raise DecisionFailed(f"input missing: {listed}", self.source, decision.line, decision.id)
        wanted = decision.input_names | decision.possible_names
        values = {name: convert(inputs[name], run) for name in sorted(wanted) if name in inputs}
        nowhere = Scope({}, None, run)
        for declared in decision.inputs:
            problem = declared.type.problem(values.get(declared.name), nowhere)
            if problem is not None:
                raise DecisionFailed(f"input '{declared.name}' {problem}", self.source, decision.line, decision.id)
        return values

    def _decide(
        self, identity: str, order: tuple[str, ...], values: Mapping[str, Value], done: dict[str, Value], run: Run
    ) -> Value:
        """The value of a decision after those in ``order``; ``done`` holds, and receives, values by decision id."""
        for each in (*order, identity):
            if each not in done:
                decision = self.decisions[each]
                bindings = dict(values)
                bindings.update((self.decisions[required].name, done[required]) for required in decision.requires)
                scope = Scope(bindings, self._library(decision.functions, run), run)
                done[each] = decision.type.coerce(decision.logic(scope), scope)
        return done[identity]

    def _library(self, names: frozenset[str], run: Run) -> Scope:
        """The functions a decision requires; they see each other and no decision's values."""
        bindings: dict[str, Value] = {}
        scope = Scope(bindings, Scope({}, None, run), run)
        for name in names:
            if name in self.functions:
                bindings[name] = self.functions[name](scope)
            else:
                bindings[name] = self._service_function(self.services[name])
        return scope

    def _service_function(self, service: Service) -> Function:
        def call(run: Run, arguments: list[Value]) -> Value:
            given = dict(zip(service.parameters, arguments, strict=True))
            values = {name: value for (identity, name), value in given.items() if identity not in self.decisions}
            done = {identity: value for (identity, _), value in given.items() if identity in self.decisions}
            run.enter(len(service.order) + 1)
            try:
                results = {
                    self.decisions[each].name: self._decide(each, service.order, values, done, run)
                    for each in service.outputs
                }
            finally:
                run.leave(len(service.order) + 1)
            return next(iter(results.values())) if len(results) == 1 else results

        return Function(tuple(name for _, name in service.parameters), call)
