"""Passwords: argon2id, and what may be one. The only place that knows parameters and rules.

Hashing takes tens of milliseconds on purpose, so it never runs inside a write transaction: callers hash and verify
first and hand the hash to the command.
"""

from __future__ import annotations

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from engine.errors import InvalidInput

MIN_LENGTH, MAX_LENGTH = 12, 256
# OWASP Password Storage Cheat Sheet: argon2id with 19 MiB, 2 passes, 1 lane.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

_FIRST_GUESSES = """
111111111111 123123123123 123456123456 123456654321 123456789012 1234567890123 12345678910 123456789123
1234567890qwerty 1q2w3e4r5t6y 1qaz2wsx3edc 1qaz2wsx3edc4rfv 5845201314520 a1234567890 aa123456789 abc123456789
abcd12345678 abcdefghijkl adminadminadmin administrator asdfasdfasdf asdfghjkl123 basketball123 changemeplease
iloveyou1234 iloveyouforever letmeinletmein p@ssw0rd1234 passw0rd1234 password1234 password12345 password123456
passwordpassword princess1234 q1w2e3r4t5y6 qazwsxedcrfv qwer12345678 qwerqwerqwer qwerty123456 qwertyqwerty
qwertyuiop12 qwertyuiop123 qwertyuiop[] qwertyuiopasdf unknown12345 welcome12345 woaini1314520 woaini520520
woaiwojia123 zaq12wsxcde3 zxcvbnm12345 zxcvbnmasdfghjkl
"""
"""Passwords of 12 and more characters that head lists of breached ones, or follow their patterns."""
_BREACHED = frozenset(_FIRST_GUESSES.split())


def check_password_rules(password: str, name: str) -> None:
    """Raises `InvalidInput` for a password that is too short, too long, known from breaches, or made of ``name``.

    At least 12 characters and no composition rules (NIST SP 800-63B, section 5.1.1.2; ASVS 5.0, 6.2).
    """
    normal = _normal(password)
    if len(normal) < MIN_LENGTH:
        raise _refused(f"has fewer than {MIN_LENGTH} characters")
    if len(normal) > MAX_LENGTH:
        raise _refused(f"has more than {MAX_LENGTH} characters")
    folded = normal.casefold()
    if folded in _BREACHED or len(set(folded)) < 5:
        raise _refused("is among the first that are tried")
    if len(name) > 3 and len(folded.replace(name.casefold(), "")) < MIN_LENGTH // 2:
        raise _refused("is little more than the name")


def hash_password(password: str) -> str:
    """The argon2id hash with its parameters and salt. Raises `InvalidInput` for text that cannot be encoded."""
    return _HASHER.hash(_normal(password))


def verify_password(stored: str | None, password: str) -> bool:
    """Whether ``password`` gives the hash ``stored``. Without one it takes as long and is false."""
    try:
        _HASHER.verify(stored or _nobody(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Whether ``stored`` was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


@cache
def _nobody() -> str:
    """A hash that no password gives: what the password of an unknown user is compared with."""
    return _HASHER.hash(secrets.token_bytes(32))


def _normal(password: str) -> str:
    """NFC, so that the same characters typed on another keyboard are the same password."""
    if any("\ud800" <= character <= "\udfff" for character in password):
        raise _refused("has characters that are no text")
    return unicodedata.normalize("NFC", password)


def _refused(reason: str) -> InvalidInput:
    return InvalidInput(f"The password {reason}.", {"password": [reason]})
