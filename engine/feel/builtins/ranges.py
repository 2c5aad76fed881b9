"""Functions on ranges and points (10.3.4.8, after Allen's interval algebra). An end that is open to infinity has no
neighbour, so functions that look at it give null.
"""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.limits import Run
from engine.feel.values import Range, Value, compare


def _order(left: Value, right: Value) -> int:
    """-1, 0 or 1. Raises `ValueError`, which makes the call null, for what cannot be ordered."""
    order = compare(left, right)
    if order is None:
        raise ValueError("not comparable")
    return order


def _ends(value: Value) -> Range:
    """A point as the range that holds only it."""
    return value if type(value) is Range else Range(value, value)


def _precedes(one: Range, other: Range) -> bool:
    order = _order(one.high, other.low)
    return order < 0 or (order == 0 and not (one.high_closed and other.low_closed))


def _same_start(one: Range, other: Range) -> bool:
    return _order(one.low, other.low) == 0 and one.low_closed == other.low_closed


def _same_end(one: Range, other: Range) -> bool:
    return _order(one.high, other.high) == 0 and one.high_closed == other.high_closed


def _starts_first(one: Range, other: Range) -> bool:
    order = _order(one.low, other.low)
    return order < 0 or (order == 0 and one.low_closed and not other.low_closed)


def _ends_last(one: Range, other: Range) -> bool:
    order = _order(one.high, other.high)
    return order > 0 or (order == 0 and one.high_closed and not other.high_closed)


def _meets(one: Range, other: Range) -> bool:
    return one.high_closed and other.low_closed and _order(one.high, other.low) == 0


def _includes(outer: Range, inner: Range) -> bool:
    return (_starts_first(outer, inner) or _same_start(outer, inner)) and (
        _ends_last(outer, inner) or _same_end(outer, inner)
    )


@builtin("before", "point1: any, point2: any")
def before(run: Run, one: Value, other: Value) -> bool:
    """Ends before the other starts."""
    return _precedes(_ends(one), _ends(other))


@builtin("after", "point1: any, point2: any")
def after(run: Run, one: Value, other: Value) -> bool:
    """Starts after the other ends."""
    return _precedes(_ends(other), _ends(one))


@builtin("meets", "range1: range, range2: range")
def meets(run: Run, one: Range, other: Range) -> bool:
    """Ends where the other starts."""
    return _meets(one, other)


@builtin("met by", "range1: range, range2: range")
def met_by(run: Run, one: Range, other: Range) -> bool:
    """Starts where the other ends."""
    return _meets(other, one)


@builtin("overlaps", "range1: range, range2: range")
def overlaps(run: Run, one: Range, other: Range) -> bool:
    """Both have points in common."""
    return not _precedes(one, other) and not _precedes(other, one)


@builtin("overlaps before", "range1: range, range2: range")
def overlaps_before(run: Run, one: Range, other: Range) -> bool:
    """Starts first and ends inside the other."""
    return overlaps(run, one, other) and _starts_first(one, other) and not _ends_last(one, other)


@builtin("overlaps after", "range1: range, range2: range")
def overlaps_after(run: Run, one: Range, other: Range) -> bool:
    """Starts inside the other and ends last."""
    return overlaps(run, one, other) and _starts_first(other, one) and not _ends_last(other, one)


@builtin("finishes", "point: any, range: range")
def finishes(run: Run, one: Value, other: Range) -> bool:
    """Ends as the other ends, and starts in it."""
    inner = _ends(one)
    return _same_end(inner, other) and not _starts_first(inner, other)


@builtin("finished by", "range: range, point: any")
def finished_by(run: Run, one: Range, other: Value) -> bool:
    """The other way round."""
    return finishes(run, other, one)


@builtin("includes", "range: range, point: any")
def includes(run: Run, one: Range, other: Value) -> bool:
    """Holds the point or the whole other range."""
    return _includes(one, _ends(other))


@builtin("during", "point: any, range: range")
def during(run: Run, one: Value, other: Range) -> bool:
    """The other way round."""
    return _includes(other, _ends(one))


@builtin("starts", "point: any, range: range")
def starts(run: Run, one: Value, other: Range) -> bool:
    """Starts as the other starts, and ends in it."""
    inner = _ends(one)
    return _same_start(inner, other) and not _ends_last(inner, other)


@builtin("started by", "range: range, point: any")
def started_by(run: Run, one: Range, other: Value) -> bool:
    """The other way round."""
    return starts(run, other, one)


@builtin("coincides", "point1: any, point2: any")
def coincides(run: Run, one: Value, other: Value) -> bool:
    """Both have the same ends."""
    left, right = _ends(one), _ends(other)
    return _same_start(left, right) and _same_end(left, right)
