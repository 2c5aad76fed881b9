"""Errors as RFC 9457 problem documents, from one table of engine errors to HTTP statuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus

from flask import Response, request
from werkzeug.exceptions import HTTPException

from api.json_format import dumps, instant
from engine import errors

MEDIA_TYPE = "application/problem+json"
_RENAMED = {
    "instance": "instance_id",
    **{name: f"current_{name}" for name in ("type", "title", "status", "code", "detail")},
}
"""What the engine's details are called where RFC 9457, or our ``code``, uses the name for something else."""

STATUS: Mapping[type[errors.EngineError], HTTPStatus] = {
    errors.NotAuthenticated: HTTPStatus.UNAUTHORIZED,
    errors.CallbackRefused: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.TooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.InvalidInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.DeploymentRefused: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.TooManyAttempts: HTTPStatus.TOO_MANY_REQUESTS,
    errors.Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.EngineError: HTTPStatus.BAD_REQUEST,
}


def status_of(error: errors.EngineError) -> HTTPStatus:
    """The status of the error's nearest class in the table."""
    for kind in type(error).__mro__:
        if kind in STATUS:
            return STATUS[kind]
    return HTTPStatus.INTERNAL_SERVER_ERROR


def problem(status: int, code: str, detail: str, **members: object) -> Response:
    """A problem document; ``members`` are its extension members, none of which may take the name of a standard one."""
    body = {_RENAMED.get(name, name): value for name, value in members.items()} | {
        "type": f"urn:sancha:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "instance": request.path,
    }
    response = Response(dumps(body), status=status, mimetype=MEDIA_TYPE)
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response.headers["Retry-After"] = "2"
    return response


def engine_problem(error: errors.EngineError, message: str | None = None) -> Response:
    """The answer to an error the engine raised on purpose; ``message`` says it to a person, in their language."""
    members = dict(error.details) | ({} if message is None else {"message": message})
    if isinstance(members.get("when"), str):
        members["when"] = instant(datetime.fromisoformat(str(members["when"])))
    if isinstance(error, errors.InvalidInput) and error.errors:
        members["errors"] = error.errors
    if isinstance(error, errors.DeploymentRefused):
        members["findings"] = error.findings
    response = problem(status_of(error), error.code, error.message, **members)
    if isinstance(error, errors.TooManyAttempts) and "retry_after" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    return response


def http_problem(error: HTTPException) -> Response:
    """The answer to what Flask, the router or the argument parser refused."""
    status = error.code or HTTPStatus.INTERNAL_SERVER_ERROR
    data = getattr(error, "data", None) or {}
    messages = data.get("errors") or data.get("messages")
    members: dict[str, object] = {}
    detail = data.get("message") or error.description or HTTPStatus(status).phrase
    if messages:
        members["errors"] = _flatten(messages)
        detail = "The request has values that cannot be accepted."
    code = "invalid-input" if messages else HTTPStatus(status).phrase.lower().replace(" ", "-")
    response = problem(status, code, detail, **members)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers[name] = value
    return response


def _flatten(messages: object, path: str = "") -> dict[str, list[object]]:
    """Nested argument errors as one map from field path to messages; the location on top (json, query) is dropped."""
    if not isinstance(messages, Mapping):
        found = messages if isinstance(messages, list) else [messages]
        return {path or "body": list(found)}
    flat: dict[str, list[object]] = {}
    for key, value in messages.items():
        at_top = not path and key in {"json", "query", "multipart", "headers"}
        flat.update(_flatten(value, "" if at_top else f"{path}.{key}" if path else str(key)))
    return flat
