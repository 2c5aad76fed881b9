"""One value of each kind: what is accepted, and as what."""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.ids import new_id
from forms import Form, FormErrors
from tests.forms.build import NOW, codes, field, form

NUMBER = form(field("number", "n"))
CENTS = form(field("number", "n", decimalDigits=2, validate={"min": "0", "max": "1000000"}))
OPTIONS = [{"label": "甲", "value": "A"}, {"label": "乙", "value": "B"}]


def accepted(made: Form, value: Any) -> Any:
    (key,) = [entry.key for entry in made.fields]
    return made.validate({key: value}, {}, now=NOW)[key]


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        (450000000, Decimal(450000000)),
        ("450000000.25", Decimal("450000000.25")),
        (Decimal("0.1"), Decimal("0.1")),
        (0.25, Decimal("0.25")),
        (0.1, Decimal("0.1")),
        ("-7.5", Decimal("-7.5")),
        ("  12 ", Decimal(12)),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_exact(given_value: Any, expected: Decimal | None) -> None:
    assert accepted(NUMBER, given_value) == expected


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (True, "not-number"),
        ("twelve", "not-number"),
        ("1e5", "not-number"),
        ("１２", "not-number"),
        ([], "not-number"),
        (math.nan, "not-number"),
        (math.inf, "not-number"),
        (Decimal("NaN"), "not-number"),
        (0.1 + 0.2, "inexact"),
        (123456789.123456789, "inexact"),
        ("9" * 29, "too-many-digits"),
        (Decimal("1E+40"), "too-many-digits"),
        (Decimal("1E-40"), "too-many-digits"),
    ],
)
def test_a_number_that_is_none_or_not_exact_is_refused(value: Any, code: str) -> None:
    assert codes(NUMBER, {"n": value}) == {"n": [code]}


@given(st.decimals(min_value="-1e20", max_value="1e20", allow_nan=False, allow_infinity=False, places=4))
@settings(max_examples=200, derandomize=True, deadline=None)
def test_a_decimal_comes_through_unchanged_as_number_and_as_text(value: Decimal) -> None:
    assert accepted(NUMBER, value) == value
    assert accepted(NUMBER, f"{value:f}") == value


@pytest.mark.parametrize(
    ("value", "code"), [("-0.01", "least"), ("1000000.01", "most"), ("1.005", "places"), (-1, "least")]
)
def test_limits_of_a_number(value: Any, code: str) -> None:
    assert codes(CENTS, {"n": value}) == {"n": [code]}


def test_trailing_zeros_are_no_decimal_places() -> None:
    assert accepted(CENTS, "1.5000") == Decimal("1.5")


def test_a_text_is_stripped_and_an_empty_one_is_nothing() -> None:
    text = form(field("textfield", "t"))
    assert accepted(text, "  风电  ") == "风电"
    assert accepted(text, "   ") is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (7, "not-text"),
        ("ab", "min-length"),
        ("abcdefghijk", "max-length"),
        ("abc9", "pattern"),
        ("abc\x00", "control"),
        (["abc"], "not-text"),
    ],
)
def test_limits_of_a_text(value: Any, code: str) -> None:
    made = form(field("textfield", "t", validate={"minLength": 3, "maxLength": 10, "pattern": "[a-z]*"}))
    assert codes(made, {"t": value}) == {"t": [code]}


def test_the_pattern_is_matched_as_a_whole_and_in_linear_time() -> None:
    made = form(field("textfield", "t", validate={"pattern": "(a+)+", "patternErrorMessage": "只能是 a"}))
    assert accepted(made, "a" * 9_000) == "a" * 9_000
    with pytest.raises(FormErrors) as problem:
        made.validate({"t": "a" * 9_000 + "b"}, {})
    assert [error.zh for error in problem.value.found] == ["只能是 a"]


def test_a_long_text_without_limit_of_its_own_has_the_default_one() -> None:
    assert codes(form(field("textarea", "t")), {"t": "x" * 10_001}) == {"t": ["max-length"]}


@pytest.mark.parametrize(
    ("subtype", "value", "expected"),
    [
        ("date", "2026-06-02", date(2026, 6, 2)),
        ("date", date(2026, 6, 2), date(2026, 6, 2)),
        ("time", "09:30", time(9, 30)),
        ("datetime", "2026-06-02T18:00+08:00", datetime(2026, 6, 2, 10, 0, tzinfo=UTC)),
        ("datetime", "2026-06-02T10:00:00Z", datetime(2026, 6, 2, 10, 0, tzinfo=UTC)),
        ("date", "", None),
    ],
)
def test_dates_and_times(subtype: str, value: Any, expected: Any) -> None:
    assert accepted(form(field("datetime", "at", subtype=subtype)), value) == expected


@pytest.mark.parametrize(
    ("subtype", "value", "code"),
    [
        ("date", "2026-02-30", "not-date"),
        ("date", "02.06.2026", "not-date"),
        ("date", "20260602", "not-date"),
        ("date", 20260602, "not-date"),
        ("date", datetime(2026, 6, 2, tzinfo=UTC), "not-date"),
        ("time", "25:00", "not-time"),
        ("time", "nine", "not-time"),
        ("datetime", "2026-06-02T18:00", "not-instant"),
        ("datetime", "2026-06-02", "not-instant"),
        ("datetime", "0001-01-01T00:00+08:00", "not-instant"),
        ("datetime", 5, "not-instant"),
    ],
)
def test_dates_and_times_that_are_none(subtype: str, value: Any, code: str) -> None:
    assert codes(form(field("datetime", "at", subtype=subtype)), {"at": value}) == {"at": [code]}


def test_a_form_may_submit_clock_time_of_the_house() -> None:
    made = form(field("datetime", "at", subtype="datetime", timeSerializingFormat="no_timezone"))
    assert accepted(made, "2026-06-02T18:00") == datetime(2026, 6, 2, 10, 0, tzinfo=UTC)


def test_choices() -> None:
    assert accepted(form(field("radio", "c", values=OPTIONS)), "A") == "A"
    assert codes(form(field("select", "c", values=OPTIONS)), {"c": "C"}) == {"c": ["not-option"]}
    assert codes(form(field("select", "c", values=OPTIONS)), {"c": {"value": "A"}}) == {"c": ["not-option"]}
    assert accepted(form(field("checklist", "c", values=OPTIONS)), ["B", "A"]) == ["B", "A"]
    assert codes(form(field("taglist", "c", values=OPTIONS)), {"c": ["A", "A"]}) == {"c": ["twice"]}
    assert codes(form(field("taglist", "c", values=OPTIONS)), {"c": ["A", "C"]}) == {"c": ["not-option"]}
    assert codes(form(field("taglist", "c", values=OPTIONS)), {"c": "A"}) == {"c": ["not-list"]}


def test_options_that_the_case_gives() -> None:
    by_name = form(field("taglist", "who", valuesKey="roster"))
    offered = {"roster": [{"label": "委员一", "value": "member-1"}, "member-2"]}
    assert by_name.validate({"who": ["member-1", "member-2"]}, offered) == {"who": ["member-1", "member-2"]}
    assert codes(by_name, {"who": ["rm-1"]}, offered) == {"who": ["not-option"]}
    assert codes(by_name, {"who": ["member-1"]}, {}) == {"who": ["not-option"]}
    by_expression = form(field("select", "code", valuesExpression="=conditions.code"))
    assert codes(by_expression, {"code": "CP-1"}, {"conditions": [{"code": "CP-1"}]}) == {}
    assert codes(by_expression, {"code": "CP-2"}, {"conditions": [{"code": "CP-1"}]}) == {"code": ["not-option"]}


def test_documents_are_named_by_id() -> None:
    made = form(field("filepicker", "files", multiple=True, properties={"minItems": "2"}))
    one, other = new_id(), new_id()
    assert accepted(made, [one, other]) == [one, other]
    assert codes(made, {"files": [one]}) == {"files": ["min-items"]}
    assert codes(made, {"files": one}) == {"files": ["min-items"]}
    assert codes(made, {"files": [one, "../etc/passwd"]}) == {"files": ["not-document"]}
    assert codes(made, {"files": [one, one]}) == {"files": ["twice"]}


def test_a_box_is_yes_or_no_and_no_when_nobody_ticked_it() -> None:
    made = form(field("checkbox", "yes"))
    assert made.validate({}, {}) == {"yes": False}
    assert made.validate({"yes": True}, {}) == {"yes": True}
    assert codes(made, {"yes": "true"}) == {"yes": ["not-flag"]}
    assert codes(form(field("checkbox", "consent", validate={"required": True})), {}) == {"consent": ["required"]}


@pytest.mark.parametrize(
    ("code", "right"),
    [
        ("91350100M000100Y43", True),
        ("91110000600037341L", True),
        ("91350100M000100Y44", False),
        ("91350100M000100Y4", False),
        ("91350100I000100Y43", False),
    ],
)
def test_the_unified_social_credit_code_has_a_check_sign(code: str, right: bool) -> None:
    made = form(field("textfield", "uscc", properties={"check": "uscc"}))
    assert codes(made, {"uscc": code}) == ({} if right else {"uscc": ["check-uscc"]})


def test_every_single_wrong_sign_of_a_credit_code_is_noticed() -> None:
    made = form(field("textfield", "uscc", properties={"check": "uscc"}))
    right = "91350100M000100Y43"
    for place in range(18):
        for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY":
            wrong = right[:place] + sign + right[place + 1 :]
            assert (codes(made, {"uscc": wrong}) == {}) is (wrong == right)
