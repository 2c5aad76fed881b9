"""(h) Expressions against the same written in Python: parsed once, evaluated often, on decimals of 34 digits."""

from __future__ import annotations

import decimal
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bench.table import Row
from engine.feel import parse, parse_unary_tests

_ROUNDS = 15
_TURN_SECONDS = 0.004

Variables = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Case:
    """An expression, and the Python that gives the same for the same variables."""

    what: str
    text: str
    python: Callable[[Mapping[str, object]], object]


def bench_expressions() -> list[Row]:
    """The rows of (h)."""
    variables: dict[str, object] = {
        "amount": Decimal("1250000.50"),
        "rate": Decimal("0.0435"),
        "grade": "AA",
        "due": date(2026, 3, 31),
        "today": date(2026, 3, 1),
        "client": {"name": "风电", "scores": [Decimal(60 + number) for number in range(20)]},
        "loans": [{"amount": Decimal(number), "late": number % 3 == 0} for number in range(50)],
    }
    with decimal.localcontext(decimal.Context(prec=34)):
        return [*(_measure(case, variables) for case in CASES), _parsing(), _tests()]


CASES = (
    Case("condition", 'amount > 1000000 and grade = "AA"', lambda v: v["amount"] > 1_000_000 and v["grade"] == "AA"),  # type: ignore[operator]  # variables of any type
    Case("arithmetic", "amount * rate / 12 + 100", lambda v: v["amount"] * v["rate"] / 12 + 100),  # type: ignore[operator]  # the same
    Case("dates", 'due - today < @"P31D"', lambda v: v["due"] - v["today"] < timedelta(days=31)),  # type: ignore[operator]  # the same
    Case("path and index", "client.scores[3] + 1", lambda v: v["client"]["scores"][2] + 1),  # type: ignore[index]  # the same
    Case(
        "if and function",
        'if starts with(grade, "A") then upper case(grade) else "none"',
        lambda v: v["grade"].upper() if v["grade"].startswith("A") else "none",  # type: ignore[attr-defined]  # the same
    ),
    Case(
        "filter of 50 and sum",
        "sum(loans[late and amount > 10].amount)",
        lambda v: sum(each["amount"] for each in v["loans"] if each["late"] and each["amount"] > 10),  # type: ignore[attr-defined]  # the same
    ),
    Case(
        "loop of 50",
        "for each in loans return each.amount * rate",
        lambda v: [each["amount"] * v["rate"] for each in v["loans"]],  # type: ignore[attr-defined]  # the same
    ),
)


def _measure(case: Case, variables: Variables) -> Row:
    expression = parse(case.text)
    expected = case.python(variables)
    assert expression.evaluate(variables) == expected, case.text
    ours, floor = in_turn(lambda: expression.evaluate(variables), lambda: case.python(variables))
    return Row("h", f"{case.what}: FEEL against Python", ours / floor, _nano(ours), _nano(floor))


def _parsing() -> Row:
    text = CASES[0].text
    ours, floor = in_turn(lambda: parse(text), lambda: compile(text.replace(" = ", " == "), "", "eval"))
    return Row("h", "parsing a condition: FEEL against Python", ours / floor, _nano(ours), _nano(floor))


def _tests() -> Row:
    tests = parse_unary_tests('"A", "AA", "AAA"')
    ours, floor = in_turn(lambda: tests.matches("AA", {}), lambda: "AA" in ("A", "AA", "AAA"))
    return Row("h", "unary tests: FEEL against Python", ours / floor, _nano(ours), _nano(floor))


def in_turn(*actions: Callable[[], object]) -> list[float]:
    """The median seconds of one call of each action, measured in turn."""
    counts = [_calls(action) for action in actions]
    found: list[list[float]] = [[] for _ in actions]
    for _ in range(_ROUNDS):
        for action, count, seconds in zip(actions, counts, found, strict=True):
            began = time.perf_counter()
            for _ in range(count):
                action()
            seconds.append((time.perf_counter() - began) / count)
    return [statistics.median(seconds) for seconds in found]


def _calls(action: Callable[[], object]) -> int:
    """How many calls take about `_TURN_SECONDS`."""
    began = time.perf_counter()
    for _ in range(20):
        action()
    return max(5, int(20 * _TURN_SECONDS / (time.perf_counter() - began)))


def _nano(seconds: float) -> str:
    return f"{seconds * 1e6:,.2f} µs"
