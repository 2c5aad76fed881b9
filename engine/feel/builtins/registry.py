"""How built-in functions are declared, chosen by their arguments, and called.

A signature reads ``string: string, start position: number, length?: number``: parameter names as in the
specification (they serve named calls), ``?`` for one that may be left out or null, and a type. ``any`` admits null;
every other type gives null for the whole call when an argument does not fit (DMN 1.5, 10.3.4), after trying FEEL's
implicit conversions: a single value for a list, a list of one for its item. The last parameter may be ``...name``, the
rest, or ``...name: lists``, a rest of lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar

from engine.feel.far import FarDate, FarDateTime
from engine.feel.limits import Run
from engine.feel.scope import Closure, Scope
from engine.feel.types import name_of_type
from engine.feel.values import Function, Range, Value, YearsMonths

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (Decimal,),
    "boolean": (bool,),
    "list": (list,),
    "context": (dict,),
    "function": (Function,),
    "range": (Range,),
    "date": (date, datetime, FarDate, FarDateTime),
    "time": (time,),
    "duration": (timedelta,),
    "months": (YearsMonths,),
}
Body = TypeVar("Body", bound=Callable[..., Value])
_MAY_BE_NULL = frozenset({"get value", "all", "any"})
BUILTINS: dict[str, Builtin] = {}
"""All built-in functions by name."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """``types`` None admits anything, null included."""

    name: str
    types: tuple[type, ...] | None
    optional: bool


@dataclass(frozen=True, slots=True)
class Overload:
    """One way to call a function; ``body`` takes the `Run` and the arguments, omitted ones left out.

    ``variadic``: the last parameter takes the rest, for which one list may stand unless the rest is ``of_lists``.
    """

    parameters: tuple[Parameter, ...]
    variadic: bool
    body: Callable[..., Value]
    of_lists: bool = False

    def takes(self, count: int) -> bool:
        """Whether so many positional arguments can be for this overload."""
        needed = sum(1 for parameter in self.parameters if not parameter.optional)
        return needed <= count and (self.variadic or count <= len(self.parameters))

    def accepts(self, values: list[Value]) -> list[Value] | None:
        """The arguments after implicit conversions; None when one does not fit."""
        if self.variadic:
            fixed = len(self.parameters) - 1
            if fixed == 0 and len(values) == 1 and type(values[0]) is list and not self.of_lists:
                return values  # one list stands for its items
            values = [*values[:fixed], values[fixed:]]
        accepted = []
        for parameter, value in zip(self.parameters, values, strict=False):
            types = parameter.types
            if types is not None and type(value) not in types:
                if types == (list,) and value is not None:
                    value = [value]
                elif type(value) is list and len(value) == 1 and type(value[0]) in types:
                    value = value[0]
                elif value is None and parameter.optional:
                    value = None
                else:
                    return None
            accepted.append(value)
        return accepted


@dataclass(frozen=True, slots=True)
class Builtin:
    """A built-in function with its overloads, in the order in which they are tried."""

    name: str
    overloads: list[Overload]

    def compile(self, arguments: list[Closure], names: tuple[str, ...] | None, text: str, at: int) -> Closure:
        """The closure of a call at offset ``at`` of ``text``; overloads that cannot take these arguments are ruled out
        here.
        """
        fitting = [
            (overload, order)
            for overload in self.overloads
            if (order := _order(overload, len(arguments), names)) is not None
        ]
        if len(fitting) == 1 and not fitting[0][1]:
            overload = fitting[0][0]

            def evaluate_only(scope: Scope) -> Value:
                values = [argument(scope) for argument in arguments]
                result = _apply(overload, values, scope.run)[1]
                if result is None:
                    self._warn(values, scope.run, text, at)
                return result

            return evaluate_only

        def evaluate(scope: Scope) -> Value:
            values = [argument(scope) for argument in arguments]
            for overload, order in fitting:
                ordered = values if not order else [None if at is None else values[at] for at in order]
                fits, result = _apply(overload, ordered, scope.run)
                if fits:
                    if result is None:
                        self._warn(values, scope.run, text, at)
                    return result
            self._warn(values, scope.run, text, at)
            return None

        return evaluate

    def _warn(self, values: list[Value], run: Run, text: str, at: int) -> None:
        """Say that there is no result for these arguments."""
        if self.name not in _MAY_BE_NULL:
            given = ", ".join(map(name_of_type, values)) or "no arguments"
            run.warn(f"{self.name}() has no result for {given}", text, at)

    def as_value(self) -> Function:
        """The function as a value, to pass to ``sort`` and its like."""

        def call(run: Run, values: list[Value]) -> Value:
            for overload in self.overloads:
                if overload.takes(len(values)):
                    fits, result = _apply(overload, values, run)
                    if fits:
                        return result
            return None

        names = tuple(parameter.name for parameter in self.overloads[0].parameters)
        return Function(names, call, variadic=True)


def _order(overload: Overload, count: int, names: tuple[str, ...] | None) -> list[int | None] | None:
    """Where each parameter finds its argument: an empty list for "by position", None for "does not fit"."""
    if names is None:
        return [] if overload.takes(count) else None
    known = [parameter.name for parameter in overload.parameters]
    given = set(names)
    if not given <= set(known) or any(
        not parameter.optional and parameter.name not in given for parameter in overload.parameters
    ):
        return None
    last = max((known.index(name) for name in names), default=-1)
    return [names.index(name) if name in given else None for name in known[: last + 1]]


def _apply(overload: Overload, values: list[Value], run: Run) -> tuple[bool, Value]:
    cost = 1
    for value in values:
        if type(value) is list:
            cost += len(value)
        elif type(value) is str and len(value) > 256:
            cost += len(value) >> 8
    run.tick(cost)
    accepted = overload.accepts(values)
    if accepted is None:
        return False, None
    try:
        result = overload.body(run, *accepted)
    except (ArithmeticError, ValueError):
        return True, None  # outside the domain of the function: the logarithm of 0, a year 10000
    if type(result) is str or type(result) is list:
        run.produced(len(result))
    return True, result


def builtin(name: str, signature: str = "") -> Callable[[Body], Body]:
    """Register the decorated function as (one more overload of) the built-in ``name``."""
    parameters = []
    variadic = False
    for part in filter(None, (piece.strip() for piece in signature.split(","))):
        label, _, kind = part.partition(":")
        variadic = variadic or label.startswith("...")
        label = label.strip().removeprefix("...")
        parameters.append(Parameter(label.removesuffix("?"), _TYPES.get(kind.strip()), label.endswith("?")))

    def register(body: Body) -> Body:
        overload = Overload(tuple(parameters), variadic, body, of_lists=signature.endswith(": lists"))
        BUILTINS.setdefault(name, Builtin(name, [])).overloads.append(overload)
        return body

    return register
