"""Functions that sum a list up (10.3.4.4). They take a list or the values one by one."""

from __future__ import annotations

from decimal import Decimal

from engine.feel import temporal
from engine.feel.builtins.registry import builtin
from engine.feel.limits import Run
from engine.feel.values import NUMBERS, Value, compare

_List = list[Value]


def _numbers(items: _List) -> bool:
    return bool(items) and all(type(item) is Decimal for item in items)


def _extreme(items: _List, sign: int) -> Value:
    if not items:
        return None
    best = items[0]
    for item in items:
        order = compare(item, best)
        if order is None:
            return None
        if order == sign:
            best = item
    return best


@builtin("min", "...list")
def minimum(run: Run, items: _List) -> Value:
    """The least value; null for none, or when two cannot be ordered."""
    return _extreme(items, -1)


@builtin("max", "...list")
def maximum(run: Run, items: _List) -> Value:
    """The greatest value; null for none, or when two cannot be ordered."""
    return _extreme(items, 1)


@builtin("sum", "...list")
def total(run: Run, items: _List) -> Value:
    """The sum of numbers or of durations; null for none."""
    if not items:
        return None
    result = items[0] if type(items[0]) is not Decimal else NUMBERS.plus(items[0])
    if len(items) == 1 and temporal.add(result, result) is None and type(result) is not Decimal:
        return None
    for item in items[1:]:
        if type(item) is Decimal and type(result) is Decimal:
            result = NUMBERS.add(result, item)
        elif type(item) is type(result):
            result = temporal.add(result, item)
        else:
            return None
    return result


@builtin("mean", "...list")
def mean(run: Run, items: _List) -> Value:
    """The arithmetic mean of numbers."""
    return NUMBERS.divide(total(run, items), Decimal(len(items))) if _numbers(items) else None


@builtin("product", "...list")
def product(run: Run, items: _List) -> Value:
    """The product of numbers."""
    if not _numbers(items):
        return None
    result = Decimal(1)
    for item in items:
        result = NUMBERS.multiply(result, item)
    return result


@builtin("median", "...list")
def median(run: Run, items: _List) -> Value:
    """The middle number, or the mean of the two in the middle."""
    if not _numbers(items):
        return None
    ordered = sorted(items)
    middle = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[middle]
    return NUMBERS.divide(NUMBERS.add(ordered[middle - 1], ordered[middle]), Decimal(2))


@builtin("stddev", "...list")
def standard_deviation(run: Run, items: _List) -> Value:
    """The standard deviation of a sample, of at least two numbers."""
    if not _numbers(items) or len(items) < 2:
        return None
    middle = mean(run, items)
    squares = Decimal(0)
    for item in items:
        distance = NUMBERS.subtract(item, middle)
        squares = NUMBERS.add(squares, NUMBERS.multiply(distance, distance))
    return NUMBERS.sqrt(NUMBERS.divide(squares, Decimal(len(items) - 1)))


@builtin("mode", "...list")
def mode(run: Run, items: _List) -> Value:
    """The most frequent numbers, ascending; an empty list for none."""
    if items and not _numbers(items):
        return None
    counts: dict[Decimal, int] = {}
    for item in items:
        counts[item] = counts.get(item, 0) + 1
    most = max(counts.values(), default=0)
    return sorted(item for item, number in counts.items() if number == most)
