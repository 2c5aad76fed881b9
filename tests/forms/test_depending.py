"""What depends on other fields: computed values and visibility that hang on each other, limits, options, rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from engine.ids import new_id
from forms import FormDefinitionError, FormErrors, examine_form, load_form
from tests.forms.build import NOW, codes, field, form, rows, rule

REQUIRED = {"required": True}
EVERY = Path(__file__).with_name("every-component.form").read_bytes()


def test_visibility_may_hang_on_a_computed_value_and_the_other_way_round() -> None:
    made = form(
        field("textarea", "why", validate=REQUIRED, conditional={"hide": "=share >= 20"}),
        field("number", "part"),
        field("number", "whole"),
        {"type": "expression", "key": "share", "expression": "=100 * part / whole"},
        {"type": "expression", "key": "told", "expression": '=if why = null then "no" else why'},
    )
    assert made.validate({"part": 30, "whole": 100}, {})["told"] == "no"
    assert codes(made, {"part": 10, "whole": 100}) == {"why": ["required"]}
    assert codes(made, {"part": 30, "whole": 100, "why": "because"}) == {"why": ["hidden"]}
    assert made.validate({"part": 10, "whole": 100, "why": "because"}, {})["told"] == "because"


def test_a_computed_value_of_rows_counts_in_the_form() -> None:
    line = {"type": "expression", "key": "sum", "expression": "=price * pieces + i"}
    made = form(
        {"type": "expression", "key": "total", "expression": "=sum(lines.sum)"},
        rows("lines", field("number", "price"), field("number", "pieces"), line),
    )
    clean = made.validate({"lines": [{"price": 2, "pieces": 3}, {"price": 5, "pieces": 1, "sum": 999}]}, {})
    assert clean["total"] == Decimal(14)
    assert [row["sum"] for row in clean["lines"]] == [Decimal(7), Decimal(7)]


def test_conditions_that_chase_each_other_come_to_an_end() -> None:
    made = form(
        field("textfield", "a", conditional={"hide": "=b = null"}),
        field("textfield", "b", conditional={"hide": "=a != null"}),
    )
    with pytest.raises(FormErrors):
        made.validate({"a": "x", "b": "y"}, {})


def test_limits_may_be_computed() -> None:
    made = form(field("number", "most"), field("number", "n", validate={"min": 1, "max": "=most * 2"}))
    assert codes(made, {"most": 5, "n": 10}) == {}
    assert codes(made, {"most": 5, "n": 10.5}) == {"n": ["most"]}
    assert codes(made, {"n": 1000}) == {}  # as in the browser: without a limit nothing is beyond it
    assert codes(form(field("number", "n", validate={"max": "=nothing"})), {"n": 1}) == {"n": ["rule-unknown"]}
    text = form(field("textfield", "t", validate={"maxLength": "=if short then 2 else 4"}))
    assert codes(text, {"t": "四个字呀"}, {"short": False}) == {}
    assert codes(text, {"t": "四个字呀"}, {"short": True}) == {"t": ["max-length"]}


def test_options_may_hang_on_another_field_and_keep_their_types() -> None:
    made = form(
        field("radio", "kind", values=[{"value": "A"}, {"value": "B"}]),
        field("select", "n", valuesExpression='=if kind = "A" then [1, 2] else [{label: "three", value: 3}]'),
    )
    assert made.validate({"kind": "A", "n": "2"}, {})["n"] == 2
    assert made.validate({"kind": "B", "n": 3}, {})["n"] == 3
    assert codes(made, {"kind": "B", "n": 2}) == {"n": ["not-option"]}
    listed = form(field("checklist", "c", valuesKey="offer.list"), field("radio", "r", values=[{"value": True}]))
    assert listed.validate({"c": ["10"], "r": "true"}, {"offer": {"list": [Decimal(10)]}}) == {"c": [10], "r": True}
    assert codes(listed, {"c": ["11"], "r": "false"}) == {"c": ["not-option"], "r": ["not-option"]}


def test_dots_in_keys_and_shared_groups_make_one_object() -> None:
    made = form(
        field("textfield", "client.name", validate=REQUIRED),
        {"type": "group", "components": [field("textfield", "client.address.city")]},
        {"type": "group", "path": "client", "components": [field("number", "n", properties=rule("=n > 0"))]},
    )
    assert made.validate({"client": {"name": "甲", "address": {"city": "沪"}, "n": 1}}, {}) == {
        "client": {"name": "甲", "address": {"city": "沪"}, "n": Decimal(1)}
    }
    wrong = {"client": {"address": {"town": "x"}, "n": 0}}
    assert codes(made, wrong) == {
        "client.address.town": ["unknown"],
        "client.name": ["required"],
        "client.n": ["rule"],
    }
    with pytest.raises(FormDefinitionError, match="two fields have the key 'client'"):
        form(field("textfield", "client"), field("textfield", "client.name"))


def test_read_only_values_of_rows_and_groups_are_those_of_the_case() -> None:
    made = form(
        rows("r", field("textfield", "name", readonly=True), field("number", "n"), allowAddRemove=False),
        {"type": "group", "path": "g", "components": [field("textfield", "t", disabled=True)]},
    )
    case = {"r": [{"name": "甲"}, {"name": "乙"}], "g": {"t": "of the case"}}
    sent = {"r": [{"n": 1, "name": "forged"}, {"n": 2}], "g": {"t": "forged"}}
    assert made.validate(sent, case) == {
        "r": [{"name": "甲", "n": Decimal(1)}, {"name": "乙", "n": Decimal(2)}],
        "g": {"t": "of the case"},
    }
    assert codes(made, {"r": [{"n": 1}]}, case) == {"r": ["fixed-rows"]}
    assert codes(made, {"r": [{"n": 1}]}) == {}  # defaultRepetitions is 1


def test_a_field_may_be_read_only_while_a_condition_holds() -> None:
    made = form(field("checkbox", "agreed"), field("number", "n", readonly="=agreed", validate={"max": 5}))
    assert made.validate({"agreed": True, "n": 99}, {"n": Decimal(3)})["n"] == Decimal(3)
    assert codes(made, {"agreed": False, "n": 99}) == {"n": ["most"]}


def test_rules_of_the_form_itself_and_of_hidden_groups() -> None:
    made = form(
        field("number", "a"),
        {
            "type": "group",
            "conditional": {"hide": "=a = 1"},
            "components": [field("number", "b")],
            "properties": rule("=b > a"),
        },
        properties=rule("=a < 10", "过大", "too large"),
    )
    assert codes(made, {"a": 10, "b": 11}) == {"": ["rule"]}
    assert codes(made, {"a": 2, "b": 1}) == {"": ["rule"]}
    assert codes(made, {"a": 1}) == {}


def test_steps_times_and_days_to_come() -> None:
    made = form(
        field("number", "n", increment="0.25"),
        field("datetime", "t", subtype="time", timeInterval=15),
        field("datetime", "d", subtype="date", disallowPassedDates=True),
        field("datetime", "at", subtype="datetime", disallowPassedDates=True),
    )
    assert codes(made, {"n": "1.75", "t": "09:45", "d": "2026-06-01", "at": "2026-06-01T00:00:00+08:00"}) == {}
    assert codes(made, {"n": "1.7", "t": "09:50", "d": "2026-05-31", "at": "2026-05-31T15:59:00Z"}) == {
        "n": ["step"],
        "t": ["minutes"],
        "d": ["past"],
        "at": ["past"],
    }
    # A time of day is on the house's clock, in whatever zone it was sent.
    assert made.validate({"t": "01:30Z"}, {}, now=NOW)["t"] == time(9, 30)


@dataclass(frozen=True)
class Paper:
    name: str
    media_type: str


def test_files_are_of_the_case_of_their_kind_and_as_many_as_asked_for() -> None:
    made = form(
        field("filepicker", "one", accept=".pdf"),
        field("filepicker", "more", multiple="=several", accept="image/*,text/csv"),
        field("checkbox", "several"),
    )
    pdf, png, csv = new_id(), new_id(), new_id()
    held = {pdf: Paper("A.PDF", "application/pdf"), png: Paper("b.png", "image/png"), csv: Paper("c.csv", "text/csv")}
    asked: list[list[str]] = []

    def documents(ids: Any) -> dict[str, Paper]:
        asked.append(list(ids))
        return {id_: held[id_] for id_ in ids if id_ in held}

    def wrong(data: dict[str, Any]) -> dict[str, str]:
        with pytest.raises(FormErrors) as problem:
            made.validate(data, {}, documents=documents)
        return {error.path: error.code for error in problem.value.found}

    made.validate({"one": pdf, "more": [png, csv], "several": True}, {}, documents=documents)
    assert asked == [[pdf, png, csv]]
    assert wrong({"one": [png], "more": [pdf]}) == {"one[0]": "not-accepted", "more[0]": "not-accepted"}
    assert wrong({"more": [png, csv]}) == {"more": "max-items"}
    assert wrong({"one": new_id()}) == {"one[0]": "no-document"}


def test_every_component_in_one_form() -> None:
    made = load_form(EVERY)
    case = {
        "limit": Decimal(1000),
        "industries": ["D44"],
        "client": {"number": "C-1", "contact": "old"},
        "history": [],
        "clientName": "甲",
    }
    item = {"name": "甲公司", "card": "4111111111111111", "amount": "500", "parts": [{"part": "5"}]}
    sent = {
        "party": {"uscc": "91350100M000100Y43", "identity": "11010519491231002X"},
        "kind": "COMPANY",
        "industry": "D44",
        "collateral": ["PLEDGE"],
        "currencies": ["USD"],
        "term": 12,
        "meetingAt": "2026-06-02T09:30:00+08:00",
        "items": [item],
        "client": {"contact": "李"},
        "total": "1",
    }
    clean = made.validate(sent, case, now=NOW)
    assert clean["total"] == Decimal(500)
    assert clean["client"] == {"number": "C-1", "contact": "李"}
    assert clean["meetingAt"] == datetime(2026, 6, 2, 1, 30, tzinfo=UTC)
    assert clean["guarantor"] is None
    wrong = {
        **sent,
        "items": [item, item, {**item, "amount": "600", "card": "1", "parts": [{}]}],
        "currencies": ["EUR"],
    }
    assert codes(made, wrong, case) == {
        "currencies": ["not-option"],
        "items[2].card": ["check-bank-card"],
        "items[2].amount": ["rule"],
        "items[2].parts[0].part": ["required"],
    }
    too_much = {**sent, "items": [item, item, item]}
    assert codes(made, too_much, case) == {"": ["rule"]}


def test_the_deployment_check_tells_everything_with_its_line() -> None:
    broken = {
        "id": "b",
        "components": [
            field("signature", "s", id="S"),
            field("textfield", "a", id="A", validate={"pattern": "(?=x)", "minLength": 9, "maxLength": 1}),
            field("textfield", "a", id="A", properties={"check": "nonsense"}),
            rows("r", field("textfield", "n", readonly=True), id="R"),
            {"type": "image", "id": "I", "source": "https://elsewhere.example/logo.png"},
            {"type": "table", "id": "T"},
        ],
    }
    text = json.dumps(broken, indent=1).encode()
    found = list(examine_form("b.form", text))
    assert {(finding.rule, finding.element, finding.severity.value) for finding in found} == {
        ("forms/component", "S", "error"),
        ("forms/pattern", "A", "error"),
        ("forms/limit", "A", "error"),
        ("forms/duplicate-id", "A", "error"),
        ("forms/validator", "A", "error"),
        ("forms/duplicate-key", "a", "error"),
        ("forms/read-only-in-rows", "n", "warning"),
        ("forms/outside", "I", "warning"),
        ("forms/expression", "T", "error"),
    }
    lines = text.decode().split("\n")
    assert all(f'"{finding.element}"' in lines[finding.line - 1] for finding in found)
    assert all(finding.advice for finding in found)
    assert next(iter(examine_form("e.form", EVERY))).rule == "forms/outside"
