"""Idempotency keys: the same request twice has one effect and one answer.

The key is claimed by inserting its row at the start of the command's own transaction: a second request with the same
key waits for the first to commit, then finds its answer. A refused request rolls its row back with everything else,
so that it can be sent again, corrected, under the same key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from functools import cache
from typing import Any, cast

from flask import Response, current_app, request
from sqlalchemy import Executable, Table, Update, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

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
    if work.session.scalar(_claim(work.session.get_bind().dialect.name), row) is not None:
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
    answer = {"status": response.status_code, "headers": json.dumps(headers), "body": response.get_data(as_text=True)}
    identity = {"of_principal": work.principal.name, "of_route": _route(), "of_key": key}
    work.session.execute(_keep(), {**identity, **answer})


@cache
def _claim(dialect: str) -> Executable:
    """Gives the key of the new row, and nothing when there is one. Like `_keep` built once, for every request."""
    records = cast(Table, IdempotencyRecord.__table__)
    if dialect == "sqlite":
        return sqlite.insert(records).on_conflict_do_nothing().returning(records.c.key)
    return postgresql.insert(records).on_conflict_do_nothing().returning(records.c.key)


@cache
def _keep() -> Update:
    records = cast(Table, IdempotencyRecord.__table__)
    return (
        update(records)
        .where(
            records.c.principal == bindparam("of_principal"),
            records.c.route == bindparam("of_route"),
            records.c.key == bindparam("of_key"),
        )
        .values({name: bindparam(name) for name in ("status", "headers", "body")})
    )


def _route() -> str:
    return f"{request.method} {request.path}"[:255]


def _digest() -> str:
    """Keyed, because a body may hold a password and a plain hash of it could be guessed.

    A multipart body counts by its parts: a client that sends it again draws another boundary.
    """
    digest = hmac.new(current_app.config["SECRET_KEY"], digestmod=hashlib.sha256)
    digest.update(request.query_string + b"\n")
    if request.mimetype != "multipart/form-data":
        digest.update(request.get_data(cache=True))
        return digest.hexdigest()
    for name, value in request.form.items(multi=True):
        digest.update(json.dumps([name, value]).encode())
    for name, file in request.files.items(multi=True):
        file.stream.seek(0)  # the view may have read it already
        content = hashlib.file_digest(file.stream, "sha256").hexdigest()  # type: ignore[arg-type]  # a binary stream
        file.stream.seek(0)
        digest.update(json.dumps([name, file.filename, content]).encode())
    return digest.hexdigest()


def _identity(work: Work, key: str) -> tuple[Any, ...]:
    record = IdempotencyRecord
    return record.principal == work.principal.name, record.route == _route(), record.key == key
