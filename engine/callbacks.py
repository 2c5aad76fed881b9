"""Signed addresses for answers of third parties, and the check of the answers that come in.

With a request goes an address ``<base>/api/v1/callbacks/<token>``. The token names the source, the message and the
correlation key that the answer must have and the day until which it is taken, all under an HMAC, so the address of one
question cannot carry the answer to another. The answer itself is signed by the third party with
the secret it shares with us: HMAC-SHA256 over ``<timestamp>.<nonce>.<raw body>``, in three headers::

    Sancha-Timestamp: 1780000000            seconds since 1970, UTC
    Sancha-Nonce: 9f0c...                   16 to 128 letters, digits, - or _; never used again
    Sancha-Signature: v1=<64 hex digits>

All instants here are real (raw) time: third parties know nothing of our business clock.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from engine.errors import CallbackRefused

TIMESTAMP, NONCE, SIGNATURE = "Sancha-Timestamp", "Sancha-Nonce", "Sancha-Signature"
PATH = "/api/v1/callbacks/"
TOLERANCE = timedelta(minutes=5)
LIFETIME = timedelta(days=90)
"""How long an address is good for; longer than every timeout of a wait, and payments may be returned weeks later."""
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,128}")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9_.-]{0,99}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_MAX_TOKEN = 2_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address was made for: who answers, and the name and key that the answer must have."""

    source: str
    name: str
    key: str


@dataclass(frozen=True, slots=True)
class CallbackKeys:
    """Makes and checks addresses and signatures. ``master``: 32 secret bytes; ``base_url``: how the world reaches us,
    without slash at the end; ``tolerance``: how far a signature's time may lie from ours.
    """

    master: bytes = field(repr=False)
    base_url: str
    tolerance: timedelta = TOLERANCE
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def __post_init__(self) -> None:
        if len(self.master) < 32:
            raise ValueError("the master key of callbacks needs 32 bytes")

    def secret(self, source: str) -> bytes:
        """The secret shared with the third party ``source``: 32 bytes, its own, derived from the master key."""
        return hmac.digest(self.master, f"sancha callback secret\0{source}".encode(), "sha256")

    def address(self, name: str, key: str, *, source: str | None = None) -> str:
        """The address to which the answer ``name`` with correlation key ``key`` is to be posted.

        ``source`` defaults to the name in lower case. The expiry is a whole day, so that repeating a request on the
        same day repeats it byte for byte.
        """
        source = source or name.lower()
        if not _SOURCE.fullmatch(source):
            raise ValueError(f"{source!r} cannot name a source of callbacks")
        day = int((self.clock() + LIFETIME).timestamp()) // 86_400 + 1
        body = json.dumps([source, name, key, day * 86_400], ensure_ascii=False, separators=(",", ":")).encode()
        return f"{self.base_url}{PATH}{_encode(body)}.{_encode(self._seal(body))}"

    def open_address(self, token: str, now: datetime) -> Asked:
        """What the address that ends in ``token`` was made for; ``now`` is raw time. Raises `CallbackRefused`."""
        if not token or len(token) > _MAX_TOKEN:
            raise CallbackRefused("The callback address carries no token.", reason="address")
        try:
            body, seal = (_decode(part) for part in token.split("."))
        except (ValueError, binascii.Error):
            raise CallbackRefused("The token of the callback address is malformed.", reason="address") from None
        if not hmac.compare_digest(seal, self._seal(body)):
            raise CallbackRefused("The callback address was not signed here.", reason="address")
        source, name, key, expires = json.loads(body)
        if now.timestamp() > expires:
            raise CallbackRefused("The callback address has expired.", reason="expired")
        return Asked(source, name, key)

    def check_signature(self, source: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
        """Checks the signature of ``body`` and its time against ``now`` (raw time); the nonce, which the caller must
        find unused. Header names in any case. Raises `CallbackRefused`.
        """
        given = {name.lower(): value for name, value in headers.items()}
        timestamp, nonce, signature = (given.get(name.lower(), "") for name in (TIMESTAMP, NONCE, SIGNATURE))
        if not _SECONDS.fullmatch(timestamp):
            raise CallbackRefused(f"The header {TIMESTAMP} is missing or malformed.", reason="timestamp")
        if not _NONCE.fullmatch(nonce):
            raise CallbackRefused(f"The header {NONCE} is missing or malformed.", reason="nonce")
        expected = _signature(self.secret(source), timestamp, nonce, body)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            raise CallbackRefused("The signature does not fit the body.", reason="signature")
        if abs(now.timestamp() - int(timestamp)) > self.tolerance.total_seconds():
            raise CallbackRefused(
                f"The signature's time differs by more than {self.tolerance.total_seconds():.0f} seconds from ours.",
                reason="timestamp",
            )
        return nonce

    def _seal(self, body: bytes) -> bytes:
        return hmac.digest(self.master, b"sancha callback address\0" + body, "sha256")


def sign(secret: bytes, body: bytes, *, now: datetime, nonce: str | None = None) -> dict[str, str]:
    """The three headers with which a third party that shares ``secret`` signs ``body`` at ``now``."""
    timestamp = str(int(now.timestamp()))
    nonce = nonce or secrets.token_urlsafe(18)
    return {TIMESTAMP: timestamp, NONCE: nonce, SIGNATURE: _signature(secret, timestamp, nonce, body)}


def _signature(secret: bytes, timestamp: str, nonce: str, body: bytes) -> str:
    signed = f"{timestamp}.{nonce}.".encode() + body
    return "v1=" + hmac.new(secret, signed, hashlib.sha256).hexdigest()


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
