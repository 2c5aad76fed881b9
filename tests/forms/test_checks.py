"""The named validators, by values from the standards and by values one sign away from them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.checks import NUMBER_CHECKS, TEXT_CHECKS, is_bank_card, is_identity_number, is_uscc
from forms.messages import TEXTS
from tests.forms.build import codes, field, form

USCC = "91350100M000100Y43"  # the example of GB 32100-2015
IDENTITY = ("11010519491231002X", "440524188001010014")  # the examples of GB 11643-1999
LUHN_SIGNS = "0123456789"


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("uscc", (USCC,), ("91350100M000100Y44", "91350100M000100Y4", "91350100I000100Y43")),
        (
            "identity-number",
            IDENTITY,
            ("11010519491231002x", "110105194912310021", "11010519491331002X", "1101051949123100"),
        ),
        ("bank-account", ("12345678", "6" * 32), ("1234567", "6" * 33, "1234 5678", "１２３４５６７８")),
        ("bank-card", ("4111111111111111", "5555555555554444"), ("4111111111111112", "41111111111", "4111-1111")),
        (
            "phone",
            (
                *("13800138000", "+86 13800138000", "010-66668888", "(0755)2345678"),
                *("0755-2345678-801", "400-800-8888", "+49 30 1234567"),
            ),
            ("12345678901", "1380013800", "010-02345678", "+86 30 1", "phone", "138001380001"),
        ),
        ("postal-code", ("100031",), ("10003", "1000311", "10003a", "１０００３１")),
    ],
)  # fmt: skip
def test_texts(check: str, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    made = form(field("textfield", "a", properties={"check": check}))
    assert {text: codes(made, {"a": text}) for text in right} == {text: {} for text in right}
    assert {text: codes(made, {"a": text}) for text in wrong} == {text: {"a": [f"check-{check}"]} for text in wrong}


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        ("amount", ("0", "0.01", "9999999999999999.99", "1e3"), ("-0.01", "0.001", "10000000000000000")),
        ("percentage", ("0", "100", "33.3333"), ("-1", "100.0001", "0.00001")),
    ],
)
def test_numbers(check: str, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    made = form(field("number", "a", properties={"check": check}))
    assert {text: codes(made, {"a": Decimal(text)}) for text in right} == {text: {} for text in right}
    found = {text: codes(made, {"a": Decimal(text)}) for text in wrong}
    assert found == {text: {"a": [f"check-{check}"]} for text in wrong}


@given(st.integers(0, 16), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_no_single_wrong_sign_of_a_credit_code_passes(place: int, sign: str) -> None:
    changed = USCC[:place] + sign + USCC[place + 1 :]
    assert is_uscc(changed) is (changed == USCC)


@given(st.sampled_from(IDENTITY), st.integers(14, 16), st.sampled_from(LUHN_SIGNS))
def test_no_single_wrong_digit_of_an_identity_number_passes(number: str, place: int, sign: str) -> None:
    changed = number[:place] + sign + number[place + 1 :]
    assert is_identity_number(changed) is (changed == number)


@given(st.text(LUHN_SIGNS, min_size=11, max_size=18))
def test_each_number_has_one_check_digit(number: str) -> None:
    assert sum(is_bank_card(number + digit) for digit in LUHN_SIGNS) == 1


def test_every_validator_says_what_is_wrong() -> None:
    assert {f"check-{name}" for name in (*TEXT_CHECKS, *NUMBER_CHECKS)} <= set(TEXTS)
