"""Whole models: requirement graphs, functions, boxed expressions, types, and what makes a model invalid."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from engine.dmn import DecisionFailed, DmnError, ModelInvalid, UnknownDecision, load
from engine.dmn.xml import NAMESPACES
from engine.feel import FeelLimitExceeded, UnknownVariable
from tests.dmn.models import decision, definitions, function, input_data, literal, model, requires, table

NOW = datetime(2026, 3, 31, 8, 30, tzinfo=UTC)


def test_required_decisions_are_made_first_and_once() -> None:
    graph = model(
        input_data("amount", "number")
        + decision("rank", table("FIRST", ["amount"], ["y"], [["> 100", "2"], ["-", "1"]]), "i:amount")
        + decision("double", literal("rank * 2"), "d:rank")
        + decision("final", literal("rank + double + other"), "d:rank", "d:double")
    )
    assert graph.find("final").input_names == {"amount", "other"}
    assert graph.find("final").order == ("rank", "double")
    result = graph.evaluate("final", {"amount": 150, "other": 1, "not asked for": object()})
    assert result.value == 7
    assert result.inputs == {"amount": 150, "other": 1}
    assert [(rule.decision_id, rule.index) for rule in result.rules] == [("rank", 1)]


def test_decisions_are_found_by_id_or_name() -> None:
    named = model(
        '<decision id="d1" name="Credit grade"><variable name="Credit grade"/>' + literal("1") + "</decision>"
    )
    assert named.find("d1") is named.find("Credit grade") is named.decisions["d1"]
    assert (named.id, named.name, named.version, named.source) == ("defs", "test model", "1.3", "test.dmn")
    with pytest.raises(UnknownDecision, match="no decision 'grade' in model 'test model'"):
        named.find("grade")


@pytest.mark.parametrize(("namespace", "version"), NAMESPACES.items())
def test_all_versions_are_read(namespace: str, version: str) -> None:
    loaded = load(definitions(decision("d", literal("1")), namespace))
    assert (loaded.version, loaded.evaluate("d", {}).value) == (version, 1)


def test_names_with_spaces_come_from_the_model() -> None:
    spaced = model(
        '<inputData id="in-s" name="Monthly Salary"/>'
        f'<decision id="d" name="Yearly Salary">{requires("i:s")}{literal("Monthly Salary * 12")}</decision>'
        f'<decision id="e" name="e">{requires("d:d")}{literal("Yearly Salary + 1")}</decision>'
    )
    assert spaced.evaluate("e", {"Monthly Salary": 10}).value == 121


def test_now_is_the_instant_given() -> None:
    assert model(decision("d", literal("today()"))).evaluate("d", {}, now=NOW).value == date(2026, 3, 31)


def test_functions_see_their_parameters_and_what_they_require() -> None:
    functions = (
        function("square", {"x": "number"}, literal("x * x"))
        + function("cube", {"x": "number"}, literal("square(x) * x"), "k:square")
        + function("fac", {"n": "number"}, literal("if n <= 1 then 1 else n * fac(n - 1)"))
    )
    used = model(
        functions
        + decision("d", literal("cube(a) + square(x: 2) + fac(5)"), "k:cube", "k:fac", "k:square")
        + decision("wrong", literal('square("text")'), "k:square")
    )
    assert used.find("d").input_names == {"a"}
    assert used.evaluate("d", {"a": 3}).value == 151
    assert used.evaluate("wrong", {}).value is None
    with pytest.raises(ModelInvalid, match="function 'f' uses the unknown name 'rate'"):
        model(function("f", {"x": "number"}, literal("x * rate")))


def test_boxed_expressions() -> None:
    entry = '<contextEntry><variable name="{}"/>{}</contextEntry>'
    context = (
        f"<context>{entry.format('net worth', literal('a * 2'))}{entry.format('b', literal('net worth + 1'))}"
        "<contextEntry>{}</contextEntry></context>"
    )
    relation = (
        '<relation><column name="id"/><column name="v"/>'
        f"<row>{literal('1')}{literal('a')}</row><row>{literal('2')}{literal('null')}</row></relation>"
    )
    invocation = (
        f"<invocation>{literal('plus')}<binding><parameter name='y'/>{literal('10')}</binding>"
        f"<binding><parameter name='x'/>{literal('a')}</binding></invocation>"
    )
    definition = f"<functionDefinition><formalParameter name='x'/>{literal('x + a')}</functionDefinition>"
    own = f"<context>{entry.format('f', definition)}<contextEntry>{literal('f(1)')}</contextEntry></context>"
    loop = f'<for iteratorVariable="i"><in>{literal("1..3")}</in><return>{literal("i * a")}</return></for>'
    some = f'<some iteratorVariable="i"><in>{literal("[1, 2]")}</in><satisfies>{literal("i > a")}</satisfies></some>'
    every = some.replace("some", "every")
    match = f"<filter><in>{literal('[1, 5, 9]')}</in><match>{literal('item > a')}</match></filter>"
    choice = (
        f"<conditional><if>{literal('a > 2')}</if><then>{literal('1')}</then><else>{literal('0')}</else></conditional>"
    )
    boxed = model(
        function("plus", {"x": "number", "y": "number"}, literal("x - y"))
        + decision("context", context.format(literal("b * 10")))
        + decision("list", f"<list>{literal('a')}{literal('2')}</list>")
        + decision("relation", relation)
        + decision("invocation", invocation, "k:plus")
        + decision("own", own)
        + decision("loop", loop.replace("1..3", "[1, 2, 3]"))
        + decision("some", some)
        + decision("every", every)
        + decision("match", match)
        + decision("choice", choice)
    )
    values = {name: boxed.evaluate(name, {"a": 3}).value for name in boxed.decisions}
    assert values == {
        "context": 70,
        "list": [3, 2],
        "relation": [{"id": 1, "v": 3}, {"id": 2, "v": None}],
        "invocation": -7,
        "own": 4,
        "loop": [3, 6, 9],
        "some": False,
        "every": False,
        "match": [5, 9],
        "choice": 1,
    }
    assert {name: each.input_names for name, each in boxed.decisions.items()} == {
        name: frozenset() if name == "match" else frozenset({"a"}) for name in boxed.decisions
    }
    assert boxed.decisions["match"].possible_names == {"a"}


TYPES = (
    '<itemDefinition name="tGrade"><typeRef>string</typeRef><allowedValues><text>"AAA", "AA"</text></allowedValues>'
    '</itemDefinition><itemDefinition name="tLoan">'
    '<itemComponent name="grade"><typeRef>tGrade</typeRef></itemComponent>'
    '<itemComponent name="paid out"><typeRef>number</typeRef></itemComponent></itemDefinition>'
    '<itemDefinition name="tLoans" isCollection="true"><typeRef>tLoan</typeRef></itemDefinition>'
)


def test_inputs_must_be_of_their_type_and_allowed() -> None:
    typed = model(
        TYPES
        + input_data("loans", "tLoans")
        + decision("d", literal("loans[1].paid out"), "i:loans", type_ref="number")
    )
    good = {"grade": "AA", "paid out": 5, "more": "ignored"}
    assert typed.evaluate("d", {"loans": [good]}).value == 5
    assert typed.evaluate("d", {"loans": None}).value is None
    wrong: list[tuple[object, str]] = [
        ([good, good | {"grade": "B"}], "input 'loans' has an item 2 that has an entry 'grade' that is not one of"),
        (
            [good | {"paid out": "5"}],
            "input 'loans' has an item 1 that has an entry 'paid out' that is not of type number",
        ),
        (good, "input 'loans' is not a list of tLoans"),
        (["x"], "input 'loans' has an item 1 that is not a context of type tLoans"),
        ([object()], "FEEL has no type for a value of type object"),
    ]
    for value, message in wrong:
        with pytest.raises(DecisionFailed, match=message):
            typed.evaluate("d", {"loans": value}, strict=True)


def test_a_missing_input_is_an_error_and_not_null() -> None:
    needing = model(input_data("a") + input_data("b") + decision("d", literal("a + b + c"), "i:a", "i:b"))
    with pytest.raises(DecisionFailed, match="input missing: 'a', 'b'"):
        needing.evaluate("d", {"c": 1}, strict=True)
    with pytest.raises(DecisionFailed, match="decision 'd': unknown variable 'c'") as caught:
        needing.evaluate("d", {"a": 1, "b": 2}, strict=True)
    assert isinstance(caught.value.__cause__, UnknownVariable)
    assert (caught.value.element_id, caught.value.line) == ("d", 1)
    assert needing.evaluate("d", {"a": 1, "b": None, "c": 1}).value is None


def test_a_result_of_another_type_is_null_after_implicit_conversion() -> None:
    results = model(
        decision("same", literal("[5]"), type_ref="number")
        + decision("other", literal('"5"'), type_ref="number")
        + decision("list", literal("5"), type_ref="list")
        + decision("any", literal("5"), type_ref="Any")
    )
    assert [results.evaluate(name, {}).value for name in results.decisions] == [5, None, [5], 5]


def test_a_decision_service_is_a_function_of_its_inputs() -> None:
    service = (
        '<decisionService id="svc" name="svc"><outputDecision href="#total"/><encapsulatedDecision href="#net"/>'
        '<inputDecision href="#rate"/><inputData href="#in-amount"/></decisionService>'
    )
    served = model(
        input_data("amount")
        + decision("rate", literal("0.1"))
        + decision("net", literal("amount * rate"), "d:rate", "i:amount")
        + decision("total", literal("net + amount"), "d:net", "i:amount")
        + service
        + decision("asked", literal("svc(100, 0.5) + svc(rate: 0, amount: 10)"), "k:svc")
    )
    assert served.evaluate("asked", {}).value == 160
    assert served.evaluate("total", {"amount": 100}).value == Decimal("110.0")


def test_all_problems_of_a_model_are_listed_with_their_place() -> None:
    broken = definitions(
        "\n"
        + decision("one", literal("1 +"), type_ref="tNothing")
        + "\n"
        + decision("two", literal("a b c"), "d:missing")
        + "\n"
        + decision("three", "")
        + decision("good", literal("1"))
    )
    with pytest.raises(ModelInvalid) as caught:
        load(broken, source="broken.dmn", strict=True)
    assert [(problem.message, problem.line, problem.element_id) for problem in caught.value.problems] == [
        ("decision 'one': expected a value, found the end (line 1, column 4)", 2, "one"),
        ("unknown type 'tNothing'", 2, "one"),
        ("decision 'two': expected an operator or the end, found 'b' (line 1, column 3)", 3, "two"),
        ("decision 'three' has no expression", 4, "three"),
        ("'#missing' is no decision of this model", 3, "two"),
    ]
    assert all(problem.file == "broken.dmn" for problem in caught.value.problems)
    assert "'one'" in str(caught.value)
    assert "'three'" in str(caught.value)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (decision("a", literal("b"), "d:b") + decision("b", literal("a"), "d:a"), "decision 'a' requires itself"),
        (decision("a", literal("1")) + decision("a", literal("1")), "two elements have the same id"),
        (input_data("a") + decision("a", literal("1")), "the name 'a' is given twice"),
        ('<import namespace="urn:x" name="x" importType="dmn"/>', "the imported model urn:x is not among the files"),
        (decision("a", '<literalExpression expressionLanguage="juel"><text>${x}</text></literalExpression>'), "'juel'"),
        ('<itemDefinition name="t"><typeRef>t</typeRef></itemDefinition>', "type 't' contains itself"),
        (decision("a", '<functionDefinition kind="Java"/>'), "an external function"),
        (decision("a", literal("")), "decision 'a' is empty"),
    ],
)
def test_a_model_that_cannot_work_is_refused(body: str, message: str) -> None:
    with pytest.raises(ModelInvalid, match=message.replace("$", "\\$")):
        model(body)


BOMB = '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>' + definitions("&b;").decode()


@pytest.mark.parametrize(
    ("xml", "message"),
    [
        (b"", "malformed XML"),
        (b"not XML", "malformed XML"),
        (b"<definitions>", "malformed XML"),
        (b"\xff\xfe\x00", "malformed XML"),
        (BOMB.encode(), "a document type declaration is not allowed"),
        (b"<!DOCTYPE d SYSTEM 'file:///etc/passwd'>" + definitions(""), "a document type declaration is not allowed"),
        (b"<html/>", "not a DMN 1.1 to 1.5 model"),
        (b'<decision xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"/>', "not a DMN 1.1 to 1.5 model"),
        (definitions("<list>" * 200 + "</list>" * 200), "nested more than 100 levels"),
        (definitions("<list>" * 5000 + "</list>" * 5000), "malformed XML|nested more"),
        (definitions("<!-- " + "x" * 10_000_001 + " -->"), "larger than"),
    ],
    ids=range(11),
)
def test_hostile_and_foreign_xml_is_refused(xml: bytes, message: str) -> None:
    with pytest.raises(DmnError, match=message):
        load(xml, source="hostile.dmn")


def test_a_bomb_in_a_decision_stops_and_shows_where_it_is() -> None:
    bomb = literal("for a in 1..1000, b in 1..1000, c in 1..1000 return 1")
    recursive = function("f", {"n": "number"}, literal("f(n + 1)"))
    model_with_bombs = model(decision("d", bomb) + recursive + decision("e", literal("f(1)"), "k:f"))
    for name in ("d", "e"):
        with pytest.raises(DecisionFailed) as caught:
            model_with_bombs.evaluate(name, {}, strict=True)
        assert isinstance(caught.value.__cause__, FeelLimitExceeded)
