"""Named checks that a form file asks for with the property ``check``."""

from __future__ import annotations

from collections.abc import Callable, Mapping

_USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def is_uscc(text: str) -> bool:
    """Whether ``text`` is a unified social credit code: 18 signs, the last the check sign (GB 32100-2015, annex)."""
    if len(text) != 18 or any(sign not in _USCC_SIGNS for sign in text):
        return False
    total = sum(weight * _USCC_SIGNS.index(sign) for weight, sign in zip(_USCC_WEIGHTS, text, strict=False))
    return _USCC_SIGNS[(31 - total % 31) % 31] == text[17]


def is_bank_account(text: str) -> bool:
    """Whether ``text`` can be an account number of a bank in China: 8 to 32 digits."""
    return text.isascii() and text.isdecimal() and 8 <= len(text) <= 32


CHECKS: Mapping[str, Callable[[str], bool]] = {"uscc": is_uscc, "bank-account": is_bank_account}
"""Check name to predicate; the message of a failed check is the code ``check-<name>`` in `forms.messages`."""
