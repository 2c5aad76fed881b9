"""One request, one transaction: authentication, idempotency, the command and the stored answer commit together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, cast

import structlog
from flask import Response, current_app, g, make_response, request

from api import auth, idempotency
from engine.access import Principal
from engine.errors import InvalidInput, NotAuthenticated
from engine.identity import authenticate
from engine.runtime import Sancha, Work

P = ParamSpec("P")
log = structlog.get_logger(__name__)
THIRD_PARTY = Principal("third-party")
"""The actor of callbacks, until the verified source is known."""
_ETAG = re.compile(r'^(?:W/)?"r(\d+)"$')


def sancha() -> Sancha:
    """The engine this application drives."""
    return cast(Sancha, current_app.extensions["sancha"])


def work() -> Work:
    """The request's transaction; only inside a view marked `reads` or `writes`."""
    return cast(Work, g.work)


@contextmanager
def _request_work(*, write: bool) -> Iterator[Work]:
    shown = auth.credentials()
    engine = sancha()
    with engine.store.transaction(write=write) as session:
        found = authenticate(session, shown.secret_hash, shown.kind)
        if found is None:
            raise NotAuthenticated("The session or token is unknown, expired or revoked. Sign in again.")
        if shown.kind == "session" and request.method not in auth.SAFE:
            auth.check_csrf(found.csrf)
        structlog.contextvars.bind_contextvars(actor=found.principal.name)
        g.caller = found
        g.work = Work(engine, session, found.principal, now=found.clock.business, raw_now=found.clock.raw)
        try:
            yield g.work
        finally:
            g.pop("work")


def reads(view: Callable[P, object]) -> Callable[P, Response]:
    """Marks a view that only reads: signed in, in a read transaction."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        with _request_work(write=False):
            return make_response(current_app.ensure_sync(view)(*args, **kwargs))

    return wrapped


def writes(view: Callable[P, object]) -> Callable[P, Response]:
    """Marks a view that runs commands: signed in, in one write transaction, honouring `Idempotency-Key`."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = idempotency.key_of_request()
        with _request_work(write=True) as current:
            if key is not None and (earlier := idempotency.claim(current, key)) is not None:
                return earlier
            response = make_response(current_app.ensure_sync(view)(*args, **kwargs))
            if key is not None:
                idempotency.keep(current, key, response)
            return response

    return wrapped


def anonymous(view: Callable[P, object]) -> Callable[P, Response]:
    """Marks a view that changes something without anybody signed in (a callback proves itself otherwise)."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        with sancha().work(THIRD_PARTY) as g.work:
            return make_response(current_app.ensure_sync(view)(*args, **kwargs))

    return wrapped


def expected_revision() -> int | None:
    """The revision of `If-Match`, None when absent or ``*``. Raises `InvalidInput` for an ETag that is not ours."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    match = _ETAG.match(header.strip())
    if match is None:
        raise InvalidInput('If-Match must be an ETag this resource gave, such as "r3".')
    return int(match.group(1))


def etag(revision: int) -> dict[str, str]:
    """The header that carries ``revision`` to the client."""
    return {"ETag": f'"r{revision}"'}
