"""A decision model in memory. Immutable and shared between threads; `engine.dmn.evaluation` makes its decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.dmn.elements import Decision, InputData, Knowledge, Service, Target
from engine.dmn.errors import DecisionFailed, DmnError, UnknownDecision
from engine.dmn.evaluation import evaluate_target
from engine.dmn.table import DecisionTable
from engine.dmn.trace import DecisionTrace, Remark, RuleMatch, Trace
from engine.feel.errors import FeelError
from engine.feel.limits import DEFAULT, Limits, Run
from engine.feel.values import Value, check_result

LIMITS = replace(DEFAULT, depth=500)
"""What one evaluation may use: functions of a model may call each other some fifty times deep."""


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """``rules``: what fired in every decision table on the way, in order; ``inputs``: the values that were used;
    ``trace``: every decision that was made, the last of them the one asked for; ``remarks``: why values are null.
    """

    value: Value
    rules: tuple[RuleMatch, ...]
    inputs: dict[str, Value]
    trace: tuple[DecisionTrace, ...] = ()
    remarks: tuple[Remark, ...] = ()

    @property
    def errors(self) -> tuple[Remark, ...]:
        """The remarks about mistakes in the model itself."""
        return tuple(remark for remark in self.remarks if remark.error)


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """``functions`` are the business knowledge models, all by id; ``version`` is that of DMN, such as ``1.3``.

    ``problems`` are the mistakes that were found when it was loaded; decisions without any can be made nevertheless.
    """

    id: str
    name: str
    namespace: str
    version: str
    source: str
    decisions: Mapping[str, Decision]
    functions: Mapping[str, Knowledge]
    services: Mapping[str, Service]
    tables: tuple[DecisionTable, ...] = ()
    input_data: Mapping[str, InputData] = field(default_factory=dict)
    problems: tuple[DmnError, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)

    def find(self, name_or_id: str) -> Decision:
        """A decision by id or else by name. Raises `UnknownDecision`."""
        found = self.target(name_or_id)
        if not isinstance(found, Decision):
            raise UnknownDecision(f"no decision '{name_or_id}' in model '{self.name}'", self.source)
        return found

    def target(self, name_or_id: str) -> Target:
        """A decision, decision service or function by id, or else by name. Raises `UnknownDecision`."""
        for things in (self.decisions, self.services, self.functions):
            if name_or_id in things:
                return things[name_or_id]
        name = " ".join(name_or_id.split())
        found = next((each for each in self.targets() if name in (each.label, each.name)), None)
        if found is None:
            raise UnknownDecision(f"no decision '{name_or_id}' in model '{self.name}'", self.source)
        return found

    def targets(self) -> Iterator[Target]:
        """Everything that can be evaluated: decisions, then services, then functions."""
        yield from self.decisions.values()
        yield from self.services.values()
        yield from self.functions.values()

    def evaluate(
        self,
        decision_id_or_name: str,
        inputs: Mapping[str, object],
        *,
        now: datetime | None = None,
        limits: Limits = LIMITS,
        strict: bool = False,
    ) -> DecisionResult:
        """Make a decision and the ones it requires, each once; or run a decision service or function.

        ``inputs`` by name, of FEEL's types or what `engine.feel` converts (see there); names that are not read are
        ignored. Inputs of imported models by their qualified name (``import.name``), or in a context of the import's
        name. ``now`` (aware) is what ``now()`` says; every limit of ``limits`` holds for the whole.

        By the standard, what has no value is null, and a remark says why: missing inputs, values of another type than
        declared or not allowed, tables whose rules contradict their hit policy. With ``strict``, as processes
        evaluate, those are errors. Raises `UnknownDecision`; `DecisionFailed` when a limit is reached, and with
        ``strict`` for everything named above.
        """
        target = self.target(decision_id_or_name)
        run = Run(now, limits, standard=not strict)
        trace = Trace(strict=strict)
        run.trace = trace
        try:
            value, used = evaluate_target(target, inputs, run)
            check_result(value, run)
        except FeelError as error:
            raise DecisionFailed(str(error), self.source, None, target.id) from error
        except RecursionError:
            raise DecisionFailed("the decision went too deep", self.source, None, target.id) from None
        except MemoryError:
            raise DecisionFailed("the decision took too much memory", self.source, None, target.id) from None
        for warning in run.warnings:
            text = " ".join(warning.text.split())
            trace.remark(Remark(f"{warning.message} in '{text if len(text) <= 80 else text[:79] + '…'}'"))
        rules = tuple(entry for entry in trace if isinstance(entry, RuleMatch))
        return DecisionResult(value, rules, used, tuple(trace.decisions), tuple(trace.remarks))
