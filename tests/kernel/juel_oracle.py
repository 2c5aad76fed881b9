"""An evaluator of the JUEL subset that knows nothing of FEEL, and random terms for it.

A term is a tuple ``(operator, operand, ...)``; leaves are ``("value", python value)`` and ``("name", variable)``.
`written` gives its text with no more parentheses than JUEL needs, `value` its value as ``docs/bpmn-support.md`` says.
"""

from __future__ import annotations

import decimal
import math
import random
from decimal import Decimal
from typing import Any, cast

Term = tuple[Any, ...]

VARIABLES: dict[str, object] = {
    "n": Decimal(7), "m": Decimal("-2.5"), "zero": Decimal(0), "yes": True, "no": False, "none": None, "t": "AbcA",
    "blank": "", "l": [Decimal(1), "b", None, [Decimal(3)]], "hollow": [], "map": {"a": Decimal(1), "b c": {"x": "y"}},
    "bare": {}, "item": Decimal(2), "it": "of", "count": Decimal(5),
}  # fmt: skip
"""Names that FEEL or the translation use for themselves are among them."""

CONTEXT = decimal.Context(prec=34)
LEVELS = {
    "?": 0, "or": 1, "and": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4, "+": 5, "-": 5, "*": 6, "/": 6,
    "%": 6, "!": 7, "neg": 7, "empty": 7,
}  # fmt: skip
ORDERS = {"<": lambda x, y: x < y, "<=": lambda x, y: x <= y, ">": lambda x, y: x > y, ">=": lambda x, y: x >= y}
ARITHMETIC = ("+", "-", "*", "/", "%")
BINARY = (*ARITHMETIC, *ORDERS, "==", "!=", "and", "or")
METHODS = {
    "size": 0, "isEmpty": 0, "length": 0, "toUpperCase": 0, "toLowerCase": 0, "trim": 0, "contains": 1,
    "startsWith": 1, "endsWith": 1, "containsKey": 1, "equals": 1, "get": 1,
}  # fmt: skip
SPELLINGS = {
    "or": ("||", "or"), "and": ("&&", "and"), "==": ("==", "eq"), "!=": ("!=", "ne"), "<": ("<", "lt"),
    "<=": ("<=", "le"), ">": (">", "gt"), ">=": (">=", "ge"), "/": ("/", "div"), "%": ("%", "mod"), "!": ("!", "not "),
}  # fmt: skip
_JUDGES = ("==", "!=", *ORDERS, "and", "or", "!", "empty")
_JUDGING_METHODS = ("isEmpty", "contains", "startsWith", "endsWith", "containsKey", "equals")

_LITERALS = [Decimal(0), Decimal(1), Decimal("1.5"), True, False, None, "a", "b c", "", " A\u3000'"]


def _no_text(term: Term) -> bool:
    return _kind(term) is not str


def term(order: random.Random, size: int = 9) -> Term:
    """A random term of about ``size`` leaves."""
    if size <= 1:
        named = order.random() < 0.6
        return ("name", order.choice(sorted(VARIABLES))) if named else ("value", order.choice(_LITERALS))
    head = order.choice((*BINARY, "!", "neg", "empty", "?", "index", "index", *["call"] * 5))
    if head == "call":
        name = order.choice(sorted(METHODS))
        parts = [term(order, size // (METHODS[name] + 1)) for _ in range(METHODS[name] + 1)]
        found = (head, name, *parts)
    else:
        count = 3 if head == "?" else 1 if head in ("!", "neg", "empty") else 2
        found = (head, *[term(order, size // count) for _ in range(count)])
    return found if _sensible(found) else term(order, size)


def _sensible(found: Term) -> bool:
    """Whether it is translated: a text joined with "+", and a member of what has none, are refused when seen."""
    if found[0] in "+-":
        return _no_text(found[1]) and _no_text(found[2])
    return _has_members(found[1 if found[0] == "index" else 2]) if "get" in found or found[0] == "index" else True


def written(term: Term, choose: Any = lambda options: options[0]) -> str:
    """Its text; ``choose`` picks one of the spellings of an operator."""
    return _written(term, 0, choose)


def _written(term: Term, level: int, choose: Any) -> str:
    head = term[0]
    if head == "name":
        return cast("str", choose([term[1], f"execution.getVariable('{term[1]}')"]))
    if head == "value":
        return _literal(term[1], choose)
    if head == "index":
        return f"{_written(term[1], 9, choose)}[{written(term[2], choose)}]"
    if head == "call":
        arguments = ", ".join(written(argument, choose) for argument in term[3:])
        return f"{_written(term[2], 9, choose)}.{term[1]}({arguments})"
    own = LEVELS[head]
    if head == "?":
        test, then, otherwise = (_written(part, 1, choose) for part in term[1:])
        text = f"{test} ? {then} : {otherwise}"
    elif head in ("!", "neg", "empty"):
        sign = {"neg": "-", "empty": "empty "}.get(head) or choose(SPELLINGS["!"])
        text = sign + _written(term[1], own, choose)
    else:
        left, right = _written(term[1], own, choose), _written(term[2], own + 1, choose)
        text = f"{left} {choose(SPELLINGS.get(head, (head,)))} {right}"
    return f"({text})" if own < level else text


def _literal(found: object, choose: Any) -> str:
    if isinstance(found, str):
        quote = choose(["'", '"'])
        return cast("str", quote + found.replace("\\", "\\\\").replace(quote, "\\" + quote) + quote)
    return {True: "true", False: "false", None: "null"}[found] if isinstance(found, bool | None) else f"{found}"  # type: ignore[index]  # one of three


def value(term: Term) -> Any:
    """Its value over `VARIABLES`; an operation on what it is not made for is null."""
    head = term[0]
    if head in ("name", "value"):
        return VARIABLES[term[1]] if head == "name" else term[1]
    if head == "?":
        return value(term[2]) if value(term[1]) is True else value(term[3])
    if head in ("and", "or"):
        return _joined([value(part) for part in term[1:]], decisive=head == "or")
    if head == "call":
        return _called(term[1], *(value(part) for part in term[2:]))
    parts = [value(part) for part in term[1:]]
    if head == "!":
        if parts[0] is None and _kind(term[1]) is not bool:
            return True
        return None if not isinstance(parts[0], bool) else not parts[0]
    if head == "neg":
        return -parts[0] if type(parts[0]) is Decimal else None
    if head == "empty":
        return parts[0] in (None, "", [], {}) and type(parts[0]) is not Decimal
    return _binary(head, *parts)


def _binary(head: str, left: Any, right: Any) -> Any:
    if head == "index":
        return _entry(left, right)
    if head in ORDERS:
        return ORDERS[head](left, right) if type(left) is type(right) and type(left) in (Decimal, str) else None
    if head in ("==", "!="):
        same = _equal(left, right)
        return same if same is None or head == "==" else not same
    if type(left) is not Decimal or type(right) is not Decimal or (head in "/%" and not right):
        return None
    if head == "%":
        return left - right * math.trunc(left / right)
    return {"+": CONTEXT.add, "-": CONTEXT.subtract, "*": CONTEXT.multiply, "/": CONTEXT.divide}[head](left, right)


def _joined(parts: list[Any], *, decisive: bool) -> bool | None:
    if decisive in [part for part in parts if isinstance(part, bool)]:
        return decisive
    return None if any(not isinstance(part, bool) for part in parts) else not decisive


def _equal(left: Any, right: Any) -> bool | None:
    if left is None or right is None:
        return left is right
    if type(left) is not type(right):
        return None
    if isinstance(left, dict):
        return left.keys() == right.keys() and _all_equal(list(left.values()), [right[key] for key in left])
    if isinstance(left, list):
        return len(left) == len(right) and _all_equal(left, right)
    return bool(left == right)


def _all_equal(left: list[Any], right: list[Any]) -> bool | None:
    found = [_equal(one, other) for one, other in zip(left, right, strict=True)]
    return False if False in found else None if None in found else True


class FailsInJuel(Exception):
    """There is no value to compare with: FEEL gives the entries of all items."""


def _entry(of: Any, at: Any) -> Any:
    if isinstance(of, list) and isinstance(at, str):
        raise FailsInJuel
    if isinstance(of, list) and type(at) is Decimal:
        whole = at == math.trunc(at) and 0 <= at < len(of)
        return of[int(at)] if whole else None
    return of.get(at) if isinstance(of, dict) and isinstance(at, str) else None


def _called(name: str, of: Any, *arguments: Any) -> Any:
    if name == "get":
        return _entry(of, *arguments)
    if name == "isEmpty":
        return None if of is None else of in ("", [], {}) and type(of) is not Decimal
    if name == "equals":
        return None if of is None else _equal(of, arguments[0]) is True
    if isinstance(of, list) and name in ("size", "contains"):
        return Decimal(len(of)) if name == "size" else any(_equal(item, arguments[0]) is True for item in of)
    if isinstance(of, dict) and name == "containsKey":
        return any(_equal(key, arguments[0]) is True for key in of)
    if not isinstance(of, str):
        return None
    plain = {"length": lambda: Decimal(len(of)), "toUpperCase": of.upper, "toLowerCase": of.lower,
             "trim": lambda: of.strip("".join(map(chr, range(33))))}  # fmt: skip
    if name in plain:
        return plain[name]()
    if not arguments or not isinstance(arguments[0], str):
        return None
    tests = {"contains": of.__contains__, "startsWith": of.startswith, "endsWith": of.endswith}
    return tests[name](arguments[0]) if name in tests else None


def _kind(term: Term) -> type | None:
    """What everybody can see that it gives: nothing but truth values, or texts."""
    head = term[0]
    if head == "value":
        return type(term[1]) if isinstance(term[1], bool | str) else None
    if head == "?":
        return _kind(term[2]) if _kind(term[2]) is _kind(term[3]) else None
    if head == "call":
        texts = ("toUpperCase", "toLowerCase", "trim")
        return bool if term[1] in _JUDGING_METHODS else str if term[1] in texts else None
    return bool if head in _JUDGES else None


def _has_members(term: Term) -> bool:
    """Whether an index after it can make sense: a text, a number or a truth value has none."""
    return _kind(term) is None and (term[0] in ("name", "call", "index", "?")) and not (
        term[0] == "call" and term[1] in ("size", "length")
    )  # fmt: skip
