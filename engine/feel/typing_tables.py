"""What operators, properties and built-in functions make of types; the tables of `engine.feel.typing_check`."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.feel.builtins.registry import BUILTINS, Overload
from engine.feel.types import BASIC, FeelType
from engine.feel.values import Function, Range, YearsMonths

NUMBER, STRING, BOOLEAN, DATE, TIME, DATE_TIME, DAYS, MONTHS, NULL = (
    FeelType(name)
    for name in (
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
        "Null",
    )
)
ORDERED = frozenset({NUMBER, STRING, DATE, TIME, DATE_TIME, DAYS, MONTHS})
DURATIONS = (DAYS, MONTHS)

_BY_CLASS: dict[type, FeelType] = {
    Decimal: NUMBER,
    str: STRING,
    bool: BOOLEAN,
    date: DATE,
    time: TIME,
    datetime: DATE_TIME,
    timedelta: DAYS,
    YearsMonths: MONTHS,
    type(None): NULL,
}
_CLASSES: dict[str, type] = {**BASIC, "list": list, "context": dict, "range": Range, "function": Function}


def plain(kind: FeelType | None) -> FeelType | None:
    """A type under its name of today; None for any type, which nothing can be said about."""
    if kind is None or kind.name == "Any":
        return None
    return _BY_CLASS[BASIC[kind.name]] if kind.name in BASIC else kind


ARITHMETIC: dict[str, dict[tuple[FeelType, FeelType], FeelType]] = {
    "+": {
        (NUMBER, NUMBER): NUMBER,
        (STRING, STRING): STRING,
        **{(kind, kind): kind for kind in DURATIONS},
        **{pair: kind for kind in (DATE, DATE_TIME) for each in DURATIONS for pair in ((kind, each), (each, kind))},
        (TIME, DAYS): TIME,
        (DAYS, TIME): TIME,
    },
    "-": {
        (NUMBER, NUMBER): NUMBER,
        **{(kind, kind): kind for kind in DURATIONS},
        **{(kind, each): kind for kind in (DATE, DATE_TIME) for each in DURATIONS},
        **{(one, other): DAYS for one in (DATE, DATE_TIME) for other in (DATE, DATE_TIME)},
        (TIME, DAYS): TIME,
        (TIME, TIME): DAYS,
    },
    "*": {
        (NUMBER, NUMBER): NUMBER,
        **{pair: kind for kind in DURATIONS for pair in ((kind, NUMBER), (NUMBER, kind))},
    },
    "/": {
        (NUMBER, NUMBER): NUMBER,
        **{(kind, NUMBER): kind for kind in DURATIONS},
        **{(kind, kind): NUMBER for kind in DURATIONS},
    },
    "**": {(NUMBER, NUMBER): NUMBER},
}
"""Operator to operand types to type of the result (tables 45 to 47)."""

_DATE_PARTS = dict.fromkeys(("year", "month", "day", "weekday"), NUMBER)
_TIME_PARTS = {**dict.fromkeys(("hour", "minute", "second"), NUMBER), "time offset": DAYS, "timezone": STRING}
PROPERTIES: dict[FeelType, dict[str, FeelType]] = {
    DATE: _DATE_PARTS,
    TIME: _TIME_PARTS,
    DATE_TIME: _DATE_PARTS | _TIME_PARTS,
    DAYS: dict.fromkeys(("days", "hours", "minutes", "seconds"), NUMBER),
    MONTHS: dict.fromkeys(("years", "months"), NUMBER),
    NUMBER: {},
    STRING: {},
    BOOLEAN: {},
}
"""Type to the types of its properties (table 65)."""

_STRINGS = FeelType("list", STRING)
_NUMBERS = FeelType("list", NUMBER)
_RESULTS: dict[FeelType, str] = {
    NUMBER: "number|string length|count|mean|product|median|stddev|decimal|floor|ceiling|round up|round down|"
    "round half up|round half down|modulo|sqrt|log|exp|day of year|week of year",
    STRING: "string|substring|upper case|lower case|trim|substring before|substring after|replace|string join|"
    "day of week|month of year",
    BOOLEAN: "contains|starts with|ends with|matches|list contains|all|any|odd|even|not|is|before|after|meets|met by|"
    "overlaps|overlaps before|overlaps after|finishes|finished by|includes|during|starts|started by|coincides",
    DATE: "date|today|last day of month",
    TIME: "time",
    DATE_TIME: "date and time|now",
    MONTHS: "years and months duration",
    _STRINGS: "split|extract",
    _NUMBERS: "index of|mode",
    FeelType("list"): "append|concatenate|union|flatten|get entries",
    FeelType("context"): "context|context put|context merge",
    FeelType("range"): "range",
}
RESULTS: dict[str, FeelType] = {name: kind for kind, names in _RESULTS.items() for name in names.split("|")}
"""Function to the type of its result, where that does not depend on the arguments."""

SAME_LIST = frozenset({"sublist", "insert before", "remove", "list replace", "reverse", "distinct values", "sort"})
"""Functions whose result is a list of what their first argument is a list of."""

NUMERIC = frozenset({"mean", "product", "median", "stddev", "mode"})
"""Functions of lists of numbers."""


def accepts(overload: Overload, position: int, given: FeelType) -> bool:
    """Whether an overload may take a value of a type as this argument, implicit conversions included."""
    parameter = overload.parameters[min(position, len(overload.parameters) - 1)]
    if parameter.types is None or given.name not in _CLASSES or given == NULL:
        return True
    if parameter.types == (list,) or _CLASSES[given.name] in parameter.types:
        return True
    if given.name != "list":
        return False
    items = plain(given.items)
    return items is None or items.name not in _CLASSES or _CLASSES[items.name] in parameter.types


def overloads(name: str, count: int, names: tuple[str, ...] | None) -> list[tuple[Overload, list[int]]]:
    """The ways to call a built-in function with so many arguments, or by these names: each with the positions of its
    parameters.
    """
    if names is None:
        return [(each, list(range(count))) for each in BUILTINS[name].overloads if each.takes(count)]
    fitting = []
    for each in BUILTINS[name].overloads:
        known = [parameter.name for parameter in each.parameters]
        needed = {parameter.name for parameter in each.parameters if not parameter.optional}
        if needed <= set(names) <= set(known):
            fitting.append((each, [known.index(given) for given in names]))
    return fitting
