"""Types that cannot fit are told; what may fit, or is not known, is not."""

from __future__ import annotations

import pytest

from engine.dmn import load
from engine.dmn.typed import misfits
from tests.dmn.models import decision, definitions, input_data, literal

INPUTS = input_data("amount", "number") + input_data("grade", "string") + input_data("day", "date") + input_data("any")
NEEDS = ("i:amount", "i:grade", "i:day", "i:any")


def table(asked: str, cell: str, output: str) -> str:
    return (
        f'<decisionTable id="t"><input id="i"><inputExpression><text>{asked}</text></inputExpression></input>'
        '<output id="o" name="o"/><rule id="r">'
        f'<inputEntry id="c"><text>{cell}</text></inputEntry><outputEntry id="x"><text>{output}</text></outputEntry>'
        "</rule></decisionTable>"
    )


def told(logic: str) -> list[str]:
    xml = definitions(INPUTS + decision("d", logic, *NEEDS))
    return [found.message for found in misfits(xml, load(xml), "a.dmn")]


@pytest.mark.parametrize(
    ("logic", "said"),
    [
        (literal('amount > "A"'), 'amount > "A"'),
        (literal("grade * 2"), "grade * 2"),
        (literal("day + 1"), "day + 1"),
        (literal("day.hours"), "day.hours"),
        (literal("floor(grade)"), "floor(grade)"),
        (table("amount", "&lt; date(day)", "1"), "date(day)"),
        (table("grade", "[1..5]", "1"), "[1..5]"),
        (table("amount", "-", "grade - 1"), "grade - 1"),
    ],
)
def test_what_cannot_fit_is_told_with_its_text(logic: str, said: str) -> None:
    (message,) = told(logic)
    assert message.startswith("decision 'd': ")
    assert said in message


@pytest.mark.parametrize(
    "logic",
    [
        literal('amount > 5 and grade = "A"'),
        literal('any > 5 and any = "A"'),
        literal("string(amount) + grade"),
        literal('day + duration("P1D") > day'),
        literal("for amount in [1, 2] return amount + 1"),
        table("amount", "&gt; 5, [1..3]", "grade"),
        table("grade", '"A", "B"', "amount * 2"),
        table("any", "&gt; 5", "1"),
        table("amount", "? &gt; 3", "1"),
    ],
)
def test_what_may_fit_is_not(logic: str) -> None:
    assert told(logic) == []
