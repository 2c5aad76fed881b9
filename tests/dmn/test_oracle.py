"""Random decision tables against a naive reading of the standard, for every hit policy; and their analysis against
trying every combination of values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dmn import load
from engine.dmn.analysis import analyse
from tests.dmn.models import decision, definitions, input_data, table

POLICIES = ["UNIQUE", "ANY", "PRIORITY", "FIRST", "OUTPUT ORDER", "RULE ORDER", "COLLECT"]
AGGREGATIONS = ["SUM", "MIN", "MAX", "COUNT"]
TEXTS = ["a", "b", "c"]
PRIORITY = [3, 1, 2]
NUMBERS = [Decimal(each) / 2 for each in range(-1, 12)]
"""Every end of a range in the cells below, what lies between each two, and what lies beyond them."""


@dataclass(frozen=True)
class Cell:
    """A cell as it is written, and what it means."""

    text: str
    holds: Callable[[object], bool]

    def __repr__(self) -> str:
        return self.text


def number_cells() -> st.SearchStrategy[Cell]:
    whole = st.integers(0, 5)
    return st.one_of(
        st.just(Cell("-", lambda x: True)),
        whole.map(lambda n: Cell(str(n), lambda x: x == n)),
        whole.map(lambda n: Cell(f">= {n}", lambda x: x >= n)),
        whole.map(lambda n: Cell(f"< {n}", lambda x: x < n)),
        whole.map(lambda n: Cell(f"not({n})", lambda x: x != n)),
        st.tuples(whole, whole).map(lambda p: Cell(f"[{p[0]}..{p[1]})", lambda x: p[0] <= x < p[1])),
        st.tuples(whole, whole).map(lambda p: Cell(f"({p[0]}..{p[1]}]", lambda x: p[0] < x <= p[1])),
        st.tuples(whole, whole).map(lambda p: Cell(f"{p[0]}, > {p[1]}", lambda x: x == p[0] or x > p[1])),
    )


def text_cells() -> st.SearchStrategy[Cell]:
    some = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=2, unique=True)
    written = some.map(lambda each: ", ".join(f'"{text}"' for text in each))
    return st.one_of(
        st.just(Cell("-", lambda x: True)),
        st.tuples(some, written).map(lambda p: Cell(", ".join(f'"{t}"' for t in p[0]), lambda x: x in p[0])),
        some.map(
            lambda each: Cell(
                f"not({', '.join(repr(t).replace(chr(39), chr(34)) for t in each)})", lambda x: x not in each
            )
        ),
    )


RULES = st.lists(st.tuples(number_cells(), text_cells(), st.sampled_from(PRIORITY)), min_size=1, max_size=9)


def xml(policy: str, rules: list[tuple[Cell, Cell, int]], aggregation: str = "") -> bytes:
    rows = [[one.text, two.text, str(out)] for one, two, out in rules]
    written = table(policy, ["n", "t"], ["y|3, 1, 2"], rows, aggregation)
    return definitions(input_data("n", "number") + input_data("t", "string") + decision("d", written, "i:n", "i:t"))


def expected(policy: str, rules: list[tuple[Cell, Cell, int]], n: Decimal, t: str, aggregation: str) -> object:
    """The result by chapter 8 of DMN, as plainly as it can be written."""
    outputs = [out for one, two, out in rules if one.holds(n) and two.holds(t)]
    if policy == "UNIQUE":
        return outputs[0] if len(outputs) == 1 else None
    if policy == "ANY":
        return outputs[0] if len(set(outputs)) == 1 else None
    if policy == "FIRST":
        return outputs[0] if outputs else None
    if policy == "PRIORITY":
        return min(outputs, key=PRIORITY.index) if outputs else None
    if policy == "OUTPUT ORDER":
        return sorted(outputs, key=PRIORITY.index)
    if aggregation == "COUNT":
        return len(outputs)
    if aggregation:
        return {"SUM": sum, "MIN": min, "MAX": max}[aggregation](outputs) if outputs else None
    return outputs


@pytest.mark.parametrize(
    ("policy", "aggregation"), [*((policy, "") for policy in POLICIES), *(("COLLECT", each) for each in AGGREGATIONS)]
)
@settings(max_examples=25, deadline=None)
@given(rules=RULES, n=st.sampled_from(NUMBERS), t=st.sampled_from([*TEXTS, "z"]))
def test_tables_decide_as_the_standard_says(
    policy: str, aggregation: str, rules: list[tuple[Cell, Cell, int]], n: Decimal, t: str
) -> None:
    result = load(xml(policy, rules, aggregation)).evaluate("d", {"n": n, "t": t})
    assert result.value == expected(policy, rules, n, t, aggregation)


def holds(cell: Cell, value: object) -> bool:
    """Null passes where any value does and where only equality is denied; no comparison with it is true."""
    return cell.text == "-" or cell.text.startswith("not(") if value is None else cell.holds(value)


def matching(rules: list[tuple[Cell, Cell, int]], n: Decimal | None, t: str | None) -> list[int]:
    return [row for row, (one, two, _) in enumerate(rules, 1) if holds(one, n) and holds(two, t)]


GRID = [(n, t) for n in NUMBERS for t in [*TEXTS, "z"]]
WITH_NULL = [(n, t) for n in [*NUMBERS, None] for t in [*TEXTS, "z", None]]


@settings(max_examples=60, deadline=None)
@given(rules=RULES)
def test_the_analysis_finds_every_overlap_and_gap_and_no_other(rules: list[tuple[Cell, Cell, int]]) -> None:
    found = list(analyse(load(xml("UNIQUE", rules))))
    fired = [matching(rules, n, t) for n, t in GRID]
    all_fired = [matching(rules, n, t) for n, t in WITH_NULL]
    pairs = {(one, two) for rows in all_fired for one in rows for two in rows if one < two}
    told = {
        tuple(int(word) for word in each.message.split() if word.isdigit())[:2]
        for each in found
        if each.rule == "dmn/overlap"
    }
    assert told == pairs or (len(told) == 20 and told < pairs)
    assert any(each.rule == "dmn/gap" for each in found) == any(not rows for rows in fired)
    never = {row for row in range(1, len(rules) + 1) if not any(row in rows for rows in all_fired)}
    impossible = {int(each.element.removeprefix("r")) for each in found if each.rule == "dmn/impossible-range"}
    assert impossible == never


@settings(max_examples=60, deadline=None)
@given(rules=RULES, policy=st.sampled_from(["FIRST", "PRIORITY"]))
def test_the_analysis_finds_rules_that_never_count(rules: list[tuple[Cell, Cell, int]], policy: str) -> None:
    found = list(analyse(load(xml(policy, rules))))
    rank = {row: (PRIORITY.index(out) if policy == "PRIORITY" else 0, row) for row, (_, _, out) in enumerate(rules, 1)}
    fired = [matching(rules, n, t) for n, t in WITH_NULL]
    counts = {min(rows, key=lambda row: rank[row]) for rows in fired if rows}
    reached = {row for rows in fired for row in rows}
    masked = {int(each.element.removeprefix("r")) for each in found if each.rule == "dmn/masked-rule"}
    assert masked == reached - counts
