"""The OpenAPI document: problem documents for errors, and how to sign in."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import Response
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from api import failures, problems
from api.rest.problem_schema import ProblemSchema
from api.settings import Settings


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest publishes no types
    """flask-smorest with problem documents for errors."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Response:
        """The problem document, or page, of an error that Flask or the argument parser raised."""
        return failures.http_failure(error)

    def _register_responses(self) -> None:
        """Every error response as a problem document; flask-smorest would call them application/json."""
        for status in HTTPStatus:
            self._describe(status.name, status.phrase)
        self._describe("DEFAULT_ERROR", "A problem document says what is wrong")

    def _describe(self, name: str, description: str) -> None:
        content = {problems.MEDIA_TYPE: {"schema": ProblemSchema}}
        self.spec.components.response(name, {"description": description, "content": content}, lazy=True)


def describe_security(api: Any, settings: Settings) -> None:
    """A bearer token, or the session cookie with its CSRF token."""
    cookie = "__Host-sancha" if settings.secure_cookies else "sancha"
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme(
        "session",
        {
            "type": "apiKey",
            "in": "cookie",
            "name": cookie,
            "description": "Changing requests also carry the session's token in the header X-CSRF-Token.",
        },
    )
    api.spec.options["security"] = [{"bearer": []}, {"session": []}]
