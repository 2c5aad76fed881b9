"""One log line per request, with a request id, and case and task ids bound to every line written meanwhile."""

from __future__ import annotations

import re
import time

import structlog
from flask import Flask, Response, g, request

from engine.ids import new_id

log = structlog.get_logger("sancha.request")
HEADER = "X-Request-ID"
_ACCEPTABLE = re.compile(r"^[A-Za-z0-9._-]{1,64}$")


def register_request_log(app: Flask) -> None:
    """Bind ids and log every request of ``app``, without bodies or query texts."""

    @app.before_request
    def bind() -> None:
        given = request.headers.get(HEADER, "")
        g.request_id = given if _ACCEPTABLE.match(given) else new_id()
        g.request_started = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        ids = {name: value for name, value in (request.view_args or {}).items() if name.endswith("_id")}
        structlog.contextvars.bind_contextvars(request_id=g.request_id, **ids)

    @app.after_request
    def written(response: Response) -> Response:
        if "request_id" in g:
            response.headers[HEADER] = g.request_id
            elapsed = round((time.perf_counter() - g.request_started) * 1000, 1)
            route = request.url_rule.rule if request.url_rule else "unknown"
            log.info("request", method=request.method, route=route, status=response.status_code, ms=elapsed)
        return response
