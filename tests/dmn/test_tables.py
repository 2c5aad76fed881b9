"""Decision tables: hit policies, aggregation, defaults, allowed values, and which rules fired."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.dmn import DecisionFailed, ModelInvalid
from tests.dmn.models import decision, input_data, model, table

GRADES = [["> 90", '"AAA"'], ["> 80", '"AA"'], ["> 80", '"AA"'], ["> 60", '"A"'], ["< 60", '"C"']]


def graded(policy: str, output: str = 'grade|"C", "A", "AA", "AAA"', aggregation: str = "") -> object:
    return model(
        input_data("score", "number")
        + decision("rate", table(policy, ["score"], [output], GRADES, aggregation), "i:score")
    )


def outcome(policy: str, score: int, **more: str) -> tuple[object, list[int]]:
    result = graded(policy, **more).evaluate("rate", {"score": score}, strict=True)  # type: ignore[attr-defined]  # a model
    return result.value, [rule.index for rule in result.rules]


def test_unique_takes_the_only_match_and_refuses_two() -> None:
    assert outcome("UNIQUE", 70) == ("A", [4])
    assert outcome("UNIQUE", 60) == (None, [])
    with pytest.raises(DecisionFailed, match="hit policy UNIQUE, but rules 1, 2, 3, 4 all match") as caught:
        outcome("UNIQUE", 95)
    assert (caught.value.element_id, caught.value.file) == ("table", "test.dmn")


def test_any_takes_equal_outputs_and_refuses_different_ones() -> None:
    rules = [["> 1", "1 + 1"], ["> 2", "2"], ["> 9", "3"]]
    any_model = model(decision("d", table("ANY", ["x"], ["y"], rules)))
    result = any_model.evaluate("d", {"x": 5})
    assert (result.value, [rule.index for rule in result.rules]) == (2, [1, 2])
    with pytest.raises(DecisionFailed, match="hit policy ANY, but rules 1 and 3"):
        any_model.evaluate("d", {"x": 10}, strict=True)


def test_priority_takes_the_first_of_the_output_values() -> None:
    assert outcome("PRIORITY", 95) == ("A", [4])
    assert outcome("PRIORITY", 10) == ("C", [5])


def test_first_stops_at_the_first_match() -> None:
    assert outcome("FIRST", 95) == ("AAA", [1])
    assert outcome("FIRST", 85) == ("AA", [2])


def test_output_order_sorts_by_the_output_values() -> None:
    assert outcome("OUTPUT ORDER", 95) == (["A", "AA", "AA", "AAA"], [4, 2, 3, 1])


def test_rule_order_and_collect_keep_the_order_of_the_rules() -> None:
    assert outcome("RULE ORDER", 95) == (["AAA", "AA", "AA", "A"], [1, 2, 3, 4])
    assert outcome("COLLECT", 85) == (["AA", "AA", "A"], [2, 3, 4])
    assert outcome("COLLECT", 60) == ([], [])


@pytest.mark.parametrize(
    ("aggregation", "some", "none"), [("SUM", 60, None), ("MIN", 10, None), ("MAX", 30, None), ("COUNT", 3, 0)]
)
def test_aggregation(aggregation: str, some: int, none: int | None) -> None:
    rules = [["> 1", "10"], ["> 2", "20"], ["> 3", "30"]]
    collecting = model(decision("d", table("COLLECT", ["x"], ["y"], rules, aggregation)))
    assert collecting.evaluate("d", {"x": 4}).value == Decimal(some)
    assert collecting.evaluate("d", {"x": 0}).value == none


def test_several_outputs_make_a_context_and_defaults_stand_in() -> None:
    outputs = ['grade|"A", "B"|"B"', "limit||0", "note"]
    rules = [["> 60", '"A"', "x * 1.5", ""], ["> 90", '"B"', "1", '"n"']]
    several = model(decision("d", table("PRIORITY", ["x"], outputs, rules)))
    assert several.evaluate("d", {"x": 80}).value == {"grade": "A", "limit": Decimal(120), "note": None}
    assert several.evaluate("d", {"x": 1}).value == {"grade": "B", "limit": 0, "note": None}


def test_cells_may_be_empty_dashes_lists_ranges_and_conditions_on_the_input() -> None:
    rules = [["", "-", '"any"'], ["[1..5)", '"a", "b"', '"both"'], ["? > limit", 'not("a")', '"cond"']]
    cells = model(decision("d", table("COLLECT", ["x", "y"], ["z"], rules)))
    assert cells.evaluate("d", {"x": 1, "y": "a", "limit": 3}).value == ["any", "both"]
    assert cells.evaluate("d", {"x": 4, "y": "b", "limit": 3}).value == ["any", "both", "cond"]
    assert cells.evaluate("d", {"x": None, "y": None, "limit": 3}).value == ["any"]


def test_a_value_that_is_not_allowed_is_an_error() -> None:
    inputs = (
        '<input label="Risk"><inputExpression><text>risk</text></inputExpression>'
        '<inputValues><text>"low", "high"</text></inputValues></input>'
    )
    rule = "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>result</text></outputEntry></rule>"
    output = "<output><outputValues><text>[1..5]</text></outputValues></output>"
    strict = model(decision("d", f"<decisionTable>{inputs}{output}{rule}</decisionTable>"))
    assert strict.evaluate("d", {"risk": "low", "result": 3}).value == 3
    assert strict.evaluate("d", {"risk": None, "result": None}).value is None
    with pytest.raises(DecisionFailed, match="input 'Risk' has a value that is not allowed"):
        strict.evaluate("d", {"risk": "middling", "result": 3}, strict=True)
    with pytest.raises(DecisionFailed, match="rule 1 gives '' a value that is not allowed"):
        strict.evaluate("d", {"risk": "low", "result": 6}, strict=True)


def test_a_value_of_another_type_is_an_error() -> None:
    column = '<input label="Age"><inputExpression typeRef="integer"><text>age</text></inputExpression></input>'
    rule = "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>limit</text></outputEntry></rule>"
    output = '<output name="limit" typeRef="number"/>'
    typed = model(decision("d", f"<decisionTable>{column}{output}{rule}</decisionTable>"))
    assert typed.evaluate("d", {"age": 18, "limit": [5]}).value == 5
    with pytest.raises(DecisionFailed, match="input 'Age' is not of type number"):
        typed.evaluate("d", {"age": "18", "limit": 5}, strict=True)
    with pytest.raises(DecisionFailed, match="rule 1 gives 'limit' a value that is not of type number"):
        typed.evaluate("d", {"age": 18, "limit": "5"}, strict=True)


def test_rules_that_fired_carry_their_ids() -> None:
    (fired,) = graded("FIRST").evaluate("rate", {"score": 70}).rules  # type: ignore[attr-defined]  # a model
    assert (fired.decision_id, fired.table_id, fired.rule_id, fired.index) == ("rate", "table", "r4", 4)


@pytest.mark.parametrize(
    ("logic", "message"),
    [
        (table("LUCKY", ["x"], ["y"], [["-", "1"]]), "unknown hit policy 'LUCKY'"),
        (table("UNIQUE", ["x"], ["y"], [["-", "1"]], "SUM"), "aggregation 'SUM' does not go with hit policy UNIQUE"),
        (table("COLLECT", ["x"], ["y", "z"], [["-", "1", "2"]], "SUM"), "aggregation needs exactly one output"),
        (table("PRIORITY", ["x"], ["y"], [["-", "1"]]), "hit policy PRIORITY needs output values"),
        (table("UNIQUE", ["x"], ["y"], [["-"]]), "rule 1 has 1 input and 0 output entries for 1 inputs and 1 outputs"),
        (table("UNIQUE", ["x"], [], []), "a decision table needs an output"),
        (table("UNIQUE", [""], ["y"], []), "input '' is empty"),
        (table("UNIQUE", ["x"], ["y", "y"], []), "every output needs a name of its own"),
        (table("UNIQUE", ["x"], ["y"], [["> ", "1"]]), "rule 1, input 'x': expected a value, found the end"),
        (table("UNIQUE", ["x"], ["y"], [["-", "1 +"]]), "rule 1, output 'y': expected a value, found the end"),
    ],
)
def test_a_table_that_cannot_work_is_refused_when_loaded(logic: str, message: str) -> None:
    with pytest.raises(ModelInvalid, match=message):
        model(decision("d", logic))
