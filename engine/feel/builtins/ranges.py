"""Functions on ranges and points (10.3.4.8, after Allen's interval algebra). An end that is open to
infinity lies beyond every value.
"""

from __future__ import annotations

from collections.abc import Callable

from engine.feel.builtins.registry import Body, builtin
from engine.feel.limits import Run
from engine.feel.values import Range, Value, compare


def _order(left: Value, right: Value) -> int:
    """-1, 0 or 1. Raises `ValueError`, which makes the call null, for what cannot be ordered."""
    order = compare(left, right)
    if order is None:
        raise ValueError("not comparable")
    return order


def _pair(one: Value, other: Value) -> tuple[Range, Range]:
    """Both as ranges, a point as the one that holds only it. Raises `ValueError` when they cannot be compared."""
    if one is None or other is None:
        raise ValueError("null")
    left = one if type(one) is Range else Range(one, one)
    right = other if type(other) is Range else Range(other, other)
    _order(left.high if left.low is None else left.low, right.high if right.low is None else right.low)
    return left, right


def _order_of_starts(one: Range, other: Range) -> int:
    if one.low is None or other.low is None:
        return int(other.low is None) - int(one.low is None)
    return _order(one.low, other.low)


def _order_of_ends(one: Range, other: Range) -> int:
    if one.high is None or other.high is None:
        return int(one.high is None) - int(other.high is None)
    return _order(one.high, other.high)


def _precedes(one: Range, other: Range) -> bool:
    if one.high is None or other.low is None:
        return False
    order = _order(one.high, other.low)
    return order < 0 or (order == 0 and not (one.high_closed and other.low_closed))


def _same_start(one: Range, other: Range) -> bool:
    return _order_of_starts(one, other) == 0 and one.low_closed == other.low_closed


def _same_end(one: Range, other: Range) -> bool:
    return _order_of_ends(one, other) == 0 and one.high_closed == other.high_closed


def _starts_first(one: Range, other: Range) -> bool:
    order = _order_of_starts(one, other)
    return order < 0 or (order == 0 and one.low_closed and not other.low_closed)


def _ends_last(one: Range, other: Range) -> bool:
    order = _order_of_ends(one, other)
    return order > 0 or (order == 0 and one.high_closed and not other.high_closed)


def _meets(one: Range, other: Range) -> bool:
    if one.high is None or other.low is None:
        return False
    return one.high_closed and other.low_closed and _order(one.high, other.low) == 0


def _overlaps(one: Range, other: Range) -> bool:
    return not _precedes(one, other) and not _precedes(other, one)


def _includes(outer: Range, inner: Range) -> bool:
    return (_starts_first(outer, inner) or _same_start(outer, inner)) and (
        _ends_last(outer, inner) or _same_end(outer, inner)
    )


def _finishes(inner: Range, outer: Range) -> bool:
    return _same_end(inner, outer) and not _starts_first(inner, outer)


def _starts(inner: Range, outer: Range) -> bool:
    return _same_start(inner, outer) and not _ends_last(inner, outer)


_TWO_RANGES = ("range1: range, range2: range",)
_RANGE_AND_POINT = ("range: range, point: any", *_TWO_RANGES)
_POINT_AND_RANGE = ("point: any, range: range", *_TWO_RANGES)
_ANY_TWO = ("point1: any, point2: any", "point: any, range: range", "range: range, point: any", *_TWO_RANGES)


def _relation(name: str, signatures: tuple[str, ...]) -> Callable[[Body], Body]:
    """Register the decorated function for each way the specification names its arguments."""

    def register(body: Body) -> Body:
        for signature in signatures:
            builtin(name, signature)(body)
        return body

    return register


@_relation("before", _ANY_TWO)
def before(run: Run, one: Value, other: Value) -> bool:
    """Ends before the other starts."""
    return _precedes(*_pair(one, other))


@_relation("after", _ANY_TWO)
def after(run: Run, one: Value, other: Value) -> bool:
    """Starts after the other ends."""
    return _precedes(*_pair(other, one))


@_relation("meets", _TWO_RANGES)
def meets(run: Run, one: Range, other: Range) -> bool:
    """Ends where the other starts."""
    return _meets(*_pair(one, other))


@_relation("met by", _TWO_RANGES)
def met_by(run: Run, one: Range, other: Range) -> bool:
    """Starts where the other ends."""
    return _meets(*_pair(other, one))


@_relation("overlaps", _TWO_RANGES)
def overlaps(run: Run, one: Range, other: Range) -> bool:
    """Both have points in common."""
    return _overlaps(*_pair(one, other))


@_relation("overlaps before", _TWO_RANGES)
def overlaps_before(run: Run, one: Range, other: Range) -> bool:
    """Starts first and ends inside the other."""
    left, right = _pair(one, other)
    return _overlaps(left, right) and _starts_first(left, right) and not _ends_last(left, right)


@_relation("overlaps after", _TWO_RANGES)
def overlaps_after(run: Run, one: Range, other: Range) -> bool:
    """Starts inside the other and ends last."""
    left, right = _pair(one, other)
    return _overlaps(left, right) and _starts_first(right, left) and not _ends_last(right, left)


@_relation("finishes", _POINT_AND_RANGE)
def finishes(run: Run, one: Value, other: Range) -> bool:
    """Ends as the other ends, and starts in it."""
    return _finishes(*_pair(one, other))


@_relation("finished by", _RANGE_AND_POINT)
def finished_by(run: Run, one: Range, other: Value) -> bool:
    """The other way round."""
    return _finishes(*_pair(other, one))


@_relation("includes", _RANGE_AND_POINT)
def includes(run: Run, one: Range, other: Value) -> bool:
    """Holds the point or the whole other range."""
    return _includes(*_pair(one, other))


@_relation("during", _POINT_AND_RANGE)
def during(run: Run, one: Value, other: Range) -> bool:
    """The other way round."""
    return _includes(*_pair(other, one))


@_relation("starts", _POINT_AND_RANGE)
def starts(run: Run, one: Value, other: Range) -> bool:
    """Starts as the other starts, and ends in it."""
    return _starts(*_pair(one, other))


@_relation("started by", _RANGE_AND_POINT)
def started_by(run: Run, one: Range, other: Value) -> bool:
    """The other way round."""
    return _starts(*_pair(other, one))


@_relation("coincides", _ANY_TWO)
def coincides(run: Run, one: Value, other: Value) -> bool:
    """Both have the same ends."""
    left, right = _pair(one, other)
    return _same_start(left, right) and _same_end(left, right)
