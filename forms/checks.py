"""Named validators that a form file asks for with the property ``check``; docs/forms.md lists them for designers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_SIGNS = "10X98765432"
_IDENTITY = re.compile(r"[1-9][0-9]{16}[0-9X]", re.ASCII)
_MOBILE = re.compile(r"(?:\+?86[ -]?)?1[3-9][0-9]{9}", re.ASCII)
_LAND_LINE = re.compile(
    r"(?:\+?86[ -]?)?\(?0[0-9]{2,3}\)?[ -]?[2-9][0-9]{6,7}(?:[ -]?(?:ext|x|转)?\.?[ -]?[0-9]{1,6})?"
)
_ABROAD = re.compile(r"\+(?!86)[1-9][0-9 ()-]{5,20}", re.ASCII)
_HOT_LINE = re.compile(r"400[ -]?[0-9]{3}[ -]?[0-9]{4}", re.ASCII)
_POSTAL_CODE = re.compile(r"[0-9]{6}", re.ASCII)
_CENT = -2
_WHOLE_DIGITS = 16
_HUNDRED = Decimal(100)
_PERCENT_PLACES = -4


def is_uscc(text: str) -> bool:
    """Whether ``text`` is a unified social credit code: 18 signs, the last the check sign (GB 32100-2015, annex)."""
    if len(text) != 18 or any(sign not in _USCC_SIGNS for sign in text):
        return False
    total = sum(weight * _USCC_SIGNS.index(sign) for weight, sign in zip(_USCC_WEIGHTS, text, strict=False))
    return _USCC_SIGNS[(31 - total % 31) % 31] == text[17]


def is_identity_number(text: str) -> bool:
    """Whether ``text`` is a citizen identity number: six digits of a place, the day of birth, three digits of a
    sequence, and the check sign of ISO 7064 MOD 11-2 (GB 11643-1999, chapter 4 and annex).
    """
    if not _IDENTITY.fullmatch(text):
        return False
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_IDENTITY_WEIGHTS, text, strict=False))
    return born.year >= 1850 and _IDENTITY_SIGNS[total % 11] == text[17]


def is_bank_account(text: str) -> bool:
    """Whether ``text`` can be an account number of a bank in China: 8 to 32 digits."""
    return text.isascii() and text.isdecimal() and 8 <= len(text) <= 32


def is_bank_card(text: str) -> bool:
    """Whether ``text`` is a card number: 12 to 19 digits, the last the check digit (ISO/IEC 7812-1, annex B: Luhn)."""
    if not (text.isascii() and text.isdecimal() and 12 <= len(text) <= 19):
        return False
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(text)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def is_phone(text: str) -> bool:
    """Whether ``text`` is a mobile, land line (with area code and extension) or 400 number in China, or an
    international one with its ``+`` and country code.
    """
    return any(kind.fullmatch(text) for kind in (_MOBILE, _LAND_LINE, _HOT_LINE, _ABROAD))


def is_postal_code(text: str) -> bool:
    """Whether ``text`` is a postal code of China: six digits."""
    return _POSTAL_CODE.fullmatch(text) is not None


def is_amount(number: Decimal) -> bool:
    """Whether ``number`` is an amount of money: 0 or more, to the cent, at most 16 digits before the point."""
    return number >= 0 and _exponent(number) >= _CENT and number.adjusted() < _WHOLE_DIGITS


def is_percentage(number: Decimal) -> bool:
    """Whether ``number`` is a share in per cent: 0 to 100, at most four decimal places."""
    return 0 <= number <= _HUNDRED and _exponent(number) >= _PERCENT_PLACES


def _exponent(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else _PERCENT_PLACES - 1


TEXT_CHECKS: Mapping[str, Callable[[str], bool]] = {
    "uscc": is_uscc,
    "identity-number": is_identity_number,
    "bank-account": is_bank_account,
    "bank-card": is_bank_card,
    "phone": is_phone,
    "postal-code": is_postal_code,
}
"""Validators of text fields; the message of a failed one is the code ``check-<name>`` in `forms.messages`."""

NUMBER_CHECKS: Mapping[str, Callable[[Decimal], bool]] = {"amount": is_amount, "percentage": is_percentage}
"""Validators of number fields, likewise."""
