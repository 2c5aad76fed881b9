"""What depends on other fields: duty, visibility, computed values, rules; and what is never accepted."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from engine.errors import FormRefused
from forms import FormErrors, check_form, load_form
from tests.forms.build import NOW, codes, field, form, rows, rule

REQUIRED = {"required": True}


def test_unknown_fields_are_refused_at_every_level() -> None:
    made = form(
        field("textfield", "a"),
        {"type": "group", "path": "g", "components": [field("textfield", "b")]},
        rows("r", field("textfield", "c")),
    )
    assert codes(made, {"a": "1", "g": {"b": "2"}, "r": [{"c": "3"}]}) == {}
    sent = {"a": "1", "x": 1, "g": {"b": "2", "y": 1}, "r": [{"c": "3"}, {"c": "4", "z": 1}]}
    assert codes(made, sent) == {"x": ["unknown"], "g.y": ["unknown"], "r[1].z": ["unknown"]}


def test_required_fields() -> None:
    made = form(field("textfield", "a", validate=REQUIRED), rows("r", field("number", "n", validate=REQUIRED)))
    assert codes(made, {}) == {"a": ["required"]}
    assert codes(made, {"a": "  "}) == {"a": ["required"]}
    assert codes(made, {"a": None, "r": [{}, {"n": 1}]}) == {"a": ["required"], "r[0].n": ["required"]}


def test_a_required_list_needs_a_row_and_its_limits_hold() -> None:
    made = form(rows("r", field("textfield", "c"), validate=REQUIRED, properties={"minItems": "2", "maxItems": "3"}))
    assert codes(made, {"r": []}) == {"r": ["required"]}
    assert codes(made, {"r": [{"c": "1"}]}) == {"r": ["min-items"]}
    assert codes(made, {"r": [{}] * 4}) == {"r": ["max-items"]}
    assert codes(made, {"r": {"c": "1"}}) == {"r": ["not-list"]}
    assert codes(made, {"r": ["1", "2"]}) == {"r[0]": ["not-object"], "r[1]": ["not-object"]}


def test_all_complaints_come_at_once_in_both_languages() -> None:
    made = form(field("textfield", "a", validate=REQUIRED), field("number", "n", validate={"min": "1"}))
    with pytest.raises(FormErrors) as problem:
        made.validate({"n": 0}, {})
    assert [(error.path, error.code, error.zh, error.en) for error in problem.value.found] == [
        ("n", "least", "不得小于 1。", "Must be 1 or more."),
        ("a", "required", "此项必填。", "This field is required."),
    ]
    assert isinstance(problem.value, FormRefused)
    assert problem.value.errors["a"] == [{"code": "required", "zh": "此项必填。", "en": "This field is required."}]


OVERRIDE = form(
    field("radio", "override", values=[{"label": v, "value": v} for v in ("NONE", "UP")]),
    field("textarea", "reason", validate=REQUIRED, conditional={"hide": '=override = null or override = "NONE"'}),
    field("textfield", "second", conditional={"hide": "=reason = null"}),
)


def test_a_hidden_field_is_neither_required_nor_accepted() -> None:
    assert OVERRIDE.validate({"override": "NONE"}, {}) == {"override": "NONE", "reason": None, "second": None}
    assert codes(OVERRIDE, {"override": "UP"}) == {"reason": ["required"]}
    assert codes(OVERRIDE, {"override": "NONE", "reason": "because"}) == {"reason": ["hidden"]}
    assert codes(OVERRIDE, {"override": "UP", "reason": "because", "second": "more"}) == {}


def test_what_hangs_on_a_hidden_field_is_hidden_with_it() -> None:
    assert codes(OVERRIDE, {"override": "NONE", "reason": "x", "second": "y"}) == {
        "reason": ["hidden"],
        "second": ["hidden"],
    }


def test_an_empty_value_for_a_hidden_field_is_tolerated() -> None:
    assert codes(OVERRIDE, {"override": "NONE", "reason": "", "second": None}) == {}


def test_a_hidden_group_hides_what_it_holds() -> None:
    made = form(
        field("checkbox", "more"),
        {
            "type": "group",
            "conditional": {"hide": "=more != true"},
            "components": [field("textfield", "a", validate=REQUIRED)],
        },
    )
    assert made.validate({}, {}) == {"more": False, "a": None}
    assert codes(made, {"more": True}) == {"a": ["required"]}
    assert codes(made, {"a": "x"}) == {"a": ["hidden"]}


def test_rows_have_conditions_of_their_own() -> None:
    made = form(
        rows(
            "r",
            field("checkbox", "late"),
            field("textfield", "why", validate=REQUIRED, conditional={"hide": "=late != true"}),
        )
    )
    assert codes(made, {"r": [{"late": True}, {"late": False}, {"late": False, "why": "x"}]}) == {
        "r[0].why": ["required"],
        "r[2].why": ["hidden"],
    }


def test_a_field_may_be_required_depending_on_others_and_on_the_case() -> None:
    made = form(field("filepicker", "proof", properties={"requiredWhen": "=building = true"}))
    assert codes(made, {}, {"building": True}) == {"proof": ["required"]}
    assert codes(made, {}, {"building": False}) == {}
    assert codes(made, {}) == {}


COMPUTED = form(
    field("number", "part"),
    field("number", "whole"),
    {"type": "expression", "key": "pct", "expression": "=decimal(100 * part / whole, 2)"},
)


def test_computed_values_are_computed_here_whatever_was_sent() -> None:
    assert COMPUTED.validate({"part": 150, "whole": 600, "pct": 99}, {}) == {
        "part": Decimal(150),
        "whole": Decimal(600),
        "pct": Decimal(25),
    }
    assert COMPUTED.validate({"part": 1, "whole": 0}, {})["pct"] is None
    assert COMPUTED.validate({}, {})["pct"] is None


def test_read_only_fields_show_the_case_and_take_nothing() -> None:
    made = form(field("number", "limit", readonly=True), field("number", "amount"))
    assert made.validate({"limit": 999, "amount": 5}, {"limit": Decimal(10)}) == {
        "limit": Decimal(10),
        "amount": Decimal(5),
    }
    assert made.validate({"amount": 5}, {}) == {"limit": None, "amount": Decimal(5)}


PAYEES = form(
    field("number", "amount", validate={"required": True, "min": "0.01"}),
    rows(
        "payees",
        field("number", "amount", validate={"required": True, "min": "0.01"}),
        properties=rule("=sum(payees.amount) = amount"),
    ),
)


def test_amounts_that_must_add_up() -> None:
    assert codes(PAYEES, {"amount": "120.10", "payees": [{"amount": "120"}, {"amount": "0.10"}]}) == {}
    assert codes(PAYEES, {"amount": "120.10", "payees": [{"amount": "120"}, {"amount": "0.11"}]}) == {
        "payees": ["rule"]
    }


def test_a_rule_waits_until_the_fields_it_names_are_right() -> None:
    assert codes(PAYEES, {"amount": "-5", "payees": [{"amount": "1"}]}) == {"amount": ["least"]}
    assert codes(PAYEES, {"amount": "5", "payees": [{"amount": "-1"}]}) == {"payees[0].amount": ["least"]}


def test_a_rule_over_the_case_and_over_time() -> None:
    made = form(
        field("number", "amount", properties=rule("=amount <= undrawn")),
        field("datetime", "on", subtype="date", properties=rule("=on <= today()")),
    )
    assert codes(made, {"amount": 5, "on": "2026-06-01"}, {"undrawn": Decimal(5)}) == {}
    assert codes(made, {"amount": 6, "on": "2026-06-02"}, {"undrawn": Decimal(5)}) == {
        "amount": ["rule"],
        "on": ["rule"],
    }


def test_an_optional_field_left_empty_breaks_no_rule() -> None:
    made = form(field("number", "amount", properties=rule("=amount <= undrawn")))
    assert codes(made, {}, {"undrawn": Decimal(5)}) == {}


def test_a_rule_that_cannot_be_decided_is_no_open_door() -> None:
    made = form(field("number", "amount", properties=rule("=amount <= undrawn")))
    assert codes(made, {"amount": 5}, {}) == {"amount": ["rule-unknown"]}
    assert codes(made, {"amount": 5}, {"undrawn": "plenty"}) == {"amount": ["rule-undecided"]}
    on = form(field("datetime", "on", subtype="date", properties=rule("=on <= today()")))
    with pytest.raises(FormErrors, match="1 complaints"):
        on.validate({"on": "2026-06-01"}, {})


def test_rules_of_rows_see_the_row_then_the_form() -> None:
    made = form(
        field("number", "most"),
        rows("r", field("number", "n", properties=rule("=n <= most"))),
    )
    assert codes(made, {"most": 2, "r": [{"n": 1}, {"n": 3}]}) == {"r[1].n": ["rule"]}


def test_a_form_is_read_once_and_checked_by_its_bytes() -> None:
    file = b'{"type":"default","id":"f","components":[{"type":"number","key":"n","validate":{"min":0}}]}'
    assert check_form(file, {"n": 1}, {}, NOW) == {"n": Decimal(1)}
    with pytest.raises(FormErrors):
        check_form(file, {"n": -1}, {}, NOW)


def test_the_schema_alone_knows_types_limits_and_unknown_fields() -> None:
    made = form(field("number", "n", validate={"min": "0", "required": True}), field("textfield", "t"))
    assert made.schema().load({"n": 1, "t": "x"}) == {"n": Decimal(1), "t": "x"}
    problems: dict[str, Any] = made.schema().validate({"t": 5, "x": 1})
    assert set(problems) == {"n", "t", "x"}


def test_the_file_decides_the_schema() -> None:
    one = load_form({"id": "a", "components": [field("number", "n")]})
    other = load_form({"id": "a", "components": [field("textfield", "n")]})
    assert one.validate({"n": "5"}, {}) == {"n": Decimal(5)}
    assert other.validate({"n": "5"}, {}) == {"n": "5"}
