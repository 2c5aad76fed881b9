"""Functions on contexts (10.3.4.6) and on booleans (10.3.4.2)."""

from __future__ import annotations

from engine.feel.builtins.registry import builtin
from engine.feel.limits import CONTEXT_WORDS, ENTRY_WORDS, Run
from engine.feel.values import Value, equal

_Context = dict[str, Value]


@builtin("not", "negand: boolean")
def negate(run: Run, negand: bool) -> bool:
    """The other truth value."""
    return not negand


@builtin("is", "value1: any, value2: any")
def identical(run: Run, value1: Value, value2: Value) -> bool:
    """Whether both are the same element of the same type; unlike ``=`` this tells 12:00 in two zones apart."""
    if type(value1) is not type(value2) or equal(value1, value2, run) is not True:
        return False
    return getattr(value1, "tzinfo", None) == getattr(value2, "tzinfo", None)


@builtin("get value", "m: context, key: string")
def get_value(run: Run, m: _Context, key: str) -> Value:
    """The entry, null when there is none."""
    return m.get(key)


@builtin("get value", "m: context, keys: list")
def get_value_at(run: Run, m: _Context, keys: list[Value]) -> Value:
    """The entry below a path of keys."""
    value: Value = m
    for key in keys:
        if type(value) is not dict or type(key) is not str:
            return None
        value = value.get(key)
    return value


@builtin("get entries", "m: context")
def get_entries(run: Run, m: _Context) -> list[Value]:
    """Contexts of ``key`` and ``value``."""
    run.produced(len(m), len(m) * (CONTEXT_WORDS + 2 * ENTRY_WORDS))
    return [{"key": key, "value": value} for key, value in m.items()]


@builtin("context", "entries: list")
def context(run: Run, entries: list[Value]) -> Value:
    """The context of such entries; null when a key is missing or given twice."""
    result: _Context = {}
    for entry in entries:
        if type(entry) is not dict or type(entry.get("key")) is not str or "value" not in entry:
            return None
        if entry["key"] in result:
            return None
        result[entry["key"]] = entry["value"]
    return result


def _copied(run: Run, context: _Context) -> None:
    run.tick(len(context))
    run.produced(len(context) + 1, CONTEXT_WORDS + ENTRY_WORDS * len(context))


@builtin("context put", "context: context, key: string, value: any")
def context_put(run: Run, context: _Context, key: str, value: Value) -> Value:
    """The context with one entry added or replaced."""
    _copied(run, context)
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def context_put_at(run: Run, context: _Context, keys: list[Value], value: Value) -> Value:
    """The context with an entry below a path of keys added or replaced."""
    if not keys or type(keys[0]) is not str:
        return None
    _copied(run, context)
    if len(keys) == 1:
        return {**context, keys[0]: value}
    inner = context.get(keys[0])
    if type(inner) is not dict:
        return None
    changed = context_put_at(run, inner, keys[1:], value)
    return None if changed is None else {**context, keys[0]: changed}


@builtin("context merge", "contexts: list")
def context_merge(run: Run, contexts: list[Value]) -> Value:
    """All entries in one context; of equal keys the last counts."""
    result: _Context = {}
    for each in contexts:
        if type(each) is not dict:
            return None
        _copied(run, each)
        result.update(each)
    return result
