"""What leaves the server for a form: nothing the form does not name, in the shape the viewer takes."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.feel import YearsMonths
from forms import browser_data, for_browser, form_fields, needed_variables, packaged_form


def form(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": "default", "id": "x", "schemaVersion": 19, "components": list(components)}


def test_a_request_for_a_drawdown_needs_what_its_rules_compare() -> None:
    needed = needed_variables(packaged_form("p07-request"))
    assert needed - form_fields(packaged_form("p07-request")) == {
        "approval",
        "commitment",
        "constructionPhase",
        "equity",
        "outstanding",
    }


def test_other_variables_of_the_case_stay_on_the_server() -> None:
    variables = {"undrawn": Decimal("450000000.00"), "clientName": "甲", "decision": None, "votes": [{"vote": "FOR"}]}
    assert browser_data(packaged_form("p07-release"), variables | {"rating": {"score": Decimal(84)}}) == {
        "clientName": "甲",
        "decision": None,
        "undrawn": "450000000.00",
    }


def test_names_come_from_every_place_an_expression_can_stand() -> None:
    found = needed_variables(
        form(
            {"type": "textfield", "key": "a", "label": "A", "conditional": {"hide": "=b > 1"}, "readonly": "=c"},
            {"type": "select", "key": "d", "valuesKey": "e"},
            {"type": "taglist", "key": "f", "valuesExpression": "=for x in g return x.name"},
            {"type": "expression", "key": "h", "expression": "=sum(i2.amount) + j"},
            {"type": "number", "key": "k", "validate": {"max": "=l"}, "properties": {"validation": "=k < m"}},
            {"type": "text", "text": "{{n.o}} {{#if p}}yes{{/if}}", "properties": {"text.en": "{{q}}"}},
            {"type": "textfield", "key": "r", "appearance": {"suffixAdorner": "=s"}},
            {"type": "textfield", "key": "t", "properties": {"requiredWhen": "=u"}},
        )
    )
    assert found == set("abcdefghjklmnpqrstu") | {"i2"}


def test_rows_and_groups_are_one_variable_and_their_fields_are_their_own() -> None:
    row = {"type": "number", "key": "expiry", "properties": {"validation": "=expiry > issued and limit > 1"}}
    found = form(
        {"type": "dynamiclist", "path": "permits", "components": [row, {"type": "number", "key": "issued"}]},
        {"type": "group", "components": [{"type": "number", "key": "inner"}]},
    )
    assert form_fields(found) == {"permits", "inner"}
    assert needed_variables(found) == {"permits", "inner", "limit"}


def test_an_expression_that_is_not_feel_counts_with_every_word() -> None:
    assert needed_variables(form({"type": "expression", "key": "a", "expression": "=b ++ count(c"})) == {"a", "b", "c"}


def test_numbers_are_texts_only_in_fields_that_keep_texts() -> None:
    schema = form(
        {"type": "number", "key": "amount", "serializeToString": True},
        {"type": "number", "key": "rate"},
        {"type": "expression", "key": "due", "expression": "=amount * days"},
        {
            "type": "dynamiclist",
            "path": "payees",
            "components": [{"type": "number", "key": "amount", "serializeToString": True}],
        },
    )
    variables = {
        "amount": Decimal("120000000.00"),
        "rate": Decimal("4.1500"),
        "days": 30,
        "payees": [{"amount": Decimal("96.50"), "name": "甲"}],
    }
    assert browser_data(schema, variables) == {
        "amount": "120000000.00",
        "rate": 4.15,
        "days": 30,
        "payees": [{"amount": "96.50", "name": "甲"}],
    }


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, None),
        (True, True),
        ("文", "文"),
        (Decimal("2.50"), 2.5),
        (Decimal("470000000.00"), 470000000),
        (Decimal("12345678901234567.89"), "12345678901234567.89"),
        (Decimal("1E+20"), "100000000000000000000"),
        (date(2026, 6, 17), "2026-06-17"),
        (datetime(2026, 6, 17, 10, 0, tzinfo=UTC), "2026-06-17T18:00:00+08:00"),
        (datetime(2026, 6, 17, 10, 0, tzinfo=UTC).replace(tzinfo=None), "2026-06-17T10:00:00"),
        (time(18, 0), "18:00"),
        (timedelta(days=1, hours=2), "P1DT2H"),
        (YearsMonths(14), "P1Y2M"),
        ((Decimal(1), [{"a": date(2026, 1, 1)}]), [1, [{"a": "2026-01-01"}]]),
    ],
)
def test_values_become_json(value: object, shown: object) -> None:
    assert for_browser(value) == shown
    assert type(for_browser(value)) is type(shown)
    assert json.loads(json.dumps(for_browser(value))) == shown
