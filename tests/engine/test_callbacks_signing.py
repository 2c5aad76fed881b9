from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest

from engine.callbacks import LIFETIME, NONCE, PATH, SIGNATURE, TIMESTAMP, CallbackKeys, sign
from engine.errors import CallbackRefused

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = CallbackKeys(b"m" * 32, "https://sancha.example.com", clock=lambda: NOW)
BODY = b'{"messageId":"m-1"}'


def token_of(address: str) -> str:
    return address.rpartition("/")[2]


def test_an_address_says_what_it_was_made_for() -> None:
    address = KEYS.address("RATING", "R-1")
    assert address.startswith("https://sancha.example.com" + PATH)
    asked = KEYS.open_address(token_of(address), NOW)
    assert (asked.source, asked.name, asked.key) == ("rating", "RATING", "R-1")


def test_an_address_keeps_any_key() -> None:
    key = "评级/1?&%20 \U0001f600"
    assert KEYS.open_address(token_of(KEYS.address("RATING", key)), NOW).key == key
    assert token_of(KEYS.address("RATING", key)).isascii()


def test_an_address_is_the_same_all_day_and_expires() -> None:
    address = KEYS.address("RATING", "R-1")
    later = CallbackKeys(KEYS.master, KEYS.base_url, clock=lambda: NOW + timedelta(hours=14))
    assert later.address("RATING", "R-1") == address
    KEYS.open_address(token_of(address), NOW + LIFETIME)
    with pytest.raises(CallbackRefused, match="expired"):
        KEYS.open_address(token_of(address), NOW + LIFETIME + timedelta(days=1))


def test_an_address_of_another_installation_is_refused() -> None:
    other = CallbackKeys(b"n" * 32, KEYS.base_url, clock=lambda: NOW)
    with pytest.raises(CallbackRefused, match="not signed here"):
        KEYS.open_address(token_of(other.address("RATING", "R-1")), NOW)


def test_no_character_of_an_address_can_be_changed() -> None:
    token = token_of(KEYS.address("RATING", "R-1"))
    body, _, _ = token.partition(".")
    padded = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    assert b"RATING" in padded
    for place in range(len(token) - 1):  # of the last character only some bits count
        changed = token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        with pytest.raises(CallbackRefused):
            KEYS.open_address(changed, NOW)


@pytest.mark.parametrize("token", ["", ".", "a.b.c", "a", "é.é", "x" * 3000, "!!.!!"])
def test_a_malformed_address_is_refused(token: str) -> None:
    with pytest.raises(CallbackRefused):
        KEYS.open_address(token, NOW)


def test_each_source_has_its_own_secret() -> None:
    assert KEYS.secret("rating") != KEYS.secret("bureau")
    assert len(KEYS.secret("rating")) == 32


def test_a_signed_body_is_accepted_whatever_the_case_of_the_headers() -> None:
    headers = sign(KEYS.secret("rating"), BODY, now=NOW, nonce="n" * 16)
    assert KEYS.check_signature("rating", headers, BODY, NOW) == "n" * 16
    assert KEYS.check_signature("rating", {name.upper(): value for name, value in headers.items()}, BODY, NOW)


@pytest.mark.parametrize("seconds", [-301, 301])
def test_an_old_or_future_signature_is_refused(seconds: int) -> None:
    headers = sign(KEYS.secret("rating"), BODY, now=NOW + timedelta(seconds=seconds))
    with pytest.raises(CallbackRefused, match="300 seconds"):
        KEYS.check_signature("rating", headers, BODY, NOW)


def test_the_signature_covers_source_body_nonce_and_time() -> None:
    headers = sign(KEYS.secret("rating"), BODY, now=NOW)
    changed = [
        ("bureau", headers, BODY),
        ("rating", headers, BODY + b" "),
        ("rating", {**headers, NONCE: "x" * 16}, BODY),
        ("rating", {**headers, TIMESTAMP: str(int(NOW.timestamp()) + 1)}, BODY),
        ("rating", {**headers, SIGNATURE: headers[SIGNATURE].replace("v1=", "v2=")}, BODY),
    ]
    for source, sent, body in changed:
        with pytest.raises(CallbackRefused, match="signature"):
            KEYS.check_signature(source, sent, body, NOW)


@pytest.mark.parametrize("header", [TIMESTAMP, NONCE, SIGNATURE])
@pytest.mark.parametrize("value", [None, "", "é", "-1", "1" * 500])
def test_a_missing_or_malformed_header_is_refused(header: str, value: str | None) -> None:
    headers = sign(KEYS.secret("rating"), BODY, now=NOW)
    if value is None:
        del headers[header]
    else:
        headers[header] = value
    with pytest.raises(CallbackRefused):
        KEYS.check_signature("rating", headers, BODY, NOW)


def test_keys_never_show() -> None:
    assert "mmm" not in repr(KEYS)
    with pytest.raises(ValueError, match="32 bytes"):
        CallbackKeys(b"short", KEYS.base_url)
