"""Idempotency keys: the same request twice has one effect and one answer.

The key is claimed by inserting its row at the start of the command's own transaction: a second request with the same
key waits for the first to commit, then finds its answer. A refused request rolls its row back with everything else,
so that it can be sent again, corrected, under the same key.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, request
from sqlalchemy import Insert, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from engine.errors import IdempotencyMismatch, InvalidInput
from engine.model.request import IdempotencyRecord
from engine.runtime import Work

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
KEPT_HEADERS = ("ETag", "Location", "Content-Type")
MAX_LENGTH = 200


def key_of_request() -> str | None:
    """The request's key, or None. Raises `InvalidInput` for one that is empty, too long or not printable."""
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not key.strip() or len(key) > MAX_LENGTH or not key.isprintable():
        raise InvalidInput(f"{HEADER} must be 1 to {MAX_LENGTH} printable characters.")
    return key


def claim(work: Work, key: str) -> Response | None:
    """Take ``key`` for this request (None), or return the answer it was given before.

    Raises `IdempotencyMismatch` when it was used with another body.
    """
    digest = _digest()
    row = {"principal": work.principal.name, "route": _route(), "key": key, "digest": digest, "status": 0}
    row |= {"headers": "{}", "body": "", "created_at": work.now}
    if work.session.execute(_insert(work.session).values(row).on_conflict_do_nothing()).rowcount:  # type: ignore[attr-defined]  # both dialects' inserts have it
        return None
    record = work.session.scalars(select(IdempotencyRecord).where(*_identity(work, key))).one()
    if record.digest != digest:
        raise IdempotencyMismatch(f"The {HEADER} was used before with another body.", key=key)
    response = Response(record.body, status=record.status, headers=json.loads(record.headers))
    response.headers[REPLAYED] = "true"
    return response


def keep(work: Work, key: str, response: Response) -> None:
    """Store ``response`` as the answer of ``key``, in the same transaction as its effect."""
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    work.session.execute(
        update(IdempotencyRecord)
        .where(*_identity(work, key))
        .values(status=response.status_code, headers=json.dumps(headers), body=response.get_data(as_text=True))
    )


def _route() -> str:
    return f"{request.method} {request.path}"[:255]


def _digest() -> str:
    return hashlib.sha256(request.get_data(cache=True) + b"\n" + request.query_string).hexdigest()


def _identity(work: Work, key: str) -> tuple[Any, ...]:
    record = IdempotencyRecord
    return record.principal == work.principal.name, record.route == _route(), record.key == key


def _insert(session: Session) -> Insert:
    table = IdempotencyRecord.__table__
    assert isinstance(table, Table)  # noqa: S101 - narrows the mapper's attribute for the type checker
    return sqlite.insert(table) if session.get_bind().dialect.name == "sqlite" else postgresql.insert(table)
