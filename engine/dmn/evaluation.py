"""Making the decisions of a model: each once, with what it requires in scope and nothing else (DMN 1.5, 10.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from engine.dmn.elements import Decision, InputData, InputUse, Knowledge, Path, Service, Target
from engine.dmn.errors import DecisionFailed
from engine.dmn.trace import DecisionTrace, Remark, Trace, trace_of
from engine.feel.errors import FeelError
from engine.feel.limits import Run
from engine.feel.scope import Scope
from engine.feel.values import Function, Value, convert

_ABSENT: object = object()


def evaluate_target(target: Target, inputs: Mapping[str, object], run: Run) -> tuple[Value, dict[str, Value]]:
    """The value of a decision, service or function, and the inputs it used by name."""
    if isinstance(target, Decision):
        return _top_decision(target, inputs, run)
    if isinstance(target, Service):
        return _top_service(target, inputs, run)
    return _top_function(target, inputs, run)


class Evaluation:
    """One evaluation under way, or one call of a decision service in it.

    ``values`` are those of input data and of the decisions made, by the identity of the element; ``loose`` are inputs
    that no element declares.
    """

    __slots__ = ("_functions", "_root", "loose", "run", "trace", "values")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.trace: Trace = trace_of(run)
        self.values: dict[int, Value] = {}
        self.loose: dict[str, Value] = {}
        self._functions: dict[int, Function] = {}
        self._root = Scope({}, None, run)

    def make(self, decisions: Sequence[Decision]) -> None:
        """Make the decisions that are not made yet, in this order."""
        values = self.values
        for decision in decisions:
            if id(decision) not in values:
                values[id(decision)] = self._broken(decision) if decision.problems else self._make(decision)

    def _make(self, decision: Decision) -> Value:
        trace, values = self.trace, self.values
        tables = len(trace.tables)
        if decision.reads is not None:
            bound = read = {name: values.get(key) for name, key in decision.reads}
        else:
            read, bound = {}, {}
            for path, element in (*decision.own_inputs, *decision.required):
                _bind(read, path, values.get(id(element)))
                _bind(bound, path, values.get(id(element)))
        if decision.knowledge:
            bound = dict(bound)
            for path, knowledge in decision.knowledge:
                _bind(bound, path, self.function(knowledge))
        loose = self.loose if trace.strict else self._undeclared(decision)
        if loose:
            bound = {**loose, **bound}
        value = decision.logic(Scope(bound, self._root, self.run))
        inputs = read or self._undeclared(decision)
        trace.decision(DecisionTrace(decision.id, decision.name, inputs, value, tuple(trace.tables[tables:])))
        return value

    def _undeclared(self, decision: Decision) -> dict[str, Value]:
        if not self.loose:
            return {}
        return {name: self.loose[name] for name in decision.undeclared if name in self.loose}

    def _broken(self, decision: Decision) -> Value:
        if self.trace.strict:
            problem = decision.problems[0]
            raise DecisionFailed(problem.message, problem.file, problem.line, problem.element_id)
        for problem in decision.problems:
            self.trace.remark(Remark(problem.message, problem.file, problem.line, problem.element_id, error=True))
        self.trace.decision(DecisionTrace(decision.id, decision.name, {}, None, ()))
        return None

    def function(self, knowledge: Knowledge | Service) -> Function:
        """The function that a business knowledge model or decision service is."""
        found = self._functions.get(id(knowledge))
        if found is None:
            found = _service_function(knowledge) if isinstance(knowledge, Service) else self._function(knowledge)
        return found

    def _function(self, knowledge: Knowledge) -> Function:
        if knowledge.problems:
            found = _broken_function(knowledge)
            self._functions[id(knowledge)] = found
            return found
        bindings: dict[str, Value] = {}
        found = knowledge.logic(Scope(bindings, self._root, self.run))
        if type(found) is not Function:
            found = Function(knowledge.parameters, lambda run, values: None)
        self._functions[id(knowledge)] = found
        bindings[knowledge.name] = found
        for path, needed in knowledge.knowledge:
            _bind(bindings, path, self.function(needed))
        return found


def _top_decision(decision: Decision, inputs: Mapping[str, object], run: Run) -> tuple[Value, dict[str, Value]]:
    evaluation = Evaluation(run)
    strict = evaluation.trace.strict
    used: dict[str, Value] = {}
    found = [(use, _look_up(use, inputs)) for use in decision.inputs]
    if strict:
        _refuse_missing(decision, [use.name for use, value in found if value is _ABSENT])
    wanted = decision.input_names | decision.possible_names if strict else decision.undeclared
    for name in sorted(wanted):
        if (value := inputs.get(name, _ABSENT)) is not _ABSENT:
            evaluation.loose[name] = used[name] = _converted(value, f"input '{name}'", run)
    for use, value in found:
        evaluation.values[id(use.element)] = used[use.name] = _fitted(use.element, value, run, decision)
    evaluation.make((*decision.making, decision))
    return evaluation.values[id(decision)], used


def _refuse_missing(decision: Decision, missing: list[str]) -> None:
    if missing:
        listed = ", ".join(f"'{name}'" for name in sorted(missing))
        raise DecisionFailed(f"input missing: {listed}", decision.file, decision.line, decision.id)


def _top_service(service: Service, inputs: Mapping[str, object], run: Run) -> tuple[Value, dict[str, Value]]:
    values: list[Value] = []
    missing = sorted(name for name, _ in service.parameters if name not in inputs)
    if missing and trace_of(run).strict:
        raise DecisionFailed(f"input missing: {', '.join(missing)}", "", service.line, service.id)
    for name in missing:
        trace_of(run).remark(Remark(f"input missing: '{name}'", element=service.id))
    for name, _ in service.parameters:
        values.append(_converted(inputs.get(name), f"input '{name}'", run))
    used = {name: value for (name, _), value in zip(service.parameters, values, strict=True)}
    return _serve(service, values, run), used


def _top_function(knowledge: Knowledge, inputs: Mapping[str, object], run: Run) -> tuple[Value, dict[str, Value]]:
    used = {name: _converted(inputs.get(name), f"input '{name}'", run) for name in knowledge.parameters}
    called = Evaluation(run).function(knowledge)
    return called.call(run, list(used.values())), used


def _service_function(service: Service) -> Function:
    names = tuple(name for name, _ in service.parameters)
    return Function(names, lambda run, values: _serve(service, values, run))


def _serve(service: Service, values: list[Value], run: Run) -> Value:
    """Run a service on the values of its parameters, in an evaluation of its own: what is encapsulated is made anew."""
    evaluation = Evaluation(run)
    scope = Scope({}, None, run)
    for (name, element), value in zip(service.parameters, values, strict=True):
        fitted = element.type.coerce(value, scope)
        if fitted is None and value is not None:
            _mismatch(f"input '{name}' {element.type.problem(value, scope)}", run, service.id)
        evaluation.values[id(element)] = fitted
    levels = len(service.making) + 1
    run.enter(levels)
    try:
        evaluation.make(service.making)
    finally:
        run.leave(levels)
    results = {each.name: evaluation.values.get(id(each)) for each in service.outputs}
    result = next(iter(results.values()), None) if len(service.outputs) < 2 else results
    return service.type.coerce(result, scope)


def _broken_function(knowledge: Knowledge) -> Function:
    def call(run: Run, values: list[Value]) -> Value:
        for problem in knowledge.problems:
            if trace_of(run).strict:
                raise DecisionFailed(problem.message, problem.file, problem.line, problem.element_id)
            trace_of(run).remark(Remark(problem.message, problem.file, problem.line, problem.element_id, error=True))

    return Function(knowledge.parameters, call)


def _look_up(use: InputUse, inputs: Mapping[str, object]) -> object:
    """What was given for an input: by its own name, by a dotted one, or in contexts of the imports' names."""
    for path in use.paths:
        found = inputs.get(".".join(path), _ABSENT)
        if found is not _ABSENT:
            return found
        level: object = inputs
        for name in path:
            level = level.get(name, _ABSENT) if isinstance(level, Mapping) else _ABSENT
        if level is not _ABSENT:
            return level
    return inputs.get(use.element.name, inputs.get(use.element.label, _ABSENT))


def _fitted(element: InputData, given: object, run: Run, decision: Decision) -> Value:
    if given is _ABSENT:
        trace_of(run).remark(Remark(f"input missing: '{element.name}'", element=element.id))
        return None
    value = _converted(given, f"input '{element.name}'", run)
    scope = Scope({}, None, run)
    problem = element.type.problem(value, scope)
    if problem is None:
        return value
    if trace_of(run).strict:
        raise DecisionFailed(f"input '{element.name}' {problem}", decision.file, decision.line, decision.id)
    fitted = element.type.coerce(value, scope)
    if fitted is None:
        _mismatch(f"input '{element.name}' {problem}", run, element.id)
    return fitted


def _mismatch(message: str, run: Run, element: str) -> None:
    if trace_of(run).strict:
        raise DecisionFailed(message, "", None, element)
    trace_of(run).remark(Remark(message, element=element))


def _converted(value: object, what: str, run: Run) -> Value:
    """A given value as one of FEEL's; in standard mode null when FEEL has no type for it."""
    try:
        return convert(value, run)
    except FeelError as error:
        if trace_of(run).strict:
            raise
        trace_of(run).remark(Remark(f"{what}: {error}"))
        return None


def _bind(bindings: dict[str, Value], path: Path, value: Value) -> None:
    """Set a name, or an entry in the context that stands for an import."""
    for name in path[:-1]:
        inner = bindings.get(name)
        if type(inner) is not dict:
            inner = bindings[name] = {}
        bindings = inner
    bindings[path[-1]] = value
