"""What the check says about decision tables, and what it keeps silent about because it cannot be sure."""

from __future__ import annotations

import time

import pytest

from engine.deployment.reading import read_files
from engine.dmn import load
from engine.dmn.analysis import analyse
from tests.dmn.models import decision, definitions, input_data, literal, table


def told(body: str) -> list[tuple[str, str]]:
    return [(each.rule, each.message.partition(": ")[2]) for each in analyse(load(definitions(body)))]


def columns(*inputs: tuple[str, str, str]) -> str:
    """``(expression, type, allowed values)`` for each column, and an output."""
    written = ""
    for text, kind, allowed in inputs:
        reference = f' typeRef="{kind}"' if kind else ""
        values = f"<inputValues><text>{allowed}</text></inputValues>" if allowed else ""
        written += f"<input><inputExpression{reference}><text>{text}</text></inputExpression>{values}</input>"
    return f'{written}<output name="y"/>'


def rows(*rules: list[str]) -> str:
    def entry(kind: str, text: str) -> str:
        return f"<{kind}><text>{text}</text></{kind}>".replace("<text><", "<text>&lt;")

    written = ""
    for number, cells in enumerate(rules, 1):
        inside = "".join(entry("inputEntry", cell) for cell in cells) + entry("outputEntry", "1")
        written += f'<rule id="r{number}">{inside}</rule>'
    return written


def unique(head: str, *rules: list[str], policy: str = "UNIQUE") -> str:
    return decision("d", f'<decisionTable id="t" hitPolicy="{policy}">{head}{rows(*rules)}</decisionTable>')


def test_an_overlap_is_told_with_the_rules_and_an_example() -> None:
    body = unique(
        columns(("score", "number", ""), ("new", "boolean", "")),
        ["&gt;= 60", "-"],
        ["[50..70]", "true"],
        ["&lt; 60", "false"],
    )
    assert told(body) == [
        ("dmn/overlap", "rules 1 (r1) and 2 (r2) both match when score = 60, new = true"),
        ("dmn/gap", "no rule matches when score = 49, new = true"),
    ]


@pytest.mark.parametrize(
    ("kind", "rules", "messages"),
    [
        ("number", [["&lt;= 5"], ["&gt;= 6"]], ["no rule matches when x = 5.5"]),
        ("integer", [["&lt;= 5"], ["&gt;= 6"]], []),
        ("integer", [["&lt;= 5"], ["&gt;= 7"]], ["no rule matches when x = 6"]),
        ("date", [['&lt;= date("2026-01-31")'], ['&gt;= date("2026-02-01")']], []),
        ("date", [['&lt; @"2026-01-31"'], ['&gt; @"2026-01-31"']], ["no rule matches when x = 2026-01-31"]),
        ("boolean", [["true"]], ["no rule matches when x = false"]),
        ("string", [['"A"'], ['"B"']], ['no rule matches when x = "something else"']),
        ("string", [['"A"'], ['not("A")']], []),
        (
            "days and time duration",
            [['&lt; duration("P1D")'], ['&gt; duration("P1D")']],
            ["no rule matches when x = P1D"],
        ),
    ],
)
def test_gaps_are_exact_for_every_simple_type(kind: str, rules: list[list[str]], messages: list[str]) -> None:
    assert [message for _, message in told(unique(columns(("x", kind, "")), *rules))] == messages


def test_allowed_values_limit_where_gaps_and_overlaps_can_be() -> None:
    assert told(unique(columns(("x", "string", '"A", "B"')), ['"A"'], ['"B"'])) == []
    assert told(unique(columns(("x", "number", "[0..100]")), ["[0..60)"], ["[60..100]"])) == []
    types = (
        '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"A", "B"</text></allowedValues>'
        "</itemDefinition>"
    )
    typed = types + input_data("x", "tGrade")
    body = typed + unique(columns(("x", "", "")), ['"A"'], ['"C"']).replace(
        "<decisionTable", REQUIRES + "<decisionTable"
    )
    assert told(body) == [
        ("dmn/impossible-range", "rule 2 (r2) never matches: no value of input 'x' is in its range"),
        ("dmn/gap", 'no rule matches when x = "B"'),
    ]


REQUIRES = '<informationRequirement><requiredInput href="#in-x"/></informationRequirement>'


@pytest.mark.parametrize(
    "body",
    [
        unique(columns(("x", "number", "")), ["limit"], ["&gt; limit"]),
        unique(columns(("count(l)", "number", "")), ["&gt; 2"], ["&lt; 2"]),
        unique(columns(("x", "", "")), ['"A"'], ['"B"']),
        unique(columns(("x", "string", "matches(?, &quot;[AB]&quot;)")), ['"A"']),
        unique(columns(("a", "number", ""), ("a + b", "number", "")), ["&gt; 5", "&lt; 3"], ["&gt; 4", "&lt; 2"]),
        unique(columns(("x", "number", "")), ["&gt; 5"], ["&lt; 6"], policy="RULE ORDER"),
        input_data("n", "number")
        + decision("x", literal("floor(n)"), "i:n", type_ref="number")
        + unique(columns(("x", "number", "")), ["&lt;= 5"], ["&gt;= 6"]).replace(
            "<decisionTable",
            REQUIRES.replace("requiredInput", "requiredDecision").replace("in-x", "x") + "<decisionTable",
        ),
    ],
    ids=[
        "variables",
        "functions",
        "untyped texts",
        "computed allowed values",
        "dependent",
        "multiple hit",
        "decisions",
    ],
)
def test_nothing_is_told_that_might_not_be_so(body: str) -> None:
    assert told(body) == []


def test_columns_that_ask_the_same_are_one() -> None:
    body = unique(
        columns(("x", "number", ""), ("x", "number", "")), ["&gt; 5", "&lt;= 9"], ["&lt;= 5", "-"], ["-", "&gt; 9"]
    )
    assert told(body) == []


def test_defaults_fill_gaps_and_wrong_types_never_match() -> None:
    assert told(decision("d", table("UNIQUE", ["x"], ["y||0"], [["> 5", "1"]]))) == []
    body = unique(columns(("x", "date", "")), ['"2026-01-01"'], ["-"], policy="FIRST")
    assert told(body) == [("dmn/impossible-range", "rule 1 (r1) never matches: no value of input 'x' is in its range")]


def test_rules_of_any_may_overlap_as_long_as_they_agree() -> None:
    rules = [["> 1", "1"], ["> 2", "1"], ["> 3", "2"], ["<= 1", "x"]]
    assert told(decision("d", table("ANY", ["x"], ["y"], rules))) == [
        ("dmn/any-conflict", "rules 1 (r1) and 3 (r3) both match when x = 4, and conclude differently"),
        ("dmn/any-conflict", "rules 2 (r2) and 3 (r3) both match when x = 4, and conclude differently"),
    ]


def test_masked_rules_are_told_also_where_several_rules_mask_one() -> None:
    rules = [["< 5", "1"], [">= 5", "2"], ["7", "3"], ["null", "4"]]
    assert told(decision("d", table("FIRST", ["x"], ["y"], rules))) == [
        ("dmn/masked-rule", "rule 3 (r3) never counts: earlier rules match whenever it does")
    ]


def test_a_large_table_is_looked_through_quickly() -> None:
    rules = [[f"[{n}..{n + 1})", f'"{n % 7}"', "-", "1"] for n in range(1_000)]
    body = decision("d", table("UNIQUE", ["a", "b", "c"], ["y"], rules))
    model = load(definitions(body))
    began = time.process_time()
    list(analyse(model))
    assert time.process_time() - began < 5


def test_findings_are_warnings_of_the_deployment_with_their_place() -> None:
    body = definitions("\n" + unique(columns(("x", "number", "")), ["&gt; 5"], ["&gt; 7"]))
    contents = read_files({"a.dmn": body}, kernel="machine", max_bytes=100_000)
    assert [(each.rule, each.severity.value, each.line, each.element) for each in contents.findings] == [
        ("dmn/overlap", "warning", 2, "r2"),
        ("dmn/gap", "warning", 2, "t"),
    ]
    assert not contents.refused
