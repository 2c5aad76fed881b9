"""Functions on lists (10.3.4.4). Positions count from 1, from the end when negative. Lists are never changed."""

from __future__ import annotations

from decimal import Decimal
from functools import cmp_to_key
from itertools import pairwise

from engine.feel.builtins.registry import builtin
from engine.feel.limits import Run
from engine.feel.values import Function, Value, compare, equal

_List = list[Value]


def _place(items: _List, position: Decimal) -> int | None:
    """The index of a position; None when the list has no such item."""
    at = int(position)
    if at != position or not 1 <= abs(at) <= len(items):
        return None
    return at - 1 if at > 0 else len(items) + at


def _has(items: _List, element: Value, run: Run) -> bool:
    run.tick(len(items))
    return any(equal(item, element, run) is True for item in items)


@builtin("list contains", "list: list, element: any")
def list_contains(run: Run, items: _List, element: Value) -> bool:
    """Whether an item equals the element; null is found like any other."""
    return _has(items, element, run)


@builtin("count", "list: list")
def count(run: Run, items: _List) -> Decimal:
    """Number of items."""
    return Decimal(len(items))


@builtin("all", "...list")
@builtin("and", "...list")
def every(run: Run, items: _List) -> bool | None:
    """False when one is false, true when all are true, else null."""
    if any(item is False for item in items):
        return False
    return True if all(item is True for item in items) else None


@builtin("any", "...list")
@builtin("or", "...list")
def some(run: Run, items: _List) -> bool | None:
    """True when one is true, false when all are false, else null."""
    if any(item is True for item in items):
        return True
    return False if all(item is False for item in items) else None


@builtin("sublist", "list: list, start position: number, length?: number")
def sublist(run: Run, items: _List, start: Decimal, length: Decimal | None = None) -> _List | None:
    """From a position up to the end, or so many items."""
    begin = _place(items, start)
    if begin is None or (length is not None and (int(length) < 0 or begin + int(length) > len(items))):
        return None
    return items[begin:] if length is None else items[begin : begin + int(length)]


@builtin("append", "list: list, ...item")
def append(run: Run, items: _List, new: _List) -> _List:
    """With more items at the end."""
    return [*items, *new]


@builtin("concatenate", "...list: lists")
def concatenate(run: Run, lists: _List) -> _List | None:
    """All items of all lists in order."""
    result: _List = []
    for each in lists:
        if each is None:
            return None
        part = each if type(each) is list else [each]
        run.produced(len(part))
        result += part
    return result


@builtin("insert before", "list: list, position: number, newItem: any")
def insert_before(run: Run, items: _List, position: Decimal, new: Value) -> _List | None:
    """With a new item at a position."""
    at = _place(items, position)
    return None if at is None else [*items[:at], new, *items[at:]]


@builtin("remove", "list: list, position: number")
def remove(run: Run, items: _List, position: Decimal) -> _List | None:
    """Without the item at a position."""
    at = _place(items, position)
    return None if at is None else [*items[:at], *items[at + 1 :]]


@builtin("list replace", "list: list, position: number, newItem: any")
def list_replace(run: Run, items: _List, position: Decimal, new: Value) -> _List | None:
    """With another item at a position."""
    at = _place(items, position)
    return None if at is None else [*items[:at], new, *items[at + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any")
def list_replace_where(run: Run, items: _List, match: Function, new: Value) -> _List | None:
    """With another item wherever ``match(item, newItem)`` is true; null when it is no boolean."""
    if len(match.parameters) != 2:
        return None
    verdicts = [match.call(run, [item, new]) for item in items]
    if any(type(verdict) is not bool for verdict in verdicts):
        return None
    return [new if verdict else item for item, verdict in zip(items, verdicts, strict=True)]


@builtin("reverse", "list: list")
def reverse(run: Run, items: _List) -> _List:
    """In reverse order."""
    return items[::-1]


@builtin("index of", "list: list, match: any")
def index_of(run: Run, items: _List, match: Value) -> _List:
    """The positions of all equal items."""
    run.tick(len(items))
    return [Decimal(at) for at, item in enumerate(items, 1) if equal(item, match, run) is True]


@builtin("union", "...list: lists")
def union(run: Run, lists: _List) -> _List | None:
    """All items of all lists, equal ones once."""
    items = concatenate(run, lists)
    return None if items is None else distinct_values(run, items)


@builtin("distinct values", "list: list")
def distinct_values(run: Run, items: _List) -> _List:
    """Equal items once, in the order of their first."""
    result: _List = []
    for item in items:
        if not _has(result, item, run):
            result.append(item)
    return result


@builtin("flatten", "list: list")
def flatten(run: Run, items: _List) -> _List:
    """The items of nested lists in one list."""
    result: _List = []
    _flatten(run, items, result)
    return result


def _flatten(run: Run, items: _List, result: _List) -> None:
    run.tick(len(items) + 1)
    for item in items:
        if type(item) is list:
            _flatten(run, item, result)
        else:
            result.append(item)


@builtin("sort", "list: list, precedes: function")
def sort(run: Run, items: _List, precedes: Function) -> _List | None:
    """Stable, by a function of two items that says whether the first comes first."""
    if len(precedes.parameters) != 2 and not precedes.variadic:
        return None

    def order(left: Value, right: Value) -> int:
        run.tick()
        if precedes.call(run, [left, right]) is True:
            return -1
        return 1 if precedes.call(run, [right, left]) is True else 0

    return sorted(items, key=cmp_to_key(order))


@builtin("sort", "list: list")
def sort_naturally(run: Run, items: _List) -> _List | None:
    """Ascending; null when two items cannot be ordered."""
    for one, other in pairwise(items):
        if compare(one, other) is None:
            return None
    run.tick(len(items) * max(len(items).bit_length(), 1))
    return sorted(items, key=cmp_to_key(lambda left, right: compare(left, right) or 0))
