"""Inputs and results of decisions as JSON: what JSON has no type for is text, and is read by the declared types."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from engine.dmn.elements import Decision, Service, Target
from engine.dmn.types import ItemType
from engine.feel import Function, YearsMonths, format_value, parse_any
from engine.feel.far import FarDate, FarDateTime
from engine.feel.values import Value

TEXT_TYPES: Mapping[str, tuple[type, ...]] = {
    "date": (date, FarDate),
    "time": (time,),
    "date and time": (datetime, date, FarDateTime),
    "dateTime": (datetime, date, FarDateTime),
    "days and time duration": (timedelta,),
    "dayTimeDuration": (timedelta,),
    "years and months duration": (YearsMonths,),
    "yearMonthDuration": (YearsMonths,),
}
"""What a text in JSON may stand for, by the type that is declared."""

_EXACT = 2**53
_LONGEST = 40


def typed_inputs(target: Target, inputs: Mapping[str, object]) -> dict[str, object]:
    """``inputs`` with texts as the dates, times and durations that ``target`` declares them to be.

    A text that does not read as its type stays a text, which the evaluation then says is of a wrong type.
    """
    found = dict(inputs)
    if isinstance(target, Decision):
        for use in target.inputs:
            for path in use.paths:
                _retype(found, path, use.element.type)
            _retype(found, (use.element.name,), use.element.type)
        return found
    kinds = (
        [(name, element.type) for name, element in target.parameters]
        if isinstance(target, Service)
        else list(zip(target.parameters, target.types, strict=True))
    )
    for name, kind in kinds:
        _retype(found, (name,), kind)
    return found


def _retype(inputs: dict[str, object], path: tuple[str, ...], kind: ItemType) -> None:
    dotted = ".".join(path)
    if dotted in inputs:
        inputs[dotted] = typed(inputs[dotted], kind)
        return
    for name in path[:-1]:
        inner = inputs.get(name)
        if not isinstance(inner, Mapping):
            return
        inputs[name] = inner = dict(inner)
        inputs = inner
    if path[-1] in inputs:
        inputs[path[-1]] = typed(inputs[path[-1]], kind)


def typed(value: object, kind: ItemType) -> object:
    """A value from JSON as one of the declared type, as far as its texts read so."""
    if isinstance(value, list):
        return [typed(item, kind) for item in value]
    if isinstance(value, Mapping):
        components = dict(kind.components)
        return {name: typed(item, components[name]) if name in components else item for name, item in value.items()}
    if isinstance(value, str) and kind.basic is not None and kind.basic.name in TEXT_TYPES:
        read = parse_any(value)
        return read if isinstance(read, TEXT_TYPES[kind.basic.name]) else value
    return value


def plain(value: Value) -> object:
    """A FEEL value in types that JSON has: numbers stay `Decimal`, everything else that JSON does not have is text."""
    if value is None or isinstance(value, str | bool | Decimal):
        return value
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, Function):
        return f"function({', '.join(value.parameters)})"
    if isinstance(value, int):
        return Decimal(value)
    return format_value(value)


def numbered(value: object) -> object:
    """What `plain` gives with whole numbers as such and other numbers as text, as the API writes them."""
    if isinstance(value, Decimal):
        if value == value.to_integral_value() and abs(value) < _EXACT:
            return int(value)
        return _digits(value)
    if isinstance(value, list):
        return [numbered(item) for item in value]
    if isinstance(value, Mapping):
        return {name: numbered(item) for name, item in value.items()}
    return value


def json_text(value: Value) -> str:
    """A FEEL value as JSON text on one line, with every digit of its numbers."""
    return _text(plain(value))


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        return _digits(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, Mapping):
        return (
            "{" + ", ".join(f"{json.dumps(name, ensure_ascii=False)}: {_text(it)}" for name, it in value.items()) + "}"
        )
    return json.dumps(value, ensure_ascii=False)


def _digits(value: Decimal) -> str:
    return format(value, "f") if abs(value.adjusted()) < _LONGEST else str(value)
