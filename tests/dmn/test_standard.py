"""Evaluating by the standard: null with a remark where a process would stop, and every kind of element in scope."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.dmn import DecisionFailed, DecisionModel, load
from tests.dmn.models import decision, definitions, function, input_data, literal, table

NOW = datetime(2026, 3, 31, 8, 30, tzinfo=UTC)


def standard(body: str) -> DecisionModel:
    return load(definitions(body), source="test.dmn")


def value(body: str, name: str = "d", **inputs: object) -> object:
    return standard(body).evaluate(name, inputs, now=NOW).value


def remarks(body: str, name: str = "d", **inputs: object) -> list[str]:
    return [remark.message for remark in standard(body).evaluate(name, inputs, now=NOW).remarks]


def test_a_missing_input_is_null_with_a_remark() -> None:
    body = input_data("a", "number") + decision("d", literal("if a = null then 1 else a"), "i:a")
    assert value(body) == 1
    assert remarks(body) == ["input missing: 'a'"]
    assert value(body, a=5) == 5
    with pytest.raises(DecisionFailed, match="input missing: 'a'"):
        standard(body).evaluate("d", {}, strict=True)


def test_an_input_of_another_type_is_null_unless_it_converts() -> None:
    body = (
        input_data("n", "number")
        + input_data("l", "tNumbers")
        + input_data("i", "date and time")
        + '<itemDefinition name="tNumbers" isCollection="true"><typeRef>number</typeRef></itemDefinition>'
        + decision("d", literal("[n, l, i]"), "i:n", "i:l", "i:i")
    )
    assert value(body, n="x", l="x", i="x") == [None, None, None]
    assert value(body, n=[3], l=3, i=date(2026, 1, 2)) == [3, [3], datetime(2026, 1, 2, tzinfo=UTC)]
    assert "input 'n' is not of type number" in remarks(body, n="x", l=[], i=None)


def test_a_name_that_nothing_defines_is_null() -> None:
    assert value(decision("d", literal("if nothing = null then 1 else 2"))) == 1


def test_a_decision_sees_what_it_requires_and_no_other_element() -> None:
    body = (
        input_data("a")
        + decision("one", literal("1"))
        + decision("two", literal("one + 1"), "d:one")
        + decision("d", literal("[one, two, a, loose]"), "d:two")
    )
    assert value(body, a=7, loose=8) == [None, 2, None, 8]


def test_inputs_that_no_element_declares_are_seen_by_their_name() -> None:
    result = standard(decision("d", table("FIRST", ["score"], ["g"], [["> 5", '"A"']]))).evaluate("d", {"score": 6})
    assert (result.value, result.inputs) == ("A", {"score": 6})


def test_a_broken_decision_keeps_no_other_from_being_made() -> None:
    model = standard(
        decision("bad", literal("1 +"))
        + decision("good", literal("2"))
        + decision("d", literal("[bad, good]"), "d:bad", "d:good")
    )
    assert [problem.message for problem in model.problems] == [
        "decision 'bad': expected a value, found the end (line 1, column 4)"
    ]
    assert model.evaluate("good", {}).value == 2
    result = model.evaluate("d", {})
    assert result.value == [None, 2]
    assert [remark.message for remark in result.errors] == [model.problems[0].message]
    assert model.evaluate("bad", {}).value is None
    with pytest.raises(DecisionFailed, match="decision 'bad': expected a value"):
        model.evaluate("bad", {}, strict=True)


def test_a_table_with_one_broken_cell_gives_nothing_rather_than_another_rule() -> None:
    result = standard(decision("d", table("FIRST", ["x"], ["y"], [["> ", "1"], ["-", "2"]]))).evaluate("d", {"x": 1})
    assert result.value is None
    assert result.errors


def test_a_broken_function_is_null_where_it_is_called() -> None:
    body = function("f", {"x": "number"}, literal("x +")) + decision("d", literal("[f(1), 2]"), "k:f")
    assert value(body) == [None, 2]
    assert value(decision("d", "")) is None
    assert value(decision("d", '<functionDefinition kind="Java"/>')) is None


@pytest.mark.parametrize(
    ("policy", "rules", "remark"),
    [
        ("UNIQUE", [["> 1", "1"], ["> 2", "2"]], "hit policy UNIQUE, but rules 1, 2 all match"),
        ("ANY", [["> 1", "1"], ["> 2", "2"]], "hit policy ANY, but rules 1 and 2 match with different outputs"),
    ],
)
def test_rules_that_contradict_the_hit_policy_give_null(policy: str, rules: list[list[str]], remark: str) -> None:
    body = decision("d", table(policy, ["x"], ["y"], rules))
    assert value(body, x=5) is None
    assert remarks(body, x=5) == [f"decision 'd': {remark}"]


def test_a_value_that_is_not_allowed_gives_null() -> None:
    column = (
        '<input label="Risk"><inputExpression><text>risk</text></inputExpression>'
        '<inputValues><text>"low", "high"</text></inputValues></input>'
    )
    rule = "<rule><inputEntry><text>-</text></inputEntry><outputEntry><text>result</text></outputEntry></rule>"
    output = "<output><outputValues><text>[1..5]</text></outputValues></output>"
    body = decision("d", f"<decisionTable>{column}{output}{rule}</decisionTable>")
    assert value(body, risk="low", result=3) == 3
    assert value(body, risk="low", result=9) is None
    assert value(body, risk="none", result=3) is None
    assert value(body, risk=None, result=3) == 3


def test_types_limit_items_and_whole_lists() -> None:
    types = (
        '<itemDefinition name="tRates" isCollection="true"><typeRef>number</typeRef>'
        "<allowedValues><text>[0..1]</text></allowedValues>"
        "<typeConstraint><text>count(?) &lt;= 2</text></typeConstraint></itemDefinition>"
        '<itemDefinition name="tShort"><typeRef>string</typeRef>'
        "<typeConstraint><text>string length(?) &lt; 4</text></typeConstraint></itemDefinition>"
        '<itemDefinition name="tShorter"><typeRef>tShort</typeRef>'
        '<allowedValues><text>"ab", "abcdef"</text></allowedValues></itemDefinition>'
    )
    body = (
        types + input_data("r", "tRates") + input_data("s", "tShorter") + decision("d", literal("[r, s]"), "i:r", "i:s")
    )
    assert value(body, r=[0, 1], s="ab") == [[0, 1], "ab"]
    assert value(body, r=[0, 2], s="abcdef") == [None, None]
    assert value(body, r=[0, 1, 1], s="abc") == [None, None]


def test_results_are_brought_to_their_type_at_every_level() -> None:
    types = (
        '<itemDefinition name="tLoan"><itemComponent name="amount"><typeRef>number</typeRef></itemComponent>'
        '<itemComponent name="paid out"><typeRef>date and time</typeRef></itemComponent></itemDefinition>'
    )
    body = types + decision("d", literal('{amount: 5, paid out: date("2026-01-02")}'), type_ref="tLoan")
    assert value(body) == {"amount": 5, "paid out": datetime(2026, 1, 2, tzinfo=UTC)}
    assert value(types + decision("d", literal('{amount: "5"}'), type_ref="tLoan")) is None


def test_functions_convert_their_arguments_and_results() -> None:
    body = (
        function("f", {"x": "number"}, literal("x + 1"))
        + '<businessKnowledgeModel id="g" name="g"><variable name="g" typeRef="string"/>'
        f"<encapsulatedLogic>{literal('5')}</encapsulatedLogic></businessKnowledgeModel>"
        + decision("d", literal('[f([1]), f("x"), g()]'), "k:f", "k:g")
    )
    assert value(body) == [2, None, None]
    assert value(body, "f", x=4) == 5


def test_a_type_of_function_says_what_it_gives() -> None:
    body = (
        '<itemDefinition name="tF"><functionItem outputTypeRef="number"><parameters name="x" typeRef="number"/>'
        "</functionItem></itemDefinition>"
        '<businessKnowledgeModel id="g" name="g"><variable name="g" typeRef="tF"/><encapsulatedLogic>'
        f'<formalParameter name="x" typeRef="number"/>{literal("x * 2")}</encapsulatedLogic></businessKnowledgeModel>'
        + decision(
            "h",
            "<functionDefinition><formalParameter name='y'/>" + literal("y + 1") + "</functionDefinition>",
            type_ref="tF",
        )
        + decision("d", literal("[g(4), h(4)]"), "k:g", "d:h")
    )
    assert value(body) == [8, 5]


def test_functions_recur_within_bounds() -> None:
    body = (
        function("uneven", {"n": "number"}, literal("if n = 0 then false else level(n - 1)"), "k:level")
        + function("level", {"n": "number"}, literal("if n = 0 then true else uneven(n - 1)"), "k:uneven")
        + decision("d", literal("uneven(7)"), "k:uneven")
        + decision("e", literal("uneven(100000)"), "k:uneven")
    )
    assert value(body) is True
    with pytest.raises(DecisionFailed, match="too deeply"):
        value(body, "e")


SERVICE = (
    input_data("amount", "number")
    + decision("rate", literal("0.1"), type_ref="number")
    + decision("net", literal("amount * rate"), "d:rate", "i:amount")
    + decision("total", literal("net + amount"), "d:net", "i:amount")
    + '<decisionService id="s1" name="one"><variable name="one"/><outputDecision href="#total"/>'
    '<encapsulatedDecision href="#net"/><inputDecision href="#rate"/><inputData href="#in-amount"/></decisionService>'
    '<decisionService id="s2" name="both"><outputDecision href="#total"/><outputDecision href="#net"/>'
    '<encapsulatedDecision href="#rate"/><inputData href="#in-amount"/></decisionService>'
)


def test_a_decision_service_is_run_by_name_or_id_with_what_it_encapsulates_made_anew() -> None:
    model = standard(SERVICE)
    assert model.evaluate("one", {"amount": 100, "rate": Decimal("0.5")}).value == 150
    assert model.evaluate("s2", {"amount": 100}).value == {"total": 110, "net": 10}
    assert [each.id for each in model.evaluate("one", {"amount": 100, "rate": 0}).trace] == ["net", "total"]
    assert model.evaluate("one", {"amount": 100}).value is None
    assert model.evaluate("one", {"amount": "x", "rate": 1}).value is None


def test_a_decision_service_is_called_by_position_by_name_and_by_invocation() -> None:
    invocation = (
        f"<invocation>{literal('one')}<binding><parameter name='rate'/>{literal('1')}</binding>"
        f"<binding><parameter name='amount'/>{literal('20')}</binding></invocation>"
    )
    body = (
        SERVICE
        + decision("d", literal("[one(100, 0.5), one(rate: 0, amount: 10), one(1), both(10).net]"), "k:s1", "k:s2")
        + decision("e", invocation, "k:s1")
        + decision("f", invocation.replace("'rate'", "'interest'"), "k:s1")
        + decision("g", invocation.replace("<literalExpression>", '<literalExpression typeRef="number">', 1), "k:s1")
    )
    assert value(body) == [150, 10, None, 1]
    assert value(body, "e") == 40
    assert value(body, "f") is None
    assert value(body, "g") == 40


def test_an_invocation_calls_built_in_functions_too() -> None:
    invocation = (
        f"<invocation>{literal('substring')}<binding><parameter name='start position'/>{literal('2')}</binding>"
        f"<binding><parameter name='string'/>{literal('text')}</binding></invocation>"
    )
    assert value(decision("d", invocation), text="grade") == "rade"


def test_boxed_iterators_mean_what_feel_means() -> None:
    def loop(mode: str, source: str, body: str) -> str:
        part = "return" if mode == "for" else "satisfies"
        return f'<{mode} iteratorVariable="i"><in>{literal(source)}</in><{part}>{literal(body)}</{part}></{mode}>'

    assert value(decision("d", loop("for", "[2..4]", "i * 2 + count(partial)"))) == [4, 7, 10]
    assert value(decision("d", loop("for", "5", "i"))) == [5]
    assert value(decision("d", loop("for", "null", "i"))) is None
    assert value(decision("d", loop("every", "[]", "i > 1"))) is True
    assert value(decision("d", loop("some", "[1, null]", "i > 3"))) is None
    match = f"<filter><in>{literal('[{a: 1}, {a: 5}, {b: 2}]')}</in><match>{literal('a > 2')}</match></filter>"
    assert value(decision("d", match)) == [{"a": 5}]
    at = f"<filter><in>{literal('[7, 8]')}</in><match>{literal('-1')}</match></filter>"
    assert value(decision("d", at)) == 8


def test_entries_of_contexts_and_cells_of_relations_have_types() -> None:
    context = (
        f"<context><contextEntry><variable name='a' typeRef='string'/>{literal('1')}</contextEntry>"
        f"<contextEntry><variable name='b c' typeRef='number'/>{literal('[2]')}</contextEntry>"
        f"<contextEntry><variable name='e'/>{literal('b c + 1')}</contextEntry></context>"
    )
    assert value(decision("d", context)) == {"a": None, "b c": 2, "e": 3}
    relation = f"<relation><column name='x' typeRef='number'/><row>{literal('[1]')}</row></relation>"
    assert value(decision("d", relation)) == [{"x": 1}]


def test_a_decision_is_made_once_however_many_require_it() -> None:
    body = decision("base", literal("1"))
    for number in range(12):
        before = ["base"] if number == 0 else [f"a{number - 1}", f"b{number - 1}"]
        for name in ("a", "b"):
            body += decision(f"{name}{number}", literal(" + ".join(before)), *(f"d:{each}" for each in before))
    result = standard(body + decision("d", literal("a11 + b11"), "d:a11", "d:b11")).evaluate("d", {})
    assert result.value == 4096
    assert len(result.trace) == 26


def test_the_trace_says_why() -> None:
    body = (
        input_data("score", "number")
        + decision("grade", table("FIRST", ["score"], ["g"], [[">= 60", '"B"'], ["-", '"C"']]), "i:score")
        + decision(
            "d", table("UNIQUE", ["grade"], ["limit", "days"], [['"B"', "1", "30"], ['"C"', "0", "15"]]), "d:grade"
        )
    )
    grade, limit = standard(body).evaluate("d", {"score": 72}).trace
    assert (grade.id, grade.inputs, grade.value, limit.inputs) == ("grade", {"score": 72}, "B", {"grade": "B"})
    (made,) = limit.tables
    assert (made.inputs, made.rules[0].rule_id, made.rules[0].outputs) == (
        (("grade", "B"),),
        "r1",
        {"limit": 1, "days": 30},
    )


def test_a_service_in_a_loop_leaves_a_trace_of_bounded_length() -> None:
    body = SERVICE + decision("d", literal("count(for i in 1..1500 return one(i, 1))"), "k:s1")
    result = standard(body).evaluate("d", {})
    assert (result.value, len(result.trace), result.trace[-1].id) == (1500, 1000, "d")


def test_inputs_are_found_by_their_own_name_and_by_that_of_their_variable() -> None:
    body = '<inputData id="in-x" name="The input"><variable name="x"/></inputData>' + decision("d", literal("x"), "i:x")
    assert [value(body, **{name: 5}) for name in ("x", "The input")] == [5, 5]


def test_a_dash_as_output_is_null() -> None:
    assert value(decision("d", table("FIRST", ["x"], ["y"], [["-", "-"]])), x=1) is None


def test_expressions_name_the_types_of_the_model() -> None:
    types = (
        '<itemDefinition name="tLoan"><itemComponent name="amount"><typeRef>number</typeRef></itemComponent>'
        '</itemDefinition><itemDefinition name="tLoans" isCollection="true"><typeRef>tLoan</typeRef></itemDefinition>'
    )
    text = "[{amount: 1} instance of tLoan, {amount: true} instance of tLoan, [{amount: 2}] instance of tLoans]"
    assert value(types + decision("d", literal(text))) == [True, False, True]
    assert value(types + decision("d", literal("(function(x: tLoan) x.amount)({amount: 3})"))) == 3
