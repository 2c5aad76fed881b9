"""FEEL types (DMN 1.5, 10.3.2.2), for ``instance of``, function parameters and DMN item definitions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.feel.limits import Run
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


@dataclass(frozen=True, slots=True)
class FeelType:
    """``name`` is one of `TYPE_NAMES`; ``items`` is what a list or range holds, ``members`` what a context holds."""

    name: str
    items: FeelType | None = None
    members: tuple[tuple[str, FeelType], ...] = ()

    def holds(self, value: Value, run: Run) -> bool:
        """Whether ``value`` is an instance; null is one of ``Null`` only, and nothing is of a type not known."""
        if self.name == "Any":
            return value is not None
        if self.name in BASIC:
            # By exact type: Python's datetime is also a date and its bool also a number, FEEL's are not.
            return type(value) is BASIC[self.name]
        if self.name == "list":
            return type(value) is list and (self.items is None or self._all(value, self.items, run))
        if self.name == "context":
            return type(value) is dict and all(
                name in value and member.admits(value[name], run) for name, member in self.members
            )
        if self.name == "range":
            return type(value) is Range and (self.items is None or self._all([value.low, value.high], self.items, run))
        return self.name == "function" and type(value) is Function

    def admits(self, value: Value, run: Run) -> bool:
        """Whether a variable of this type may have ``value``: an instance or null."""
        return value is None or self.holds(value, run)

    @staticmethod
    def _all(values: list[Value], kind: FeelType, run: Run) -> bool:
        run.tick(len(values))
        return all(kind.admits(value, run) for value in values)
