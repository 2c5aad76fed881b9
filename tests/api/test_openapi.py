"""The OpenAPI document tells the truth: requests made from it are answered as it says, and never with a 5xx."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import alembic.command
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from engine.store import WRITE
from migrations import config
from tests.api.people import V1, People, sancha_of

EXAMPLES = 4
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = hypothesis_settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_the_document_is_openapi_31_and_names_every_resource(app: Flask) -> None:
    document = app.test_client().get(f"{V1}/openapi.json").json
    assert document["openapi"].startswith("3.1")
    resources = {path.removeprefix(f"{V1}/").split("/")[0] for path in document["paths"]}
    assert resources == {
        *("decisions", "deployments", "process-definitions", "process-instances", "tasks", "jobs"),
        *("messages", "callbacks", "signals", "conditions"),
        *("incidents", "documents", "comments", "history", "audit", "users", "roles", "units", "sessions", "tokens"),
        *("health", "ready"),
    }


def test_requests_made_from_the_document_are_answered_as_it_says(
    app: Flask, client: People, things: dict[str, str]
) -> None:
    _mark_as_migrated(app)
    known = things | {"name": "rm-2"}
    people = [client("admin-1").headers, client("rm-1").headers, client("audit-1").headers]
    tried = 0
    for operation in _operations(app):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            tried += _fuzz(operation, mode, known, people)
    assert tried > 300


def _mark_as_migrated(app: Flask) -> None:
    """Tests make their tables without migrations; /ready looks for the last one's mark."""
    with sancha_of(app).store.engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        alembic.command.stamp(config(connection), "head")


def _operations(app: Flask) -> Iterator[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tool's own imports
        schema = schemathesis.openapi.from_wsgi(f"{V1}/openapi.json", app)
    for result in schema.get_all_operations():
        yield result.ok()


def _fuzz(operation: Any, mode: GenerationMode, known: dict[str, str], people: list[dict[str, str]]) -> int:
    """Send generated requests of one operation, every second one to things that exist; how many were sent."""
    sent = 0

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        nonlocal sent
        if sent % 2 == 0:
            names = set(case.path_parameters or {})
            case.path_parameters = dict(case.path_parameters or {}) | {n: known[n] for n in names if n in known}
        headers = people[sent % len(people)]
        sent += 1
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS)

    try:
        send()
    except Unsatisfiable:
        # An operation that takes anything, or nothing at all, has no wrong requests.
        assert mode is GenerationMode.NEGATIVE, f"{operation.label} has no right requests"
    except Exception as problem:
        raise AssertionError(f"{operation.label} ({mode.name}): {problem}") from problem
    return sent
