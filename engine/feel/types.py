"""FEEL types (DMN 1.5, 10.3.2.2), for ``instance of``, function parameters and DMN item definitions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TypeAlias

from engine.feel.far import DATES, FarDate, FarDateTime
from engine.feel.limits import Run
from engine.feel.temporal import as_date_time
from engine.feel.values import Function, Range, Value, YearsMonths

BASIC: dict[str, type] = {
    "number": Decimal,
    "string": str,
    "boolean": bool,
    "date": date,
    "time": time,
    "date and time": datetime,
    "dateTime": datetime,
    "days and time duration": timedelta,
    "dayTimeDuration": timedelta,
    "years and months duration": YearsMonths,
    "yearMonthDuration": YearsMonths,
    "Null": type(None),
}
"""Type name to Python type; the one-word forms are the ones of DMN 1.1 files."""

TYPE_NAMES = (*BASIC, "Any", "list", "context", "function", "range")

_NAMES: dict[type, str] = {
    **{kind: name for name, kind in reversed(BASIC.items())},
    FarDate: "date",
    FarDateTime: "date and time",
    list: "list",
    dict: "context",
    Range: "range",
    Function: "function",
}


def name_of_type(value: Value) -> str:
    """The type of a value in words, such as ``days and time duration``; null is ``null``."""
    return "null" if value is None else _NAMES[type(value)]


@dataclass(frozen=True, slots=True)
class FeelType:
    """``name`` is one of `TYPE_NAMES`; ``items`` is what a list or range holds, ``members`` what a context holds.

    A function has ``parameters`` and a ``result``, None where nothing is said about them.
    """

    name: str
    items: FeelType | None = None
    members: tuple[tuple[str, FeelType], ...] = ()
    parameters: tuple[FeelType, ...] | None = None
    result: FeelType | None = None

    def __str__(self) -> str:
        if self.items is not None:
            return f"{self.name}<{self.items}>"
        if self.members:
            return f"context<{', '.join(f'{name}: {member}' for name, member in self.members)}>"
        if self.parameters is not None:
            return f"function<{', '.join(map(str, self.parameters))}>->{self.result or 'Any'}"
        return self.name

    def holds(self, value: Value, run: Run) -> bool:
        """Whether ``value`` is an instance; null is one of ``Null`` only, and nothing is of a type not known."""
        if self.name in BASIC:
            # By exact type: Python's datetime is also a date and its bool also a number, FEEL's are not.
            return type(value) is BASIC[self.name] or _NAMES.get(type(value)) == self.name
        if self.name == "Any":
            return value is not None
        if self.name == "list":
            return type(value) is list and (self.items is None or self._all(value, self.items, run))
        if self.name == "context":
            return type(value) is dict and all(
                name in value and member.admits(value[name], run) for name, member in self.members
            )
        if self.name == "range":
            return type(value) is Range and (self.items is None or self._all([value.low, value.high], self.items, run))
        return self.name == "function" and type(value) is Function and self._describes(value)

    def admits(self, value: Value, run: Run) -> bool:
        """Whether a variable of this type may have ``value``: an instance or null."""
        return value is None or self.holds(value, run)

    def converted(self, value: Value, run: Run) -> Value:
        """``value`` after the implicit conversions of 10.3.2.9.4 to this type; null when there is none.

        A value becomes a list of one, a list of one its item, and a date its midnight UTC.
        """
        if self.admits(value, run):
            return value
        if type(value) is list:
            return value[0] if len(value) == 1 and self.holds(value[0], run) else None
        if self.name == "list" and (self.items is None or self.items.holds(value, run)):
            return [value]
        return as_date_time(value) if _NAMES[datetime] == self.name and type(value) in DATES else None

    def conforms_to(self, other: FeelType) -> bool:
        """Whether each instance of this type is one of the other (10.3.2.9.2)."""
        if other.name == "Any" or self.name == "Null":
            return True
        if self.name != other.name:
            return _NAMES.get(BASIC.get(self.name, object)) == other.name
        if other.name in ("list", "range"):
            return other.items is None or (self.items or ANY).conforms_to(other.items)
        if other.name == "context":
            mine = dict(self.members)
            return all(name in mine and mine[name].conforms_to(member) for name, member in other.members)
        if other.name != "function" or other.parameters is None:
            return True
        mine_in = self.parameters
        return (
            mine_in is not None
            and len(mine_in) == len(other.parameters)
            and all(given.conforms_to(wanted) for given, wanted in zip(other.parameters, mine_in, strict=True))
            and (self.result or ANY).conforms_to(other.result or ANY)
        )

    def _describes(self, function: Function) -> bool:
        """Whether a function takes what this type says; what it returns is known only where it declares it."""
        if self.parameters is None:
            return True
        if len(function.parameters) != len(self.parameters):
            return False
        declared = function.types or (None,) * len(self.parameters)
        return all(
            wanted is None or given.conforms_to(wanted) for given, wanted in zip(self.parameters, declared, strict=True)
        ) and (function.result is None or self.result is None or function.result.conforms_to(self.result))

    @staticmethod
    def _all(values: list[Value], kind: FeelType, run: Run) -> bool:
        run.tick(len(values))
        return all(kind.admits(value, run) for value in values)


ANY = FeelType("Any")

TypeFinder: TypeAlias = Callable[[str], FeelType | None]
"""Finds a type by a name that is none of FEEL's own; None where there is none."""
