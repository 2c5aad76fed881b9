"""Errors as a person meets them: a designed page, or a notice inside the page that asked.

What happened, to what, what to do next. Programs get problem documents for the same errors (`api.problems`).
"""

from __future__ import annotations

import contextlib
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from api import auth
from api.pages.frame import is_htmx
from api.pages.sentences import Said, said
from api.transaction import sancha
from engine.errors import EngineError, InvalidInput, NotAuthenticated, TooManyAttempts, Unavailable
from engine.identity import authenticate

_TITLES = {
    HTTPStatus.FORBIDDEN: lambda: _("Not allowed"),
    HTTPStatus.NOT_FOUND: lambda: _("Nothing here"),
    HTTPStatus.METHOD_NOT_ALLOWED: lambda: _("Nothing here"),
    HTTPStatus.CONFLICT: lambda: _("Somebody was faster"),
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: lambda: _("Too large"),
    HTTPStatus.UNPROCESSABLE_ENTITY: lambda: _("This cannot be accepted"),
    HTTPStatus.TOO_MANY_REQUESTS: lambda: _("Too many attempts"),
    HTTPStatus.SERVICE_UNAVAILABLE: lambda: _("Not available right now"),
}
_CODES = {HTTPStatus.NOT_FOUND: "not-found", HTTPStatus.METHOD_NOT_ALLOWED: "not-found"}
_RELOADS = (HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.INTERNAL_SERVER_ERROR)


def engine_error(error: EngineError, status: HTTPStatus) -> Response:
    """The page, or notice, for what the engine refused; whoever is not signed in goes to the sign-in page."""
    if isinstance(error, NotAuthenticated):
        return _to_sign_in()
    fields = error.errors if isinstance(error, InvalidInput) else {}
    response = _answer(status, said(error), fields)
    if isinstance(error, TooManyAttempts) and "retry_after" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    if isinstance(error, Unavailable):
        response.headers["Retry-After"] = "2"
    return response


def http_error(error: HTTPException) -> Response:
    """The page for what Flask or the router refused, a redirection excepted."""
    status = HTTPStatus(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    if status < HTTPStatus.BAD_REQUEST:
        return make_response(error.get_response())
    code = _CODES.get(status, "too-large" if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE else "invalid-input")
    response = _answer(status, said(_coded(code, error.description or "")), {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = dict(error.get_headers())["Allow"]
    return response


def unexpected() -> Response:
    """The page for a fault of our own."""
    return _answer(HTTPStatus.INTERNAL_SERVER_ERROR, said(_coded("internal-error", "")), {})


def _coded(code: str, message: str) -> EngineError:
    error = EngineError(message)
    error.code = code
    return error


def _answer(status: HTTPStatus, what: Said, fields: object) -> Response:
    _recognise()
    title = _TITLES.get(status, lambda: _("Something went wrong"))()
    known = {"status": int(status), "title": title, "said": what, "fields": fields, "request_id": g.get("request_id")}
    if is_htmx():
        response = make_response(render_template("errors/_notice.html", **known), status)
        response.headers["HX-Retarget"] = "#s-notices"
        response.headers["HX-Reswap"] = "beforeend"
        return response
    known["again"] = request.full_path if status in _RELOADS and request.method == "GET" else None
    return make_response(render_template("errors/page.html", **known), status)


def _recognise() -> None:
    """Know who asks, if they are signed in, so that the page has their navigation and language."""
    if "caller" in g:
        return
    with contextlib.suppress(EngineError, SQLAlchemyError), sancha().store.transaction(write=False) as session:
        shown = auth.credentials()
        found = authenticate(session, shown.secret_hash, shown.kind)
        if found is not None:
            g.caller = found


def _to_sign_in() -> Response:
    here = request.full_path.rstrip("?") if request.method == "GET" else "/"
    if is_htmx():
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        here = shown.path + (f"?{shown.query}" if shown.query else "")
    address = url_for("page_sessions.sign_in_page", next=here or "/") if here not in ("", "/") else "/sign-in"
    if is_htmx():
        response = Response(status=HTTPStatus.UNAUTHORIZED)
        response.headers["HX-Redirect"] = address
        return response
    return make_response(redirect(address, HTTPStatus.SEE_OTHER))
