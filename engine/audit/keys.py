"""Payloads under keys: each client has a data key of its own, wrapped with the installation's master key.

A data key encrypts payloads (AES-256-GCM) and takes part in their digests, so that once its row is deleted nobody can
read a payload, nor guess a short one and recognise it by its digest.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import select
from sqlalchemy.orm import Session

from engine.execution.upsert import insert_into
from engine.model.audit import AuditKey

HOUSE = "house"
KEY_BYTES, SALT_BYTES, _NONCE_BYTES = 32, 16, 12
_REMEMBERED = 10_000
_MADE_HERE = "sancha.audit.keys made in this session"


class WrongMasterKey(Exception):
    """A stored key was wrapped with another master key: the setting ``SANCHA_PAYLOAD_KEY`` is not this database's."""


def key_id(subject: str | None) -> str:
    """The name of the key for payloads about ``subject`` (a client id), or about no client."""
    return HOUSE if subject is None else f"client:{subject}"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A payload as it is stored: its ``digest`` (hex), the ``salt`` of the digest, nonce and cipher text."""

    digest: str
    salt: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class DataKey:
    """One client's key, unwrapped."""

    id: str
    secret: bytes = field(repr=False)
    cipher: AESGCM = field(repr=False)

    def seal(self, plain: bytes, place: bytes) -> Sealed:
        """``plain`` encrypted for ``place`` (its stream and number): elsewhere it does not open."""
        salt, nonce = secrets.token_bytes(SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
        return Sealed(self.digest(plain, salt), salt, nonce + self.cipher.encrypt(nonce, plain, place))

    def open(self, body: bytes, place: bytes) -> bytes:
        """The inverse of `seal`. Raises ValueError when ``body`` was changed or moved from its place."""
        try:
            return self.cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], place)
        except InvalidTag:
            raise ValueError("the payload was changed or moved") from None

    def digest(self, plain: bytes, salt: bytes) -> str:
        """The digest that stands in the chain, hex."""
        salted = hmac.digest(self.secret, b"sancha audit payload" + salt, "sha256")
        return hmac.digest(salted, plain, hashlib.sha256).hex()


class PayloadKeys:
    """The data keys of one installation. ``master``: 32 bytes.

    Keys for writing are remembered, since they hardly change; keys for reading are always asked from the database, so
    that an erased one is gone at once. A process may go on writing under an erased key until it is restarted: such
    payloads cannot be read by anyone, as the erasure wants.
    """

    def __init__(self, master: bytes) -> None:
        if len(master) != KEY_BYTES:
            raise ValueError(f"the master key has {len(master)} bytes, not {KEY_BYTES}")
        self._master = AESGCM(master)
        self._known: OrderedDict[str, DataKey] = OrderedDict()
        self._lock = threading.Lock()

    def for_writing(self, session: Session, subject: str | None, now: datetime) -> DataKey:
        """The key for payloads about ``subject``; made when there is none. No statement when it is remembered, else
        one, or three when it is made.
        """
        name = key_id(subject)
        known = self._known.get(name)
        if known is not None:
            return known
        # A key made in this very transaction may be rolled back with it: it is only remembered by a later one.
        made_here: set[str] = session.info.setdefault(_MADE_HERE, set())
        found = self.for_reading(session, {name}).get(name)
        if found is None:
            made_here.add(name)
            wrapped = self._wrap(name, secrets.token_bytes(KEY_BYTES))
            statement = insert_into(session, AuditKey).values(id=name, wrapped=wrapped, created_at=now)
            session.execute(statement.on_conflict_do_nothing())
            return self.for_reading(session, {name})[name]
        if name not in made_here:
            self._remember(found)
        return found

    def for_reading(self, session: Session, names: Collection[str]) -> dict[str, DataKey]:
        """The keys of these ids that still exist, in one statement. Raises `WrongMasterKey`."""
        rows = session.execute(select(AuditKey.id, AuditKey.wrapped).where(AuditKey.id.in_(names)))
        return {name: self._unwrap(name, wrapped) for name, wrapped in rows}

    def _wrap(self, name: str, secret: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._master.encrypt(nonce, secret, name.encode())

    def _unwrap(self, name: str, wrapped: bytes) -> DataKey:
        try:
            secret = self._master.decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], name.encode())
        except InvalidTag:
            raise WrongMasterKey(f"the payload key {name!r} does not open with this master key") from None
        return DataKey(name, secret, AESGCM(secret))

    def _remember(self, key: DataKey) -> None:
        with self._lock:
            self._known[key.id] = key
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
