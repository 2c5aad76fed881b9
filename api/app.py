"""The Flask application: the pages, the REST API, health and metrics, around one wired engine."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, request

from api import failures
from api.database import init_database
from api.json_format import ExactJson
from api.keys import load_keys
from api.metrics import register_metrics
from api.openapi import ProblemApi, describe_security
from api.pages import register_pages
from api.pages.frame import content_security_policy
from api.request_log import register_request_log
from api.rest import RESOURCES
from api.rest.demo_clock import blueprint as demo_clock
from api.settings import Settings
from api.text import problems_of_text
from api.wiring import document_store, wire
from engine import version
from engine.attempts import Attempts
from engine.errors import NotFound

PREFIX = "/api/v1"


def create_app(settings: Settings) -> Flask:
    """The application for ``settings``; connects to the database and wires the engine, starts nothing."""
    app = Flask(__name__, static_folder=None)
    app.json = ExactJson(app)
    app.config.update(_flask_settings(settings))
    store = init_database(app, settings.database_url)
    app.extensions["settings"] = settings
    app.extensions["sancha"] = wire(settings, store)
    app.extensions["documents"] = document_store(settings)
    app.extensions["attempts"] = Attempts()
    failures.register(app)
    register_request_log(app)
    register_metrics(app)
    api = ProblemApi(app)
    describe_security(api, settings)
    for resource in (*RESOURCES, *([demo_clock] if settings.demo else [])):
        api.register_blueprint(resource, url_prefix=PREFIX + (resource.url_prefix or ""))
    app.add_url_rule(PREFIX, "index", _index)
    register_pages(app)
    app.before_request(_refuse_impossible_path)
    app.after_request(_security_headers)
    return app


def _flask_settings(settings: Settings) -> dict[str, Any]:
    return {
        "MAX_CONTENT_LENGTH": max(settings.max_upload_bytes, settings.max_model_bytes) + 1_000_000,
        "SESSION_COOKIE_SECURE": settings.secure_cookies,
        "SECRET_KEY": load_keys(settings).cookie,
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


def _index() -> dict[str, str]:
    """Where things are."""
    return {
        "name": "Sancha",
        "version": version(),
        "api": PREFIX,
        "openapi": f"{PREFIX}/openapi.json",
        "health": f"{PREFIX}/health",
        "ready": f"{PREFIX}/ready",
        "metrics": "/metrics",
    }


def _refuse_impossible_path() -> None:
    """A path with NUL names nothing that could be stored."""
    if problems_of_text(request.path):
        raise NotFound("There is nothing at this address.")


def _security_headers(response: Response) -> Response:
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    response.headers.setdefault("X-Frame-Options", "DENY")
    page = response.mimetype == "text/html"
    policy = content_security_policy() if page else "default-src 'none'; frame-ancestors 'none'"
    response.headers.setdefault("Content-Security-Policy", policy)
    if page or request.path.startswith(PREFIX):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
