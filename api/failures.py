"""Every error of the application becomes an answer: a problem document for a program, a page for a person."""

from __future__ import annotations

import structlog
from flask import Flask, Response, request
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException

from api.pages import errors as pages
from api.pages.frame import is_page
from api.pages.sentences import said
from api.problems import engine_problem, http_problem, problem, status_of
from engine.errors import EngineError, Unavailable
from engine.store import is_unavailable

log = structlog.get_logger(__name__)

FOR_A_PAGE = "X-Sancha-Page"
"""Sent by our own scripts: a problem then carries ``message``, a sentence in the language of the page."""


def register(app: Flask) -> None:
    """Answer every error of ``app``."""
    app.register_error_handler(EngineError, _engine)
    app.register_error_handler(HTTPException, http_failure)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(Exception, _unexpected)


def _engine(error: EngineError) -> Response:
    if is_page():
        return pages.engine_error(error, status_of(error))
    return engine_problem(error, said(error).whole if request.headers.get(FOR_A_PAGE) else None)


def http_failure(error: HTTPException) -> Response:
    """The answer to what Flask, the router or the argument parser refused."""
    return pages.http_error(error) if is_page() else http_problem(error)


def _database(error: DBAPIError) -> Response:
    if is_unavailable(error):
        log.error("database.unavailable", error=type(error.orig).__name__)
        return _engine(Unavailable("The database is not available now. Nothing was changed; try again."))
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    log.error("request.failed", path=request.path, error=type(error).__name__, exc_info=error)
    if is_page():
        return pages.unexpected()
    return problem(500, "internal-error", "Something went wrong on our side. Nothing was changed.")
