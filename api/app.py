"""The Flask application: the REST API, health and metrics, around one wired engine."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from api import problems
from api.database import init_database
from api.json_format import ExactJson
from api.metrics import register_metrics
from api.request_log import register_request_log
from api.rest import RESOURCES
from api.rest.demo_clock import blueprint as demo_clock
from api.rest.problem_schema import ProblemSchema
from api.settings import Settings
from api.wiring import document_folder, wire
from engine import version

PREFIX = "/api/v1"


class ProblemApi(Api):  # type: ignore[misc]  # flask-smorest publishes no types
    """flask-smorest with problem documents for errors."""

    ERROR_SCHEMA = ProblemSchema

    def handle_http_exception(self, error: HTTPException) -> Response:
        """The problem document of an error that Flask or the argument parser raised."""
        return problems.http_problem(error)


def create_app(settings: Settings) -> Flask:
    """The application for ``settings``; connects to the database and wires the engine, starts nothing."""
    app = Flask(__name__, static_folder=None)
    app.json = ExactJson(app)
    app.config.update(_flask_settings(settings))
    store = init_database(app, settings.database_url)
    app.extensions["settings"] = settings
    app.extensions["sancha"] = wire(settings, store)
    app.extensions["documents"] = document_folder(settings)
    problems.register(app)
    register_request_log(app)
    register_metrics(app)
    api = ProblemApi(app)
    _document_security(api)
    for resource in (*RESOURCES, *([demo_clock] if settings.demo else [])):
        api.register_blueprint(resource, url_prefix=PREFIX + (resource.url_prefix or ""))
    app.after_request(_security_headers)
    return app


def _flask_settings(settings: Settings) -> dict[str, Any]:
    return {
        "MAX_CONTENT_LENGTH": max(settings.max_upload_bytes, settings.max_model_bytes) + 1_000_000,
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "API_TITLE": "Sancha",
        "API_VERSION": version(),
        "OPENAPI_VERSION": "3.1.0",
        "OPENAPI_URL_PREFIX": PREFIX,
        "OPENAPI_JSON_PATH": "openapi.json",
        "API_SPEC_OPTIONS": {
            "info": {"description": "Workflow engine of the financing lifecycle: cases, tasks, callbacks, audit."},
            "servers": [{"url": "/"}],
        },
    }


def _document_security(api: Any) -> None:
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": "__Host-sancha"})
    api.spec.options["security"] = [{"bearer": []}, {"session": []}]


def _security_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    if request.path.startswith(PREFIX):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
