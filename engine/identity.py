"""Who sends a request: sessions, tokens and passwords turned into a `Caller` or a `Proof`.

Sessions and tokens live by the database's raw time, not by business time: moving a demonstration's clock signs nobody
out.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, cast

import structlog
from sqlalchemy import ColumnElement, Dialect, Select, Table, bindparam, null, select
from sqlalchemy.orm import Session

from engine.access import Principal
from engine.attempts import Attempts
from engine.clock import Reading, database_now, offset_column, reading
from engine.errors import NotAuthenticated
from engine.model.identity import AccessToken, Membership, User, WebSession
from engine.passwords import hash_password, outdated, verify_password
from engine.store import Store

SESSION, TOKEN = "session", "token"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Caller:
    """A signed-in person or program. ``public_id`` names the session or token (``kind``) in lists and addresses.

    ``csrf`` is what a browser's changing requests must carry, "" for a token. ``clock`` was read with it.
    """

    principal: Principal
    kind: str
    public_id: str
    csrf: str
    created_at: datetime
    expires_at: datetime
    clock: Reading
    display_name: str
    language: str | None = None

    @property
    def session_public_id(self) -> str | None:
        """The session's public id; None for a program."""
        return self.public_id if self.kind == SESSION else None


@dataclass(frozen=True, slots=True)
class Proof:
    """``name`` gave the right password. ``stored`` is the hash it was compared with, ``renewed`` one with today's
    parameters when ``stored`` has older ones.
    """

    name: str
    stored: str
    renewed: str | None


def new_secret() -> str:
    """32 random bytes as URL-safe text: a session's cookie, its CSRF token, a bearer token."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 in hex, under which the database knows a secret; 32 random bytes need no slower hash."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def authenticate(session: Session, secret_hash: str, kind: str) -> Caller | None:
    """The caller who shows a session's or token's secret, with the duties held now and the time. One statement.

    None when it is unknown, expired, ended or revoked, or its user is disabled.
    """
    rows = session.execute(_callers(kind, session.get_bind().dialect), {"secret_hash": secret_hash}).all()
    if not rows or rows[0].expires_at <= rows[0].raw:
        return None
    first = rows[0]
    return Caller(
        principal=Principal(first.name, frozenset((row.role, row.unit) for row in rows if row.role is not None)),
        kind=kind,
        public_id=first.public_id,
        csrf=first.csrf or "",
        created_at=first.created_at,
        expires_at=first.expires_at,
        clock=reading(first.raw, first.offset),
        display_name=first.display_name,
        language=first.language,
    )


@lru_cache(maxsize=8)
def _callers(kind: str, dialect: Dialect) -> Select[Any]:
    """One row per duty of whoever shows ``secret_hash``. Built once: every request begins with it."""
    shown_table = cast(Table, (WebSession if kind == SESSION else AccessToken).__table__)
    shown = shown_table.c
    user, held = cast(Table, User.__table__), cast(Table, Membership.__table__)
    csrf: ColumnElement[Any] = shown.csrf if kind == SESSION else null()
    over = shown.ended_at if kind == SESSION else shown.revoked_at
    return (
        select(
            user.c.name,
            user.c.display_name,
            user.c.language,
            held.c.role,
            held.c.unit,
            shown.public_id,
            shown.created_at,
            shown.expires_at,
            csrf.label("csrf"),
            database_now(dialect).label("raw"),
            offset_column().label("offset"),
        )
        .select_from(shown_table.join(user, user.c.name == shown.user).outerjoin(held, held.c.user == user.c.name))
        .where(shown.id == bindparam("secret_hash"), over.is_(None), user.c.disabled.is_(False))
    )


def prove(store: Store, attempts: Attempts, *, name: str, password: str, address: str) -> Proof:
    """Check a password, outside any transaction; an unknown name takes as long as a known one.

    ``address``: where the request comes from. Raises `NotAuthenticated`, and `TooManyAttempts` before looking.
    """
    attempts.begin(name, address)
    with store.transaction(write=False) as session:
        user = select(User.password).where(User.name == name, User.disabled.is_(False))
        stored = session.scalar(user) if _can_be_stored(name) else None
    if not verify_password(stored, password) or stored is None:
        log.warning("sign_in.refused")
        raise NotAuthenticated("The name or the password is wrong.")
    attempts.succeeded(name, address)
    return Proof(name, stored, hash_password(password) if outdated(stored) else None)


def confirm(session: Session, proof: Proof) -> User:
    """The user of a proof, locked, with the renewed hash. Raises `NotAuthenticated` when disabled or changed since."""
    user = session.get(User, proof.name, with_for_update=True, populate_existing=True)
    if user is None or user.disabled or user.password != proof.stored:
        raise NotAuthenticated("The name or the password is wrong.")
    if proof.renewed is not None:
        user.password = proof.renewed
    return user


def _can_be_stored(name: str) -> bool:
    return len(name) <= 255 and "\x00" not in name and not any("\ud800" <= each <= "\udfff" for each in name)
