"""One request, one transaction: authentication, idempotency, the command and the stored answer commit together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar, cast

import structlog
from flask import Response, current_app, g, make_response, request
from sqlalchemy.orm import Session

from api import auth, idempotency
from engine.access import Principal
from engine.errors import InvalidInput, NotAuthenticated
from engine.identity import SESSION, Caller, authenticate
from engine.runtime import Sancha, Work

P = ParamSpec("P")
R = TypeVar("R")
log = structlog.get_logger(__name__)
IF_MATCH = "If-Match"
HEADERS = "headers_read"
"""Where a view's notes for the OpenAPI document name the headers that it reads."""
THIRD_PARTY = Principal("third-party")
"""The actor of callbacks, until the verified source is known."""
_ETAG = re.compile(r'(?:W/)?"r([0-9]{1,15})"')


def sancha() -> Sancha:
    """The engine this application drives."""
    return cast(Sancha, current_app.extensions["sancha"])


def work() -> Work:
    """The request's transaction; only inside a view marked `reads` or `writes`."""
    return cast(Work, g.work)


def caller() -> Caller:
    """Who is signed in; only inside a view marked `reads`, `writes` or `signed_in`."""
    return cast(Caller, g.caller)


def identify(session: Session) -> Caller:
    """Who sends this request. Raises `NotAuthenticated`, and `Forbidden` for a changing one without CSRF token."""
    shown = auth.credentials()
    found = authenticate(session, shown.secret_hash, shown.kind)
    if found is None:
        raise NotAuthenticated("The session or token is unknown, expired or revoked. Sign in again.")
    if shown.kind == SESSION and request.method not in auth.SAFE:
        auth.check_csrf(found.csrf)
    structlog.contextvars.bind_contextvars(actor=found.principal.name)
    g.caller = found
    return found


@contextmanager
def request_work(*, write: bool) -> Iterator[Work]:
    """The transaction of a signed-in request, which is also `work` while the block runs."""
    auth.credentials()  # whoever shows none does not even reach the database
    engine = sancha()
    with engine.store.transaction(write=write) as session:
        found = identify(session)
        g.work = Work(engine, session, found.principal, now=found.clock.business, raw_now=found.clock.raw)
        try:
            yield g.work
        finally:
            g.pop("work")


def reads(view: Callable[P, object]) -> Callable[P, Response]:
    """Marks a view that only reads: signed in, in a read transaction."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        with request_work(write=False):
            return make_response(view(*args, **kwargs))

    return wrapped


def writes(view: Callable[P, object]) -> Callable[P, Response]:
    """Marks a view that runs commands: signed in, in one write transaction, honouring `Idempotency-Key`."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        key = idempotency.key_of_request()
        with request_work(write=True) as current:
            if key is not None and (earlier := idempotency.claim(current, key)) is not None:
                return earlier
            response = make_response(view(*args, **kwargs))
            if key is not None:
                idempotency.keep(current, key, response)
            return response

    return _honouring(wrapped, idempotency.HEADER)


def writes_once(view: Callable[P, object]) -> Callable[P, Response]:
    """Like `writes`, for sessions and tokens: an `Idempotency-Key` is not used, because answers there are not kept."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        with request_work(write=True):
            return make_response(view(*args, **kwargs))

    return wrapped


def signed_in(view: Callable[P, object]) -> Callable[P, Response]:
    """Marks a view that does slow work (hashing a password) between knowing who asks and its `writes`.

    On SQLite nobody else writes while a write transaction is open, so such work stays outside.
    """

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        auth.credentials()
        with sancha().store.transaction(write=False) as session:
            identify(session)
        return make_response(view(*args, **kwargs))

    return wrapped


def anonymous(view: Callable[P, object]) -> Callable[P, Response]:
    """Marks a view that changes something without anybody signed in (a callback proves itself otherwise)."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> Response:
        with sancha().work(THIRD_PARTY) as g.work:
            return make_response(view(*args, **kwargs))

    return wrapped


def conditional(view: Callable[P, object]) -> Callable[P, object]:
    """Marks a view that asks for `expected_revision`; for the OpenAPI document."""

    @wraps(view)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> object:
        return view(*args, **kwargs)

    return _honouring(wrapped, IF_MATCH)


def _honouring(view: Callable[P, R], header: str) -> Callable[P, R]:
    """Notes for `rest.blueprint` that the view reads ``header``."""
    known = getattr(view, "_apidoc", {})
    view._apidoc = {**known, HEADERS: [*known.get(HEADERS, ()), header]}  # type: ignore[attr-defined]  # flask-smorest's
    return view


def expected_revision() -> int | None:
    """The revision of `If-Match`, None when absent or ``*``. Raises `InvalidInput` for an ETag that is not ours."""
    header = request.headers.get(IF_MATCH)
    if header is None or header.strip() == "*":
        return None
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise InvalidInput('If-Match must be an ETag this resource gave, such as "r3".')
    return int(match.group(1))


def etag(revision: int) -> dict[str, str]:
    """The header that carries ``revision`` to the client."""
    return {"ETag": f'"r{revision}"'}
